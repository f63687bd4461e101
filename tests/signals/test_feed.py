"""The feed tells a client each change that concerns its application, once, in order, and to nobody else."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from accessmgr.core.actions import Action
from accessmgr.usecases import register
from accessmgr.usecases.relying_parties import EVENTS
from tests.oidc.building import SECRET, Application, World, a_world, hashed, json_of
from tests.signals.building import SERVICE, Service
from tests.signals.test_sent import DESK, give, grant_of, relation_of, revoke
from tests.web.building import NETJES, PEOPLE, PROPRE, do

FEED = "/api/v1/events"
WITHOUT = replace(SERVICE, id="without", application=None, secret=hashed(SECRET))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path, SERVICE, DESK, WITHOUT)


@pytest.fixture
def service(world: World) -> Service:
    return Service(world, scope=EVENTS)


def everything(service: Service, after: int = -1, **more: Any) -> list[dict[str, Any]]:
    """All changes, page by page."""
    found, going = [], True
    while going:
        page = json_of(service.call("GET", FEED, after=after, **more))
        found += page["events"]
        after, going = page["next"], page["more"]
    return found


def test_a_revocation_is_told_with_all_that_a_service_needs(world: World, service: Service) -> None:
    before = world.size()
    grant = grant_of(world, "ines")
    revoke(world)
    page = json_of(service.call("GET", FEED, after=before - 1))

    (told,) = page.pop("events")
    assert page == {"next": before, "more": False, "token": before + 1}
    moment = told.pop("recorded_at")
    assert told == {
        "sequence": before,
        "type": "grant.revoked",
        "person": "ines",
        "enterprise": NETJES,
        "right": "service_vouchers",
        "contexts": ["V99901"],
        "grant": grant,
        "first": "2026-03-02",
        "last": "2027-03-01",
        "revoked_at": moment,
    }


def test_each_change_is_told_once_over_pages_and_in_order(world: World, service: Service) -> None:
    for _ in range(4):
        revoke(world)
        give(world, "ines", "V99901")
    whole = everything(service, limit=1000)

    of_the_chain = [each["type"] for each in whole if each["type"] != "register.imported"]
    assert of_the_chain == ["right.granted"] + ["grant.revoked", "right.granted"] * 4
    assert [each["sequence"] for each in whole] == sorted({each["sequence"] for each in whole})
    for limit in (1, 2, 3):
        assert everything(service, limit=limit) == whole


def test_the_changes_of_one_entry_are_never_on_two_pages(world: World, service: Service) -> None:
    give(world, "ines")
    after = world.size() - 1
    do(world.app, "nadia", Action.END_WORK_RELATION, relation=relation_of(world, "ines"), last_day=date(2026, 3, 5))
    page = json_of(service.call("GET", FEED, after=after, limit=1))

    assert [each["type"] for each in page["events"]] == ["work_relation.ended", "grant.shortened", "grant.shortened"]
    assert {each["last"] for each in page["events"]} == {"2026-03-05"}


def test_what_the_register_tells_is_told_with_its_first_day(world: World, service: Service) -> None:
    stored, after = world.provider.world, world.size() - 1
    register.suspend_recognition(stored, "V99901", date(2026, 3, 9), None)
    register.move_establishment(stored, "8999000103", "1999000249", date(2026, 3, 10))
    register.record_death(stored, "ines", date(2026, 3, 1))
    register.close_enterprise(stored, NETJES, date(2026, 3, 31))
    told = [(each["change"], each["since"]) for each in everything(service, after)]

    assert told == [
        ("suspend_recognition", "2026-03-09"),
        ("move_establishment", "2026-03-10"),
        ("record_death", "2026-03-01"),
        ("close_enterprise", "2026-03-31"),
    ]


def test_what_concerns_nobody_with_the_right_is_not_told(world: World, service: Service) -> None:
    after = world.size() - 1
    register.record_death(world.provider.world, "noah", date(2026, 3, 1))
    assert everything(service, after) == []
    register.record_death(world.provider.world, "ines", date(2026, 3, 1))

    assert [each["person"] for each in everything(service, after)] == ["ines"]


def test_rights_of_other_applications_are_not_told(world: World, service: Service) -> None:
    after, desk = world.size() - 1, Service(world, DESK, EVENTS)
    give(world, "ines", "reader", "subsidy_desk", by="hilde")

    assert everything(service, after) == []
    assert [each["right"] for each in everything(desk, after)] == ["subsidy_desk"]
    assert [each["right"] for each in everything(desk, limit=1) if "right" in each] == ["subsidy_desk"]


def test_a_client_that_may_ask_about_some_enterprises_is_told_of_those_alone(world: World, service: Service) -> None:
    near, far = (
        replace(SERVICE, id=name, secret=hashed(SECRET), enterprises=frozenset({number}))
        for name, number in (("near", NETJES), ("far", PROPRE))
    )
    world.add(near, far)
    after = world.size() - 1
    revoke(world)
    assert [each["type"] for each in everything(Service(world, near, EVENTS), after)] == ["grant.revoked"]
    assert everything(Service(world, far, EVENTS), after) == []


def test_a_death_is_told_to_clients_that_may_ask_where_the_person_had_rights(world: World) -> None:
    near, far = (
        replace(SERVICE, id=name, secret=hashed(SECRET), enterprises=frozenset({number}))
        for name, number in (("near", NETJES), ("far", PROPRE))
    )
    world.add(near, far)
    after = world.size() - 1
    register.record_death(world.provider.world, "ines", date(2026, 3, 1))
    assert [each["person"] for each in everything(Service(world, near, EVENTS), after)] == ["ines"]
    assert everything(Service(world, far, EVENTS), after) == []


def test_no_name_and_no_number_of_a_person_is_told(world: World, service: Service) -> None:
    text = json.dumps(everything(service))
    assert '"ines"' in text
    told = [part for given, family, number in PEOPLE.values() for part in (given, family, number) if part in text]
    assert told == []


@pytest.mark.parametrize(
    "query", [{"after": "x"}, {"after": -2}, {"after": 10**6}, {"limit": 0}, {"limit": 1001}, {"before": 1}]
)
def test_a_cursor_that_is_none_is_refused(service: Service, query: dict[str, Any]) -> None:
    assert service.call("GET", FEED, after=-1, limit=1).status_code == 200
    assert service.call("GET", FEED, **query).status_code == 422


def test_the_newest_cursor_brings_nothing_and_itself(world: World, service: Service) -> None:
    last = world.size() - 1
    page = json_of(service.call("GET", FEED, after=last))
    assert page == {"events": [], "next": last, "more": False, "token": last + 1}


def test_who_may_not_read_it_does_not(world: World, service: Service) -> None:
    assert service.call("GET", FEED).status_code == 200
    of_a_person = Application(world, SERVICE).tokens("ines", scope=f"openid {EVENTS}")["access_token"]
    statuses = [
        each.call("GET", FEED).status_code
        for each in (
            Service(world, scope="authzen"),
            Service(world, WITHOUT, EVENTS),
            Service(world, token=of_a_person),
            Service(world, token="none"),
        )
    ]
    assert statuses == [403, 403, 403, 401]
