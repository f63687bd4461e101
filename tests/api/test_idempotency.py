"""`Idempotency-Key`: the same call is done once, whatever comes between, and gets the first answer again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from accessmgr.usecases import kept_answers
from tests.api.building import SOFTWARE, Desk, a_desk, a_grant, keyed, told
from tests.oidc.building import world_of
from tests.web.building import built_app, demo_chain, product_of


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return a_desk(tmp_path)


def test_the_same_call_gets_the_first_answer_again_and_is_done_once(desk: Desk) -> None:
    before, key = desk.size(), keyed()
    first = desk.post("nadia", "/grants", a_grant(), key)
    again = desk.post("nadia", "/grants", a_grant(), key)
    assert (first.status_code, again.status_code, again.data, desk.size()) == (201, 201, first.data, before + 1)
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert (again.headers["ETag"], again.content_type) == (first.headers["ETag"], first.content_type)


def test_another_body_with_the_same_key_is_refused(desk: Desk) -> None:
    key = keyed()
    told(desk.post("nadia", "/grants", a_grant(), key), 201)
    before = desk.size()
    assert desk.post("nadia", "/grants", a_grant(contexts=["V99901"]), key).status_code == 422
    assert desk.size() == before


def test_the_key_is_its_callers_own(desk: Desk) -> None:
    key = keyed()
    told(desk.post("nadia", "/grants", a_grant(), key), 201)
    assert desk.post("noah", "/grants", a_grant(), key).status_code == 404


def test_a_refusal_is_kept_too_and_recorded_once(desk: Desk) -> None:
    before, key = desk.size(), keyed()
    too_long = a_grant(period={"first": "2026-03-10", "last": "2039-03-10"})
    first, again = (desk.post("nadia", "/grants", too_long, key) for _ in range(2))
    assert (first.status_code, again.status_code, again.data) == (403, 403, first.data)
    assert (again.content_type, desk.size()) == ("application/problem+json", before + 1)


def test_what_was_not_done_can_be_tried_again_with_the_same_key(desk: Desk) -> None:
    key = keyed()
    assert desk.post("nadia", "/grants", a_grant(enterprise="1999000249"), key).status_code == 404
    told(desk.post("nadia", "/grants", a_grant(), key), 201)


def test_without_a_key_the_same_call_is_asked_anew(desk: Desk) -> None:
    told(desk.post("nadia", "/grants", a_grant()), 201)
    assert told(desk.post("nadia", "/grants", a_grant()), 403)["because"] == ["GRANT-10"]


def test_a_key_is_forgotten_after_a_day(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    key = keyed()
    told(desk.post("nadia", "/grants", a_grant(), key), 201)
    monkeypatch.setattr("accessmgr.store.kept_answers.LIVES", timedelta(0))
    assert timedelta(days=1) == kept_answers.LIVES
    assert desk.post("nadia", "/grants", a_grant(), key).status_code == 403


def test_what_is_kept_cannot_be_read_in_the_table(desk: Desk) -> None:
    told(desk.post("nadia", "/grants", a_grant(), keyed("a-key")), 201)
    with desk.world.provider.tokens.engine.connect() as connection:  # type: ignore[attr-defined]
        ((*kept,),) = connection.exec_driver_sql("SELECT id, digest, sealed FROM kept_answer").all()
    assert [word for word in (b"a-key", b"ines", b"V99902") if word in repr(kept).encode()] == []


@pytest.mark.parametrize("key", ["", "two words", "é", "x" * 256])
def test_a_key_that_is_no_word_is_refused(desk: Desk, key: str) -> None:
    assert desk.post("nadia", "/grants", a_grant(), {"Idempotency-Key": key}).status_code == 400


def test_a_double_click_is_done_once_in_either_database(tmp_path: Path, database_url: str) -> None:
    app = built_app(tmp_path, database_url=database_url)
    demo_chain(app)
    desk = Desk(world_of(app, SOFTWARE))
    before, key = desk.size(), keyed()
    desk.headers("nadia")
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda _: desk.post("nadia", "/grants", a_grant(), key), range(2)))
    assert ([answer.status_code for answer in answers], desk.size()) == ([201, 201], before + 1)
    assert answers[0].data == answers[1].data
    product_of(app).world.store.engine.dispose()  # type: ignore[attr-defined]
