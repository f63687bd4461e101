"""How steps are played: what an unmet expectation looks like, and what stays of a refused step."""

import pytest

from accessmgr.scenarios.document import ScenarioError
from accessmgr.scenarios.reader import read_bytes
from accessmgr.scenarios.runner import Outcome, run
from tests.scenarios.documents import ACCEPT, LINK, OFFER, with_changed, with_steps


def play(*steps: str) -> tuple[Outcome, ...]:
    return run(read_bytes(with_steps(*steps).encode(), "the/file.yaml")).outcomes


def test_without_expectation_a_step_expects_to_be_allowed() -> None:
    refused = OFFER.replace("as: hilde", "as: ines")
    assert [(one.allowed, one.because, one.met) for one in play(OFFER, ACCEPT)] == [
        (True, ("APPOINT-1",), True),
        (True, ("ACCEPT-1",), True),
    ]
    assert [(one.allowed, one.because, one.met) for one in play(refused)] == [(False, ("APPOINT-1",), False)]


@pytest.mark.parametrize(
    ("because", "met"),
    [
        ("[APPOINT-1]", True),
        ("[APPOINT-1, APPOINT-1]", True),
        ("null", True),
        ("[]", False),
        ("[APPOINT-1, KEY-1]", False),
        ("[APPOINT-2]", False),
    ],
)
def test_because_must_be_the_whole_set(because: str, met: bool) -> None:
    (outcome,) = play(OFFER.replace("id: a1", f"because: {because}"))
    assert outcome.met is met


def test_the_right_reasons_for_the_wrong_outcome_are_not_enough() -> None:
    refused = OFFER.replace("as: hilde", "as: ines").replace("id: a1", "because: [APPOINT-1]")
    assert [one.met for one in play(refused)] == [False]
    assert [one.met for one in play(refused.replace("because", "expect: refused, because"))] == [True]


def test_the_id_of_a_refused_step_is_free_again() -> None:
    refused = OFFER.replace("as: hilde", "as: ines, expect: refused")
    assert [one.allowed for one in play(refused, OFFER, ACCEPT)] == [False, True, True]


def test_one_id_may_name_things_of_two_kinds() -> None:
    link = LINK.replace("id: w1", "id: a1")
    ends = "{do: end_work_relation, as: ines, key: eid, relation: a1}"
    assert [one.allowed for one in play(OFFER, ACCEPT, link, ends)] == [True] * 4


def test_asking_records_nothing() -> None:
    asked = OFFER.replace("do:", "ask:")
    assert [one.allowed for one in play(asked, asked, OFFER, ACCEPT, asked.replace("id: a1", "expect: refused"))] == [
        True, True, True, True, False,
    ]  # fmt: skip


def test_a_number_that_cannot_be_one_belongs_to_nobody() -> None:
    wrong = OFFER.replace("employee: true", "employee: true, number: 85.06.11-000.43")
    assert [one.because for one in play(wrong, wrong.replace("85.06.11-000.43", "none"))] == [("PERSON-2",)] * 2


def test_steps_of_the_surroundings_are_reported_as_done() -> None:
    outcomes = play("{advance: 1h}", "{at: 2026-03-03T09:00}", "{register: no_answer, enterprise: netjes}")
    assert [(one.index, one.do, one.allowed, one.because, one.met) for one in outcomes] == [
        (0, "advance", True, (), True),
        (1, "at", True, (), True),
        (2, "register", True, (), True),
    ]


def test_every_change_of_the_register_can_be_played() -> None:
    changes = [
        "start_function, enterprise: netjes, code: director, person: nadia, since: 2026-03-02, until: 2026-12-31",
        "start_function, enterprise: netjes, code: syndic, held_by: netjes, since: 2026-03-02",
        "end_function, enterprise: netjes, code: director, person: nadia, until: 2026-03-31",
        "suspend_recognition, number: V 999-01, since: 2026-03-02",
        "end_recognition, number: V99901, until: 2026-03-31",
        "move_establishment, number: 8.999.000.103, to: netjes, since: 2026-03-02",
        "close_establishment, number: 8 999 000 103, until: 2026-03-31",
        "record_death, person: ines, on: 2026-03-01",
        "record_death, person: ines, on: 2026-03-02",
        "no_answer, enterprise: netjes",
        "no_answer, enterprise: netjes",
        "answers, enterprise: netjes",
        "answers, enterprise: netjes",
        "close_enterprise, enterprise: netjes, until: 2026-03-31",
    ]
    assert [one.do for one in play(*(f"{{register: {change}}}" for change in changes))] == ["register"] * len(changes)


def test_a_second_run_begins_with_an_empty_world() -> None:
    for _ in range(2):
        assert [one.allowed for one in play(OFFER, ACCEPT)] == [True, True]


def test_a_run_that_stops_at_a_mistake_leaves_nothing_behind() -> None:
    with pytest.raises(ScenarioError):
        play(OFFER, ACCEPT.replace("a1", "a2"))
    assert [one.allowed for one in play(OFFER, ACCEPT)] == [True, True]


def test_four_eyes_and_applications_count() -> None:
    text = with_changed("{four_eyes: false}", "{four_eyes: true}")
    text = (
        text[: text.index("steps:")]
        + "steps:\n"
        + "".join(
            f"  - {step}\n"
            for step in (
                OFFER,
                ACCEPT,
                LINK.replace("ines", "nadia"),
                "{do: grant_right, as: nadia, key: itsme, enterprise: netjes, person: nadia, right: parking, "
                "contexts: [visitor], begin: 2026-03-02, end: 2026-03-03}",
                "{do: sign_in, as: ines, key: app, application: dienstencheques}",
                "{do: sign_in, as: ines, key: app, application: another, acr_values: []}",
                "{do: sign_in, as: nadia, key: app}",
            )
        )
    )
    outcomes = run(read_bytes(text.encode(), "the/file.yaml")).outcomes
    assert [one.because for one in outcomes[3:]] == [("GRANT-11",), ("SIGNIN-3",), ("SIGNIN-1",), ("SIGNIN-1",)]
    assert [one.allowed for one in outcomes[3:]] == [False, False, True, False]
