"""What may be left out of a scenario file, and what counts as left out."""

import pytest

from accessmgr.core.days import moment
from accessmgr.core.model import Key
from accessmgr.scenarios.document import ClockStep, DecidingStep, GivenWorld, Scenario, ScenarioError
from accessmgr.scenarios.reader import read_bytes
from tests.scenarios.documents import BASE, with_changed, with_steps

SMALL = """\
scenario: small
format: 1
at: 2026-03-02T09:00
world:
  persons: {ines: {name: [Inès, Dubois], number: 95.08.17-000.86}}
  enterprises: {netjes: {number: 1999.000.150, name: Netjes, since: 2016-03-15, target_group: EA}}
steps: []
"""


def read(text: str) -> Scenario:
    return read_bytes(text.encode(), "the/file.yaml")


def step(text: str) -> DecidingStep:
    found = read(with_steps(text)).steps[0]
    assert isinstance(found, DecidingStep)
    return found


def test_a_small_world_has_the_rights_of_the_product_and_nothing_else() -> None:
    scenario = read(SMALL)
    assert sorted(scenario.world.rights) == ["energy_audit", "service_vouchers", "subsidy_desk"]
    assert scenario.world.enterprises["netjes"].number.digits == "1999000150"
    assert scenario.four_eyes is False
    assert (scenario.world.auditors, scenario.world.applications, scenario.steps) == (frozenset(), {}, ())


def test_rights_of_the_file_replace_those_of_the_product() -> None:
    assert list(read(BASE).world.rights) == ["parking"]
    assert list(read(SMALL.replace("steps:", "  rights: {}\nsteps:")).world.rights) == []


def test_a_person_has_all_keys_activated_unless_the_file_lists_them() -> None:
    persons = read(BASE).world.persons
    assert persons["ines"].keys == frozenset(Key)
    assert persons["nadia"].keys == {Key.EID, Key.ITSME}
    assert (
        read(with_changed("keys: [eid, itsme]}\n    ines", "keys: []}\n    ines")).world.persons["nadia"].keys == set()
    )


def test_null_counts_as_left_out_everywhere() -> None:
    text = SMALL.replace("target_group: EA", "target_group: EA, until: null, functions: null, recognitions: [~]")
    text = text.replace("steps: []", "  auditors: null\n  rights: null\nsettings: null\nsteps: [null]")
    scenario = read(text)
    assert scenario.world.enterprises["netjes"] == read(SMALL).world.enterprises["netjes"]
    assert (scenario.world.rights, scenario.steps) == (read(SMALL).world.rights, ())


@pytest.mark.parametrize("nothing", ["", ", contexts: null", ", contexts: []", ", contexts: ''", ", contexts: '  '"])
def test_contexts_that_are_not_given(nothing: str) -> None:
    asked = step("{do: request_right, as: ines, key: eid, enterprise: netjes, right: parking" + nothing + "}")
    assert asked.arguments.get("contexts", ()) == ()


def test_a_blank_within_a_list_of_contexts_stays() -> None:
    asked = step("{do: request_right, as: ines, key: eid, enterprise: netjes, right: parking, contexts: [null, '']}")
    assert asked.arguments["contexts"] == ("",)


@pytest.mark.parametrize("nothing", ["", ", reason: null", ", reason: ''", ", reason: '  '"])
def test_a_reason_that_is_not_given(nothing: str) -> None:
    asked = step("{do: revoke_grant, as: ines, key: eid, grant: g1" + nothing + "}")
    assert asked.arguments.get("reason") is None
    assert step("{do: revoke_grant, as: ines, key: eid, grant: g1, reason: so}").arguments["reason"] == "so"


def test_an_id_may_stand_on_any_step() -> None:
    steps = read(with_steps("{advance: 1d, id: x}", "{register: no_answer, enterprise: netjes, id: x}")).steps
    assert len(steps) == 2


def test_the_clock_goes_by_elapsed_time_or_to_a_moment() -> None:
    steps = read(
        with_steps("{at: 2026-03-28T12:00}", "{advance: 1d}", "{advance: 1h}", "{at: 2026-03-29T14:00:00+02:00}")
    ).steps
    assert [one.to for one in steps if isinstance(one, ClockStep)] == [
        moment("2026-03-28T12:00"),
        moment("2026-03-29T13:00"),
        moment("2026-03-29T14:00"),
        moment("2026-03-29T14:00"),
    ]


def test_a_named_world_is_asked_for_by_its_name() -> None:
    text = SMALL[: SMALL.index("world:")] + "world: elsewhere\nsteps: []\n"
    asked: list[str] = []

    def load(name: str) -> GivenWorld:
        asked.append(name)
        return read(SMALL).world

    assert read_bytes(text.encode(), "the/file.yaml", load).world == read(SMALL).world
    assert asked == ["elsewhere"]
    with pytest.raises(ScenarioError, match=r"the/file\.yaml:4: there is no world `elsewhere`"):
        read(text)
