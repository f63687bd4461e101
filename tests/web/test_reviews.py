"""Reviews on pages: a manager opens one, goes through it, and its result can be read and verified."""

import csv
import io
import json
import re
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from accessmgr.core.actions import Action
from accessmgr.core.model import Key
from accessmgr.usecases.reviews import close_due
from accessmgr.web.reviews_area import reviews_waiting
from tests.web.building import NETJES, PROPRE, advance, do, post, product_of
from tests.web.test_history_exports import verified
from tests.web.test_users_queries import link_forty, queries
from tests.web.users_cast import TODAY, Cast, cast

PLACE = f"/users/{NETJES}/reviews"
LAST = TODAY + timedelta(days=7)
WISH = {"scope": "all", "last": LAST.isoformat(), "unanswered": "end"}


@pytest.fixture
def the(tmp_path: Path) -> Cast:
    return cast(tmp_path)


def opened(the: Cast, who: str = "nadia", **spoilt: str) -> str:
    """The path of a review that somebody opened."""
    client = the.client(who)
    checked = post(client, f"{PLACE}/new", {**WISH, **spoilt})
    assert checked.status_code == 303
    answer = post(client, checked.location)
    assert answer.status_code == 303
    return str(answer.location)


def text(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)))


def over(the: Cast) -> None:
    """The last day is over, and the server closed what was due."""
    advance(the.app, "2026-03-10T09:00")
    product = product_of(the.app)
    assert close_due(product.world, product.reviews) == 1


def grant_of(the: Cast) -> Any:
    with product_of(the.app).world.store.reading() as look:
        [found] = look.lists.grants(id_=the.chain.grant)
    return found


def test_where_there_was_no_review_yet_the_page_teaches(the: Cast) -> None:
    page = text(the.client("nadia").get(f"{PLACE}/"))
    assert "There was no review yet. It takes three steps:" in page


def test_the_page_of_users_leads_to_the_reviews(the: Cast) -> None:
    assert f'href="{PLACE}/"' in the.client("nadia").get(f"/users/{NETJES}").text


def test_a_review_is_opened_in_two_steps_and_shows_what_waits(the: Cast) -> None:
    client = the.client("nadia")
    checked = post(client, f"{PLACE}/new", WISH)
    page = text(client.get(checked.location))
    assert "Inès Dubois" in page
    assert "one was not used in the last year" in page
    found = text(client.get(opened(the)))
    assert "0 of 1 right settled" in found
    assert "What nobody confirms ends the day after." in found


@pytest.mark.parametrize(
    ("spoilt", "says"),
    [
        ({"scope": ""}, "Choose one of the two."),
        ({"scope": "sample"}, "Write how many rights are to be reviewed."),
        ({"scope": "sample", "number": "0"}, "Write a number between 1 and 10 000."),
        ({"last": ""}, "Give the last day."),
        ({"last": (TODAY - timedelta(days=1)).isoformat()}, "Choose a day from today on, within a year."),
        ({"last": (TODAY + timedelta(days=366)).isoformat()}, "Choose a day from today on, within a year."),
        ({"unanswered": "other"}, "Choose one of the two."),
    ],
)
def test_a_wish_that_is_not_whole_is_told_at_the_field(the: Cast, spoilt: dict[str, str], says: str) -> None:
    client = the.client("nadia")
    answer = post(client, f"{PLACE}/new", {**WISH, **spoilt})
    assert answer.status_code == 422
    assert says in text(answer)
    assert post(client, f"{PLACE}/new", WISH).status_code == 303


def test_confirming_one_keeps_the_right_and_goes_on(the: Cast) -> None:
    review = opened(the)
    client, before = the.client("nadia"), grant_of(the)
    first = client.get(f"{review}/next")
    assert first.location == f"{review}/grants/{the.chain.grant}"
    assert "Does Inès Dubois still need this right?" in text(client.get(first.location))
    answer = post(client, first.location, {"answer": "confirmed", "was": before.period.last.isoformat()})
    assert answer.location == review
    page = text(client.get(review))
    assert "Confirmed: Inès Dubois keeps the right." in page
    assert "1 of 1 right settled" in page
    assert grant_of(the) == before


