"""A rotation from beginning to end, stopped after every single step and taken up again by another process."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from accessmgr.core.numbers import NationalNumber, PersonKey, SealedNumber
from accessmgr.vault import rotation
from accessmgr.vault.keyring import KeyFile, KeyRing, Purpose, VaultError, one_rotation_at_a_time
from accessmgr.vault.rotation import Phase
from accessmgr.vault.vault import Vault

NUMBERS = {
    "hilde": NationalNumber("72031400046"),
    "karel": NationalNumber("68092399993"),
    "noah": NationalNumber("01032299961"),
}
EWA = NationalNumber("82251700029")


class Stopped(Exception):
    """The process that rotates was killed here."""


@dataclass
class Rows:
    """The rows of a store, and a budget of steps after which the process is killed."""

    keys: dict[str, PersonKey] = field(default_factory=dict)
    numbers: dict[tuple[str, str], SealedNumber] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)
    steps_left: int = 1_000

    def step(self) -> None:
        if self.steps_left == 0:
            raise Stopped
        self.steps_left -= 1

    def enter(self, vault: Vault, person: str, number: NationalNumber) -> None:
        own = self.keys[person] = vault.new_key(person)
        self.numbers |= {(person, sealed.index_key_id): sealed for sealed in vault.seal_number(own, number)}
        self.texts[person] = vault.seal_text("totp", own, f"secret of {person}")

    def people_under(self, index_key_id: str) -> list[str]:
        return sorted(person for person, key in self.numbers if key == index_key_id)

    def left(self, data_key_id: str) -> list[str]:
        return sorted(person for person, key in self.keys.items() if key.key_id != data_key_id)

    def look_up(self, vault: Vault, number: NationalNumber) -> str | None:
        for index in vault.indexes(number):
            for (person, _), sealed in self.numbers.items():
                if (sealed.index_key_id, sealed.index) == index and vault.verify(self.keys[person], sealed, number):
                    return person
        return None


def filled_rows(path: Path) -> Rows:
    rows, vault = Rows(), Vault(KeyRing.create(path))
    for person, number in NUMBERS.items():
        rows.enter(vault, person, number)
    return rows


def rotate(path: Path, rows: Rows) -> None:
    """The driver as the module describes it; every step may be the last."""
    with one_rotation_at_a_time(path):
        ring = KeyRing.load(path)
        if rotation.phase(ring) is Phase.RESTING:
            rows.step()
            ring = rotation.begin(ring)
            ring.save(path)
        if rotation.phase(ring) is Phase.RUNNING:
            ring = backfill(path, ring, rows)
        if rotation.phase(ring) is Phase.CLEARING:
            clear(path, ring, rows)


def backfill(path: Path, ring: KeyRing, rows: Rows) -> KeyRing:
    vault, data = Vault(ring), rotation.next_data_id(ring)
    for person in rows.left(data):
        rows.step()
        rows.keys[person] = rotation.rewrap(vault, rows.keys[person])
    old, new = ring.current(Purpose.INDEX).id, rotation.next_index_id(ring)
    for person in sorted(set(rows.people_under(old)) - set(rows.people_under(new))):
        rows.step()
        rows.numbers[person, new] = rotation.reindex(vault, rows.keys[person], rows.numbers[person, old])
    rows.step()
    counts = {"under_current": len(rows.people_under(old)), "under_next": len(rows.people_under(new))}
    ring = rotation.finish(ring, left=len(rows.left(data)), **counts)
    ring.save(path)
    return ring


def clear(path: Path, ring: KeyRing, rows: Rows) -> None:
    for row in [row for row in rows.numbers if row[1] not in rotation.index_ids_in_use(ring)]:
        rows.step()
        del rows.numbers[row]
    rows.step()
    rotation.forget(ring).save(path)


def assert_everybody_is_there(path: Path, rows: Rows, numbers: dict[str, NationalNumber]) -> None:
    vault = Vault(KeyRing.load(path))
    assert {person: rows.look_up(vault, number) for person, number in numbers.items()} == {p: p for p in numbers}
    assert {person: vault.open_text("totp", rows.keys[person], text) for person, text in rows.texts.items()} == {
        person: f"secret of {person}" for person in numbers
    }


STEPS = 1 + 3 + 3 + 1 + 3 + 1


def test_a_rotation_replaces_every_key_and_every_record(tmp_path):
    path = tmp_path / "keys.json"
    rows = filled_rows(path)
    before = KeyRing.load(path)
    rotate(path, rows)
    after = KeyRing.load(path)
    assert rows.steps_left == 1_000 - STEPS
    assert {key.purpose for key in before.keys if key in after.keys} == {Purpose.SIGNING}
    assert len(after.keys) == 3
    assert {key_id for _, key_id in rows.numbers} == {after.current(Purpose.INDEX).id}
    assert {key.key_id for key in rows.keys.values()} == {after.current(Purpose.DATA).id}
    assert_everybody_is_there(path, rows, NUMBERS)


@pytest.mark.parametrize("steps", range(STEPS))
def test_a_rotation_stopped_after_any_step_keeps_everybody_and_is_taken_up_again(tmp_path, steps):
    path = tmp_path / "keys.json"
    rows = filled_rows(path)
    before = KeyRing.load(path)
    rows.steps_left = steps
    with pytest.raises(Stopped):
        rotate(path, rows)
    assert_everybody_is_there(path, rows, NUMBERS)
    rows.steps_left = STEPS - steps
    rotate(path, rows)
    assert rows.steps_left == 0
    after = KeyRing.load(path)
    assert rotation.phase(after) == "resting"
    assert len(rows.numbers) == 3
    assert {key.purpose for key in before.keys if key in after.keys} == {Purpose.SIGNING}
    assert_everybody_is_there(path, rows, NUMBERS)


@pytest.mark.parametrize("steps", range(STEPS))
def test_whoever_enters_between_two_steps_is_found_then_and_afterwards(tmp_path, steps):
    path = tmp_path / "keys.json"
    rows = filled_rows(path)
    serving = Vault(KeyFile(path))
    rows.steps_left = steps
    with pytest.raises(Stopped):
        rotate(path, rows)
    rows.enter(serving, "ewa", EWA)
    everybody = NUMBERS | {"ewa": EWA}
    assert_everybody_is_there(path, rows, everybody)
    rows.steps_left = 1_000
    rotate(path, rows)
    assert_everybody_is_there(path, rows, everybody)
    assert rows.look_up(serving, EWA) == "ewa"
    assert len(rows.numbers) == 4


def test_while_a_rotation_runs_a_number_has_an_index_under_each_key():
    ring = rotation.begin(KeyRing.fresh())
    vault = Vault(ring)
    own = vault.new_key("ewa")
    sealed = vault.seal_number(own, EWA)
    assert own.key_id == rotation.next_data_id(ring)
    assert [(record.index_key_id, record.index) for record in sealed] == vault.indexes(EWA)
    assert [vault.open_number(own, record) for record in sealed] == [EWA, EWA]


def test_a_record_is_found_by_the_next_index_and_opens_with_the_key_wrapped_anew():
    before = KeyRing.fresh()
    own = Vault(before).new_key("ewa")
    (sealed,) = Vault(before).seal_number(own, EWA)
    vault = Vault(rotation.begin(before))
    anew, beside = rotation.rewrap(vault, own), rotation.reindex(vault, own, sealed)
    assert (anew.key_id, beside.index_key_id) == (rotation.next_data_id(vault.ring), rotation.next_index_id(vault.ring))
    assert (beside.index_key_id, beside.index) == vault.indexes(EWA)[1]
    assert [vault.open_number(key, record) for key in (own, anew) for record in (sealed, beside)] == [EWA] * 4


def test_a_moved_record_or_key_stops_the_rotation():
    before = KeyRing.fresh()
    ewas, hildes = Vault(before).new_key("ewa"), Vault(before).new_key("hilde")
    (sealed,) = Vault(before).seal_number(ewas, EWA)
    vault = Vault(rotation.begin(before))
    with pytest.raises(VaultError, match=r"^a record of person `hilde` does not open: changed or moved$"):
        rotation.reindex(vault, hildes, sealed)
    with pytest.raises(VaultError, match=r"^a record of person `hilde` does not open: changed or moved$"):
        rotation.rewrap(vault, replace(ewas, person="hilde"))


def test_a_rotation_does_not_finish_while_a_record_or_a_key_is_missing():
    ring = rotation.begin(KeyRing.fresh())
    with pytest.raises(VaultError, match=r"^of 3 records 2 are under the next key, so the rotation goes on$"):
        rotation.finish(ring, left=0, under_current=3, under_next=2)
    with pytest.raises(VaultError, match=r"^1 keys of people are not under the next key, so the rotation goes on$"):
        rotation.finish(ring, left=1, under_current=3, under_next=3)
    assert rotation.phase(rotation.finish(ring, left=0, under_current=3, under_next=3)) == "clearing"


def test_no_step_is_taken_out_of_turn():
    resting = KeyRing.fresh()
    running = rotation.begin(resting)
    clearing = rotation.finish(running, left=0, under_current=0, under_next=0)
    assert [rotation.phase(ring) for ring in (resting, running, clearing)] == ["resting", "running", "clearing"]
    for ring in (running, clearing):
        with pytest.raises(VaultError, match=r"and this needs it to be `resting`$"):
            rotation.begin(ring)
    for ring in (resting, clearing):
        with pytest.raises(VaultError, match=r"and this needs it to be `running`$"):
            rotation.finish(ring, left=0, under_current=0, under_next=0)
    for ring in (resting, running):
        with pytest.raises(VaultError, match=r"and this needs it to be `clearing`$"):
            rotation.forget(ring)


def test_nothing_is_rewrapped_at_rest():
    vault = Vault(KeyRing.fresh())
    own = vault.new_key("ewa")
    (sealed,) = vault.seal_number(own, EWA)
    with pytest.raises(VaultError, match=r"^no rotation of keys is running$"):
        rotation.rewrap(vault, own)
    with pytest.raises(VaultError, match=r"^no rotation of keys is running$"):
        rotation.reindex(vault, own, sealed)


def test_after_a_rotation_an_old_record_opens_only_with_the_old_key_file():
    before = KeyRing.fresh()
    own = Vault(before).new_key("ewa")
    (sealed,) = Vault(before).seal_number(own, EWA)
    after = rotation.forget(rotation.finish(rotation.begin(before), left=0, under_current=0, under_next=0))
    assert Vault(before).open_number(own, sealed) == EWA
    with pytest.raises(VaultError, match=f"^no key `{own.key_id}` for `data` on the ring$"):
        Vault(after).open_number(own, sealed)
