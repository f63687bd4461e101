"""Where the name of a person who was erased would stand, pages say so, and nobody can be them any more."""

from pathlib import Path

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.model import UserType
from accessmgr.usecases import erasure
from tests.web.building import NETJES, advance, do, identity_of, product_of
from tests.web.users_cast import TODAY, Cast, cast


def erased(folder: Path) -> Cast:
    """Noah was linked to Netjes Thuis for a day, and is erased."""
    the = cast(folder)
    do(
        the.app,
        "sophie",
        Action.LINK_PERSON,
        enterprise=NETJES,
        user_type=UserType.EMPLOYEE,
        period=Period(TODAY, TODAY),
        identity=identity_of("noah"),
    )
    advance(the.app, "2026-03-05T12:00")
    erasure.erase(product_of(the.app).world, "noah", "asked by letter")
    return the


def test_the_pages_of_an_enterprise_and_of_the_history_say_an_erased_person(tmp_path: Path) -> None:
    the = erased(tmp_path)
    manager = the.client("sophie")
    people = manager.get(f"/users/{NETJES}").text
    person = manager.get(f"/users/{NETJES}/people/noah").text
    history = manager.get(f"/history/{NETJES}").text
    for page in (people, person, history):
        assert "an erased person" in page
        assert "Peeters" not in page
    assert "Pieter" in people


def test_the_erased_are_not_among_those_who_can_sign_in(tmp_path: Path) -> None:
    the = erased(tmp_path)
    page = the.client("anonymous").get("/sign-in/itsme").text
    assert 'value="noah"' not in page
    assert 'value="sophie"' in page