def test_a_right_can_be_given_another_last_day(the: Cast) -> None:
    review, was = opened(the), grant_of(the).period.last.isoformat()
    path, client = f"{review}/grants/{the.chain.grant}", the.client("nadia")
    assert post(client, path, {"answer": "changed", "was": was}).status_code == 422
    assert post(client, path, {"answer": "changed", "was": was, "last": LAST.isoformat()}).status_code == 303
    assert grant_of(the).period.last == LAST


def test_a_right_is_ended_after_its_manager_saw_what_follows(the: Cast) -> None:
    review, was = opened(the), grant_of(the).period.last.isoformat()
    path, client = f"{review}/grants/{the.chain.grant}", the.client("nadia")
    assert "What follows from it" in text(client.get(f"{path}/end"))
    assert post(client, path, {"answer": "ended", "was": was, "reason": "Left."}).status_code == 303
    assert grant_of(the).revoked_at is not None
    assert client.get(f"{path}/end").status_code == 303
    assert post(client, path, {"answer": "ended", "was": was}).status_code == 303
    assert "Somebody answered for this right meanwhile" in text(client.get(review))


def test_an_answer_to_what_changed_meanwhile_is_asked_again(the: Cast) -> None:
    review, was = opened(the), grant_of(the).period.last.isoformat()
    do(the.app, "nadia", Action.EXTEND_GRANT, grant=the.chain.grant, last_day=LAST)
    path, client = f"{review}/grants/{the.chain.grant}", the.client("nadia")
    assert post(client, path, {"answer": "confirmed", "was": was}).location == path
    assert "another last day meanwhile" in text(client.get(path))
    assert post(client, path, {"answer": "confirmed", "was": LAST.isoformat()}).location == review


def test_what_the_rules_refuse_is_told_with_its_rule_and_waits_on(the: Cast) -> None:
    review, was = opened(the), grant_of(the).period.last.isoformat()
    path = f"{review}/grants/{the.chain.grant}"
    weak = post(the.client("nadia", Key.SMS), path, {"answer": "confirmed", "was": was})
    assert weak.status_code == 403
    assert "KEY-" in weak.text
    assert post(the.client("nadia"), path, {"answer": "confirmed", "was": was}).status_code == 303


def end_recognition(the: Cast) -> None:
    """The context of the right of Inès is the enterprise's no longer."""
    with product_of(the.app).world.store.writing() as tx:
        tx.change_fact("recognition", "V99901", last=TODAY - timedelta(days=1))
        tx.append("register.changed", tx.moment(product_of(the.app).world.clock.now()))


def test_what_could_not_be_extended_is_explained_and_can_be_ended(the: Cast) -> None:
    review = opened(the)
    end_recognition(the)
    path, client = f"{review}/grants/{the.chain.grant}", the.client("nadia")
    page = client.get(path)
    assert "It cannot be confirmed as it is" in text(page)
    assert 'href="/rules/GRANT-5"' in page.text
    assert 'value="confirmed"' not in page.text
    assert f'href="{path}/end"' in page.text


def many(client: FlaskClient, review: str, answer: str, *grants: str, **given: str) -> Any:
    return post(client, review, {"answer": answer, "grant": list(grants), **given})


def test_many_are_confirmed_at_once_and_what_is_refused_waits_on(the: Cast) -> None:
    link_forty(the)
    review, client = opened(the), the.client("nadia")
    end_recognition(the)
    assert many(client, review, "confirmed", "g-p00", the.chain.grant).location == review
    page = text(client.get(review))
    assert "One right is answered for." in page
    assert "One right still waits: the rules refuse it (GRANT-5). Open it to see why." in page
    assert "1 of 41 rights settled" in page
    many(client, review, "confirmed", "g-p00")
    assert "One was answered for meanwhile." in text(client.get(review))


