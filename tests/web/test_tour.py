"""The tour, played as a whole in the demo world: the world shows what is done; and the bar that leads back."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.model import UserType
from accessmgr.core.rules import RULES
from accessmgr.usecases.perform import Refused
from accessmgr.web.tour_story import CHAPTERS, ENTERPRISE
from tests.api.demo import a_demo
from tests.browser import Pages
from tests.live import served
from tests.web.building import anonymous_client, built_app, do, followed, identity_of, post, product_of
from tests.web.story import Walk
from tests.web.tour_walk import play

TODAY = date(2026, 3, 2)


def ids(app: Flask) -> dict[str, str]:
    """The ids of the people of the demo world."""
    with product_of(app).world.store.reading() as seen:
        return seen.lists.personas()


def appoint(app: Flask) -> None:
    """Sophie offers Nadia the role."""
    do(
        app,
        ids(app)["sophie"],
        Action.APPOINT_MAIN_ACCESS_MANAGER,
        enterprise=ENTERPRISE,
        employee=True,
        identity=identity_of("nadia"),
    )


def accept(app: Flask) -> None:
    """Nadia accepts."""
    with product_of(app).world.store.reading() as seen:
        [offer] = seen.lists.appointments(enterprise=ENTERPRISE)
    do(app, ids(app)["nadia"], Action.ACCEPT_APPOINTMENT, appointment=offer.id)


def link(app: Flask) -> None:
    """Nadia links Inès."""
    do(
        app,
        ids(app)["nadia"],
        Action.LINK_PERSON,
        enterprise=ENTERPRISE,
        user_type=UserType.EMPLOYEE,
        period=Period(TODAY, None),
        identity=identity_of("ines"),
    )


def grant(app: Flask) -> None:
    """Nadia gives Inès the right."""
    do(
        app,
        ids(app)["nadia"],
        Action.GRANT_RIGHT,
        enterprise=ENTERPRISE,
        person=ids(app)["ines"],
        right="service_vouchers",
        contexts=("V99903",),
        period=Period(TODAY, date(2026, 12, 31)),
    )


def enter(app: Flask) -> None:
    """Inès enters."""
    do(
        app,
        ids(app)["ines"],
        Action.ENTER_SECURE_AREA,
        enterprise=ENTERPRISE,
        right="service_vouchers",
        contexts=("V99903",),
    )


def suspend(app: Flask) -> None:
    """The register suspends the recognition."""
    fields = {"suspend-recognition-recognition": "V99903", "suspend-recognition-day": "2026-03-02"}
    answer = post(anonymous_client(app), f"/simulator/register/{ENTERPRISE}/suspend-recognition", fields)
    assert answer.status_code == 303


def be_refused(app: Flask) -> None:
    """Inès tries again."""
    with pytest.raises(Refused) as refusal:
        enter(app)
    assert refusal.value.done.decision.because == ("ENTER-3", "ENTER-4")


def audit(app: Flask) -> None:
    """Mila reads the history for a purpose."""
    do(app, ids(app)["mila"], Action.READ_HISTORY, enterprise=ENTERPRISE, purpose=True)


def nothing(_app: Flask) -> None:
    """To be the person is enough."""


DEEDS: tuple[Callable[[Flask], None], ...] = (
    nothing,
    appoint,
    accept,
    link,
    grant,
    enter,
    suspend,
    be_refused,
    audit,
)
"""What is done in each chapter."""


def shown(client: FlaskClient, path: str) -> str:
    """The page at a path."""
    answer = followed(client, client.get(path))
    assert answer.status_code == 200, f"{path} answers {answer.status_code}"
    return unescape(answer.text)


def go_there(client: FlaskClient, page: str) -> str:
    """Press the button of a chapter, or follow its link, and give the path of the page reached."""
    become = re.search(r'name="persona" value="(\w+)"><input type="hidden" name="next" value="([^"]+)"', page)
    if become is None:
        [path] = re.findall(r'<a class="button" href="([^"]+)"', page)
        return str(path)
    answer = post(client, "/simulator/become", {"persona": become[1], "next": become[2]})
    assert answer.status_code == 303
    return str(answer.location)


def test_the_tour_can_be_played_from_the_first_chapter_to_the_last(tmp_path: Path) -> None:
    app = a_demo(tmp_path).app
    client = anonymous_client(app)
    assert post(client, "/simulator/tour/begin").location == "/simulator/tour/1"
    for number, (chapter, deed) in enumerate(zip(CHAPTERS, DEEDS, strict=True), 1):
        page = shown(client, f"/simulator/tour/{number}")
        assert "not done yet" in page
        path = go_there(client, page)
        assert path == chapter.path
        assert f"Tour: {max(number - 1, 1)} of 9 done" in shown(client, path)
        deed(app)
        assert "not done yet" not in shown(client, f"/simulator/tour/{number}")
        assert f"Tour: {number} of 9 done" in shown(client, "/about")
    assert "You played it all" in shown(client, "/simulator/tour/9")
    assert "9 chapters of 9 are done" in shown(client, "/simulator/tour/")


def test_a_chapter_done_out_of_its_order_does_not_count(tmp_path: Path) -> None:
    app = a_demo(tmp_path).app
    audit(app)
    appoint(app)
    page = shown(anonymous_client(app), "/simulator/tour/")
    assert "2 chapters of 9 are done" in page
    assert "The next one to play is" in shown(anonymous_client(app), "/simulator/tour/9")


def test_the_bar_is_there_from_the_beginning_of_the_tour_until_it_is_closed(tmp_path: Path) -> None:
    app = a_demo(tmp_path).app
    client = anonymous_client(app)
    assert "Tour: 0 of 9 done" not in shown(client, "/rules/")
    post(client, "/simulator/tour/begin")
    assert "Tour: 0 of 9 done" in shown(client, "/rules/")
    assert "Next: The register says who may begin" in shown(client, "/rules/")
    post(client, "/simulator/tour/close")
    assert "Tour: 0 of 9 done" not in shown(client, "/rules/")


def test_the_bar_says_whom_a_form_asks_for_and_only_while_it_does(tmp_path: Path) -> None:
    app = a_demo(tmp_path).app
    client = anonymous_client(app)
    post(client, "/simulator/tour/begin")
    assert "85.06.11-000.42" not in shown(client, "/rules/")
    post(client, "/simulator/become", {"persona": "sophie"})
    assert "To fill in: 85.06.11-000.42, Nadia, El Amrani" in shown(client, "/rules/")
    appoint(app)
    assert "85.06.11-000.42" not in shown(client, "/rules/")


def test_the_language_in_which_the_tour_begins_stays_whoever_one_is(tmp_path: Path) -> None:
    app = a_demo(tmp_path).app
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/about").text)
    assert token is not None
    headers = {"Accept-Language": "de"}
    client.post("/simulator/tour/begin", data={"csrf_token": token[1]}, headers=headers)
    post(client, "/simulator/become", {"persona": "sophie"})
    assert '<html lang="de">' in client.get("/").text


def test_a_person_cannot_be_sent_to_another_site(tmp_path: Path) -> None:
    app = a_demo(tmp_path).app
    client = anonymous_client(app)
    answer = post(client, "/simulator/become", {"persona": "sophie", "next": "https://example.com/"})
    assert answer.location == "/"


def test_the_demo_world_starts_over_when_asked_for_sure(tmp_path: Path) -> None:
    app = a_demo(tmp_path).app
    client = anonymous_client(app)
    appoint(app)
    assert post(client, "/simulator/start-over").status_code == 404
    assert "2 chapters of 9 are done" in shown(client, "/simulator/tour/")
    assert post(client, "/simulator/start-over", {"sure": "yes"}).status_code == 303
    assert "0 chapters of 9 are done" in shown(client, "/simulator/tour/")


def test_there_is_no_tour_without_the_demo_world_nor_outside_simulation(tmp_path: Path) -> None:
    client = anonymous_client(built_app(tmp_path))
    assert "is not in this database" in shown(client, "/simulator/tour/")
    assert client.get("/simulator/tour/1").status_code == 404


def test_every_rule_that_a_chapter_names_is_in_the_catalogue() -> None:
    named = {rule for chapter in CHAPTERS for notice in chapter.notices for rule in notice.rules}
    assert len(named) >= 10
    assert named <= RULES.keys()


def test_the_tour_can_be_played_on_a_phone_without_javascript(tmp_path: Path, new_page: Pages) -> None:
    page = new_page(javascript=False, locale="en-GB")
    page.set_viewport_size({"width": 390, "height": 800})
    with served(tmp_path / "instance") as base:
        walk = Walk(page, base)
        play(walk)
        walk.go("/simulator/tour/")
        assert "9 chapters of 9 are done" in page.inner_text("main")
        assert page.locator(".tour-chapters .tag.ok").count() == 9
