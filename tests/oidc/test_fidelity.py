"""The page on how true the provider is to the real one names the tests that show it, each of which exists."""

import ast
import re
from pathlib import Path

from tests.repository import ROOT

PAGE = ROOT / "docs" / "acm-fidelity.md"
NAMED = re.compile(r"`(test_\w+)`")


def names_in(path: Path) -> set[str]:
    """The names of the tests in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def rows() -> list[list[str]]:
    """The rows of the page's tables, without their heads."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if "Known or guess" not in line]


def test_every_quirk_is_in_the_table_and_every_test_named_there_exists() -> None:
    named = {name for row in rows() for name in NAMED.findall(" ".join(row))}
    assert named == names_in(Path(__file__).with_name("test_quirks.py"))


def test_every_row_names_where_it_is_known_from_and_a_test() -> None:
    wanting = [row[0] for row in rows() if len(row) != 4 or not row[1] or not NAMED.search(row[3])]
    assert (wanting, len(rows())) == ([], 40)


def test_where_strict_differs_a_test_shows_it() -> None:
    unshown = [row[0] for row in rows() if row[2] != "–" and not NAMED.search(row[2])]
    differing = [row[0] for row in rows() if row[2] != "–"]
    assert (unshown, len(differing)) == ([], 8)
