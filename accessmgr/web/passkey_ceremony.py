"""The two ceremonies of WebAuthn: a device makes a passkey, and a device proves that it has one.

A challenge waits in the session of the browser, is good for five minutes and once; what else a passkey must answer to
(origin, id of this product, person verified by the device, signature, counter) is checked here.
"""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from struct import error as StructError
from typing import Any, cast
from urllib.parse import urlsplit

from fido2 import cbor
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accessmgr.usecases.passkeys import Passkey, Passkeys

GOOD_FOR = 5 * 60
"""Seconds for which a challenge is good."""
HANDLE_BYTES = 32
LONGEST_ANSWER = 20_000
MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError, StructError)
"""What the library raises for an answer that is wrong, or that is none."""

Begun = dict[str, Any]


class WrongAnswer(Exception):
    """What the device answered proves nothing."""


class Copied(WrongAnswer):
    """The device counts less than it did before: somebody has a copy of the passkey."""


@dataclass(frozen=True)
class Place:
    """Where passkeys are good: the one origin of the product, and the name under which devices keep them."""

    id: str
    origin: str


def place_of(base_url: str) -> Place | None:
    """Where passkeys are good for a product with that address; None if devices make none for it.

    A passkey is bound to a name, never to a number. What is served on this machine alone is `localhost`.
    """
    parts = urlsplit(base_url)
    host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    if host == "localhost" or _is_number(host, loopback=True):
        return Place("localhost", f"{parts.scheme}://localhost{port}")
    if _is_number(host) or parts.scheme != "https":
        return None
    return Place(host, f"https://{host}{port}")


@dataclass(frozen=True)
class Ceremony:
    """What both ceremonies need. `first_use` remembers a challenge until a moment, and is False the second time."""

    place: Place
    passkeys: Passkeys
    first_use: Callable[[str, datetime], bool]

    def begin_making(self, person: str, name: str) -> tuple[dict[str, Any], Begun]:
        """What to ask of the device for a new passkey, and what waits in the session meanwhile."""
        present = self.passkeys.of(person)
        handle = present[0].handle if present else secrets.token_bytes(HANDLE_BYTES)
        options, state = self._server.register_begin(
            PublicKeyCredentialUserEntity(id=handle, name=name, display_name=name),
            [_descriptor(each) for each in present],
            resident_key_requirement=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return dict(options.public_key), _begun(state, person=person, handle=websafe_encode(handle))

    def made(self, begun: Begun | None, person: str, answer: str, name: str) -> Passkey:
        """The passkey that the device made for the person.

        :raise WrongAnswer: the challenge is gone, or the answer is no new passkey of this place
        """
        begun = self._once(begun, person)
        try:
            told = self._server.register_complete(begun["state"], _read(answer))
            made = told.credential_data
            assert made is not None  # noqa: S101  # said by the flags that were checked, and wrong all the same
            public_key = cbor.encode(made.public_key)
        except MALFORMED as wrong:
            raise WrongAnswer from wrong
        return Passkey(
            id=secrets.token_urlsafe(16),
            person=person,
            credential=made.credential_id,
            public_key=public_key,
            handle=websafe_decode(begun["handle"]),
            counter=told.counter,
            name=name,
            created_at=datetime.now(UTC),
        )

    def begin_proving(self) -> tuple[dict[str, Any], Begun]:
        """What to ask of any device that has a passkey of this place, and what waits in the session meanwhile."""
        options, state = self._server.authenticate_begin(user_verification=UserVerificationRequirement.REQUIRED)
        return dict(options.public_key), _begun(state)

    def proved(self, begun: Begun | None, answer: str) -> Passkey:
        """The passkey that the device has, which counts as used now.

        :raise Copied: its counter went back
        :raise WrongAnswer: the challenge is gone, or the answer is not that of a passkey that is known
        """
        begun = self._once(begun, "")
        try:
            told = AuthenticationResponse.from_dict(_read(answer))
            passkey = self.passkeys.find(told.raw_id)
            if passkey is None or not secrets.compare_digest(told.response.user_handle or b"", passkey.handle):
                raise WrongAnswer
            self._server.authenticate_complete(begun["state"], [_credential(passkey)], told)
            counter = told.response.authenticator_data.counter
        except MALFORMED as wrong:
            raise WrongAnswer from wrong
        if not self.passkeys.use(passkey.id, counter, datetime.now(UTC)):
            raise Copied
        return passkey

    @property
    def _server(self) -> Fido2Server:
        rp = PublicKeyCredentialRpEntity(id=self.place.id, name="accessmgr")
        return Fido2Server(rp, verify_origin=lambda origin: origin == self.place.origin)

    def _once(self, begun: Begun | None, person: str) -> Begun:
        if begun is None or begun["person"] != person or time.time() - begun["at"] > GOOD_FOR:
            raise WrongAnswer
        until = datetime.now(UTC) + timedelta(seconds=2 * GOOD_FOR)
        if not self.first_use(begun["state"]["challenge"], until):
            raise WrongAnswer
        return begun


def _begun(state: Mapping[str, Any], person: str = "", **more: str) -> Begun:
    kept = {"challenge": state["challenge"], "user_verification": UserVerificationRequirement.REQUIRED.value}
    return {"state": kept, "person": person, "at": int(time.time()), **more}


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST_ANSWER:
        raise ValueError("the answer is too long")
    told = json.loads(answer)
    if not isinstance(told, dict):
        raise ValueError("the answer is no object")
    return told


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=passkey.credential)


def _credential(passkey: Passkey) -> AttestedCredentialData:
    public_key = CoseKey.parse(cast(Mapping[int, Any], cbor.decode(passkey.public_key)))
    return AttestedCredentialData.create(Aaguid.NONE, passkey.credential, public_key)


def _is_number(host: str, *, loopback: bool = False) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or not loopback
