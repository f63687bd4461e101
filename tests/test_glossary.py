"""The words of the product: told in four languages, and the page of text about them in step."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from accessmgr.cli import accessmgr
from accessmgr.glossary import as_markdown, glossary, term
from accessmgr.sentences import LANGUAGES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "glossary.md"


def test_every_word_is_called_and_explained_in_each_language() -> None:
    for one in glossary():
        assert set(one.called) == set(LANGUAGES), one.id
        assert set(one.means) == set(LANGUAGES), one.id
        assert len({*one.means.values()}) == len(LANGUAGES), one.id
    ids = [one.id for one in glossary()]
    assert len(ids) == len(set(ids))


def test_a_word_is_found_by_its_id() -> None:
    found = term("work_relation")
    assert found is not None
    assert found.called["nl"] == "werkrelatie"
    assert term("no_such_word") is None


def test_the_page_of_text_is_made_from_the_words() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == as_markdown()
    assert "| work relation | werkrelatie | relation de travail | Arbeitsbeziehung | `WorkRelation` |" in page


def test_a_page_of_text_that_is_out_of_step_is_told_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    run = CliRunner().invoke
    assert run(accessmgr, ["rules", "docs"]).exit_code == 0
    assert run(accessmgr, ["rules", "docs", "--check"]).exit_code == 0
    page = tmp_path / "docs" / "glossary.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    answer = run(accessmgr, ["rules", "docs", "--check"])
    assert answer.exit_code == 1
    assert "docs/glossary.md" in answer.output
