"""What each part may do follows from the permits: each permit is somebody's, and nobody has more than their own."""

from accessmgr.core.actions import Action
from accessmgr.core.decide import Effect
from accessmgr.core.parts import Part, permits_of
from accessmgr.core.rules import CATALOGUE
from accessmgr.scenarios.rights import catalogue

RIGHTS = tuple(catalogue().values())


def permitted(part: Part) -> dict[Action, tuple[str, ...]]:
    """What a part may do with the rights of the product."""
    return permits_of(part, CATALOGUE, RIGHTS)


def test_every_permit_is_somebodys() -> None:
    permits = {rule.id for rule in CATALOGUE if rule.effect is Effect.PERMIT}
    found = {rule for part in Part for rules in permitted(part).values() for rule in rules}
    assert found == permits


def test_whoever_has_no_part_has_only_what_is_their_own() -> None:
    assert {rule for rules in permitted(Part.NONE).values() for rule in rules} == {
        "SIGNIN-1",
        "ACCEPT-1",
        "END-2",
        "LINK-3",
        "GRANT-13",
        "REQUEST-1",
        "REQUEST-8",
        "HISTORY-3",
        "NUMBER-1",
    }


def test_every_part_may_do_what_somebody_without_one_may() -> None:
    nobody = permitted(Part.NONE)
    for part in Part:
        own = permitted(part)
        assert [action for action, rules in nobody.items() if not set(rules) <= set(own.get(action, ()))] == []


def test_appointing_goes_down_the_chain() -> None:
    appoints = {part: sorted(a for a in permitted(part) if a.startswith("appoint_")) for part in Part}
    assert appoints[Part.LEGAL_REPRESENTATIVE] == ["appoint_main_access_manager"]
    assert appoints[Part.MAIN_ACCESS_MANAGER] == ["appoint_access_manager", "appoint_co_main_access_manager"]
    assert appoints[Part.CO_MAIN_ACCESS_MANAGER] == ["appoint_access_manager"]
    assert appoints[Part.MAIN_LOCAL_ADMINISTRATOR] == ["appoint_local_administrator"]
    assert appoints[Part.ACCESS_MANAGER] == []
    assert appoints[Part.USER] == []


def test_only_somebody_who_holds_the_right_enters() -> None:
    assert [part for part in Part if Action.ENTER_SECURE_AREA in permitted(part)] == [Part.USER]


def test_the_rights_themselves_say_who_gives_them() -> None:
    gives = {
        right.code: [part for part in Part if Action.GRANT_RIGHT in permits_of(part, CATALOGUE, (right,))]
        for right in RIGHTS
    }
    assert Part.LOCAL_ADMINISTRATOR not in gives["service_vouchers"]
    assert Part.MAIN_ACCESS_MANAGER in gives["service_vouchers"]
    assert Part.LEGAL_REPRESENTATIVE in gives["subsidy_desk"]
