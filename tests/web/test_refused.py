"""What a refused person is told: the rules, the facts, who can mend it; and a stronger key to carry on with."""

import html
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from accessmgr.calls.mending import starts
from accessmgr.core.actions import Action, Ask
from accessmgr.core.days import Period
from accessmgr.core.model import Key, UserType
from accessmgr.usecases.perform import perform
from accessmgr.web.refusals import LABELS, reasons
from accessmgr.web.sign_in_forms import pin_of
from tests.builders import ENTERPRISE
from tests.calls.test_answers import refusals
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


def test_a_form_that_was_refused_leads_back_to_what_was_typed(app: Flask, chain: Chain) -> None:
    nadia, form = signed_in_client(app, chain.nadia), f"/users/{NETJES}/people/{chain.ines}/grant"
    wish = {"contexts": "V99902", "first": "2026-03-02", "last": "2036-12-31"}
    check = post(nadia, f"{form}?right=service_vouchers", wish).location
    refused = post(nadia, check)
    back = re.findall(r'href="([^"]+)">Back to your answers', refused.get_data(as_text=True))
    answers = nadia.get(back[0])

    assert (refused.status_code, back, answers.status_code) == (403, [check], 200)
    assert "31 December 2036" in words(answers.get_data(as_text=True))


def test_what_was_refused_without_answers_to_check_leads_back_to_none(app: Flask, chain: Chain) -> None:
    status, told = entering(signed_in_client(app, chain.hilde))
    assert status == 403
    assert "Back to your answers" not in told


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
    assert re.findall(r'href="/sign-in/([^?"]*)\?', page) == ["eid", "itsme", "eidas"]


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


def buttons(page: str) -> dict[str, str]:
    """The buttons of a page that lead on: what they say, and where they lead."""
    found = re.findall(r'<a class="button" href="([^"]*)">([^<]*)</a>', page.partition("<main")[2])
    return {label: html.unescape(address) for address, label in found}


def refused_page(client: FlaskClient, **fields: str) -> str:
    """The page of a refused entry."""
    page: str = post(in_area(client), "/secure-area/enter", {**V99901, **fields}).get_data(as_text=True)
    return page


def ticked(form: str) -> list[str]:
    """The values of the boxes that are ticked."""
    boxes = [box for box in re.findall(r"<input[^>]*>", form) if 'type="checkbox"' in box and " checked" in box]
    return [value for box in boxes for value in re.findall(r'value="([^"]*)"', box)]


def test_a_revoked_right_is_told_since_when_and_leads_to_a_request_that_is_filled_in(app: Flask, chain: Chain) -> None:
    advance(app, "2026-03-05T14:30")
    do(app, chain.nadia, Action.REVOKE_GRANT, grant=chain.grant)
    client = signed_in_client(app, chain.ines)
    page = refused_page(client)
    assert "This has no longer been so since 5 March 2026, 14:30." in words(page)
    assert "Who could do this: a manager who may grant this right (Nadia El Amrani)." in words(page)
    assert buttons(page) == {
        "Request this right": "/users/requests/new?dg=EA&ec=service_vouchers&ctx=V99901&oc=1999000150"
    }
    form = client.get(buttons(page)["Request this right"]).get_data(as_text=True)
    assert ticked(form) == ["V99901"]


def test_a_page_of_the_area_that_closes_tells_since_when_and_leads_on(app: Flask, chain: Chain) -> None:
    client = area_client(app, chain.ines)
    page = f"/secure-area/{NETJES}/service_vouchers/V99901/"
    assert client.get(page).status_code == 200
    do(app, chain.nadia, Action.END_WORK_RELATION, relation=chain.relation, last_day=date(2026, 3, 10))
    advance(app, "2026-03-11T09:00")
    closed = client.get(page)
    assert closed.status_code == 403
    told = words(closed.get_data(as_text=True))
    assert "It has been so since 11 March 2026." in told
    assert "Who could do this: a user manager of the enterprise (Nadia El Amrani)." in told


