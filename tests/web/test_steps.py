"""Jobs in steps: back and forth without loss, kept while one goes, changed from the check, and done once."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from accessmgr.core.model import Key
from accessmgr.store.sessions import draft_t
from accessmgr.store.tables import db
from tests.web.building import (
    NETJES,
    PEOPLE,
    Chain,
    anonymous_client,
    built_app,
    demo_chain,
    post,
    signed_in_client,
)

GRANT = f"/users/{NETJES}/people/ines/grant"
ADD = f"/users/{NETJES}/people/add"
APPOINT = f"/managers/{NETJES}/appoint/co_main_access_manager"
ASK = "/users/requests/new"
DAYS = {"first": "2026-03-02", "last": "2026-12-31"}
NOAH = {"number": PEOPLE["noah"][2], "given": "Noah", "family": "Peeters"}
REACH = {"email": "noah@example.be", "phone": "+32 2 555 01 23"}

JOBS: dict[str, tuple[str, str, list[tuple[str, dict[str, Any]]]]] = {
    "appoint": ("nadia", APPOINT, [("who", NOAH), ("reach", REACH), ("employee", {"employee": "yes"})]),
    "link": ("nadia", ADD, [("who", NOAH), ("work", {"user_type": "employee", **DAYS})]),
    "grant": (
        "nadia",
        GRANT,
        [("right", {"right": "service_vouchers"}), ("contexts", {"contexts": "V99902"}), ("days", DAYS)],
    ),
    "request": (
        "noah",
        ASK,
        [
            ("which", {"ec": "service_vouchers", "oc": NETJES}),
            ("contexts", {"contexts": "V99902"}),
            ("reason", {"reason": "For my work."}),
        ],
    ),
}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return built_app(tmp_path)


@pytest.fixture
def chain(app: Flask) -> Chain:
    return demo_chain(app)


def words(page: Any) -> str:
    """What the main part of a page says, without its markup."""
    main = page.get_data(as_text=True).partition('<main id="content"')[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


@pytest.mark.parametrize("job", JOBS)
def test_a_job_goes_step_by_step_to_its_check_and_its_receipt_and_is_done_once(
    app: Flask, chain: Chain, job: str
) -> None:
    who, path, steps = JOBS[job]
    client, here = signed_in_client(app, who), path
    assert post(client, path).status_code == 422
    for place, (_name, fields) in enumerate(steps):
        assert f"step {place + 1} of {len(steps) + 1}" in words(client.get(here))
        here = post(client, here, fields).location
    draft = here.removeprefix(f"{path}/")
    check = client.get(here)

    assert "/" not in draft
    assert "Check your answers" in words(check)
    assert re.findall(rf'href="{path}/{draft}/(\w+)"[^>]*>Edit', check.text) != []
    assert PEOPLE["noah"][2] not in check.text
    assert [post(client, here).status_code for _ in range(2)] == [303, 409]
    assert client.get(here).status_code == 409


@pytest.mark.parametrize("job", JOBS)
def test_what_was_typed_waits_after_signing_out_for_its_person_alone(app: Flask, chain: Chain, job: str) -> None:
    who, path, steps = JOBS[job]
    client = signed_in_client(app, who)
    second = post(client, path, steps[0][1]).location
    post(client, "/sign-out")
    again = signed_in_client(app, who)
    start = again.get("/").text
    go_on = re.search(rf'href="({path}/[\w-]+)"', start)
    assert go_on is not None
    resumed = again.get(go_on[1])
    others = {
        other: signed_in_client(app, other).get(second).status_code
        for other in ("hilde", "noah", "nadia")
        if other != who
    }

    assert "Not finished" in start
    assert PEOPLE["noah"][2] not in start
    assert (resumed.status_code, resumed.location) == (303, second)
    assert f"step 2 of {len(steps) + 1}" in words(again.get(second))
    assert set(others.values()) <= {404, 409}
    assert post(anonymous_client(app), second).status_code == 302


def test_back_keeps_what_was_typed_right_or_wrong(app: Flask, chain: Chain) -> None:
    nadia = signed_in_client(app, "nadia")
    reach = post(nadia, APPOINT, NOAH).location
    back = post(nadia, reach, {"email": "not finis", "back": "1"}).location
    who = nadia.get(back)

    assert back == reach.replace("/reach", "/who")
    assert 'value="Peeters"' in who.text
    assert PEOPLE["noah"][2] not in who.text
    assert "••.••.••-•••.61 is kept. Leave this empty to keep it." in words(who)
    assert post(nadia, back, {**NOAH, "number": ""}).location == reach
    assert 'value="not finis"' in nadia.get(reach).text


def test_another_right_asks_again_for_what_no_longer_fits(app: Flask, chain: Chain) -> None:
    nadia = signed_in_client(app, "nadia")
    check = post(nadia, f"{GRANT}?right=service_vouchers", {"contexts": "V99902", **DAYS}).location
    changed = post(nadia, f"{check}/right", {"right": "energy_audit"})

    assert changed.location == check
    assert nadia.get(check).location == f"{check}/contexts"
    assert "V99902" not in words(nadia.get(f"{check}/contexts"))
    assert (post(nadia, check).location, post(nadia, check).status_code) == (f"{check}/contexts", 303)
    assert post(nadia, f"{check}/contexts", {"contexts": "8999000103"}).location == check


def test_a_job_that_is_thrown_away_is_gone(app: Flask, chain: Chain) -> None:
    nadia = signed_in_client(app, "nadia")
    step = post(nadia, GRANT, {"right": "service_vouchers"}).location
    page = nadia.get(f"/users/{NETJES}/people/ines").text
    throw_away = re.search(r'action="(/me/unfinished/[\w-]+/throw-away)"', page)
    assert throw_away is not None

    assert "You were granting a right to Inès Dubois, in Netjes Thuis." in page
    assert post(signed_in_client(app, "hilde"), throw_away[1]).status_code == 303
    assert nadia.get(step).status_code == 200
    assert post(nadia, throw_away[1]).status_code == 303
    assert nadia.get(step).status_code == 409
    assert "Not finished" not in nadia.get("/").text


def test_it_waits_seven_days_and_no_longer(app: Flask, chain: Chain) -> None:
    nadia = signed_in_client(app, "nadia")
    step = post(nadia, GRANT, {"right": "service_vouchers"}).location

    older(app, timedelta(days=6, hours=23))
    assert nadia.get(step).status_code == 200
    older(app, timedelta(hours=2))
    assert nadia.get(step).status_code == 409
    assert "Not finished" not in nadia.get("/").text


def test_what_is_searched_for_is_not_listed_as_unfinished(app: Flask, chain: Chain) -> None:
    nadia = signed_in_client(app, "nadia")
    assert post(nadia, f"/users/{NETJES}/search", {"text": "Dubois"}).status_code == 303
    assert "Not finished" not in nadia.get("/").text


def test_a_weak_key_stops_the_last_step_and_a_stronger_one_goes_on_with_it(app: Flask, chain: Chain) -> None:
    weak, strong = signed_in_client(app, "nadia", Key.APP), signed_in_client(app, "nadia", Key.ITSME)
    check = post(weak, APPOINT, {**NOAH, **REACH, "employee": "yes"}).location
    refused = post(weak, check)

    assert (refused.status_code, "KEY-1" in refused.text) == (403, True)
    assert "You were offering a role in Netjes Thuis: co-main access manager." in strong.get("/").text
    assert "You offered a role" in words(strong.get(post(strong, check).location))
    assert "Not finished" not in strong.get("/").text


def test_a_form_that_answers_several_steps_is_taken_at_its_word_until_the_first_mistake(
    app: Flask, chain: Chain
) -> None:
    nadia = signed_in_client(app, "nadia")
    wrong = post(nadia, APPOINT, {**NOAH, **REACH, "email": "nobody"})

    assert (wrong.status_code, "Write an e-mail address" in wrong.text) == (422, True)
    assert "step 2 of 4" in words(wrong)
    assert post(nadia, APPOINT, {**NOAH, **REACH}).location.endswith("/employee")


def older(app: Flask, by: timedelta) -> None:
    """Let drafts have waited longer than they have."""
    with app.app_context(), db.engine.connect().execution_options(writing=True) as connection, connection.begin():
        for id_, moment in connection.execute(db.select(draft_t.c.id, draft_t.c.until)).all():
            connection.execute(update(draft_t).where(draft_t.c.id == id_).values(until=moment - by))
