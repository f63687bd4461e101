"""The state is what the history tells: who changes a row, an entry or a policy behind the product's back is found."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, Table

from accessmgr.core.actions import Action
from accessmgr.core.events import plain
from accessmgr.core.ledger.note import Checkpoint
from accessmgr.store import tables
from accessmgr.store.fact_digests import CHAIN, FACTS, MANY
from accessmgr.store.rows import columns_of
from accessmgr.store.tables import OPEN
from accessmgr.vault.keyring import KeyRing
from accessmgr.vault.vault import Vault
from tests.builders import AUDITOR, ENTERPRISE, MAIN, NEWCOMER, OUTSIDER, TODAY, WORKER, a_grant
from tests.store.eventful import an_eventful_stage, does, verdict_on, whole_verdict
from tests.store.tampering import Entries, head_t, rewrite, roll_back, some, tampering, unwatch
from tests.usecases.stage import Stage, a_stage

SIZE = 53
STATE = {name: tables.Base.metadata.tables[name] for name in (*FACTS, *CHAIN)}
policy_t, subject_t = tables.PolicyInForce.__table__, tables.EntrySubject.__table__
note_t, asked_t, import_t = tables.Note.__table__, tables.AskedDecision.__table__, tables.RegisterImport.__table__

OTHER_VALUE: dict[str, dict[str, Any]] = {
    "person": {"id": "somebody"},
    "death": {"day": date(2020, 2, 2)},
    "auditor": {"id": "somebody"},
    "digital_key": {"key": "sms"},
    "enterprise": {"target_group": "LB"},
    "function": {"code": "syndic"},
    "recognition": {"last": date(2040, 2, 2)},
    "suspension": {"first": date(2020, 2, 2)},
    "establishment": {"enterprise": "0999999999"},
    "establishment_move": {"since": date(2020, 2, 2)},
    "silence": {"id": "0999999999"},
    "appointment": {"domain": "health"},
    "work_relation": {"last": date(2040, 2, 2)},
    "right_grant": {"contexts": ["99999"]},
    "right_request": {"requester": "somebody"},
}
"""For each table of state, a value that none of its rows has."""


@pytest.fixture
def stage(stage_url: str) -> Iterator[Stage]:
    """A world in which everything happened, once in each kind of database."""
    with an_eventful_stage(stage_url) as stage:
        yield stage


def edit(connection: Connection, table: Table, row: Any) -> int:
    connection.execute(table.update().where(table.c.row == row.row).values(OTHER_VALUE[table.name]))
    return told_by(row)


def delete(connection: Connection, table: Table, row: Any) -> int:
    connection.execute(table.delete().where(table.c.row == row.row))
    return told_by(row)


def insert(connection: Connection, table: Table, row: Any) -> int:
    values = {name: value for name, value in row._mapping.items() if name != "row"}
    another = {name: "another" for name in ("id", "person", "establishment", "enterprise") if name in values}
    connection.execute(table.insert().values({**values, **another, "recorded_to": OPEN}))
    return told_by(row)


def begin_later(connection: Connection, table: Table, row: Any) -> int:
    connection.execute(table.update().where(table.c.row == row.row).values(recorded_from=row.recorded_from + 1))
    return told_by(row)


def close(connection: Connection, table: Table, row: Any) -> int:
    connection.execute(table.update().where(table.c.row == row.row).values(recorded_to=SIZE))
    return SIZE - 1


def end_later(connection: Connection, table: Table, row: Any) -> int:
    connection.execute(table.update().where(table.c.row == row.row).values(recorded_to=row.recorded_to + 1))
    return int(row.recorded_to) - 1


def told_by(row: Any) -> int:
    """The entry that tells of a row: the first, if it was always there."""
    return max(row.recorded_from - 1, 0)


ON_ROWS: dict[str, tuple[Callable[[Connection, Table, Any], int], Callable[[Table], tuple[Any, ...]]]] = {
    "edited": (edit, lambda table: ()),
    "deleted": (delete, lambda table: ()),
    "inserted": (insert, lambda table: ()),
    "said to begin later": (begin_later, lambda table: ()),
    "closed": (close, lambda table: (table.c.recorded_to == OPEN, table.name != "person")),
    "said to end later": (end_later, lambda table: (table.c.recorded_to < OPEN,)),
}
"""What can be done to a row of state, and to which; gives the entry that tells otherwise."""


def test_a_history_in_which_everything_happened_is_valid(stage: Stage) -> None:
    assert whole_verdict(stage).startswith(f"VALID {SIZE}: ")
    assert {table for table in STATE if stage.content()[table]} == set(STATE)


@pytest.mark.parametrize("kind", ON_ROWS)
def test_a_row_that_no_entry_tells_so_is_found_at_the_entry_that_tells_otherwise(stage: Stage, kind: str) -> None:
    """In SQLite at up to three rows of each table, in PostgreSQL, which is slower, at one."""
    change, which = ON_ROWS[kind]
    tried, wrong = 0, []
    with tampering(stage) as connection:
        for name, table in STATE.items():
            found = some(connection, table, *which(table))
            for row in found if connection.dialect.name == "sqlite" else found[-1:]:
                again = connection.begin_nested()
                expected = f"TAMPERED at {change(connection, table, row)}"
                verdict = verdict_on(stage, connection)
                again.rollback()
                tried += 1
                if str(verdict) != expected or f"`{name}`" not in verdict.because:
                    wrong.append((name, row, expected, str(verdict), verdict.because))
    assert wrong == []
    assert tried >= 8
    assert whole_verdict(stage).startswith(f"VALID {SIZE}: ")


# --- beside the rows of state ---------------------------------------------------------------------------------


def swap_holders(connection: Connection) -> None:
    grant_t = STATE["right_grant"]
    connection.execute(grant_t.update().where(grant_t.c.recorded_from == 4).values(holder=NEWCOMER))


def forget_person(connection: Connection) -> None:
    person_t = STATE["person"]
    connection.execute(person_t.update().where(person_t.c.id == NEWCOMER).values(recorded_to=SIZE))


def first_policy(connection: Connection, **values: Any) -> None:
    connection.execute(policy_t.update().where(policy_t.c.since == 0).values(**values))


def change_policy(connection: Connection) -> None:
    content = connection.execute(policy_t.select().where(policy_t.c.since == 0)).one().content
    first_policy(connection, content=content.replace('"max_days":365', '"max_days":3650'))


def lose_policy(connection: Connection) -> None:
    connection.execute(policy_t.delete().where(policy_t.c.since > 0))


def add_policy(connection: Connection) -> None:
    row = connection.execute(policy_t.select().where(policy_t.c.since == 0)).one()
    connection.execute(policy_t.insert().values(since=7, digest=row.digest, content=row.content))


def rename_policy_in_head(connection: Connection) -> None:
    connection.execute(head_t.update().values(policy="0" * 64))


def hide(connection: Connection) -> None:
    connection.execute(subject_t.delete().where(subject_t.c.sequence == 7, subject_t.c.subject == WORKER))


def accuse(connection: Connection) -> None:
    connection.execute(subject_t.insert().values(sequence=7, subject="somebody"))


def move_subjects(connection: Connection) -> None:
    connection.execute(subject_t.update().where(subject_t.c.sequence == 7).values(sequence=SIZE + 7))


def move_note(connection: Connection) -> None:
    connection.execute(note_t.update().where(note_t.c.sequence == 1).values(sequence=5))


def misattribute_note(connection: Connection) -> None:
    connection.execute(note_t.update().where(note_t.c.sequence == 1).values(author=MAIN))


def import_nothing(connection: Connection) -> None:
    connection.execute(import_t.insert().values(sequence=9, extract_number=3, snapshot=TODAY, kind="full"))


def change_what_was_asked(connection: Connection) -> None:
    connection.execute(asked_t.update().where(asked_t.c.position == 1).values(line=b'{"number":3}'))


def lose_what_was_asked(connection: Connection) -> None:
    connection.execute(asked_t.delete().where(asked_t.c.position == 1))


def forget_two_entries(connection: Connection) -> None:
    connection.execute(head_t.update().values(size=SIZE - 2))


BESIDE: dict[str, tuple[Callable[[Connection], None], str]] = {
    "the holder of a grant is another": (swap_holders, "TAMPERED at 3: a row of `right_grant` is not as entry 3 tells"),
    "a person is known no more": (forget_person, "TAMPERED at 12: entry 12 names a person that was not known then"),
    "a policy has another content": (change_policy, "TAMPERED at 0: the policy in force from entry 0 on is not"),
    "a policy counts from later on": (
        lambda connection: first_policy(connection, since=2),
        "TAMPERED at 0: entry 0 was decided by another policy",
    ),
    "a policy has another name": (
        lambda connection: first_policy(connection, digest="0" * 64),
        "TAMPERED at 0: the policy in force from entry 0 on is not",
    ),
    "a policy is no policy": (
        lambda connection: first_policy(connection, content="{}"),
        "TAMPERED at 0: the policy in force from entry 0 on cannot be read",
    ),
    "policies are lost": (lose_policy, "TAMPERED at 34: entry 34 was decided by another policy"),
    "a policy is put between": (add_policy, "TAMPERED at 7: the policy in force from entry 7 on is not"),
    "the policy in the head is another": (rename_policy_in_head, "TAMPERED at 52: the policy in force is not that"),
    "somebody is no longer told of an entry": (hide, "TAMPERED at 7: whom entry 7 is about"),
    "somebody is told of an entry about others": (accuse, "TAMPERED at 7: whom entry 7 is about"),
    "whom an entry is about is moved": (move_subjects, "TAMPERED at 7: whom entry 7 is about"),
    "a note is put with another entry": (move_note, "TAMPERED at 5: the note with entry 5"),
    "a note is said to be of another": (misattribute_note, "TAMPERED at 1: the note with entry 1"),
    "an import is invented": (import_nothing, "TAMPERED at 9: the extract of the register is not the one"),
    "what was asked is changed": (change_what_was_asked, "the decision log has other lines here"),
    "what was asked is lost": (lose_what_was_asked, "the decision log has 1 lines here, not 2"),
    "the size of the history is another": (forget_two_entries, "TAMPERED at 51: 51 entries were written, here are 53"),
}


def test_what_stands_beside_the_state_is_what_the_history_tells(stage: Stage) -> None:
    told = {}
    for kind, (change, _expected) in BESIDE.items():
        with tampering(stage) as connection:
            change(connection)
            verdict = verdict_on(stage, connection)
        told[kind] = f"{verdict}: {verdict.because}"
    assert [(kind, told[kind]) for kind, (_change, expected) in BESIDE.items() if expected not in told[kind]] == []


def test_two_numbers_that_were_swapped_open_for_nobody(stage: Stage) -> None:
    number_t = tables.NationalNumber.__table__
    with stage.writing() as connection:
        one, two = some(connection, number_t)[:2]
        for row, other in ((one, "none"), (two, one.person), (one, two.person)):
            connection.execute(number_t.update().where(number_t.c.row == row.row).values(person=other))
    with stage.store.reading() as look, pytest.raises(Exception, match=r"does not open"):
        look.number_of(one.person)
    assert whole_verdict(stage).startswith(f"VALID {SIZE}: ")  # no entry may pin what is to be erasable


# --- with the key of the history ------------------------------------------------------------------------------


def forge(place: int, **decision: Any) -> Callable[[Entries], None]:
    return lambda entries: entries[place]["decision"].update(decision)


def set_in(place: int, *path: str, value: Any) -> Callable[[Entries], None]:
    def change(entries: Entries) -> None:
        inside: Any = entries[place]
        for name in path[:-1]:
            inside = inside[int(name)] if isinstance(inside, list) else inside[name]
        inside[path[-1]] = value

    return change


def drop(place: int, *path: str) -> Callable[[Entries], None]:
    def change(entries: Entries) -> None:
        inside: Any = entries[place]
        for name in path[:-1]:
            inside = inside[name]
        del inside[path[-1]]

    return change


def without(place: int) -> Callable[[Entries], Entries]:
    return lambda entries: entries[:place] + entries[place + 1 :]


def twice(place: int) -> Callable[[Entries], Entries]:
    return lambda entries: [*entries[: place + 1], dict(entries[place]), *entries[place + 1 :]]


def exchanged(place: int) -> Callable[[Entries], Entries]:
    def change(entries: Entries) -> Entries:
        one, two = entries[place], entries[place + 1]
        one["recorded_at"], two["recorded_at"] = two["recorded_at"], one["recorded_at"]
        return [*entries[:place], two, one, *entries[place + 2 :]]

    return change


WITH_THE_KEY: dict[str, tuple[Callable[[Entries], Entries | None], str]] = {
    "the first entry is removed": (without(0), "TAMPERED at 0: "),
    "a middle entry is removed": (without(20), "TAMPERED at 20: "),
    "a refusal is removed": (without(26), "TAMPERED at 26: "),
    "the last entry is removed": (without(SIZE - 1), f"TAMPERED at {SIZE - 2}: "),
    "an entry stands twice": (twice(4), "TAMPERED at 5: "),
    "two entries are exchanged": (exchanged(6), "TAMPERED at 6: "),
    "another rule is said to have decided": (
        forge(6, because=["GRANT-2"]),
        "TAMPERED at 6: the decision in entry 6 does not follow",
    ),
    "what was refused is said to be allowed": (
        forge(26, allowed=True, because=["GRANT-1"]),
        "TAMPERED at 26: the decision in entry 26 does not follow",
    ),
    "what was allowed is said to be refused": (
        forge(4, allowed=False, because=["ENTER-1"]),
        "TAMPERED at 4: the decision in entry 4 does not follow",
    ),
    "somebody else is said to have asked": (set_in(6, "actor", value=NEWCOMER), "TAMPERED at 6: the decision in"),
    "something else is said to have been asked": (
        set_in(6, "decision", "asked", "right", value="service_vouchers"),
        "TAMPERED at 6: the decision in",
    ),
    "a question has a word that is none": (
        set_in(6, "decision", "asked", "colour", value="blue"),
        "TAMPERED at 6: entry 6 is not one that the product writes",
    ),
    "a change is told otherwise": (
        set_in(6, "data", "changes", "0", "row", "holder", value=NEWCOMER),
        "TAMPERED at 6: a row of `right_grant` is not as entry 6 tells",
    ),
    "a change is not told": (drop(6, "data", "changes"), "TAMPERED at 6: entry 6 tells nothing of a row"),
    "a decision is not told": (set_in(6, "decision", value={}), "TAMPERED at 6: entry 6 tells of a change that nobody"),
    "a decision is no decision": (drop(6, "decision", "asked"), "TAMPERED at 6: entry 6 is not one that"),
    "it happened at another moment": (
        set_in(7, "recorded_at", value="2026-03-10T11:00:08.500000Z"),
        "TAMPERED at 7: the change in entry 7 does not follow",
    ),
    "it is called otherwise": (set_in(6, "type", value="grant.extended"), "TAMPERED at 6: the type of entry 6"),
    "it is of another enterprise": (set_in(6, "data", "enterprise", value="0999999999"), "TAMPERED at 6: the enter"),
    "it is told by another policy": (forge(6, policy="0" * 64), "TAMPERED at 6: entry 6 was decided by another policy"),
    "facts are told otherwise": (
        set_in(30, "data", "facts", "function", "added", value=2),
        "TAMPERED at 30: the rows of `function` that entry 30 brought or ended",
    ),
    "facts are not told": (drop(30, "data", "facts"), "TAMPERED at 30: the rows of `function`"),
    "what was always so is told late": (
        lambda entries: entries[3]["data"].update(opening=entries[0]["data"]["opening"]),
        "TAMPERED at 3: only the first entry",
    ),
}


def test_even_who_has_the_key_is_found_as_the_decisions_do_not_follow(stage: Stage) -> None:
    told = {}
    for kind, (change, _expected) in WITH_THE_KEY.items():
        with tampering(stage) as connection:
            rewrite(connection, stage.store.vault, change)
            verdict = verdict_on(stage, connection)
        told[kind] = f"{verdict}: {verdict.because}"
    wrong = [(kind, told[kind]) for kind, (_, expected) in WITH_THE_KEY.items() if not told[kind].startswith(expected)]
    assert wrong == []


def test_a_grant_with_an_entry_that_nobody_may_have_written_is_found(stage: Stage) -> None:
    def add(entries: Entries) -> None:
        row = {**plain(a_grant(OUTSIDER)), "id": "mine", "by": OUTSIDER}
        change = {"what": "right.granted", "noun": "Grant", "row": row}
        last = entries[-1]
        asked = {**entries[13]["decision"]["asked"], "person": OUTSIDER}
        decision = {**last["decision"], "action": "grant_right", "allowed": True, "because": ["GRANT-1"]}
        data = {"enterprise": ENTERPRISE, "changes": [change]}
        decision["asked"] = asked
        entries.append({**last, "type": "right.granted", "actor": OUTSIDER, "decision": decision, "data": data})

    with tampering(stage) as connection:
        rewrite(connection, stage.store.vault, add)
        values = columns_of(replace(a_grant(OUTSIDER), id="mine", by=OUTSIDER))
        connection.execute(STATE["right_grant"].insert().values(**values, recorded_from=SIZE + 1))
        verdict = verdict_on(stage, connection)
    because = f"the decision in entry {SIZE} does not follow from the facts of its moment"
    assert (str(verdict), verdict.because) == (f"TAMPERED at {SIZE}", because)


def test_a_history_that_was_rewritten_without_the_key_is_found_by_its_signatures(stage: Stage) -> None:
    with tampering(stage) as connection:
        rewrite(connection, Vault(KeyRing.fresh()), forge(6, because=["GRANT-2"]))
        assert str(verdict_on(stage, connection)) == f"TAMPERED between 0 and {SIZE - 1}"


@pytest.mark.parametrize("size", [1, 18, 30, 47, SIZE - 1])
def test_a_backup_that_was_put_back_is_known_by_a_checkpoint_from_outside(stage: Stage, size: int) -> None:
    with stage.store.writing() as tx:
        kept = Checkpoint.parse(tx.checkpoint())
    with tampering(stage) as connection:
        roll_back(connection, stage.store.vault, size)
        assert str(verdict_on(stage, connection)) == f"VALID {size}"
        assert str(verdict_on(stage, connection, old=kept)) == "TRUNCATED"


def test_a_backup_on_which_another_history_was_written_is_a_fork(stage: Stage) -> None:
    with stage.store.writing() as tx:
        kept = Checkpoint.parse(tx.checkpoint())
    with stage.store.engine.begin() as connection:
        unwatch(connection)
        roll_back(connection, stage.store.vault, 40)
    for _ in range(SIZE):
        does(stage, Action.REVEAL_NUMBER)
    with stage.looking() as connection:
        assert str(verdict_on(stage, connection)) == f"VALID {SIZE + 40}"
        assert str(verdict_on(stage, connection, old=kept)) == "FORKED"


def test_entries_that_are_rolled_back_alone_are_missed_by_the_state(stage: Stage) -> None:
    with tampering(stage) as connection:
        rewrite(connection, stage.store.vault, lambda entries: entries[:40])
        assert str(verdict_on(stage, connection)) == "TAMPERED at 39"


def test_facts_that_are_left_without_an_entry_are_told_by_none(stage: Stage) -> None:
    with stage.store.writing() as tx:
        tx.add_fact("auditor", id=NEWCOMER)
    assert whole_verdict(stage).startswith(f"TAMPERED at {SIZE - 1}: a row of `auditor` counts from a size")
    does(stage, Action.REVEAL_NUMBER)
    assert whole_verdict(stage).startswith(f"TAMPERED at {SIZE}: the rows of `auditor` that entry {SIZE} brought")


def test_very_many_facts_are_told_as_few_are(stage_url: str) -> None:
    with a_stage(stage_url) as stage:
        with stage.store.writing() as tx:
            for number in range(MANY + 1):
                tx.add_fact("digital_key", person=f"p{number}", key="eid")
            tx.end_fact("auditor", AUDITOR)
            tx.append("key.activated", stage.clock.now())
        with stage.store.writing() as tx:
            tx.change_fact("enterprise", ENTERPRISE, target_group="LB")
            tx.change_many_facts(["enterprise", "function", "denomination"])
            tx.append("register.changed", stage.clock.now())
        facts = [entry["data"]["facts"] for entry in stage.entries()]
        assert [{name: (its["added"], its["ended"]) for name, its in told.items()} for told in facts] == [
            {"auditor": (0, 1), "digital_key": (MANY + 1, 0)},
            {"enterprise": (1, 1)},
        ]
        assert whole_verdict(stage).startswith("VALID 2: ")


def test_names_stand_outside_of_the_history_so_that_they_can_be_erased(stage: Stage) -> None:
    with tampering(stage) as connection:
        connection.execute(STATE["person"].update().values(given="Another"))
        connection.execute(STATE["function"].update().values(holder_name="Another"))
        assert str(verdict_on(stage, connection)) == f"VALID {SIZE}"
