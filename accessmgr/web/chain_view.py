"""How a drawing is looked at: how large it is, and the addresses that lead to another size, day or part of it."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

ZOOMS = (50, 75, 100, 150, 200, 300)
"""Sizes in percent; without one the drawing is as wide as the page, and never too small to read."""
FIT, USUAL = "fit", 100
KEPT = ("on", "on_time", "known", "known_time", "person", "group", "after", "view", "zoom", "type", "before")
"""What may stand in the address of such a page; nothing else is taken over into another one."""


@dataclass(frozen=True)
class Zoom:
    """How large a drawing is shown: `chosen` is a percentage, `fit`, or None for what suits the page."""

    chosen: int | str | None = None

    @property
    def nearer(self) -> int:
        """The next larger size."""
        return next((each for each in ZOOMS if each > self._now), ZOOMS[-1])

    @property
    def farther(self) -> int:
        """The next smaller size."""
        return next((each for each in ZOOMS[::-1] if each < self._now), ZOOMS[0])

    def of(self, length: int) -> int | None:
        """A length of the drawing in pixels, None if the page says how large it is."""
        return length * self.chosen // 100 if isinstance(self.chosen, int) else None

    @property
    def _now(self) -> int:
        return self.chosen if isinstance(self.chosen, int) else USUAL if self.chosen is None else ZOOMS[0]


def zoom_asked() -> Zoom:
    """The size that the address asks for; one that there is not is none."""
    text = request.args.get("zoom", "")
    if text == FIT:
        return Zoom(FIT)
    return Zoom(int(text) if text in map(str, ZOOMS) else None)


def address(**changed: Any) -> str:
    """The address of this page, with something in it changed, or left out if it is None. A new day has no time."""
    kept: dict[str, Any] = {name: request.args[name] for name in KEPT if request.args.get(name)}
    if "on" in changed:
        kept.pop("on_time", None)
    return url_for(request.endpoint or "", **(request.view_args or {}), **{**kept, **changed})
