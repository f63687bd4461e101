"""A right lost after the sign-in is gone from the next refresh, introspection, userinfo and page of the area."""

from collections.abc import Callable
from pathlib import Path

import pytest

from accessmgr.core.actions import Action
from tests.oidc.building import Application, World, a_world, json_of
from tests.web.building import NETJES, advance, do, followed, in_area

AREA = f"/secure-area/{NETJES}/service_vouchers/V99901/"
RIGHT = ["DienstenchequesErkendeOnderneming-V99901:1999000150"]
CLAIM = "dienstencheques_rol_3d"

Answer = Callable[[World, Application, dict[str, str]], object]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path)


def by_refresh(world: World, app: Application, tokens: dict[str, str]) -> object:
    renewed = json_of(app.refresh(tokens["refresh_token"]))
    tokens |= {"refresh_token": renewed["refresh_token"]}
    return app.verified(renewed["id_token"])[CLAIM]


def by_introspection(world: World, app: Application, tokens: dict[str, str]) -> object:
    return app.introspect(tokens["access_token"])[CLAIM]


def by_userinfo(world: World, app: Application, tokens: dict[str, str]) -> object:
    return json_of(app.userinfo(tokens["access_token"]))[CLAIM]


ANSWERS = [by_refresh, by_introspection, by_userinfo]


def revoke(world: World) -> None:
    with world.provider.world.store.reading() as look:
        grant = look.lists.grants(holder="ines")[0].id
    do(world.app, "nadia", Action.REVOKE_GRANT, grant=grant)


def end_the_work_relation(world: World) -> None:
    with world.provider.world.store.reading() as look:
        relation = look.lists.work_relations(person="ines")[0]
    do(world.app, "nadia", Action.END_WORK_RELATION, relation=relation.id, last_day=relation.period.first)
    advance(world.app, "2026-03-03T00:00")


def let_it_run_out(world: World) -> None:
    advance(world.app, "2027-03-02T00:00")


LOSSES = [revoke, end_the_work_relation, let_it_run_out]


@pytest.mark.parametrize("lose", LOSSES)
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_lost_right_is_gone_from_the_next_answer(world: World, answer: Answer, lose: Callable[[World], None]) -> None:
    app = Application(world)
    tokens = app.tokens("ines")
    assert app.verified(tokens["id_token"])[CLAIM] == RIGHT
    assert answer(world, app, tokens) == RIGHT
    lose(world)
    assert answer(world, app, tokens) == []


@pytest.mark.parametrize("lose", LOSSES)
def test_a_lost_right_closes_the_next_page_of_the_secure_area(world: World, lose: Callable[[World], None]) -> None:
    browser = in_area(world.browser("ines"))
    assert browser.get(AREA).status_code == 200
    lose(world)
    assert browser.get(AREA).status_code == 403
    again = world.browser("ines")
    assert followed(again, again.get(AREA)).status_code == 403
