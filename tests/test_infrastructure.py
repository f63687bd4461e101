"""The databases and the browser that the tests run on."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import create_engine, text

from tests.browser import Pages


def test_a_database_of_either_kind_is_empty_and_can_be_written(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE sample (word text)"))
        connection.execute(text("INSERT INTO sample VALUES ('one')"))
        words = connection.scalars(text("SELECT word FROM sample")).all()
    engine.dispose()

    assert words == ["one"]


def test_a_postgresql_database_can_be_a_copy_of_another(new_postgres_database: Callable[..., str]) -> None:
    model = create_engine(new_postgres_database())
    with model.begin() as connection:
        connection.execute(text("CREATE TABLE sample (word text)"))
    model.dispose()

    copy = create_engine(new_postgres_database(like=model.url.render_as_string(hide_password=False)))
    with copy.connect() as connection:
        tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
    copy.dispose()

    assert tables == ["sample"]


@pytest.mark.parametrize(("javascript", "expected"), [(True, "script ran"), (False, "script did not run")])
def test_a_page_runs_scripts_only_if_asked_to(new_page: Callable[..., Page], javascript: bool, expected: str) -> None:
    page = new_page(javascript=javascript)
    page.set_content("<p>script did not run</p><script>document.querySelector('p').textContent='script ran'</script>")

    assert page.locator("p").text_content() == expected


def test_a_page_asks_for_the_language_given(new_page: Callable[..., Page]) -> None:
    assert new_page(locale="nl-BE").evaluate("navigator.language") == "nl-BE"


def test_a_fault_in_a_script_of_a_page_is_noted(browser: Browser) -> None:
    pages = Pages(browser)
    pages().set_content("<script>undefinedName()</script>")
    pages.close()

    assert pages.faults == ["script error: undefinedName is not defined"]
