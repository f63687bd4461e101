"""The simulator: being a persona, the clock, and what is pushed into the register."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from accessmgr.core.actions import Action, Ask
from accessmgr.core.days import moment
from accessmgr.usecases.perform import consider
from tests.web.building import NETJES, Chain, anonymous_client, built_app, demo_chain, post, product_of


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application with an empty world."""
    return built_app(tmp_path)


@pytest.fixture
def chain(app: Flask) -> Chain:
    """The demo chain in it."""
    return demo_chain(app)


def last_entry(app: Flask) -> dict[str, object]:
    """The newest entry of the history."""
    with product_of(app).world.store.reading() as seen:
        entry: dict[str, object] = json.loads(seen.lists.entries(limit=1)[0].leaf)
    return entry


def asked(app: Flask, action: Action, actor: str, **given: Any) -> tuple[bool, tuple[str, ...]]:
    """What the rules say now: whether it is allowed, and because of which."""
    ask = Ask(action=action, actor=actor, level=500, enterprise=NETJES, **given)
    decision = consider(product_of(app).world, ask).decision
    return decision.allowed, decision.because


def entering(app: Flask) -> tuple[bool, tuple[str, ...]]:
    """Whether Inès may enter now, and why."""
    return asked(app, Action.ENTER_SECURE_AREA, "ines", right="service_vouchers", contexts=("V99901",))


def appointing(app: Flask, actor: str) -> tuple[bool, tuple[str, ...]]:
    """Whether somebody may replace the main access manager now, and why."""
    return asked(app, Action.APPOINT_MAIN_ACCESS_MANAGER, actor, person="noah", employee=True, replaces=True)


def change(app: Flask, name: str, **fields: str) -> int:
    """Push a change into the register on its page."""
    sent = {f"{name}-{field}": value for field, value in fields.items()}
    return int(post(anonymous_client(app), f"/simulator/register/{NETJES}/{name}", sent).status_code)


def test_there_is_one_button_for_each_persona_beside_the_full_name(app: Flask, chain: Chain) -> None:
    page = anonymous_client(app).get("/simulator/").get_data(as_text=True)
    cards = re.findall(r'<li class="card persona">(.*?)</li>', page, re.DOTALL)
    names = [re.findall(r"<h3>([^<]*)</h3>", card) for card in cards]
    assert [name for [name] in names] == [
        "Hilde Vermeulen",
        "Karel De Smedt",
        "Nadia El Amrani",
        "Inès Dubois",
        "Noah Peeters",
        "Mila Desmet",
    ]
    assert [card.count("<button") for card in cards] == [1] * 6


def test_pressing_the_button_signs_in_with_the_usual_key(app: Flask, chain: Chain) -> None:
    client = anonymous_client(app)
    response = post(client, "/simulator/become", {"persona": "hilde"})
    assert (response.status_code, response.location) == (303, "/")
    page = client.get("/").get_data(as_text=True)
    assert "Welcome, Hilde Vermeulen" in page
    assert "with eID, level 500" in page
    assert last_entry(app)["type"] == "person.signed_in"


def test_a_persona_that_is_not_there_cannot_be_pressed(app: Flask, chain: Chain) -> None:
    assert post(anonymous_client(app), "/simulator/become", {"persona": "nobody"}).status_code == 404


def test_a_persona_who_died_is_refused_by_the_rules(app: Flask, chain: Chain) -> None:
    post(anonymous_client(app), "/simulator/death", {"death-person": "hilde", "death-day": "2026-03-01"})
    response = post(anonymous_client(app), "/simulator/become", {"persona": "hilde"})
    assert response.status_code == 403
    assert "/rules/SIGNIN-2" in response.get_data(as_text=True)


def test_the_clock_takes_steps_of_days(app: Flask, chain: Chain) -> None:
    before = product_of(app).world.clock.now()
    post(anonymous_client(app), "/simulator/clock", {"step": "30"})
    assert 30 <= (product_of(app).world.clock.now() - before).total_seconds() / 86400 < 30.1
    assert last_entry(app)["type"] == "clock.advanced"


def test_the_clock_is_set_to_a_day_and_time_in_brussels(app: Flask, chain: Chain) -> None:
    response = post(anonymous_client(app), "/simulator/clock", {"day": "2026-05-01", "time": "10:00"})
    assert response.status_code == 303
    now = product_of(app).world.clock.now()
    assert moment("2026-05-01T10:00") <= now < moment("2026-05-01T10:05")


