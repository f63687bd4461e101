"""The product's sentences in its four languages, from the `.po` files themselves: nothing to compile, each read once.

English is what the code says; the others stand in `translations/<language>.po`.
"""

import re
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from types import MappingProxyType
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from accessmgr.resources import PACKAGE

LANGUAGES = ("fr", "nl", "de", "en")
FOLDER = PACKAGE / "translations"


@cache
def translations(language: str) -> Translations | NullTranslations:
    """The translations into a language; for English and any other one, every message is what the code says."""
    path = FOLDER / f"{language}.po"
    if language not in LANGUAGES or not path.exists():
        return NullTranslations()
    with path.open("rb") as source:
        catalog = read_po(source, locale=language)
    if language == "fr":
        for message in catalog:
            message.string = _typeset(message.string)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)


def _typeset(text: Any) -> Any:
    """A French text, or its forms, with a space that does not break beside the signs that French sets apart."""
    if isinstance(text, tuple | list):
        return tuple(_typeset(each) for each in text)
    return re.sub(r" ([:;!?»])", "\u00a0\\1", text).replace("« ", "«\u00a0")


@cache
def in_each_language(message: str) -> Mapping[str, str]:
    """A message of the code in each language, by its code. Only for messages of the code: each is kept for good."""
    return MappingProxyType({language: translations(language).ugettext(message) for language in LANGUAGES})