def test_many_are_ended_after_they_were_shown_once_more(the: Cast) -> None:
    link_forty(the)
    review, client = opened(the), the.client("nadia")
    shown = many(client, review, "ended", "g-p00", "g-p01", the.chain.grant).location
    assert "End 3 rights?" in text(client.get(shown))
    assert grant_of(the).revoked_at is None
    assert post(client, shown).location == review
    assert grant_of(the).revoked_at is not None
    assert "3 of 41 rights settled" in text(client.get(review))
    assert post(client, shown).status_code == 409


def test_ticking_needs_a_tick_a_day_for_another_day_and_an_answer_that_there_is(the: Cast) -> None:
    review, client = opened(the), the.client("nadia")
    assert "Tick at least one right first." in text(many(client, review, "ended"))
    assert many(client, review, "changed", the.chain.grant).status_code == 422
    assert many(client, review, "changed", the.chain.grant, last=LAST.isoformat()).status_code == 303
    assert many(client, review, "other", the.chain.grant).status_code == 404


def test_nobody_else_sees_a_review_and_of_another_enterprise_there_is_none(the: Cast) -> None:
    review = opened(the)
    assert the.client("nadia").get(review).status_code == 200
    assert the.client("sophie").get(review).status_code == 200
    for other in ("emma", "ines", "noah", "mila"):
        assert the.client(other).get(review).status_code == 404
    assert the.client("karel").get(review.replace(NETJES, PROPRE)).status_code == 404


def test_after_the_last_day_answers_come_too_late_and_the_right_has_ended(the: Cast) -> None:
    review, was = opened(the), grant_of(the).period.last.isoformat()
    client = the.client("nadia")
    advance(the.app, "2026-03-10T09:00")
    path = f"{review}/grants/{the.chain.grant}"
    client = the.client("nadia")
    assert post(client, path, {"answer": "confirmed", "was": was}).location == review
    assert "the review is being closed" in text(client.get(review))
    assert many(client, review, "confirmed", the.chain.grant).status_code == 409
    product = product_of(the.app)
    assert close_due(product.world, product.reviews) == 1
    assert grant_of(the).revoked_at is not None
    assert "ended, for nobody confirmed it" in text(client.get(review))


def result(review: str) -> str:
    return review.replace("/users/", "/history/")


def test_an_auditor_reads_the_result_for_a_purpose_and_others_do_not(the: Cast) -> None:
    review = opened(the)
    over(the)
    auditor = the.client("mila")
    assert auditor.get(result(review)).status_code == 403
    post(auditor, "/history/", {"enterprise": NETJES, "case": "1", "purpose": "Sample"})
    page = text(auditor.get(result(review)))
    assert "Inès Dubois" in page
    assert "ended, for nobody confirmed it" in page
    assert "Result of a review" in page
    assert "Review until" in text(auditor.get(f"/history/{NETJES}/reviews/"))
    assert the.client("ines").get(result(review)).status_code == 404
    assert the.client("nadia").get(result(review)).status_code == 200


def taken(client: FlaskClient, review: str, kind: str) -> Any:
    given = {"list": "review", "review": review.rpartition("/")[2], "enterprise": NETJES, "format": kind}
    return post(client, "/history/export", {**given, "purpose": "Sample"})


def test_the_result_verifies_entries_and_statement_against_the_key_of_the_history(the: Cast, tmp_path: Path) -> None:
    review = opened(the)
    over(the)
    client = the.client("mila")
    post(client, "/history/", {"enterprise": NETJES, "case": "1", "purpose": "Sample"})
    bundle = taken(client, review, "jsonl")
    assert verified(the.app, tmp_path, bundle.data) == "VALID 3"
    entries = [json.loads(line) for line in bundle.data.splitlines()]
    found = {line["entry"]["type"]: line["entry"] for line in entries if "entry" in line}
    assert set(found) == {"review.opened", "grant.revoked", "review.closed"}
    statement = client.get(f"{result(review)}/statement.json").data
    assert found["review.closed"]["data"]["digest"] == sha256(statement).hexdigest()
    assert sha256(statement).hexdigest() in client.get(result(review)).text


