"""Every setting: read from the environment once, checked, and listed by `accessmgr settings`."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from accessmgr.core.ledger.note import COSIGNATURE, VerifierKey, WrongNote

PREFIX = "ACCESSMGR_"
DEMO_SECRET = "demo-secret"  # noqa: S105  # a word that is refused as a secret outside simulation
SWITCH = {"on": True, "off": False}


class WrongSetting(ValueError):
    """A setting is unknown, missing or not what it should be."""


def _setting(default: object, says: str) -> object:
    return field(default=default, metadata={"says": says})


@dataclass(frozen=True)
class Settings:
    """The settings, each with its default and a line of explanation."""

    database_url: str = _setting("", "the database; empty: SQLite in the instance folder")  # type: ignore[assignment]
    base_url: str = _setting("http://127.0.0.1:8000", "the address under which people reach the product")  # type: ignore[assignment]
    secret_key: str = _setting("", "signs cookies; empty: made at first start, in simulation only")  # type: ignore[assignment]
    keys_file: str = _setting("", "the file of the data, index and signing keys; empty: in the instance folder")  # type: ignore[assignment]
    checkpoint_file: str = _setting("", "the file of the last checkpoint, outside the database; empty: beside the keys")  # type: ignore[assignment]
    checkpoint_urls: str = _setting("", "addresses, apart by spaces, to which each new checkpoint is sent by POST")  # type: ignore[assignment]
    witnesses: str = _setting("", "witnesses that sign checkpoints, apart by spaces: verifier key, `@`, address")  # type: ignore[assignment]
    simulation: bool = _setting(True, "on: simulated clock, register and people; off: none of them")  # type: ignore[assignment]
    four_eyes: bool = _setting(False, "on: nobody grants a right to themself")  # type: ignore[assignment]
    lookups_per_hour: int = _setting(10, "look-ups of people that find nobody, after which it stops")  # type: ignore[assignment]
    retention_years: int = _setting(  # type: ignore[assignment]
        10, "years after their last tie or entry until a person is listed as expired; ten is an assumption"
    )
    mail_server: str = _setting("", "for letters: `smtp://user:password@host:587`, `smtps://…`; empty: a folder")  # type: ignore[assignment]
    mail_sender: str = _setting("accessmgr@localhost.invalid", "the address that letters come from")  # type: ignore[assignment]
    calls_per_minute: int = _setting(60_000, "calls that a client may make in a minute, unless registered otherwise")  # type: ignore[assignment]
    answer_seconds: int = _setting(10, "seconds that an answer to a program may take; then it is 503")  # type: ignore[assignment]
    metrics_token: str = _setting("", "what sends it as bearer token reads `/metrics`; empty: in simulation everybody")  # type: ignore[assignment]
    threads: int = _setting(8, "threads of the server")  # type: ignore[assignment]
    instance: str = _setting("instance", "the folder for the embedded database and what is made at first start")  # type: ignore[assignment]

    @property
    def folder(self) -> Path:
        """The instance folder."""
        return Path(self.instance).absolute()

    @property
    def embedded(self) -> Path:
        """The file of the embedded database."""
        return self.folder / "accessmgr.sqlite"

    @property
    def database(self) -> str:
        """The address of the database."""
        return self.database_url or f"sqlite:///{self.embedded}"

    @property
    def keys(self) -> Path:
        """The path of the key file."""
        return Path(self.keys_file) if self.keys_file else self.folder / "keys" / "keys.json"

    @property
    def letters(self) -> Path:
        """The folder of letters, where no mail server is set."""
        return self.folder / "letters"

    @property
    def secure(self) -> bool:
        """Whether people reach the product over TLS."""
        return urlsplit(self.base_url).scheme == "https"


def read(environment: Mapping[str, str]) -> Settings:
    """The settings in the environment.

    :raise WrongSetting: one is unknown, not of its type, or unsafe outside simulation
    """
    kinds = {each.name: type(each.default) for each in fields(Settings)}
    given = {name.removeprefix(PREFIX).lower(): value for name, value in environment.items() if name.startswith(PREFIX)}
    unknown = sorted(set(given) - set(kinds))
    if unknown:
        raise WrongSetting(f"unknown setting `{PREFIX}{unknown[0].upper()}`")
    settings = Settings(**{name: _typed(name, value, kinds[name]) for name, value in given.items()})  # type: ignore[arg-type]
    receivers(settings)
    if not settings.simulation:
        _refuse_unsafe(settings)
    return settings


def receivers(settings: Settings) -> list[tuple[str, VerifierKey | None]]:
    """Where checkpoints go: addresses, and with each witness its key.

    :raise WrongSetting: one is no such address or key
    """
    found: list[tuple[str, VerifierKey | None]] = [(url, None) for url in settings.checkpoint_urls.split()]
    for witness in settings.witnesses.split():
        key, _, url = witness.rpartition("@")
        try:
            found.append((url, VerifierKey.parse(key, COSIGNATURE)))
        except WrongNote as wrong:
            raise WrongSetting(f"`{PREFIX}WITNESSES`: {wrong}") from None
    for url, key_ in found:
        place = urlsplit(url)
        if place.scheme not in ("http", "https") or not place.hostname or place.username is not None:
            name = "WITNESSES" if key_ else "CHECKPOINT_URLS"
            raise WrongSetting(f"`{PREFIX}{name}` takes addresses that begin with `http://` or `https://`")
    return found


def secret(settings: Settings) -> str:
    """The secret that signs cookies: as set, or made at first start and kept beside the database."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.folder / "cookie-secret"
    if not path.exists():
        settings.folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32), encoding="ascii")
    return path.read_text(encoding="ascii")


def _typed(name: str, value: str, kind: type) -> object:
    variable = f"{PREFIX}{name.upper()}"
    if kind is bool:
        if value.lower() not in SWITCH:
            raise WrongSetting(f"`{variable}` must be `on` or `off`")
        return SWITCH[value.lower()]
    if kind is int:
        if not value.isdecimal() or int(value) == 0:
            raise WrongSetting(f"`{variable}` must be a whole number above zero")
        return int(value)
    return value


def _refuse_unsafe(settings: Settings) -> None:
    if len(settings.secret_key) < 32 or DEMO_SECRET in settings.secret_key:
        raise WrongSetting(f"`{PREFIX}SECRET_KEY` must be a secret of at least 32 characters of your own")
    if not settings.secure:
        raise WrongSetting(f"`{PREFIX}BASE_URL` must begin with `https://` outside simulation")
