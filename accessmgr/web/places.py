"""Addresses of the register, as people write them."""

from typing import Any


def place(address: Any | None, language: str) -> str:
    """An address in one line, in French for who reads French and in Dutch otherwise; nothing for None."""
    if address is None:
        return ""
    first, second = ("fr", "nl") if language == "fr" else ("nl", "fr")

    def best(what: str) -> str | None:
        return getattr(address, f"{what}_{first}") or getattr(address, f"{what}_{second}")

    house = _joined(" ", best("street"), address.house_number, _box(address.box, language))
    town = _joined(" ", address.zipcode, best("municipality"))
    return _joined(", ", house, address.extra, town, best("country"))


def _box(box: str | None, language: str) -> str | None:
    return f"{'bte' if language == 'fr' else 'bus'} {box}" if box else None


def _joined(between: str, *parts: str | None) -> str:
    return between.join(part for part in parts if part)
