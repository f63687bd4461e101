"""A device that makes passkeys, in software: what it signs can be spoilt one thing at a time."""

import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

PRESENT, VERIFIED, HAS_CREDENTIAL = 0x01, 0x04, 0x40


@dataclass
class SoftDevice:
    """Holds one passkey, and answers as a browser at an origin would."""

    origin: str = "http://localhost"
    rp_id: str = "localhost"
    verifies: bool = True
    counter: int = 0
    credential: bytes = b"a credential of the soft device"
    handle: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, Any]) -> str:
        """Answer the options for a new passkey."""
        self.handle = websafe_decode(options["user"]["id"])
        public_key = cbor.encode(ES256.from_cryptography_key(self.key.public_key()))
        attested = bytes(16) + struct.pack(">H", len(self.credential)) + self.credential + public_key
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": self._told(HAS_CREDENTIAL) + attested})
        return self._answer("webauthn.create", options["challenge"], attestationObject=attestation)

    def prove(self, options: dict[str, Any]) -> str:
        """Answer the options for a sign-in."""
        self.counter += 1
        told = self._told()
        client_data = self._client_data("webauthn.get", options["challenge"])
        signature = self.key.sign(told + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            "webauthn.get", options["challenge"], authenticatorData=told, signature=signature, userHandle=self.handle
        )

    def _told(self, more: int = 0) -> bytes:
        flags = PRESENT | (VERIFIED if self.verifies else 0) | more
        return hashlib.sha256(self.rp_id.encode()).digest() + struct.pack(">BI", flags, self.counter)

    def _client_data(self, type_: str, challenge: str) -> bytes:
        return json.dumps({"type": type_, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, type_: str, challenge: str, **parts: bytes) -> str:
        response = {"clientDataJSON": self._client_data(type_, challenge), **parts}
        encoded = {name: websafe_encode(part) for name, part in response.items()}
        credential = websafe_encode(self.credential)
        return json.dumps({"id": credential, "rawId": credential, "type": "public-key", "response": encoded})
