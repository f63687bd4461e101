"""The page of the rules is in step with the catalogue, and names what it rests on."""

from accessmgr.core.decide import OURS
from accessmgr.core.rules import CATALOGUE
from accessmgr.core.rules.document import FAMILIES, as_markdown
from accessmgr.core.rules.sources import COMMISSION, SOURCES
from tests.repository import ROOT


def test_the_page_in_the_documentation_is_the_one_that_the_catalogue_makes() -> None:
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == as_markdown(CATALOGUE)


def test_each_rule_has_one_row() -> None:
    lines = as_markdown(CATALOGUE).splitlines()

    rows = [line.split("**")[1] for line in lines if line.startswith("| **")]
    assert rows == [rule.id for rule in CATALOGUE]


def test_each_family_says_what_it_is_about() -> None:
    assert list(FAMILIES) == list(dict.fromkeys(rule.family for rule in CATALOGUE))


def test_each_source_that_a_rule_names_is_known_and_no_other() -> None:
    named = {source for rule in CATALOGUE for source in rule.source}

    assert named == {*SOURCES, OURS, COMMISSION}
