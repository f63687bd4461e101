"""The same rights as a colleague: whom one finds, what is proposed, and what comes of it."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.model import UserType
from tests.web.building import NETJES, PROPRE, START, do, identity_of, post, token_of
from tests.web.test_bulk import confirm, grants_of, outcomes
from tests.web.test_many import add_grant
from tests.web.users_cast import Cast, cast

PIETER = f"/users/{NETJES}/people/pieter/copy"
FROM_INES = f"{PIETER}/ines"


@pytest.fixture
def the(tmp_path: Path) -> Cast:
    """Inès has service vouchers for V99901 and the energy audit; Pieter has nothing."""
    built = cast(tmp_path)
    add_grant(built, "g-audit", "ines", "energy_audit", "8999000103", last=date(2026, 6, 30))
    return built


def send(client: FlaskClient, ids: Iterable[str], path: str = FROM_INES, **fields: str) -> Any:
    form = MultiDict([("grant", each) for each in ids])
    form.update({"csrf_token": token_of(client.get("/about").text), **fields})
    return client.post(path, data=form)


def offered(page: str) -> list[tuple[str, bool, list[str]]]:
    """The rows of the colleague's rights: id, whether it has a tick, and the rules that refuse it."""
    rows = re.findall(r"<tr>\s*<td class=\"tick\">(.*?)</tr>", page, re.DOTALL)
    return [
        (re.findall('value="([^"]+)"', row)[0], " checked" in row, re.findall(r'href="/rules/([A-Z0-9-]+)"', row))
        for row in rows
    ]


def test_from_the_page_of_a_person_to_the_rights_of_the_colleague(the: Cast) -> None:
    nadia = the.client("nadia")
    assert f'href="{PIETER}"' in nadia.get(f"/users/{NETJES}/people/pieter").text
    whom = nadia.get(PIETER).text
    assert re.findall(r'<th scope="row">(?:<a [^>]+>)?([^<]+)<', whom) == ["Inès Dubois"]
    assert f'href="{FROM_INES}"' in whom
    page = nadia.get(FROM_INES).text
    assert offered(page) == [("g-audit", True, []), (the.chain.grant, True, [])]
    assert "from 2 March 2026 to 3 March 2027" in page


def test_what_is_ticked_is_granted_after_a_preview(the: Cast) -> None:
    nadia = the.client("nadia")
    preview_at = send(nadia, ["g-audit", the.chain.grant]).location
    assert outcomes(nadia.get(preview_at).text) == [("would be done", []), ("would be done", [])]
    assert grants_of(the, "pieter") == []
    result = nadia.get(confirm(nadia, preview_at, "each").location).text
    assert outcomes(result) == [("done", []), ("done", [])]
    assert {(each.right, each.contexts, str(each.period.last)) for each in grants_of(the, "pieter")} == {
        ("service_vouchers", ("V99901",), "2031-03-02"),
        ("energy_audit", ("8999000103",), "2027-03-03"),
    }


def test_it_is_done_once(the: Cast) -> None:
    nadia = the.client("nadia")
    preview_at = send(nadia, ["g-audit"]).location
    assert confirm(nadia, preview_at, "each").status_code == 303
    assert confirm(nadia, preview_at, "each").status_code == 409
    assert len(grants_of(the, "pieter")) == 1


def test_what_the_person_has_already_has_no_tick_and_the_reason(the: Cast) -> None:
    add_grant(the, "g-own", "pieter", "energy_audit", "8999000103")
    page = the.client("nadia").get(FROM_INES).text
    assert offered(page) == [("g-audit", False, ["GRANT-10"]), (the.chain.grant, True, [])]
    assert "Why lines are refused" in page


def test_what_the_manager_may_not_grant_has_no_tick(the: Cast) -> None:
    add_grant(the, "g-subsidy", "ines", "subsidy_desk", "reader")
    page = the.client("sophie").get(FROM_INES).text
    assert offered(page)[2] == ("g-subsidy", False, ["GRANT-1"])


