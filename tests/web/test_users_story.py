"""The user management from the first link to the last day, as the people in it see it."""

import re
from datetime import date
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from accessmgr.core.actions import Action, Ask
from accessmgr.core.model import Key
from accessmgr.usecases.perform import consider
from tests.web.building import NETJES, START, advance, ask_for, do, made_request, post, product_of
from tests.web.users_cast import Cast, cast

PEOPLE = f"/users/{NETJES}/people"
NOAH = {
    "number": "01.03.22-999.61",
    "given": "Noah",
    "family": "Peeters",
    "user_type": "employee",
    "first": "2026-03-02",
}
GRANT_NOAH = {"contexts": ["V99901"], "first": "2026-03-02", "last": "2026-12-31"}


def checked(client: FlaskClient, path: str, fields: dict[str, Any]) -> str:
    """Send answers, and give the address of the page on which to check them."""
    answer = post(client, path, fields)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def link_noah(client: FlaskClient, **changed: str) -> Any:
    """Link Noah to Netjes Thuis, all the way."""
    return post(client, checked(client, f"{PEOPLE}/add", {**NOAH, **changed}))


def grant_noah(client: FlaskClient, **changed: Any) -> Any:
    """Grant Noah service vouchers, all the way."""
    return post(client, checked(client, f"{PEOPLE}/noah/grant?right=service_vouchers", {**GRANT_NOAH, **changed}))


def link_to(what: str, page: str) -> str:
    """The address of the first link on a page whose address ends so."""
    found = re.search(rf'href="(/users/\w+/\w+/{what})"', page)
    assert found is not None, what
    return found[1]


def enters(the: Cast, who: str) -> bool:
    """Whether somebody enters the secure area of service vouchers for V99901 now."""
    ask = Ask(
        action=Action.ENTER_SECURE_AREA,
        actor=who,
        level=450,
        enterprise=NETJES,
        right="service_vouchers",
        contexts=("V99901",),
    )
    return consider(product_of(the.app).world, ask).decision.allowed


def test_a_person_is_linked_granted_extended_revoked_and_their_work_relation_ends(tmp_path: Path) -> None:
    the = cast(tmp_path)
    nadia = the.client("main manager")

    check = checked(nadia, f"{PEOPLE}/add", NOAH)
    shown = nadia.get(check).text
    assert "••.••.••-•••.61" in shown
    assert "01.03.22-999.61" not in shown
    linked = post(nadia, check)
    assert f'href="{PEOPLE}/noah/grant"' in nadia.get(linked.headers["Location"]).text
    assert "employee" in nadia.get(f"{PEOPLE}/noah").text

    choice = nadia.get(f"{PEOPLE}/noah/grant").text
    assert "Service vouchers for recognised enterprises" in choice
    picker = nadia.get(f"{PEOPLE}/noah/grant?right=service_vouchers").text
    assert "V99901" in picker
    assert "V99902" in picker
    contexts = post(nadia, f"{PEOPLE}/noah/grant?right=service_vouchers", {"contexts": "V99901"})
    days = nadia.get(contexts.location).text
    assert 'value="2031-03-02"' in days
    assert "5 years at most (1826 days" in days
    check = checked(nadia, f"{PEOPLE}/noah/grant?right=service_vouchers", GRANT_NOAH)
    shown = nadia.get(check).text
    for told in ("Noah Peeters", "V99901", "2 March 2026", "31 December 2026"):
        assert told in shown
    assert enters(the, "noah") is False
    assert post(nadia, check).status_code == 303
    assert enters(the, "noah") is True

    page = nadia.get(f"{PEOPLE}/noah").text
    assert "in force" in page
    extend = link_to("extend", page)
    was = re.search(r'name="was" value="([^"]+)"', nadia.get(extend).text)
    assert was is not None
    assert was[1] == "2026-12-31"
    post(nadia, extend, {"last": "2027-06-30", "was": was[1]})
    assert "30 June 2027" in nadia.get(f"{PEOPLE}/noah").text

    revoked = post(nadia, link_to("revoke", page), {"reason": "Left the team."})
    assert revoked.headers["Location"] == f"{PEOPLE}/noah"
    page = nadia.get(f"{PEOPLE}/noah").text
    assert "revoked since 2 March 2026" in page
    assert "Change the last day" not in page
    assert enters(the, "noah") is False

    grant_noah(nadia, first="2026-03-02", last="2026-12-31")
    ending = link_to("end", page)
    assert "Service vouchers for recognised enterprises" in nadia.get(ending).text
    check = checked(nadia, ending, {"last": "2026-03-31"})
    shown = nadia.get(check).text
    assert "31 December 2026" in shown
    assert "31 March 2026" in shown
    assert post(nadia, check).status_code == 303
    advance(the.app, "2026-03-31T12:00")
    assert enters(the, "noah") is True
    advance(the.app, "2026-04-01T08:00")
    assert enters(the, "noah") is False
    assert nadia.get(f"{PEOPLE}/noah").text.count(">over<") == 2


