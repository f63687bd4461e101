"""What pages are dressed with: in one request, from here alone, and kept by browsers as long as it is the same."""

import re
from pathlib import Path

import pytest
from flask import Flask

from accessmgr.web import assets
from tests.web.building import anonymous_client, built_app, demo_chain

SHEET = (assets.STATIC_FOLDER / "style.css").read_text(encoding="utf-8")
LOADS = re.compile(
    r"""<(?:link|script|img|iframe|object|embed|video|audio|source)\b[^>]*\b(?:src|href|data)="([^"]*)"|@import|url\("""
)


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application with the demo chain."""
    app = built_app(tmp_path)
    demo_chain(app)
    return app


@pytest.mark.parametrize("path", ["/", "/sign-in", "/about", "/rules/", "/help/", "/no/such/page"])
def test_a_page_asks_for_nothing_but_itself(path: str, app: Flask) -> None:
    page = anonymous_client(app).get(path).get_data(as_text=True)
    assert [address.partition(",")[0] for address in LOADS.findall(page)] == ["data:image/svg+xml"]


def test_the_style_in_a_page_carries_the_nonce_of_its_policy(app: Flask) -> None:
    answer = anonymous_client(app).get("/about")
    nonce = re.search(r'<style nonce="([^"]+)">', answer.get_data(as_text=True))
    assert nonce is not None
    assert f"style-src 'nonce-{nonce[1]}';" in answer.headers["Content-Security-Policy"]


def test_a_smaller_style_sheet_says_the_same() -> None:
    small = assets.minified('a:b { /* why */ color : red;\n margin: 0 auto; }\n.c :d, e > f { content: attr(x) " "; }')
    assert small == 'a:b{color :red;margin:0 auto}.c :d,e>f{content:attr(x) " "}'


def test_the_style_sheet_keeps_its_texts_and_rules_and_has_no_comment() -> None:
    bare = re.sub(r"/\*.*?\*/", "", SHEET, flags=re.DOTALL)
    small = assets.minified(SHEET)
    assert re.findall(r'"[^"]*"', small) == re.findall(r'"[^"]*"', bare)
    assert small.count("{") == bare.count("{")
    assert "/*" not in small
    assert "</" not in small


def test_a_static_file_at_the_address_of_its_content_is_kept_for_good(app: Flask) -> None:
    with app.test_request_context():
        address = app.url_for("static", filename="style.css")
    assert re.fullmatch(r"/static/style\.css\?v=[0-9a-f]{12}", address)
    with anonymous_client(app).get(address) as answer:
        assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"


@pytest.mark.parametrize("query", ["", "?v=", "?v=000000000000", "?v=None"])
def test_a_static_file_at_another_address_is_asked_for_each_time(query: str, app: Flask) -> None:
    with anonymous_client(app).get(f"/static/style.css{query}") as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"


def test_an_absent_static_file_is_not_kept(app: Flask) -> None:
    answer = anonymous_client(app).get("/static/none.css?v=None")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"
