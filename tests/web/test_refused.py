"""What a refused person is told: the rules, the facts, who can mend it; and a stronger key to carry on with."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from accessmgr.core.actions import Action, Ask
from accessmgr.core.days import Period
from accessmgr.core.model import Key
from accessmgr.usecases.perform import perform
from accessmgr.web.refusals import reasons
from accessmgr.web.sign_in_forms import pin_of
from tests.web.building import (
    NETJES,
    Chain,
    add_fact,
    advance,
    area_client,
    built_app,
    demo_chain,
    do,
    identity_of,
    in_area,
    post,
    product_of,
    signed_in_client,
    token_of,
)

V99901 = {"enterprise": NETJES, "right": "service_vouchers", "context": "V99901"}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application with an empty world."""
    return built_app(tmp_path)


@pytest.fixture
def chain(app: Flask) -> Chain:
    """The demo chain in it."""
    return demo_chain(app)


def entering(client: FlaskClient, **fields: str) -> tuple[int, str]:
    """Ask to enter the secure area: the status, and the page as its words alone."""
    response = post(in_area(client), "/secure-area/enter", {**V99901, **fields})
    return response.status_code, words(response.get_data(as_text=True))


def words(page: str) -> str:
    """The words of a page's content, without its frame and tags."""
    content = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", content).split())


def test_whoever_may_enter_is_not_refused(app: Flask, chain: Chain) -> None:
    assert entering(signed_in_client(app, chain.ines))[0] == 303


def test_a_right_that_was_revoked_is_told_with_the_moment_and_who_can_help(app: Flask, chain: Chain) -> None:
    advance(app, "2026-03-05T14:30")
    do(app, chain.nadia, Action.REVOKE_GRANT, grant=chain.grant)
    status, told = entering(signed_in_client(app, chain.ines))
    assert status == 403
    assert "This is not allowed" in told
    assert "ENTER-1" in told
    assert "It would be allowed if" in told
    assert "revoked on 5 March 2026, 14:30" in told
    assert "Ask a manager of the enterprise to grant the right for that context, or to extend it." in told
    assert "a manager who may grant this right" in told


def test_a_right_that_ended_is_told_with_its_last_day(app: Flask, chain: Chain) -> None:
    advance(app, "2027-03-02T09:00")
    status, told = entering(signed_in_client(app, chain.ines))
    assert status == 403
    assert "Right for V99901 from 2 March 2026 to 1 March 2027; over since 2 March 2027" in told


def test_a_work_relation_that_ended_is_told_with_its_last_day(app: Flask, chain: Chain) -> None:
    do(app, chain.nadia, Action.END_WORK_RELATION, relation=chain.relation, last_day=date(2026, 3, 10))
    advance(app, "2026-03-11T09:00")
    told = entering(signed_in_client(app, chain.ines))[1]
    assert "ENTER-2" in told
    assert "Work relation employee, from 2 March 2026 to 10 March 2026; over since 11 March 2026" in told


def test_a_recognition_that_is_suspended_is_told_with_since_when(app: Flask, chain: Chain) -> None:
    add_fact(app, "suspension", id="s", recognition="V99901", first=date(2026, 2, 1), last=None)
    told = entering(signed_in_client(app, chain.ines))[1]
    assert "ENTER-4" in told
    assert "suspended from 1 February 2026, without end" in told


def test_an_outsider_is_told_how_one_gets_it_and_nothing_of_the_enterprise(app: Flask, chain: Chain) -> None:
    add_fact(app, "suspension", id="s", recognition="V99901", first=date(2026, 2, 1), last=None)
    status, told = entering(signed_in_client(app, chain.noah))
    assert status == 403
    assert "You have no tie to this enterprise" in told
    assert re.findall(r"[A-Z]+-\d+", told) == ["ENTER-1"]
    assert "suspended" not in told
    assert "Work relation" not in told
    assert "2017" not in told


