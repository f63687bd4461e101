"""What a client may ask about, and how much it is told, goes by its registration."""

from dataclasses import replace
from typing import Any

import pytest

from accessmgr.core.numbers import NationalNumber
from accessmgr.usecases.relying_parties import Client, WrongRegistration
from tests.authzen.building import EVALUATION, Service, asking, entering
from tests.oidc.building import APP, Application, World, json_of
from tests.web.building import NETJES, PEOPLE, PROPRE

SUBJECT, RESOURCE, ACTION = (f"/access/v1/search/{what}" for what in ("subject", "resource", "action"))
OF_RIGHTS = replace(APP, id="of-rights", resource_types=frozenset({"right"}))
IN_NETJES = replace(APP, id="in-netjes", enterprises=frozenset({NETJES}))
IN_PROPRE = replace(APP, id="in-propre", enterprises=frozenset({PROPRE}))
SILENT = replace(APP, id="silent", reasons=False)
NUMBERED = replace(APP, id="numbered", rrn=True, scopes=APP.scopes | {"rrn"})
LANGUAGES = ["de", "en", "fr", "nl"]


@pytest.fixture(scope="module")
def services(world: World) -> dict[str, Service]:
    """A service of each registration."""
    clients = (OF_RIGHTS, IN_NETJES, IN_PROPRE, SILENT, NUMBERED)
    world.add(*clients)
    return {client.id: Service(world, client) for client in clients}


def of_number(short: str, **spoilt: Any) -> dict[str, Any]:
    return entering(subject={"type": "national_number", "id": PEOPLE[short][2]}, **spoilt)


def test_the_token_of_a_person_is_not_that_of_a_client(world: World, service: Service) -> None:
    token = Application(world, APP).tokens("ines", scope="openid authzen")["access_token"]
    for path in (EVALUATION, "/access/v1/evaluations", SUBJECT, RESOURCE, ACTION):
        assert service.post(path, entering()).status_code == 200
        refused = service.post(path, entering(), headers={"Authorization": f"Bearer {token}"})
        assert refused.status_code == 403


# --- how much is told ------------------------------------------------------------------------------------------


def test_an_allow_tells_the_chain_that_carried_it(service: Service) -> None:
    context = service.ask(entering())["context"]
    assert sorted(context) == ["because", "chain", "token"]
    assert [link["link"] for link in context["chain"]] == [
        "register",
        "representative",
        "manager",
        "user",
        "grant",
        "context",
    ]


def test_a_refusal_tells_why_in_four_languages_and_where_it_can_be_mended(service: Service) -> None:
    context = service.ask(entering("hilde"))["context"]
    assert sorted(context["reason_user"]) == LANGUAGES
    assert [finding["rule"] for finding in context["reason_admin"]] == ["ENTER-2"]
    assert all(start["href"].startswith("http://127.0.0.1:8000/") for start in context["mend"])


def test_somebody_without_a_tie_is_told_nothing_about_the_enterprise(service: Service) -> None:
    context = service.ask(entering("noah"))["context"]
    assert context["because"] == ["ENTER-1"]
    assert "reason_admin" not in context


@pytest.mark.parametrize("who", ["ines", "hilde", "noah"])
def test_a_client_without_reasons_is_told_ids_alone(services: dict[str, Service], who: str) -> None:
    assert sorted(services["silent"].ask(entering(who))["context"]) == ["because", "token"]


# --- which resource types --------------------------------------------------------------------------------------


def test_a_client_asks_about_its_types_of_resources_alone(services: dict[str, Service]) -> None:
    service = services["of-rights"]
    assert service.ask(entering())["decision"] is True
    claim = asking("nadia", "claim_main_local_administrator", "enterprise", NETJES)
    for path in (EVALUATION, SUBJECT, RESOURCE, ACTION):
        assert service.post(path, claim).status_code == 403
    batch = service.answer("/access/v1/evaluations", {"evaluations": [claim, entering()]})["evaluations"]
    assert [one["decision"] for one in batch] == [False, True]
    assert batch[0]["context"]["error"]["status"] == 403


# --- which enterprises -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["revoke_grant", "extend_grant"])
def test_another_enterprise_is_as_one_that_does_not_exist(services: dict[str, Service], action: str) -> None:
    grant = grant_of(services["in-netjes"])
    about, absent = (asking("ines", action, "grant", id_, end="2026-12-31") for id_ in (grant, "absent"))
    assert services["in-netjes"].decision(about)[1] != []
    assert services["in-propre"].ask(about) == services["in-propre"].ask(absent)
    assert services["in-propre"].ask(entering()) == services["in-propre"].ask(entering("nobody"))


