"""Where the boxes and lines of a drawing in columns stand: a pure function, the same for the same boxes.

Boxes stand below each other in their column, each beside those it comes from; lines run from column to column, or
along the left of a column from a box to those that stand indented below it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

WIDTH, GAP_X, GAP_Y, INDENT = 204, 52, 14, 16
ROUND = 7
"""How far from a corner a line begins to turn."""
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
    across = [line for line in drawable if known[line.end].under != line.start]
    lanes = _lanes(across, known, placed)
    paths = {
        line: _along(placed[line.start], placed[line.end], lanes[line])
        if line in lanes
        else _below(placed[line.start], placed[line.end])
        for line in drawable
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


def _lanes(lines: Sequence[Line], known: Mapping[str, Box], placed: Mapping[str, Placed]) -> dict[Line, int]:
    """Where each line turns, before the column to which it leads: lines with an end in common share a trunk.

    The end is that of which there are fewer between two columns: there they run together, and stay apart elsewhere.
    """
    lanes: dict[Line, int] = {}
    between: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        between[known[line.end].column].append(line)
    for column, some in between.items():
        starts, ends = ({end(line) for line in some} for end in (_start, _end))
        shared, right_first = (_start, True) if len(starts) <= len(ends) else (_end, False)
        trunks = sorted(starts if right_first else ends, key=lambda id_: (placed[id_].y, id_), reverse=right_first)
        step = (GAP_X - 2 * ROUND) / (len(trunks) + 1)
        at = {id_: _left(column) - GAP_X + ROUND + round(step * (place + 1)) for place, id_ in enumerate(trunks)}
        lanes |= {line: at[shared(line)] for line in some}
    return lanes


def _start(line: Line) -> str:
    return line.start


def _end(line: Line) -> str:
    return line.end


def _along(start: Placed, end: Placed, x: int) -> str:
    """From the right of one box to the left of another, turning at a lane between their columns."""
    begin, stop = start.middle, end.middle
    if begin == stop:
        return f"M{start.right} {begin}H{end.x}"
    turn = min(ROUND, abs(stop - begin) // 2)
    down = turn if stop > begin else -turn
    return (
        f"M{start.right} {begin}H{x - turn}Q{x} {begin} {x} {begin + down}"
        f"V{stop - down}Q{x} {stop} {x + turn} {stop}H{end.x}"
    )


def _below(start: Placed, end: Placed) -> str:
    """From the foot of a box to one that is indented below it."""
    x = start.x + INDENT // 2
    return f"M{x} {start.y + start.height}V{end.middle - ROUND}Q{x} {end.middle} {x + ROUND} {end.middle}H{end.x}"