def test_an_establishment_is_chosen_by_number_and_address(tmp_path: Path) -> None:
    the = cast(tmp_path)
    path = f"{PEOPLE}/ines/grant?right=energy_audit"
    assert "8.999.000.103, Voorbeeldstraat 12, 9000 Gent" in the.client("local administrator").get(path).text
    french = the.client("local administrator", language="fr").get(path).text
    assert "8.999.000.103, Rue de l&#39;Exemple 12, 9000 Gand" in french


def test_a_representative_grants_a_right_that_representatives_may_grant(tmp_path: Path) -> None:
    hilde = cast(tmp_path).client("legal representative")
    path = f"{PEOPLE}/ines/grant?right=subsidy_desk"
    answers = {"contexts": ["reader", "editor"], "first": "2026-03-02", "last": "2026-12-31"}
    check = checked(hilde, path, answers)
    assert post(hilde, check).status_code == 303
    assert "Subsidy desk" in hilde.get(f"{PEOPLE}/ines").text


def test_answers_can_be_changed_before_they_are_confirmed(tmp_path: Path) -> None:
    nadia = cast(tmp_path).client("main manager")
    link_noah(nadia)
    check = checked(nadia, f"{PEOPLE}/noah/grant?right=service_vouchers", GRANT_NOAH)
    assert 'value="2026-12-31"' in nadia.get(f"{check}/days").text
    page = nadia.get(f"{check}/contexts").text
    assert re.search(r'<input checked [^>]*value="V99901"', page) is not None
    assert re.search(r'<input checked [^>]*value="V99902"', page) is None
    changed = post(nadia, f"{check}/contexts", {"contexts": "V99902"})
    assert changed.location == check
    assert "V99902" in nadia.get(check).text


def test_a_holder_renounces_their_own_right(tmp_path: Path) -> None:
    the = cast(tmp_path)
    ines = the.client("employee")
    assert "Renounce" in ines.get("/users/").text
    done = post(ines, f"/users/grants/{the.chain.grant}/revoke", {"reason": ""})
    assert done.headers["Location"] == "/users/"
    assert "revoked since" in ines.get("/users/").text
    assert enters(the, "ines") is False


def test_an_employee_ends_their_own_work_relation(tmp_path: Path) -> None:
    the = cast(tmp_path)
    ines = the.client("employee")
    check = checked(ines, f"/users/relations/{the.chain.relation}/end", {"last": "02/03/2026"})
    assert post(ines, check).status_code == 303
    advance(the.app, "2026-03-03T08:00")
    assert enters(the, "ines") is False


def test_a_manager_claims_to_be_main_local_administrator_once(tmp_path: Path) -> None:
    nadia = cast(tmp_path).client("main manager")
    assert "Become main local administrator" in nadia.get(f"/users/{NETJES}").text
    assert post(nadia, f"/users/{NETJES}/claim").status_code == 303
    assert "Become main local administrator" not in nadia.get(f"/users/{NETJES}").text
    again = post(nadia, f"/users/{NETJES}/claim")
    assert again.status_code == 403
    assert "CLAIM-2" in again.text


def test_a_request_is_made_by_a_deep_link_and_approved(tmp_path: Path) -> None:
    the = cast(tmp_path)
    noah, nadia = the.client("outsider"), the.client("main manager")
    page = noah.get(f"/users/requests/new?dg=EA&ec=service_vouchers&ctx=V99902&oc={NETJES}").text
    assert re.search(r'<input checked [^>]*value="V99902"', page) is not None
    fields = {"oc": NETJES, "ec": "service_vouchers", "contexts": ["V99902"], "reason": "I begin on Monday."}
    request = made_request(noah, ask_for(noah, fields).location)
    assert "waiting for an answer" in noah.get(request).text

    assert f'href="{request}"' in nadia.get(f"/users/{NETJES}").text
    page = nadia.get(request).text
    assert "I begin on Monday." in page
    assert "This person is not linked to the enterprise now." in page
    link_noah(nadia)
    approved = post(nadia, f"{request}/approve", {"first": "2026-03-02", "last": "2026-12-31"})
    assert approved.status_code == 303
    assert "approved" in noah.get(request).text
    assert "V99902" in noah.get("/users/").text
    assert f'href="{request}"' not in nadia.get(f"/users/{NETJES}").text


def test_a_request_is_refused_with_a_reason_that_its_maker_reads(tmp_path: Path) -> None:
    the = cast(tmp_path)
    path = f"/users/requests/{the.request}"
    sophie = the.client("co-main manager")
    refused = post(sophie, f"{path}/refuse", {"reason": "You are not on our team."})
    assert refused.status_code == 303
    page = the.client("emma").get(path).text
    assert "You are not on our team." in page
    assert "Withdraw the request" not in page
    again = post(sophie, f"{path}/refuse", {"reason": "Once more."})
    assert again.status_code == 403
    assert "REQUEST-6" in again.text


