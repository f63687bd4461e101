"""The frame of every page: headers, language, menu, forms with tokens, and what goes wrong said plainly."""

import re
from pathlib import Path

import pytest
from flask import Flask

from accessmgr.web.current import Product
from accessmgr.web.menu import checked_path
from tests.web.building import anonymous_client, built_app, demo_chain, post, product_of, signed_in_client

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "////evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https://evil.example",
    "http:evil.example",
    "https:/evil.example",
    "HTTPS://evil.example/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "evil.example",
    "evil.example/about",
    "./about",
    "../about",
    "?next=/about",
    "#about",
    "",
    " /about",
    "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/about\r\nLocation: https://evil.example",
    "/%09/evil.example",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "//evil.example/%2f..",
    "/@evil.example",
    "//user@evil.example",
    "/.evil.example",
    "/;@evil.example",
    "/〱evil.example",
    "/about\x00",
    "//127.0.0.1:8000@evil.example",
    "/no/such/page",
    "/sign-out",
    "/sign-in",
    "/sign-in/carry-on",
    "/" + "a" * 3000,
    "http://[::1",
    "//[",
]
"""Texts that are no page of ours to go on to."""


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application with the demo chain."""
    app = built_app(tmp_path)
    demo_chain(app)
    return app


@pytest.mark.parametrize("text", ELSEWHERE)
def test_a_next_that_leads_elsewhere_becomes_the_start_page(app: Flask, text: str) -> None:
    with app.test_request_context("/"):
        assert checked_path(text) == "/"


@pytest.mark.parametrize("text", ["/about", "/simulator/", "/history/me?day=2026-03-02", "/?a=b//c"])
def test_a_next_that_is_a_page_of_ours_is_kept(app: Flask, text: str) -> None:
    with app.test_request_context("/"):
        assert checked_path(text) == text


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/about", 200), ("/sign-in", 200), ("/simulator/", 200), ("/no/such/page", 404), ("/history/", 302)],
)
def test_every_answer_has_the_headers_that_protect_it(app: Flask, path: str, status: int) -> None:
    response = anonymous_client(app).get(path)
    headers = response.headers
    assert response.status_code == status
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "Cookie" in headers["Vary"]


def test_a_fault_of_ours_tells_nothing_of_itself_and_has_the_headers_too(app: Flask) -> None:
    def broken() -> str:
        raise RuntimeError("a secret detail")

    app.view_functions["start.about"] = broken
    response = anonymous_client(app).get("/about")
    page = response.get_data(as_text=True)
    assert response.status_code == 500
    assert "Something went wrong here" in page
    assert "secret detail" not in page
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_method_that_a_page_does_not_know_is_explained(app: Flask) -> None:
    response = signed_in_client(app, "nadia").get("/sign-out")
    assert response.status_code == 405
    assert "belongs to a form" in response.get_data(as_text=True)
    assert sorted(response.headers["Allow"].split(", ")) == ["OPTIONS", "POST"]


def test_too_large_a_form_is_explained(app: Flask) -> None:
    response = anonymous_client(app).post("/language", data={"language": "x" * 300_000})
    assert response.status_code == 413
    assert "More was sent than can be accepted" in response.get_data(as_text=True)


POSTS = [
    "/language",
    "/sign-out",
    "/sign-out/everywhere",
    "/sign-in/eid",
    "/sign-in/itsme",
    "/sign-in/itsme/phone",
    "/sign-in/app",
    "/sign-in/app/enrol",
    "/sign-in/sms",
    "/sign-in/sms/code",
    "/sign-in/eidas/de-eid",
    "/sign-in/eidas/de-eid/abroad",
    "/sign-in/passkey",
    "/me/passkeys/add",
    "/simulator/become",
    "/simulator/clock",
    "/simulator/death",
    "/simulator/register/1999000150/close",
    "/simulator/start-over",
    "/simulator/tour/begin",
    "/simulator/tour/close",
]


@pytest.mark.parametrize("path", POSTS)
def test_a_form_without_its_token_is_refused(app: Flask, path: str) -> None:
    response = signed_in_client(app, "nadia").post(path, data={"persona": "ines", "step": "1"})
    assert response.status_code == 400
    assert "Nothing was done" in response.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/", "/about", "/sign-in", "/sign-in/eid", "/sign-in/app", "/simulator/"])
def test_every_form_that_posts_holds_a_token(app: Flask, path: str) -> None:
    page = signed_in_client(app, "nadia").get(path).get_data(as_text=True)
    forms = re.findall(r'<form[^>]*method="post".*?</form>', page, re.DOTALL)
    assert len(forms) >= 3
    assert [form for form in forms if 'name="csrf_token"' not in form] == []


def test_every_signed_in_page_has_a_form_that_signs_out(app: Flask) -> None:
    client = signed_in_client(app, "nadia")
    for path in ("/", "/about", "/simulator/", "/no/such/page"):
        assert 'action="/sign-out"' in client.get(path).get_data(as_text=True)


def test_every_page_says_that_it_is_a_simulation_and_what_that_means(app: Flask) -> None:
    page = anonymous_client(app).get("/no/such/page").get_data(as_text=True)
    assert "fictional people and enterprises; not a government service" in page
    assert 'href="/about"' in page


@pytest.mark.parametrize(("asked", "given"), [("fr-BE,fr;q=0.9", "fr"), ("nl", "nl"), ("de-AT", "de"), ("ja", "en")])
def test_the_browser_chooses_the_language(app: Flask, asked: str, given: str) -> None:
    page = app.test_client().get("/about", headers={"Accept-Language": asked}).get_data(as_text=True)
    assert f'<html lang="{given}">' in page


def test_a_language_that_was_chosen_is_kept_and_leads_back_to_the_page(app: Flask) -> None:
    client = app.test_client()
    response = post(client, "/language", {"language": "nl", "next": "/about"})
    assert (response.status_code, response.location) == (303, "/about")
    page = client.get("/about", headers={"Accept-Language": "fr"}).get_data(as_text=True)
    assert '<html lang="nl">' in page


def test_a_language_that_nobody_translated_changes_nothing(app: Flask) -> None:
    client = app.test_client()
    response = post(client, "/language", {"language": "xx", "next": "//evil.example"})
    assert (response.status_code, response.location) == (303, "/")
    assert client.get_cookie("language") is None


def test_the_server_says_that_it_is_well(app: Flask) -> None:
    client = anonymous_client(app)
    assert client.get("/healthz").get_data(as_text=True) == "ok\n"
    assert client.get("/readyz").get_data(as_text=True) == "ready\n"


def test_without_its_database_the_server_is_alive_but_not_ready(app: Flask) -> None:
    lost(app)
    client = anonymous_client(app)
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_without_its_database_a_page_still_explains_the_fault(app: Flask) -> None:
    client = signed_in_client(app, "nadia")
    lost(app)
    response = client.get("/")
    assert response.status_code == 500
    assert "Something went wrong here" in response.get_data(as_text=True)


def lost(app: Flask) -> None:
    """Take the database away from under the application."""
    product: Product = product_of(app)
    engine = product.sessions.engine  # type: ignore[attr-defined]
    engine.dispose()
    Path(engine.url.database).write_bytes(b"this is no database, however long one looks at it" * 100)


def test_every_table_stands_in_what_scrolls_by_itself_on_a_narrow_screen() -> None:
    templates = (Path(__file__).parents[2] / "templates").rglob("*.html")
    tables = {path.name: text for path in templates if "<table" in (text := path.read_text(encoding="utf-8"))}
    assert len(tables) > 10
    assert [name for name, text in tables.items() if text.count("<table") > text.count('class="wide"')] == []
