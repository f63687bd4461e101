"""A rotation from beginning to end, stopped after every single step and taken up again by another process."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from accessmgr.core.numbers import NationalNumber, SealedNumber
from accessmgr.vault import rotation
from accessmgr.vault.keyring import KeyFile, KeyRing, Purpose, VaultError, one_rotation_at_a_time
from accessmgr.vault.rotation import Phase
from accessmgr.vault.vault import Vault, text_key_id

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

    numbers: dict[tuple[str, str], SealedNumber] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)
    steps_left: int = 1_000

    def step(self) -> None:
        if self.steps_left == 0:
            raise Stopped
        self.steps_left -= 1

    def enter(self, vault: Vault, person: str, number: NationalNumber) -> None:
        self.numbers |= {(person, sealed.key_id): sealed for sealed in vault.seal_number(person, number)}
        self.texts[person] = vault.seal_text("totp", person, f"secret of {person}")

    def people_under(self, key_id: str) -> list[str]:
        return sorted(person for person, key in self.numbers if key == key_id)

    def look_up(self, vault: Vault, number: NationalNumber) -> str | None:
        for index in vault.indexes(number):
            for (person, _), sealed in self.numbers.items():
                if (sealed.index_key_id, sealed.index) == index and vault.verify(person, sealed, number):
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
    vault, old, new = Vault(ring), ring.current(Purpose.DATA).id, rotation.next_key_id(ring)
    for person in sorted(set(rows.people_under(old)) - set(rows.people_under(new))):
        rows.step()
        rows.numbers[person, new] = rotation.reseal(vault, person, rows.numbers[person, old])
    for person, text in sorted(rows.texts.items()):
        if rotation.needs_reseal(vault, text):
            rows.step()
            rows.texts[person] = rotation.reseal_text(vault, "totp", person, text)
    rows.step()
    ring = rotation.finish(ring, under_current=len(rows.people_under(old)), under_next=len(rows.people_under(new)))
    ring.save(path)
    return ring


def clear(path: Path, ring: KeyRing, rows: Rows) -> None:
    for row in [row for row in rows.numbers if row[1] not in rotation.key_ids_in_use(ring)]:
        rows.step()
        del rows.numbers[row]
    rows.step()
    rotation.forget(ring).save(path)


def assert_everybody_is_there(path: Path, rows: Rows, numbers: dict[str, NationalNumber]) -> None:
    vault = Vault(KeyRing.load(path))
    assert {person: rows.look_up(vault, number) for person, number in numbers.items()} == {p: p for p in numbers}
    assert {person: vault.open_text("totp", person, text) for person, text in rows.texts.items()} == {
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
    assert {key_id for _, key_id in rows.numbers} == {after.current(Purpose.DATA).id}
    assert {text_key_id(text) for text in rows.texts.values()} == {after.current(Purpose.DATA).id}
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
    sealed = vault.seal_number("ewa", EWA)
    assert [record.key_id for record in sealed] == [ring.current(Purpose.DATA).id, rotation.next_key_id(ring)]
    assert [(record.index_key_id, record.index) for record in sealed] == vault.indexes(EWA)
    assert [vault.open_number("ewa", record) for record in sealed] == [EWA, EWA]


def test_a_resealed_record_is_under_the_next_keys_and_found_by_the_next_index():
    before = KeyRing.fresh()
    (sealed,) = Vault(before).seal_number("ewa", EWA)
    ring = rotation.begin(before)
    resealed = rotation.reseal(Vault(ring), "ewa", sealed)
    assert resealed.key_id == rotation.next_key_id(ring)
    assert (resealed.index_key_id, resealed.index) == Vault(ring).indexes(EWA)[1]


def test_a_moved_record_stops_the_rotation_instead_of_being_resealed():
    before = KeyRing.fresh()
    (sealed,) = Vault(before).seal_number("ewa", EWA)
    with pytest.raises(VaultError, match=r"^a record of person `hilde` under key"):
        rotation.reseal(Vault(rotation.begin(before)), "hilde", sealed)


def test_a_rotation_does_not_finish_while_a_record_is_missing():
    ring = rotation.begin(KeyRing.fresh())
    with pytest.raises(VaultError, match=r"^of 3 records 2 are under the next key, so the rotation goes on$"):
        rotation.finish(ring, under_current=3, under_next=2)
    assert rotation.phase(rotation.finish(ring, under_current=3, under_next=3)) == "clearing"


def test_no_step_is_taken_out_of_turn():
    resting = KeyRing.fresh()
    running = rotation.begin(resting)
    clearing = rotation.finish(running, under_current=0, under_next=0)
    assert [rotation.phase(ring) for ring in (resting, running, clearing)] == ["resting", "running", "clearing"]
    for ring in (running, clearing):
        with pytest.raises(VaultError, match=r"and this needs it to be `resting`$"):
            rotation.begin(ring)
    for ring in (resting, clearing):
        with pytest.raises(VaultError, match=r"and this needs it to be `running`$"):
            rotation.finish(ring, under_current=0, under_next=0)
    for ring in (resting, running):
        with pytest.raises(VaultError, match=r"and this needs it to be `clearing`$"):
            rotation.forget(ring)


def test_nothing_is_resealed_at_rest():
    vault = Vault(KeyRing.fresh())
    (sealed,) = vault.seal_number("ewa", EWA)
    text = vault.seal_text("totp", "ewa", "secret")
    with pytest.raises(VaultError, match=r"^no rotation of keys is running$"):
        rotation.reseal(vault, "ewa", sealed)
    with pytest.raises(VaultError, match=r"^no rotation of keys is running$"):
        rotation.needs_reseal(vault, text)
    with pytest.raises(VaultError, match=r"^the rotation of keys is `resting`"):
        rotation.reseal_text(vault, "totp", "ewa", text)


def test_after_a_rotation_an_old_record_opens_only_with_the_old_key_file():
    before = KeyRing.fresh()
    (sealed,) = Vault(before).seal_number("ewa", EWA)
    after = rotation.forget(rotation.finish(rotation.begin(before), under_current=0, under_next=0))
    assert Vault(before).open_number("ewa", sealed) == EWA
    with pytest.raises(VaultError, match=f"^no key `{sealed.key_id}` for `data` on the ring$"):
        Vault(after).open_number("ewa", sealed)