@pytest.mark.parametrize(
    ("day", "time", "told"),
    [
        ("2026-03-01", "09:00", "Choose a moment after the one that the clock shows"),
        ("2036-04-01", "09:00", "at most ten years ahead"),
        ("2026-03-29", "02:30", "was set forward over that time"),
        ("2026-05-01", "nine", "Write the time as hours and minutes, such as 14:30."),
        ("2026-02-30", "09:00", "Choose a day that exists"),
        ("", "09:00", "Choose a day."),
    ],
)
def test_a_time_that_the_clock_cannot_be_set_to_is_explained(
    app: Flask, chain: Chain, day: str, time: str, told: str
) -> None:
    response = post(anonymous_client(app), "/simulator/clock", {"day": day, "time": time})
    assert response.status_code == 422
    assert told in response.get_data(as_text=True)
    assert product_of(app).world.clock.now() < moment("2026-03-02T09:05")


def test_a_right_ends_when_the_clock_has_passed_its_last_day(app: Flask, chain: Chain) -> None:
    post(anonymous_client(app), "/simulator/clock", {"day": "2027-03-01", "time": "23:50"})
    assert entering(app) == (True, ("ENTER-1",))
    post(anonymous_client(app), "/simulator/clock", {"step": "1"})
    assert entering(app) == (False, ("ENTER-1",))


def test_a_function_that_ends_takes_the_representation_with_it(app: Flask, chain: Chain) -> None:
    assert change(app, "end-function", function="director:karel", day="2026-03-02") == 303
    assert appointing(app, "karel") == (True, ("APPOINT-1",))
    post(anonymous_client(app), "/simulator/clock", {"step": "1"})
    assert appointing(app, "karel") == (False, ("APPOINT-1",))
    assert appointing(app, "hilde") == (True, ("APPOINT-1",))


def test_a_trustee_who_begins_displaces_the_directors(app: Flask, chain: Chain) -> None:
    assert change(app, "start-function", function="trustee", person="noah", day="2026-03-02") == 303
    assert appointing(app, "hilde") == (False, ("APPOINT-1",))


def test_a_recognition_that_is_suspended_or_ended_closes_the_area(app: Flask, chain: Chain) -> None:
    assert change(app, "suspend-recognition", recognition="V99901", day="2026-03-02", last_day="2026-03-03") == 303
    assert entering(app) == (False, ("ENTER-4",))
    post(anonymous_client(app), "/simulator/clock", {"day": "2026-03-04", "time": "09:00"})
    assert entering(app) == (True, ("ENTER-1",))
    assert change(app, "end-recognition", recognition="V99901", day="2026-03-04") == 303
    post(anonymous_client(app), "/simulator/clock", {"step": "1"})
    assert entering(app) == (False, ("ENTER-4",))


def test_a_closed_enterprise_and_a_silent_register_stop_what_gives(app: Flask, chain: Chain) -> None:
    assert change(app, "no-answer") == 303
    assert entering(app) == (False, ("REG-2",))
    assert change(app, "answer") == 303
    assert entering(app) == (True, ("ENTER-1",))
    assert change(app, "close", day="2026-03-02") == 303
    post(anonymous_client(app), "/simulator/clock", {"step": "1"})
    assert entering(app) == (False, ("REG-1",))


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("end-function", {"function": "director:nobody", "day": "2026-03-02"}),
        ("end-function", {"function": "director:karel", "day": "2026-02-30"}),
        ("suspend-recognition", {"recognition": "V99901", "day": "2026-03-02", "last_day": "2026-03-01"}),
        ("suspend-recognition", {"recognition": "V99999", "day": "2026-03-02"}),
        ("close", {"day": ""}),
    ],
)
def test_a_change_that_makes_no_sense_is_not_pushed(
    app: Flask, chain: Chain, name: str, fields: dict[str, str]
) -> None:
    before = last_entry(app)
    assert change(app, name, **fields) == 422
    assert last_entry(app) == before


def test_a_function_that_nobody_held_on_that_day_is_told(app: Flask, chain: Chain) -> None:
    before = last_entry(app)
    assert change(app, "end-function", function="director:karel", day="2010-01-01") == 303
    assert last_entry(app) == before


def test_a_change_or_an_enterprise_that_does_not_exist_is_not_found(app: Flask, chain: Chain) -> None:
    client = anonymous_client(app)
    assert client.get("/simulator/register/1999000249").status_code == 404
    assert client.get("/simulator/register/1999000151").status_code == 404
    assert post(client, f"/simulator/register/{NETJES}/vanish").status_code == 404