def test_whoever_manages_rights_is_led_to_grant_it_themself(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, chain.nadia)
    assert set(buttons(refused_page(client))) == {"Link the person to the enterprise"}
    day = date(2026, 3, 2)
    linking: dict[str, Any] = {"enterprise": NETJES, "period": Period(day, None), "user_type": UserType.EMPLOYEE}
    do(app, chain.nadia, Action.LINK_PERSON, identity=identity_of("nadia"), **linking)
    found = buttons(refused_page(client))
    assert set(found) == {"Request this right", "Grant the right"}
    form = client.get(found["Grant the right"]).get_data(as_text=True)
    assert ticked(form) == ["V99901"]


def test_a_person_who_is_no_longer_linked_is_linked_again_with_names_filled_in(app: Flask, chain: Chain) -> None:
    form = signed_in_client(app, chain.nadia).get(f"/users/{NETJES}/people/add?person=ines").get_data(as_text=True)
    assert re.findall(r'name="(given|family)"[^>]*value="([^"]*)"', form) == [("given", "Inès"), ("family", "Dubois")]
    assert re.findall(r'name="number"[^>]*value="([^"]*)"', form) == [""]


def test_the_names_of_somebody_without_a_tie_are_filled_in_nowhere(app: Flask, chain: Chain) -> None:
    form = signed_in_client(app, chain.nadia).get(f"/users/{NETJES}/people/add?person=noah").get_data(as_text=True)
    assert re.findall(r'name="(?:given|family)"[^>]*value="([^"]*)"', form) == ["", ""]


def test_an_outsider_is_led_to_a_request_and_told_no_names(app: Flask, chain: Chain) -> None:
    page = refused_page(signed_in_client(app, chain.noah))
    assert buttons(page) == {"Request this right": "/users/requests/new?ec=service_vouchers&oc=1999000150"}
    assert "Who could do this: a manager who may grant this right." in words(page)
    assert "Amrani" not in words(page)
    assert "so since" not in words(page)


def test_whoever_was_offered_a_role_is_led_to_the_offer(app: Flask, chain: Chain) -> None:
    offered = do(
        app,
        chain.nadia,
        Action.APPOINT_CO_MAIN_ACCESS_MANAGER,
        enterprise=NETJES,
        employee=True,
        identity=identity_of("ines"),
    )
    told = ways_of(app, chain.ines, Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR, "CLAIM-1", enterprise=NETJES)
    assert told == [("Answer the offer", f"/managers/offers/{offered.events[-1].row.id}")]
    assert ways_of(app, chain.karel, Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR, "CLAIM-1", enterprise=NETJES) == []


def test_nobody_is_led_to_a_form_that_is_not_for_them(app: Flask, chain: Chain) -> None:
    wish = {
        "enterprise": NETJES,
        "person": chain.ines,
        "right": "service_vouchers",
        "contexts": ("V99902",),
        "period": Period(date(2026, 3, 2), date(2036, 3, 2)),
    }
    assert [label for label, _ in ways_of(app, chain.nadia, Action.GRANT_RIGHT, "GRANT-8", **wish)] == [
        "Grant the right"
    ]
    assert ways_of(app, chain.ines, Action.GRANT_RIGHT, "GRANT-8", **wish) == []


def ways_of(app: Flask, actor: str, action: Action, rule: str, **given: Any) -> list[tuple[str, str]]:
    """Where the refusal of an action by a rule leads: what one does there, and the address."""
    done = perform(product_of(app).world, Ask(action=action, actor=actor, level=500, **given))
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        found = next(reason.ways for reason in reasons(done) if reason.rule == rule)
    return [(way.label, way.address) for way in found]


def test_an_address_may_name_the_domain_of_a_role(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, chain.nadia)
    form = client.get(f"/managers/{NETJES}/appoint/access_manager?domain=mobility").get_data(as_text=True)
    assert re.findall(r'<option selected value="([^"]*)"', form) == ["mobility"]
    assert client.get(f"/managers/{NETJES}/appoint/access_manager?domain=none").status_code == 200


def test_every_page_where_mending_starts_exists_and_says_what_one_does_there(app: Flask) -> None:
    found = [start for rule, facts in refusals() for start in starts(rule, facts)]
    assert {start.endpoint for start in found} - {"sign_in.choose"} == set(LABELS)
    with app.test_request_context("/"):
        addresses = {url_for(start.endpoint, **start.values).partition("?")[0] for start in found}
    assert f"/managers/{ENTERPRISE}/appoint/main_access_manager" in addresses
    assert f"/users/{ENTERPRISE}/people/add" in addresses
