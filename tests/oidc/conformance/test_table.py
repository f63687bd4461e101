"""The tables of `docs/conformance.md` say what the tests of conformance do."""

import importlib
import pkgutil

from tests.oidc import conformance
from tests.repository import ROOT

LISTED = {"Basic OP": 38, "RP-initiated logout OP": 11, "Back-channel logout OP": 2}
"""How many modules each plan has."""


def of_the_tests() -> dict[str, tuple[str, str]]:
    """Test and result of each module."""
    found: dict[str, tuple[str, str]] = {}
    for each in pkgutil.iter_modules(conformance.__path__, f"{conformance.__name__}."):
        for name, test in vars(importlib.import_module(each.name)).items():
            if name.startswith("test_") and hasattr(test, "module"):
                found[test.module.name] = (name, str(test.module.result))
    return found


def told() -> dict[str, dict[str, tuple[str, str]]]:
    """Test and result of each module, by plan, as the page has them."""
    plans: dict[str, dict[str, tuple[str, str]]] = {}
    for line in (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            plans[line.removeprefix("## ")] = {}
        elif line.startswith("| `"):
            module, test, result, _why = (cell.strip(" `") for cell in line.strip("|").split("|"))
            plans[list(plans)[-1]][module] = (test, result)
    return plans


def test_the_tables_say_what_the_tests_do() -> None:
    assert {name: row for plan in told().values() for name, row in plan.items()} == of_the_tests()


def test_each_test_is_named_after_its_module() -> None:
    assert [test for module, (test, _) in of_the_tests().items() if test != f"test_{module.replace('-', '_')}"] == []


def test_no_module_of_a_plan_is_left_out() -> None:
    assert {plan: len(modules) for plan, modules in told().items()} == LISTED


def test_what_does_not_simply_pass_says_why() -> None:
    page = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `") and "| passes |" not in line]
    assert len(rows) == 11
    assert [row for row in rows if row.endswith("| |")] == []
