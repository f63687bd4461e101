"""Many requests answered at once: approved with days that fit, or refused with a reason."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from accessmgr.core.actions import Action
from accessmgr.core.model import Request, RequestState
from tests.web.building import NETJES, PROPRE, START, add_fact, do, product_of, token_of
from tests.web.test_bulk import confirm, grants_of, outcomes
from tests.web.users_cast import Cast, cast

REQUESTS = f"/users/{NETJES}/requests/answer"


@pytest.fixture
def the(tmp_path: Path) -> Cast:
    """Emma, who is not linked, asked for service vouchers; so did Pieter and Inès, who are."""
    built = cast(tmp_path)
    ask(built, "q-pieter", "pieter", "V99901")
    ask(built, "q-ines", "ines", "V99902")
    return built


def ask(the: Cast, id_: str, requester: str, context: str, enterprise: str = NETJES) -> None:
    asked = {"right": "service_vouchers", "contexts": [context], "made_at": START}
    add_fact(the.app, "right_request", id=id_, enterprise=enterprise, requester=requester, **asked)


def send(client: FlaskClient, ids: Iterable[str], do: str = "approve_request", **fields: str) -> Any:
    form = MultiDict([("request", each) for each in ids])
    form.update({"csrf_token": token_of(client.get("/about").text), "do": do, **fields})
    return client.post(REQUESTS, data=form)


def request_of(the: Cast, id_: str) -> Request:
    with product_of(the.app).world.store.reading() as look:
        (found,) = look.lists.requests(id_=id_)
        return found


def test_the_list_proposes_days_for_those_who_are_linked(the: Cast) -> None:
    page = the.client("sophie").get(REQUESTS).text
    assert page.count('type="checkbox"') == 3
    assert page.count("from 2 March 2026 to 2 March 2031") == 2
    assert page.count("not linked to the enterprise now") == 1
    assert the.client("sophie").get(f"{REQUESTS}?tick=page").text.count(" checked") == 3


def test_many_are_approved_and_what_the_rules_refuse_is_left(the: Cast) -> None:
    sophie = the.client("sophie")
    preview_at = send(sophie, ["q-pieter", the.request, "q-ines"]).location
    assert outcomes(sophie.get(preview_at).text) == [
        ("would be done", []),
        ("refused", ["GRANT-2"]),
        ("would be done", []),
    ]
    result = sophie.get(confirm(sophie, preview_at, "each").location).text
    assert outcomes(result) == [("done", []), ("refused", ["GRANT-2"]), ("done", [])]
    assert [str(each.period.last) for each in grants_of(the, "pieter")] == ["2031-03-02"]
    assert request_of(the, "q-pieter").outcome is RequestState.APPROVED
    assert request_of(the, the.request).outcome is None


def test_days_that_are_given_count_for_all(the: Cast) -> None:
    sophie = the.client("sophie")
    preview = sophie.get(send(sophie, ["q-pieter", "q-ines"], last="2026-12-31").location).text
    assert preview.count("from 2 March 2026 to 31 December 2026") == 2


def test_many_are_refused_with_one_reason_that_each_requester_reads(the: Cast) -> None:
    sophie = the.client("sophie")
    preview_at = send(sophie, ["q-pieter", the.request], do="refuse_request", reason="Not this year").location
    preview = sophie.get(preview_at).text
    assert outcomes(preview) == [("would be done", []), ("would be done", [])]
    assert "Not this year" in preview
    assert outcomes(sophie.get(confirm(sophie, preview_at, "each").location).text) == [("done", []), ("done", [])]
    assert "Not this year" in the.client("emma").get(f"/users/requests/{the.request}").text


def test_it_is_done_once(the: Cast) -> None:
    sophie = the.client("sophie")
    preview_at = send(sophie, ["q-pieter"]).location
    assert confirm(sophie, preview_at, "each").status_code == 303
    assert confirm(sophie, preview_at, "each").status_code == 409


@pytest.mark.parametrize(
    ("ids", "fields", "says"),
    [
        ([], {}, "Tick at least one request."),
        (["q-ines"], {"do": "refuse_request"}, "Write in a few words why you refuse."),
        (["q-ines"], {"do": "refuse_request", "reason": "  "}, "Write in a few words why you refuse."),
        (["q-ines"], {"do": "withdraw_request"}, "Choose what to do with the requests."),
        (["q-ines"], {"first": "2026-04-02", "last": "2026-04-01"}, "The last day is before the first day."),
    ],
)
def test_each_mistake_is_told_and_what_was_ticked_is_kept(
    the: Cast, ids: list[str], fields: dict[str, str], says: str
) -> None:
    answer = send(the.client("sophie"), ids, **fields)
    assert (answer.status_code, says in answer.text) == (422, True)
    assert answer.text.count(" checked") == len(ids)


def test_a_request_of_another_enterprise_is_as_one_that_does_not_exist(the: Cast) -> None:
    ask(the, "q-propre", "emma", "V99903", enterprise=PROPRE)
    sophie = the.client("sophie")
    for sent in ("q-propre", "no-such-request"):
        for what in ({}, {"do": "refuse_request", "reason": "No"}):
            preview = sophie.get(send(sophie, [sent], **what).location).text
            assert outcomes(preview) == [("not found here", [])]
            assert "Emma" not in preview


def test_a_request_of_ones_own_is_refused_by_the_rules(the: Cast) -> None:
    own = do(the.app, "sophie", Action.REQUEST_RIGHT, enterprise=NETJES, right="service_vouchers", contexts=("V99902",))
    sophie = the.client("sophie")
    assert outcomes(sophie.get(send(sophie, [own.events[0].row.id]).location).text) == [
        ("refused", ["GRANT-2", "REQUEST-5"])
    ]


def test_nothing_waits_for_those_who_may_answer_nothing(the: Cast) -> None:
    page = the.client("hilde").get(REQUESTS)
    assert (page.status_code, "No request waits for your answer." in page.text) == (200, True)


@pytest.mark.parametrize("who", ["ines", "noah", "mila", "emma"])
def test_who_manages_nobody_finds_no_such_page(the: Cast, who: str) -> None:
    client = the.client(who)
    assert (client.get(REQUESTS).status_code, send(client, ["q-ines"]).status_code) == (404, 404)
