"""Any day on pages: what was so on a day, what was known of it on a day, and no action in the past."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from accessmgr.core.actions import Action
from tests.web.building import NETJES, START, Chain, advance, built_app, demo_chain, do, signed_in_client

MANAGERS = f"/managers/{NETJES}"


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application on an empty database, at nine in the morning of 2 March 2026."""
    return built_app(tmp_path)


@pytest.fixture
def chain(app: Flask) -> Chain:
    """The demo chain in it."""
    return demo_chain(app)


def text_of(response: Any) -> str:
    """The text of a page as a person reads it: without tags, spaces as one."""
    page = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", response.get_data(as_text=True), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("&#39;", "'").split())


def test_a_page_says_which_moment_it_shows_and_leads_back_to_now(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "nadia")
    asked = {
        "on=2026-03-01": "You look at 1 March 2026, with what is known now.",
        "on=2026-03-01T12:30": "You look at 1 March 2026, 12:30, with what is known now.",
        "on=2026-03-01&on_time=12:30": "You look at 1 March 2026, 12:30, with what is known now.",
        "on=01/03/2026": "You look at 1 March 2026, with what is known now.",
        "known=2026-03-01": "You look at the present as it was known on 1 March 2026.",
        "on=2026-02-28&known=2026-03-01T08:00": "You look at 28 February 2026, as it was known on 1 March 2026, 08:00.",
    }
    for query, told in asked.items():
        page = client.get(f"{MANAGERS}?{query}")
        assert (page.status_code, told in text_of(page)) == (200, True), query
        assert f'<a href="{MANAGERS}">Back to now</a>' in page.get_data(as_text=True)
    assert "You look at" not in text_of(client.get(MANAGERS))
    for present in ("on=2026-03-02", "known=2026-03-02", "known=2099-01-01", "on=&known=&on_time="):
        assert "You look at" not in text_of(client.get(f"{MANAGERS}?{present}")), present
