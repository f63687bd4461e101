"""Where the boxes and lines of a drawing in columns stand: a pure function, the same for the same boxes.

Boxes stand below each other in their column, each beside those it comes from; lines run from column to column, or
along the left of a column from a box to those that stand indented below it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

WIDTH, GAP_X, GAP_Y, INDENT = 204, 52, 14, 16
TOP, SIDE, FOOT = 44, 6, 8
"""The room for the headings of the columns, and that around the drawing."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box to be placed: its column from the left, its height, and the box under which it is indented, if any."""

    id: str
    column: int
    height: int
    under: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line to be drawn between two boxes."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Placed:
    """The place of a box: its left upper corner, width and height."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        """Half way down."""
        return self.y + self.height // 2

    @property
    def right(self) -> int:
        """Its right border."""
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Drawn:
    """The places of all boxes, the path of each line, and the size of the whole."""

    boxes: Mapping[str, Placed]
    paths: Mapping[Line, str]
    width: int
    height: int

    def left(self, column: int) -> int:
        """Where a column begins."""
        return _left(column)


def lay_out(boxes: Sequence[Box], lines: Iterable[Line]) -> Drawn:
    """Place boxes and lines. Of boxes that nothing tells apart, the first given stands first.

    Lines to boxes that are not there, and lines that lead back, are left out.
    """
    known = {box.id: box for box in boxes}
    drawable = [line for line in lines if _leads_on(known, line)]
    before: dict[str, list[str]] = defaultdict(list)
    for line in drawable:
        before[line.end].append(line.start)
    placed: dict[str, Placed] = {}
    for column in sorted({box.column for box in boxes}):
        y = TOP
        for box, depth in _ordered([box for box in boxes if box.column == column], before, placed):
            indent = depth * INDENT
            placed[box.id] = Placed(_left(column) + indent, y, WIDTH - indent, box.height)
            y += box.height + GAP_Y
    bottom = max((one.y + one.height for one in placed.values()), default=TOP)
    columns = max((box.column for box in boxes), default=0) + 1
    paths = {
        line: _path(placed[line.start], placed[line.end], known[line.end].under == line.start) for line in drawable
    }
    return Drawn(placed, paths, _left(columns) - GAP_X + SIDE, bottom + FOOT)


def _left(column: int) -> int:
    return SIDE + column * (WIDTH + GAP_X)


def _leads_on(known: Mapping[str, Box], line: Line) -> bool:
    """Whether a line leads to a later column, or to a box that is indented under the one where it begins."""
    if line.start not in known or line.end not in known:
        return False
    return known[line.start].column < known[line.end].column or known[line.end].under == line.start


def _ordered(
    boxes: Sequence[Box], before: Mapping[str, Sequence[str]], placed: Mapping[str, Placed]
) -> list[tuple[Box, int]]:
    """The boxes of a column from above, each with how deep it is indented: beside those they come from."""
    in_column = {box.id for box in boxes}
    place = {box.id: index for index, box in enumerate(boxes)}

    def weight(box: Box) -> tuple[float, int]:
        tops = [placed[start].middle for start in before.get(box.id, ()) if start in placed]
        return (sum(tops) / len(tops) if tops else float(TOP)), place[box.id]

    below: dict[str | None, list[Box]] = defaultdict(list)
    for box in sorted(boxes, key=weight):
        below[box.under if box.under in in_column and box.under != box.id else None].append(box)
    ordered: list[tuple[Box, int]] = []
    waiting = [(box, 0) for box in reversed(below[None])]
    while waiting:
        box, depth = waiting.pop()
        ordered.append((box, depth))
        waiting += [(one, min(depth + 1, 4)) for one in reversed(below[box.id])]
    return ordered


def _path(start: Placed, end: Placed, under: bool) -> str:
    """From the right of one box to the left of another; or from the foot of a box to one indented below it."""
    if under:
        x = start.x + INDENT // 2
        return f"M{x} {start.y + start.height}V{end.middle - 6}Q{x} {end.middle} {x + 6} {end.middle}H{end.x}"
    bend = start.right + GAP_X // 2
    if start.middle == end.middle:
        return f"M{start.right} {start.middle}H{end.x}"
    return f"M{start.right} {start.middle}C{bend} {start.middle} {end.x - GAP_X // 2} {end.middle} {end.x} {end.middle}"