def test_a_request_is_withdrawn_by_its_maker(tmp_path: Path) -> None:
    the = cast(tmp_path)
    path = f"/users/requests/{the.request}"
    emma = the.client("emma")
    assert post(emma, f"{path}/withdraw").status_code == 303
    assert "withdrawn" in emma.get(path).text


def test_a_request_can_be_answered_until_it_lapses(tmp_path: Path) -> None:
    the = cast(tmp_path)
    path = f"/users/requests/{the.request}"
    nadia = the.client("main manager")
    advance(the.app, "2026-04-01T09:30")
    assert "Refuse the request" in nadia.get(path).text
    advance(the.app, "2026-04-01T10:30")
    assert "lapsed after 30 days" in nadia.get(path).text
    assert "Refuse the request" not in nadia.get(path).text


def test_a_form_that_needs_a_stronger_key_waits_and_is_done_after_stepping_up(tmp_path: Path) -> None:
    the = cast(tmp_path)
    weak = the.client("main manager", key=Key.SMS)
    check = checked(weak, f"{PEOPLE}/add", NOAH)
    refused = post(weak, check)
    assert refused.status_code == 403
    assert "KEY-2" in refused.text
    with weak.session_transaction() as session:
        product = product_of(the.app)
        session["_user_id"] = product.sessions.begin("nadia", Key.EID)
    assert post(weak, check).status_code == 303


def test_an_auditor_sees_a_number_with_a_reason_and_a_person_sees_their_own(tmp_path: Path) -> None:
    the = cast(tmp_path)
    path = "/users/people/ines/number"
    mila, ines = the.client("auditor"), the.client("employee")
    assert "95.08.17-000.86" not in mila.get(path).text
    shown = post(mila, path, {"reason": "Complaint 12"})
    assert "95.08.17-000.86" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    without = post(mila, path, {"reason": "  "})
    assert without.status_code == 403
    assert "95.08.17-000.86" not in without.text
    assert "95.08.17-000.86" in post(ines, path).text
    other = post(the.client("main manager"), path, {"reason": "I manage this person."})
    assert other.status_code == 403
    assert "95.08.17-000.86" not in other.text


def test_people_are_found_by_part_of_a_name_that_stands_in_no_address(tmp_path: Path) -> None:
    nadia = cast(tmp_path).client("main manager")
    found = post(nadia, f"/users/{NETJES}/search", {"text": "dub"})
    assert "dub" not in found.headers["Location"].lower().partition("search=")[0]
    page = nadia.get(found.headers["Location"]).text
    assert "Inès Dubois" in page
    assert "Pieter Jacobs" not in page
    nobody = post(nadia, f"/users/{NETJES}/search", {"text": "%"})
    assert "Nobody of that name is linked." in nadia.get(nobody.headers["Location"]).text


def test_pages_of_fifty_people_follow_each_other_without_gap_or_repetition(tmp_path: Path) -> None:
    the = cast(tmp_path)
    with product_of(the.app).world.store.writing() as tx:
        for index in range(70):
            tx.add_person(f"p{index:02}", "Jan", f"Peeters {index:02}", None)
        tx.append("register.imported", START)
    with product_of(the.app).world.store.writing() as tx:
        for index in range(70):
            tx.add_fact(
                "work_relation",
                id=f"r{index:02}",
                enterprise=NETJES,
                person=f"p{index:02}",
                user_type="employee",
                first=date(2026, 1, 1),
                by="nadia",
            )
        tx.append("register.changed", START)
    nadia = the.client("main manager")
    first = nadia.get(f"/users/{NETJES}").text
    following = re.search(r'href="([^"]*after=[^"]*)"', first)
    assert following is not None
    assert "Peeters" not in following[1]
    second = nadia.get(following[1]).text
    people = [*re.findall(r"/people/(\w+)\"", first), *re.findall(r"/people/(\w+)\"", second)]
    listed = [person for person in people if person != "add"]
    assert len(listed) == 72
    assert len(set(listed)) == 72


def test_a_grant_that_someone_else_extended_meanwhile_is_not_changed_by_an_old_page(tmp_path: Path) -> None:
    the = cast(tmp_path)
    sophie = the.client("co-main manager")
    extend = f"/users/grants/{the.chain.grant}/extend"
    do(the.app, "nadia", Action.EXTEND_GRANT, grant=the.chain.grant, last_day=date(2028, 1, 1))
    old = post(sophie, extend, {"last": "2027-06-30", "was": "2027-03-01"})
    assert old.status_code == 409
    assert "1 January 2028" in sophie.get(f"{PEOPLE}/ines").text
