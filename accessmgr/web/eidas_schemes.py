"""The ways to sign in from other countries (`seeds/eidas_schemes.yaml`): by country, each with its level."""

from dataclasses import dataclass
from functools import cache

import yaml
from babel import Locale

from accessmgr.core.model import Key
from accessmgr.resources import folder
from accessmgr.web.format import language

FILE = "eidas_schemes.yaml"


@dataclass(frozen=True)
class Scheme:
    """A way to sign in that a country notified, at one level; `key` is the digital key that it counts as."""

    id: str
    country: str
    name: str
    key: Key

    @property
    def land(self) -> str:
        """The country in the language of the request."""
        return str(Locale.parse(language()).territories[self.country])


@cache
def schemes() -> dict[str, Scheme]:
    """Every scheme by id, in the order of the file."""
    told = yaml.safe_load((folder("seeds") / FILE).read_text(encoding="utf-8"))
    return {
        one["id"]: Scheme(one["id"], one["country"], one["name"], Key(f"eidas_{one['level']}"))
        for one in told["schemes"]
    }