def test_the_days_proposed_fit_the_work_relation(the: Cast) -> None:
    do(
        the.app,
        "nadia",
        Action.LINK_PERSON,
        enterprise=NETJES,
        user_type=UserType.OCCASIONAL,
        period=Period(date(2026, 5, 1), date(2026, 5, 31)),
        identity=identity_of("noah"),
    )
    page = the.client("nadia").get(f"/users/{NETJES}/people/noah/copy/ines").text
    assert page.count("from 1 May 2026 to 31 May 2026") == 2
    assert [ticked for _id, ticked, _rules in offered(page)] == [True, True]


def test_other_days_count_for_all_that_are_ticked(the: Cast) -> None:
    nadia = the.client("nadia")
    preview = nadia.get(send(nadia, ["g-audit", the.chain.grant], last="2026-12-31").location).text
    assert preview.count("from 2 March 2026 to 31 December 2026") == 2


def test_over_and_revoked_rights_are_not_offered(the: Cast) -> None:
    add_grant(the, "g-over", "ines", "subsidy_desk", "reader", first=date(2025, 1, 1), last=date(2026, 3, 1))
    add_grant(the, "g-revoked", "ines", "subsidy_desk", "editor", revoked_at=START)
    nadia = the.client("nadia")
    assert [each[0] for each in offered(nadia.get(FROM_INES).text)] == ["g-audit", the.chain.grant]
    answer = send(nadia, ["g-over"])
    assert (answer.status_code, "Choose only rights that the colleague has now." in answer.text) == (422, True)


def test_a_right_of_another_enterprise_is_answered_as_one_that_does_not_exist(the: Cast) -> None:
    add_grant(the, "g-propre", "ines", "subsidy_desk", "reader", enterprise=PROPRE)
    nadia = the.client("nadia")
    answers = [send(nadia, ["g-audit", sent]) for sent in ("g-propre", "no-such-grant")]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert ["Choose only rights that the colleague has now." in answer.text for answer in answers] == [True, True]


@pytest.mark.parametrize(
    ("ids", "fields", "says"),
    [
        ([], {}, "Tick at least one right."),
        (["g-audit"], {"last": "31/02/2026"}, "Choose a day that exists"),
        (["g-audit"], {"first": "2026-04-02", "last": "2026-04-01"}, "The last day is before the first day."),
    ],
)
def test_each_mistake_is_told(the: Cast, ids: list[str], fields: dict[str, str], says: str) -> None:
    answer = send(the.client("nadia"), ids, **fields)
    assert (answer.status_code, says in answer.text) == (422, True)
    assert [each for each, ticked, _rules in offered(answer.text) if ticked] == ids


def test_a_colleague_is_found_by_a_part_of_the_name_that_stands_in_no_address(the: Cast) -> None:
    nadia = the.client("nadia")
    found = post(nadia, f"{PIETER}/search", {"text": "dub"}).location
    assert "dub" not in found
    assert "Inès Dubois" in nadia.get(found).text
    nobody = nadia.get(post(nadia, f"{PIETER}/search", {"text": "Peeters"}).location).text
    assert "No colleague of that name is linked" in nobody


@pytest.mark.parametrize("colleague", ["noah", "nobody", "pieter"])
def test_nobody_outside_the_enterprise_is_a_colleague(the: Cast, colleague: str) -> None:
    nadia = the.client("nadia")
    assert nadia.get(f"{PIETER}/{colleague}").status_code == 404
    assert send(nadia, ["g-audit"], f"{PIETER}/{colleague}").status_code == 404


@pytest.mark.parametrize("who", ["ines", "noah", "mila", "emma"])
def test_who_manages_nobody_here_finds_no_such_page(the: Cast, who: str) -> None:
    client = the.client(who)
    assert [client.get(path).status_code for path in (PIETER, FROM_INES)] == [404, 404]
    assert send(client, ["g-audit"]).status_code == 404
    assert post(client, f"{PIETER}/search", {"text": "dub"}).status_code == 404
