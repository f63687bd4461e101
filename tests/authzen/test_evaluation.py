"""One question: every action can be asked, circumstances count, and what cannot be known is refused."""

from typing import Any

import pytest

from tests.authzen.building import EVALUATION, ITSME, Service, asking, entering
from tests.oidc.building import World, json_of
from tests.web.building import NETJES, product_of, signed_in_client


def test_who_may_enter_is_told_so_with_the_rule_and_the_size_of_the_history(world: World, service: Service) -> None:
    answer = service.ask(entering())
    assert (answer["decision"], answer["context"]["because"]) == (True, ["ENTER-1"])
    assert answer["context"]["token"] == str(world.size())


def test_the_person_reads_which_application_asked_about_them(world: World, service: Service) -> None:
    told = []
    for _ in range(2):
        service.ask(entering())
        product_of(world.app).decision_log.flush()
        page = signed_in_client(world.app, "ines").get("/me/decisions").text
        told.append(page.partition("<tbody>")[2].count(f"the application {service.client.id}"))
    assert told[1] - told[0] == 1
    assert "accessmgr itself" not in page


def test_who_holds_no_right_is_refused(service: Service) -> None:
    assert service.decision(entering("hilde")) == (False, ["ENTER-2"])


@pytest.mark.parametrize(
    ("circumstances", "expected"),
    [
        ({"acr": ITSME}, (True, ["ENTER-1"])),
        ({"level": 400}, (True, ["ENTER-1"])),
        ({"acr": ITSME, "level": 450}, (True, ["ENTER-1"])),
        ({"acr": ITSME, "level": 500}, (False, ["KEY-3"])),
        ({"level": 350}, (False, ["KEY-3"])),
        ({"level": 9999}, (False, ["KEY-3"])),
        ({"acr": "urn:be:vlaanderen:authmech:eidas"}, (False, ["KEY-3"])),
        ({"acr": "urn:be:vlaanderen:authmech:eidas", "level": 500}, (True, ["ENTER-1"])),
        ({"acr": "urn:of:somebody:else"}, (False, ["KEY-3"])),
        ({"acr": None}, (False, ["KEY-3"])),
        ({}, (False, ["KEY-3"])),
    ],
)
def test_the_level_is_that_of_the_key_and_unknown_is_the_weakest(
    service: Service, circumstances: dict[str, Any], expected: tuple[bool, list[str]]
) -> None:
    assert service.decision(entering(context=circumstances)) == expected


def test_another_moment_and_another_knowledge_can_be_asked_about(world: World, service: Service) -> None:
    later = {"acr": ITSME, "on": "2027-03-02T10:00:00.123Z"}
    assert service.decision(entering(context=later)) == (False, ["ENTER-1"])
    assert service.decision(entering(context={**later, "on": "2027-02-28T10:00:00Z"})) == (True, ["ENTER-1"])
    unknown = {"acr": ITSME, "known_at": "2026-03-02T07:59:59Z"}
    assert service.decision(entering(context=unknown))[0] is False


def test_an_answer_from_a_state_that_is_not_reached_is_not_given(world: World, service: Service) -> None:
    size = world.size()
    assert service.decision(entering(context={"acr": ITSME, "at_least": str(size)}))[0] is True
    ahead = service.post(EVALUATION, entering(context={"acr": ITSME, "at_least": str(size + 1)}))
    assert (ahead.status_code, "decision" in json_of(ahead)) == (503, False)


LINK: dict[str, Any] = {"enterprise": NETJES, "user_type": "external", "since": "2026-03-02"}
PERIOD = {"begin": "2026-03-02", "end": "2026-06-30"}
GRANT: dict[str, Any] = {"enterprise": NETJES, "person": "ines", "contexts": ["V99902"], **PERIOD}
OFFER: dict[str, Any] = {"person": "ines", "employee": True}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (asking("hilde", "appoint_main_access_manager", "enterprise", NETJES, **OFFER, replaces=True), ["APPOINT-1"]),
        (asking("hilde", "appoint_main_access_manager", "enterprise", NETJES, **OFFER), ["APPOINT-3"]),
        (asking("nadia", "appoint_co_main_access_manager", "enterprise", NETJES, **OFFER), ["APPOINT-5"]),
        (asking("nadia", "appoint_access_manager", "enterprise", NETJES, person="ines", domain="all"), ["APPOINT-7"]),
        (asking("ines", "appoint_local_administrator", "person", "noah", enterprise=NETJES), ["APPOINT-10"]),
        (asking("nadia", "claim_main_local_administrator", "enterprise", "1999.000.150"), ["CLAIM-1"]),
        (
            asking(
                "nadia", "link_person", "person", "noah", enterprise=NETJES, user_type="external", since="2026-03-02"
            ),
            ["LINK-1"],
        ),
        (asking("nadia", "grant_right", "right", "service_vouchers", **GRANT), ["GRANT-1"]),
        (asking("hilde", "grant_right", "right", "service_vouchers", **GRANT), ["GRANT-1"]),
        (asking("ines", "request_right", "right", "service_vouchers", enterprise=NETJES), ["GRANT-4"]),
        (asking("nadia", "read_history", "enterprise", NETJES), ["HISTORY-2"]),
        (asking("mila", "export_history", "enterprise", NETJES, purpose=" "), ["HISTORY-4"]),
        (asking("mila", "reveal_number", "person", "ines", reason="a case"), ["NUMBER-2"]),
        (asking("ines", "sign_in", "application", "app", acr_values=["eid"]), ["SIGNIN-1"]),
        (asking("ines", "sign_in", "application", "app", acr_values=["itsme"]), ["SIGNIN-3"]),
    ],
)
def test_every_action_can_be_asked(service: Service, question: dict[str, Any], expected: list[str]) -> None:
    assert service.decision(question)[1] == expected
