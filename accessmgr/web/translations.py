"""The product's sentences as pages use them: in the language of the request."""

from typing import Any

from flask_babel import Domain, get_locale

from accessmgr.sentences import LANGUAGES, translations

__all__ = ["LANGUAGES", "PoDomain"]


class PoDomain(Domain):
    """The product's messages."""

    def get_translations(self) -> Any:
        """The translations for the language of the request."""
        return translations(str(get_locale() or "en")[:2])
