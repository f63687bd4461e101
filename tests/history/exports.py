"""Exports of small logs, signed with a key of the tests, and both verifiers behind one call."""

import importlib.util
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from accessmgr.core.ledger.bundle import is_bundle, verify_bundle
from accessmgr.core.ledger.export import NotAnExport, verify
from accessmgr.core.ledger.form import canonical
from accessmgr.core.ledger.note import Checkpoint, VerifierKey, WrongNote
from accessmgr.core.ledger.tree import Frontier, leaf_hash

ORIGIN = "example.test/history/0123abcd"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = VerifierKey(ORIGIN, PRIVATE.public_key().public_bytes_raw())
UNREADABLE = "unreadable"


def an_entry(sequence: int, **different: Any) -> dict[str, Any]:
    """An entry in place, by default with something of every type in it."""
    entry = {
        "sequence": sequence,
        "recorded_at": f"2026-03-02T08:{sequence // 60:02}:{sequence % 60:02}.000000Z",
        "type": "right.granted",
        "actor": f"person{sequence % 3}",
        "decision": {"action": "grant_right", "allowed": True, "because": ["GRANT-1"]},
        "data": {"enterprise": "1999000150", "note": f'é " \\ \u2028 {sequence}', "count": sequence},
    }
    return {**entry, **different}


def lines_of(entries: Sequence[dict[str, Any]]) -> list[bytes]:
    """Each entry as its line."""
    return [canonical(entry) + b"\n" for entry in entries]


def checkpoint_of(
    entries: Sequence[dict[str, Any]], *, origin: str = ORIGIN, private: Ed25519PrivateKey = PRIVATE
) -> str:
    """The signed note over the entries."""
    tree = Frontier()
    for entry in entries:
        tree.add(leaf_hash(canonical(entry)))
    key = VerifierKey(origin, private.public_key().public_bytes_raw())
    return Checkpoint(origin, tree.size, tree.root()).signed(key, private.sign)


def last_line(note: str) -> bytes:
    """The line of a checkpoint."""
    return canonical({"checkpoint": note}) + b"\n"


def export_of(entries: Sequence[dict[str, Any]], note: str | None = None) -> bytes:
    """The export of the entries, closed by their checkpoint or by the one given."""
    return b"".join(lines_of(entries)) + last_line(checkpoint_of(entries) if note is None else note)


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Ed25519 by the library that the product uses."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def by_the_product(file: Path, old: Path | None, vkey: str | None, strict: bool) -> str:
    """The verdict of the product."""
    try:
        before = Checkpoint.parse(old.read_text(encoding="utf-8")) if old else None
        key = None if vkey is None else VerifierKey.parse(vkey)
        with file.open("rb") as export:
            if is_bundle(export):
                return UNREADABLE if before else str(verify_bundle(export, is_signed, key=key, strict=strict))
            return str(verify(export, is_signed, old=before, key=key, strict=strict))
    except (NotAnExport, WrongNote):
        return UNREADABLE


def _load_tool() -> ModuleType:
    path = Path(__file__).parents[2] / "tools" / "verify_history.py"
    spec = importlib.util.spec_from_file_location("verify_history", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = _load_tool()


def by_the_tool(file: Path, old: Path | None, vkey: str | None, strict: bool) -> str:
    """The verdict of the verifier that stands alone."""
    try:
        return str(TOOL.verify(str(file), old and str(old), vkey, strict).line)
    except TOOL.BadInput:
        return UNREADABLE


VERIFIERS: dict[str, Callable[[Path, Path | None, str | None, bool], str]] = {
    "product": by_the_product,
    "tool": by_the_tool,
}


def verdicts(
    folder: Path, export: bytes, *, old: str | None = None, vkey: str | None = str(KEY), strict: bool = False
) -> set[str]:
    """What the verifiers say of an export: one verdict if they agree."""
    file, before = folder / "export.jsonl", folder / "old.txt"
    file.write_bytes(export)
    if old is not None:
        before.write_text(old, encoding="utf-8", newline="")
    return {verify_(file, None if old is None else before, vkey, strict) for verify_ in VERIFIERS.values()}


def respelt(entry: dict[str, Any]) -> bytes:
    """The same entry in another spelling of JSON."""
    return json.dumps(dict(reversed(entry.items())), indent=None, separators=(" , ", " : ")).encode() + b" \r\n"
