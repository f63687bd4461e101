"""Translations from the `.po` files themselves, read when a language is first asked for: nothing to compile."""

from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale

LANGUAGES = ("fr", "nl", "de", "en")
FOLDER = Path(__file__).parent.parent / "translations"


class PoDomain(Domain):
    """The product's messages. English is what the code says; the others stand in `<language>.po`."""

    def get_translations(self) -> Any:
        """The translations for the language of the request."""
        language = str(get_locale() or "en")[:2]
        if language not in self.cache:
            self.cache[language] = _read(language)
        return self.cache[language]


def _read(language: str) -> Translations | NullTranslations:
    path = FOLDER / f"{language}.po"
    if language not in LANGUAGES or not path.exists():
        return NullTranslations()
    with path.open("rb") as source:
        catalog = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)
