"""Where boxes and lines of a drawing stand: apart, joined at their borders, the same every time."""

import re
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from accessmgr.web.chain_layout import FOOT, GAP_Y, SIDE, TOP, WIDTH, Box, Drawn, Line, Placed, lay_out


@st.composite
def drawings(draw: st.DrawFn) -> tuple[list[Box], list[Line]]:
    """Boxes in up to five columns, some indented under an earlier one, and lines between any of them."""
    boxes: list[Box] = []
    for index in range(draw(st.integers(1, 14))):
        column = draw(st.integers(0, 4))
        earlier = [box.id for box in boxes if box.column == column]
        under = draw(st.sampled_from([None, *earlier]))
        boxes.append(Box(f"b{index}", column, draw(st.integers(40, 140)), under))
    names = st.sampled_from([box.id for box in boxes])
    lines = draw(st.lists(st.builds(Line, names, names), max_size=30, unique=True))
    return boxes, [*lines, *(Line(box.under, box.id) for box in boxes if box.under)]


def ends(path: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where a path begins and where it ends."""
    numbers = [int(number) for number in re.findall(r"-?\d+", path)]
    last = (numbers[-1], numbers[-2]) if path[path.rindex("H") if "H" in path else 0] == "H" else None
    return (numbers[0], numbers[1]), last or (numbers[-2], numbers[-1])


def apart(one: Placed, other: Placed) -> bool:
    beside = one.right <= other.x or other.right <= one.x
    below = one.y + one.height <= other.y or other.y + other.height <= one.y
    return beside or below


@given(drawings())
def test_no_two_boxes_overlap(drawing: tuple[list[Box], list[Line]]) -> None:
    placed = lay_out(*drawing).boxes.values()
    assert [pair for pair in combinations(placed, 2) if not apart(*pair)] == []


@given(drawings())
def test_every_box_is_placed_within_the_drawing_in_its_column(drawing: tuple[list[Box], list[Line]]) -> None:
    boxes, _ = drawing
    laid = lay_out(*drawing)
    assert set(laid.boxes) == {box.id for box in boxes}
    assert {box.id for box in boxes if laid.boxes[box.id].right != laid.left(box.column) + WIDTH} == set()
    outside = [one for one in laid.boxes.values() if one.x < SIDE or one.right > laid.width - SIDE or one.y < TOP]
    assert outside == []
    assert max(one.y + one.height for one in laid.boxes.values()) == laid.height - FOOT


@given(drawings())
def test_every_line_begins_and_ends_at_the_border_of_its_boxes(drawing: tuple[list[Box], list[Line]]) -> None:
    laid = lay_out(*drawing)
    for line, path in laid.paths.items():
        start, end = laid.boxes[line.start], laid.boxes[line.end]
        begins, stops = ends(path)
        assert begins in {(start.right, start.middle), (start.x + 8, start.y + start.height)}
        assert stops[0] == end.x
        assert stops[1] == end.middle


@given(drawings())
def test_only_lines_that_lead_on_are_drawn(drawing: tuple[list[Box], list[Line]]) -> None:
    boxes, lines = drawing
    known = {box.id: box for box in boxes}
    on = {line for line in lines if known[line.start].column < known[line.end].column}
    under = {line for line in lines if known[line.end].under == line.start}
    assert set(lay_out(*drawing).paths) == on | under


@given(drawings())
def test_the_same_boxes_are_always_laid_out_alike(drawing: tuple[list[Box], list[Line]]) -> None:
    boxes, lines = drawing
    assert lay_out(boxes, lines) == lay_out(list(boxes), list(lines))


def column(laid: Drawn, *names: str) -> list[int]:
    return [laid.boxes[name].y for name in names]


def test_boxes_stand_in_the_order_given_unless_a_line_draws_them_up() -> None:
    boxes = [Box("a", 0, 50), Box("b", 0, 50), Box("c", 1, 50), Box("d", 1, 50)]
    second = TOP + 50 + GAP_Y
    assert column(lay_out(boxes, []), "a", "b", "c", "d") == [TOP, second, TOP, second]
    assert column(lay_out(boxes, [Line("b", "c"), Line("a", "d")]), "c", "d") == [second, TOP]