def test_a_rule_is_linked_and_no_id_of_a_person_or_thing_is_shown(app: Flask, chain: Chain) -> None:
    do(app, chain.nadia, Action.REVOKE_GRANT, grant=chain.grant)
    response = post(area_client(app, chain.ines), "/secure-area/enter", V99901)
    page = response.get_data(as_text=True)
    assert 'href="/rules/ENTER-1"' in page
    assert chain.grant not in page
    assert chain.relation not in page


@pytest.mark.parametrize(
    ("action", "given", "rule", "told"),
    [
        (Action.APPOINT_CO_MAIN_ACCESS_MANAGER, {}, "APPOINT-5", ("Your roles in this enterprise", "none")),
        (
            Action.APPOINT_MAIN_ACCESS_MANAGER,
            {"replaces": True},
            "APPOINT-1",
            ("Your functions in the register", "none"),
        ),
        (
            Action.LINK_PERSON,
            {"period": Period(date(2026, 3, 2), None)},
            "LINK-1",
            ("Your roles in this enterprise", "none"),
        ),
    ],
)
def test_a_permit_that_does_not_hold_rests_on_roles_and_functions(
    app: Flask, chain: Chain, action: Action, given: dict[str, Any], rule: str, told: tuple[str, str]
) -> None:
    assert told in rows_of(app, chain.ines, action, rule, identity=identity_of("karel"), enterprise=NETJES, **given)


def test_a_grant_that_is_too_long_is_told_with_the_longest_period(app: Flask, chain: Chain) -> None:
    rows = rows_of(
        app,
        chain.nadia,
        Action.GRANT_RIGHT,
        "GRANT-8",
        enterprise=NETJES,
        person=chain.ines,
        right="service_vouchers",
        contexts=("V99902",),
        period=Period(date(2026, 3, 2), date(2036, 3, 2)),
    )
    assert ("Longest period of this right", "1826 days") in rows
    assert ("Period asked for", "from 2 March 2026 to 2 March 2036") in rows


def rows_of(app: Flask, actor: str, action: Action, rule: str, *, identity: Any = None, **given: Any) -> Any:
    """The rows that a refusal shows for one rule, in English."""
    done = perform(product_of(app).world, Ask(action=action, actor=actor, level=500, **given), identity=identity)
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        return next(reason.rows for reason in reasons(done) if reason.rule == rule)


def test_a_key_that_is_too_weak_leads_to_a_stronger_one_and_on(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, chain.ines, Key.SMS)
    status, told = entering(client)
    assert status == 403
    assert "KEY-3" in told
    assert "Level of the key used 350 Level that the right asks for 400" in told
    assert "A stronger digital key is needed" in told

    fields = {"person": chain.ines, "pin": pin_of(chain.ines), "step_up": "1", "next": "/"}
    signed_in = post(client, "/sign-in/eid", fields)
    assert signed_in.location == "/sign-in/carry-on"

    page = client.get("/sign-in/carry-on").get_data(as_text=True).partition("<main")[2]
    path = re.search(r'<form method="post" action="([^"]*)"', page)
    sent = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page))
    assert path is not None
    assert {name: sent[name] for name in V99901} == V99901
    assert client.post(path[1], data={**sent, "csrf_token": token_of(page)}).status_code == 303


def test_only_stronger_keys_are_offered_to_carry_on_with(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, chain.ines, Key.APP)
    page = client.get("/sign-in?step_up=1&next=/about").get_data(as_text=True)
    assert re.findall(r'href="/sign-in/([^?"]*)\?', page) == ["eid", "itsme", "code/eidas_high"]


def test_what_waits_is_not_for_somebody_else_who_signs_in(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, chain.ines, Key.SMS)
    entering(client)
    fields = {"person": chain.nadia, "pin": pin_of(chain.nadia), "step_up": "1", "next": "/"}
    assert post(client, "/sign-in/eid", fields).location == "/"
    assert "Nothing waits to be sent" in client.get("/sign-in/carry-on").get_data(as_text=True)


def test_what_waits_is_shown_once(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, chain.ines, Key.SMS)
    entering(client)
    assert "Send it now" in client.get("/sign-in/carry-on").get_data(as_text=True)
    assert "Nothing waits to be sent" in client.get("/sign-in/carry-on").get_data(as_text=True)
