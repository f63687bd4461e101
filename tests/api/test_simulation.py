"""The simulated world for programs: the clock, the register, and starting over while people go on."""

from pathlib import Path
from typing import Any

import pytest

from accessmgr.usecases.world import Conflict
from tests.api.building import keyed, told
from tests.api.demo import Demo, a_demo
from tests.web.building import NETJES, built_app, product_of


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return a_demo(tmp_path / "demo")


def post(demo: Demo, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
    return demo.app.test_client().post(f"/api/v1/simulator/{path}", json=body, headers=headers)


def shown(demo: Demo) -> str:
    return str(demo.app.test_client().get("/api/v1/simulator/clock").json["now"])[:16]  # type: ignore[index]


def size(demo: Demo) -> int:
    with demo.provider.world.store.reading() as look:
        return look.size()


def test_the_clock_goes_forwards_by_a_step_or_to_a_moment(demo: Demo) -> None:
    assert told(post(demo, "clock", {"days": 1}), 200)["now"][:13] == "2026-03-03T08"
    assert told(post(demo, "clock", {"to": "2026-05-03T12:00"}), 200)["now"][:16] == "2026-05-03T10:00"
    assert shown(demo) == "2026-05-03T10:00"


@pytest.mark.parametrize(
    "wish", [{}, {"days": 1, "seconds": 1}, {"to": "2026-03-01T12:00"}, {"to": "2099-01-01T00:00"}]
)
def test_the_clock_takes_one_wish_and_never_goes_back(demo: Demo, wish: dict[str, Any]) -> None:
    before = size(demo)
    assert post(demo, "clock", wish).status_code == 422
    assert size(demo) == before


def test_a_step_of_the_clock_with_a_key_is_taken_once(demo: Demo) -> None:
    key = keyed()
    first, again = (post(demo, "clock", {"days": 1}, key) for _ in range(2))
    assert (first.status_code, again.data, shown(demo)[:10]) == (200, first.data, "2026-03-03")


def test_a_step_that_could_not_be_taken_gives_its_key_back(demo: Demo) -> None:
    key = keyed()
    assert post(demo, "clock", {"to": "2026-03-01T12:00"}, key).status_code == 422
    assert post(demo, "clock", {"to": "2026-03-01T12:00"}, key).status_code == 422


def test_a_change_of_the_register_counts_at_once(demo: Demo) -> None:
    def may() -> Any:
        who = {"action": "enter_secure_area", "enterprise": NETJES, "right": "service_vouchers", "contexts": ["V99901"]}
        return demo.send("ines", "POST", "/check", json=who).json["allowed"]

    assert may() is True
    suspended = {"change": "suspend_recognition", "recognition": "V99901", "first": "2026-03-01"}
    before = size(demo)
    assert told(post(demo, "register", suspended), 200)["sequence"] >= before
    assert may() is False


CHANGES: list[dict[str, Any]] = [
    {"change": "start_function", "enterprise": NETJES, "function": "director", "person": "noah", "first": "2026-03-02"},
    {
        "change": "end_function",
        "enterprise": NETJES,
        "function": "managing_director",
        "person": "hilde",
        "last": "2026-03-02",
    },
    {"change": "close_enterprise", "enterprise": NETJES, "last": "2026-03-31"},
    {"change": "end_recognition", "recognition": "V99901", "last": "2026-03-31"},
    {"change": "close_establishment", "establishment": "8999000103", "last": "2026-03-31"},
    {"change": "move_establishment", "establishment": "8999000103", "enterprise": "1999000249", "first": "2026-03-31"},
    {"change": "record_death", "person": "hilde", "last": "2026-03-01"},
    {"change": "no_answer", "enterprise": NETJES},
    {"change": "answers", "enterprise": NETJES},
]


def test_every_change_is_pushed_and_told_by_its_entry(demo: Demo) -> None:
    answers = [post(demo, "register", change) for change in CHANGES]
    assert [answer.status_code for answer in answers] == [200] * len(CHANGES)
    with demo.provider.world.store.reading() as look:
        leaves = look.lists.leaves(answer.json["sequence"] for answer in answers)
    assert [b'"type":"register.changed"' in leaf for leaf in leaves.values()] == [True] * len(CHANGES)


NEARLY: list[tuple[dict[str, Any], int]] = [
    ({"change": "close_enterprise", "enterprise": NETJES}, 422),
    ({"change": "close_enterprise", "enterprise": "1999009949", "last": "2026-03-31"}, 404),
    ({"change": "record_death", "person": "nobody", "last": "2026-03-01"}, 404),
    ({"change": "end_recognition", "recognition": "V99999", "last": "2026-03-31"}, 404),
    ({"change": "suspend_recognition", "recognition": "V99901", "first": "2026-04-02", "last": "2026-04-01"}, 422),
    ({"change": "melt"}, 422),
]


@pytest.mark.parametrize(("change", "status"), NEARLY)
def test_a_change_that_cannot_be_changes_nothing(demo: Demo, change: dict[str, Any], status: int) -> None:
    before = size(demo)
    assert post(demo, "register", change).status_code == status
    assert size(demo) == before


def test_the_world_starts_over_as_it_opens(demo: Demo) -> None:
    opened = size(demo)
    old = demo.token("nadia")
    told(post(demo, "clock", {"days": 30}), 200)
    again = told(post(demo, "reset", {}, keyed()), 200)
    assert (again["token"], size(demo), shown(demo)[:10]) == (str(opened), opened, "2026-03-02")
    headers = {"Authorization": f"Bearer {old}"}
    assert demo.app.test_client().get("/api/v1/me", headers=headers).status_code == 401


def test_after_starting_over_one_goes_on_writing_and_the_history_is_sound(demo: Demo) -> None:
    store = product_of(demo.app).world.store
    told(post(demo, "clock", {"days": 30}), 200)
    before = product_of(demo.app).verifier_key()
    with store.writing() as tx:
        tx.checkpoint()
    told(post(demo, "reset", {}), 200)
    demo.tokens.clear()
    ids = demo.ids()
    renounced = demo.send("ines", "POST", f"/grants/{ids['grant']}/revoke", json={})
    assert (renounced.status_code, product_of(demo.app).trouble()) == (200, None)
    assert product_of(demo.app).verifier_key() != before
    with pytest.raises(Conflict), store.writing() as tx:
        tx.connection.exec_driver_sql("DELETE FROM entry")  # type: ignore[attr-defined]


def test_a_world_starts_over_in_either_database(tmp_path: Path, database_url: str) -> None:
    app = built_app(tmp_path, database_url=database_url)
    sizes = [told(app.test_client().post("/api/v1/simulator/reset", json={}), 200)["token"] for _ in range(2)]
    assert sizes == ["26", "26"]
    with product_of(app).world.store.reading() as look:
        assert (look.size(), "ines" in look.lists.personas()) == (26, True)
    product_of(app).world.store.engine.dispose()  # type: ignore[attr-defined]


def test_there_is_nothing_of_it_outside_simulation(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    settings = {"simulation": False, "base_url": "https://acm.example", "secret_key": "s" * 40}
    app = built_app(tmp_path / "data", keys_file=str(tmp_path / "keys" / "keys.json"), **settings)
    answers = [app.test_client().post(f"/api/v1/simulator/{path}", json={}) for path in ("clock", "register", "reset")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