def test_a_search_finds_nothing_in_another_enterprise(services: dict[str, Service]) -> None:
    of_right = entering(resource={"type": "right"})
    assert len(services["in-netjes"].answer(RESOURCE, of_right)["results"]) == 1
    assert services["in-propre"].answer(RESOURCE, of_right)["results"] == []
    assert services["in-propre"].answer(SUBJECT, entering(None))["results"] == []
    assert services["in-propre"].answer(ACTION, entering())["results"] == []


def test_what_belongs_to_no_enterprise_is_for_clients_of_all(services: dict[str, Service], service: Service) -> None:
    signing = asking("ines", "sign_in", "application", "app")
    assert service.ask(signing)["decision"] is True
    assert services["in-netjes"].ask(signing)["decision"] is False


def grant_of(service: Service) -> str:
    """The id of the grant of Inès."""
    found = service.answer(RESOURCE, asking("ines", "revoke_grant", "grant", ""))["results"]
    return str(found[0]["id"])


# --- national numbers ----------------------------------------------------------------------------------------------


def test_a_client_registered_for_national_numbers_asks_by_them(services: dict[str, Service], service: Service) -> None:
    assert services["numbered"].decision(of_number("ines")) == (True, ["ENTER-1"])
    assert services["numbered"].decision(of_number("hilde"))[0] is False
    assert services["numbered"].decision(of_number("emma")) == (False, [])
    unsound = entering(subject={"type": "national_number", "id": "95.08.17-000.87"})
    assert services["numbered"].decision(unsound) == (False, [])
    assert service.post(EVALUATION, of_number("ines")).status_code == 403
    assert service.post(EVALUATION, of_number("emma")).status_code == 403


def test_no_answer_repeats_a_national_number(services: dict[str, Service]) -> None:
    for path in (EVALUATION, "/access/v1/evaluations", RESOURCE, ACTION):
        for short in ("ines", "emma"):
            answer = services["numbered"].post(path, of_number(short))
            assert answer.status_code == 200
            assert PEOPLE[short][2] not in answer.get_data(as_text=True)
            assert NationalNumber.parse(PEOPLE[short][2]).digits not in answer.get_data(as_text=True)
    searched = services["numbered"].post(SUBJECT, of_number("ines"))
    assert json_of(searched)["errors"][0]["pointer"] == "#/subject/type"


def test_people_are_named_by_number_and_name_by_those_clients_alone(
    services: dict[str, Service], service: Service
) -> None:
    given, family, number = PEOPLE["noah"]
    since = {"user_type": "external", "since": "2026-03-02"}
    link = asking("nadia", "link_person", "person", "noah", enterprise=NETJES, **since)
    named = asking("nadia", "link_person", "person", "noah", enterprise=NETJES, **since, name=[given, family])
    numbered = asking("nadia", "link_person", "person", "noah", enterprise=NETJES, **since, number=number)
    other = asking("nadia", "link_person", "person", "noah", enterprise=NETJES, **since, number=PEOPLE["emma"][2])
    assert service.decision(link) == (True, ["LINK-1"])
    assert [service.post(EVALUATION, one).status_code for one in (named, numbered, other)] == [403, 403, 403]
    assert services["numbered"].decision(named) == (True, ["LINK-1"])
    assert services["numbered"].decision(numbered) == (True, ["LINK-1"])
    assert services["numbered"].decision(other) == (False, ["PERSON-2"])


# --- registrations ---------------------------------------------------------------------------------------------------


def test_what_a_client_may_ask_is_kept_with_its_registration(world: World, services: dict[str, Service]) -> None:
    kept = [world.provider.clients.find(client.id) for client in (OF_RIGHTS, IN_NETJES, SILENT)]
    assert kept == [OF_RIGHTS, IN_NETJES, SILENT]


@pytest.mark.parametrize(
    "wrong", [{"resource_types": frozenset({"spaceship"})}, {"enterprises": frozenset({"1999.000.150"})}]
)
def test_a_registration_names_types_and_enterprises_that_there_can_be(wrong: dict[str, Any]) -> None:
    Client(id="sound", name="Sound", resource_types=frozenset({"right"}), enterprises=frozenset({NETJES}))
    with pytest.raises(WrongRegistration):
        Client(id="wrong", name="Wrong", **wrong)