def test_the_result_is_a_table_for_spreadsheets_too(the: Cast) -> None:
    review = opened(the)
    over(the)
    lines = list(csv.reader(io.StringIO(taken(the.client("nadia"), review, "csv").data.decode("utf-8-sig"))))
    assert lines[0][:3] == ["Who", "Right", "Context"]
    assert [(line[0], line[6], line[7]) for line in lines[1:]] == [
        ("Inès Dubois", "ended, for nobody confirmed it", "Nadia El Amrani")
    ]


def test_before_the_end_there_is_no_statement(the: Cast) -> None:
    review = opened(the)
    assert the.client("nadia").get(f"{result(review)}/statement.json").status_code == 404
    over(the)
    assert the.client("nadia").get(f"{result(review)}/statement.json").status_code == 200


def test_a_page_of_a_review_takes_as_many_queries_for_forty_rights_as_for_one(the: Cast) -> None:
    few = queries(the, "nadia", opened(the))
    link_forty(the)
    assert queries(the, "nadia", opened(the)) == few
    assert few <= 18


def test_a_long_review_has_pages(the: Cast) -> None:
    with product_of(the.app).world.store.writing() as tx:
        for place in range(60):
            tx.add_fact(
                "right_grant",
                id=f"long-{place:02}",
                enterprise=NETJES,
                holder=the.chain.ines,
                right="energy_audit",
                contexts=[f"8999{place:06}"],
                first=date(2026, 1, 1),
                last=date(2026, 12, 31),
                relation=the.chain.relation,
                by="nadia",
            )
        tx.append("register.changed", tx.moment(product_of(the.app).world.clock.now()))
    review, client = opened(the), the.client("nadia")
    page = client.get(review).text
    assert page.count('name="grant"') == 50
    more = re.search(r'href="([^"]*after=[^"]*)"', page)
    assert more is not None
    assert client.get(more[1].replace("&amp;", "&")).text.count('name="grant"') == 11


def test_a_long_result_has_pages_and_is_whole_to_print(the: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accessmgr.web.review_results.AT_ONCE", 10)
    link_forty(the)
    path, client = result(opened(the)), the.client("nadia")
    first = client.get(path).text
    assert first.count("Energy audit") == 10
    assert client.get(f"{path}?after=39").text.count('<th scope="row">') == 1
    assert client.get(f"{path}?all=1").text.count("Energy audit") == 40
    assert f'href="{path}?all=1"' in first


def test_the_start_page_says_what_waits_to_those_who_manage_users_there_until_it_is_answered(the: Cast) -> None:
    review = opened(the)
    says = "One right in Netjes Thuis waits for your review until 9 March 2026."
    assert says in text(the.client("nadia").get("/"))
    assert f'href="{review}/next"' in the.client("sophie").get("/").text
    for other in ("ines", "emma", "noah"):
        assert "your review" not in text(the.client(other).get("/"))
    post(the.client("nadia"), review, {"answer": "confirmed", "grant": the.chain.grant})
    assert "your review" not in text(the.client("nadia").get("/"))


def test_the_start_page_is_told_what_waits_in_the_enterprises_asked_about(the: Cast) -> None:
    review = opened(the)
    with the.app.test_request_context():
        [waits] = reviews_waiting([NETJES, PROPRE], TODAY)
        assert (waits.review.id, waits.open) == (review.rpartition("/")[2], 1)
        assert reviews_waiting([PROPRE], TODAY) == []
        assert reviews_waiting([], TODAY) == []
