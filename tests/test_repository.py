"""What must not be in any file of the repository, and what its folders may import."""

import ast
import json
import re
import sys
from pathlib import Path

import pytest

from tests.repository import ROOT, texts_of_the_repository

TEXTS = texts_of_the_repository()
LOCK_FILES = ["requirements.lock", "requirements-dev.lock"]

# Parts of the standard library that reach for the clock, the disk, the network or chance.
IMPURE = {
    "asyncio", "glob", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil", "socket",
    "sqlite3", "subprocess", "tempfile", "threading", "time", "urllib",
}  # fmt: skip

NATIONAL_NUMBER = re.compile(r"(?<![\w.])(\d{2})\.?(\d{2})\.?(\d{2})[-.]?(\d{3})[-.]?(\d{2})(?!\w)")
MACHINE_PATH = re.compile(r"(?<![\w.}])/(?:work|root|home|Users|tmp|opt)/|\.pyenv")
LEFT_UNDONE = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")


def _found(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in TEXTS.items()
        if path != Path("tests/test_repository.py")
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def could_be_assigned(number: re.Match[str]) -> bool:
    """Whether digits are a national or BIS number that a person may bear: 000 and 999 are never given out."""
    year, month, day, serial, check = number.groups()
    body = int(year + month + day + serial)
    is_a_date = int(month) % 20 <= 12 and int(month) < 60 and int(day) <= 31
    checks = {97 - body % 97, 97 - (2_000_000_000 + body) % 97}
    return is_a_date and serial not in {"000", "999"} and int(check) in checks


def test_no_national_number_is_one_that_a_person_may_bear() -> None:
    found = [
        f"{path}: {number.group()}"
        for path, text in TEXTS.items()
        if path.suffix != ".lock"
        for number in NATIONAL_NUMBER.finditer(text)
        if could_be_assigned(number)
    ]

    assert found == []


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        pytest.param("85.07.30-0" + "33.28", True, id="born in the 20th century"),
        pytest.param("170730" + "033" + "84", True, id="born in the 21st century, without signs"),
        pytest.param("85.07.30-0" + "33.29", False, id="wrong check digits"),
        pytest.param("85.07.30-999.32", False, id="a serial that is never given out"),
        pytest.param("85.67.30-0" + "33.60", False, id="a month that does not exist"),
    ],
)
def test_a_number_that_could_be_assigned_is_told_from_one_that_could_not(digits: str, expected: bool) -> None:
    number = NATIONAL_NUMBER.fullmatch(digits)

    assert number is not None
    assert could_be_assigned(number) is expected


def test_no_file_names_a_path_of_one_machine() -> None:
    assert _found(MACHINE_PATH) == []


def test_nothing_is_marked_as_left_undone() -> None:
    assert _found(LEFT_UNDONE) == []


@pytest.mark.parametrize("name", LOCK_FILES)
def test_a_lock_file_names_no_index_and_no_link(name: str) -> None:
    assert re.findall(r"https?:|--(?:extra-)?index-url|--find-links|file:", TEXTS[Path(name)]) == []


@pytest.mark.parametrize("name", LOCK_FILES)
def test_each_library_of_a_lock_file_has_hashes(name: str) -> None:
    blocks = re.split(r"\n(?=\S)", TEXTS[Path(name)].strip())

    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_lock_file_of_node_names_no_index_and_has_a_hash_for_each_library() -> None:
    libraries = json.loads(TEXTS[Path("tests/foreign_clients/package-lock.json")])["packages"]
    del libraries[""]

    assert sorted(libraries) == [f"node_modules/{name}" for name in ("jose", "oauth4webapi", "openid-client")]
    assert [name for name, library in libraries.items() if "resolved" in library] == []
    assert {library["integrity"].split("-")[0] for library in libraries.values()} == {"sha512"}


def _imported_by(folder: str) -> set[str]:
    names = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names.add(node.module.split(".")[0])
    return names


def test_the_core_imports_only_the_standard_library_and_stdnum() -> None:
    assert _imported_by("accessmgr/core") - sys.stdlib_module_names <= {"accessmgr", "stdnum"}


def test_the_core_reaches_for_no_clock_disk_network_or_chance() -> None:
    assert _imported_by("accessmgr/core") & IMPURE == set()
