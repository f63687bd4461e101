"""Erasing a person: nothing personal is left, nobody else is touched, and the history stays as valid as it was."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from accessmgr.cli.rotation import rotate
from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.ledger.note import Checkpoint, VerifierKey
from accessmgr.core.ledger.tree import check_inclusion, leaf_hash
from accessmgr.core.model import AppointmentState, Key, RequestState, Role
from accessmgr.core.numbers import NationalNumber, PersonKey, SealedNumber
from accessmgr.store import tables
from accessmgr.store.sessions import StoredSessions
from accessmgr.store.store import Store
from accessmgr.store.totp import StoredTotp
from accessmgr.store.vaulted import key_for, sealed_number
from accessmgr.store.verification import verify_stored
from accessmgr.usecases import erasure
from accessmgr.usecases.erasure import NotErased
from accessmgr.usecases.perform import Identity, consider
from accessmgr.usecases.world import Unknown
from accessmgr.vault import rotation
from accessmgr.vault.keyring import KeyRing
from accessmgr.vault.vault import Vault, VaultError, is_signature
from tests.builders import (
    AUDITOR,
    DAY,
    ENTERPRISE,
    LAST_YEAR,
    LONG_AGO,
    NOW,
    TODAY,
    WORKER,
    YESTERDAY,
    a_grant,
    a_request,
    a_work_relation,
    an_appointment,
    an_ask,
    an_offer,
)
from tests.usecases.stage import PEOPLE, Stage, a_stage, identity_of, number_of

GONE = "5a0c7f3e9b1d4c2f8e6a0b9c7d5e3f11"
GIVEN, FAMILY, FORMER = "Zebedea", "Quistwater", "Ruwenhoek"
NUMBER = NationalNumber("80010199976")
CONTACT, EARLIER_CONTACT = "zebedea@quistwater.example", "02 555 01 99"
WORDS = ("for the audits of Zebedea", "Quistwater left us in anger", "a draft by Zebedea")
REASON = "asked by letter of 3 May"
PAST = Period(LONG_AGO, YESTERDAY)


@pytest.fixture
def stage(stage_url: str) -> Iterator[Stage]:
    """A person of whom there is something in every table, and who is nobody any more, in each kind of database."""
    with a_stage(stage_url) as stage:
        enter(stage)
        yield stage


def enter(stage: Stage) -> None:
    with stage.store.writing() as tx:
        tx.add_person(GONE, GIVEN, FORMER, NUMBER, keys=["itsme"], language="nl")
        tx.add_persona("zeb", GONE)
        tx.keep_contact(GONE, EARLIER_CONTACT)
        tx.append("person.entered", stage.clock.now(), data={"person": GONE}, subjects=[GONE])
    with stage.store.writing() as tx:
        tx.change_fact("person", GONE, family=FAMILY)
        tx.keep_contact(GONE, CONTACT)
        names = {"holder": GONE, "holder_name": f"{GIVEN} {FAMILY}", "enterprise": ENTERPRISE}
        tx.add_fact("function", id="past function", code="director", first=PAST.first, last=PAST.last, **names)
        tx.append("contact.changed", stage.clock.now(), data={"person": GONE}, subjects=[GONE])
    stage.put(a_work_relation(GONE, period=PAST), a_grant(GONE, period=PAST))
    stage.perform(Action.REVEAL_NUMBER, actor=AUDITOR, person=GONE, note=WORDS[1])
    stage.perform(Action.LINK_PERSON, actor=GONE, person=None, note=WORDS[0])
    sessions = sessions_of(stage)
    sessions.begin(GONE, Key.ITSME)
    sessions.keep_draft("draft", GONE, WORDS[2])
    StoredTotp(stage.store.engine, stage.store.vault).enrol(GONE)


def sessions_of(stage: Stage) -> StoredSessions:
    return StoredSessions(stage.store.engine, stage.store.vault)


def everything(stage: Stage) -> bytes:
    """All that is in the database, and in SQLite the bytes of its file too, free pages included."""
    values = (value for rows in stage.content().values() for row in rows for value in row)
    told = b"\n".join(bytes(v) if isinstance(v, (bytes, memoryview)) else str(v).encode() for v in values)
    place = stage.store.engine.url.database or ""
    return told + (Path(place).read_bytes() if stage.store.engine.dialect.name == "sqlite" else b"")


def sealed(stage: Stage) -> list[bytes]:
    """Every sealed thing of the person, and their key."""
    found = []
    for table, person, columns in (
        ("person_key", "person", ["wrapped"]),
        ("national_number", "person", ["nonce", "ciphertext", "number_index"]),
        ("contact", "id", ["sealed"]),
        ("note", "author", ["sealed"]),
        ("totp", "person", ["sealed"]),
        ("draft", "person", ["sealed"]),
    ):
        which = tables.Base.metadata.tables[table]
        with stage.looking() as connection:
            rows = connection.execute(select(*(which.c[name] for name in columns)).where(which.c[person] == GONE)).all()
        found += [bytes(value) for row in rows for value in row]
    return found


def verdict(stage: Stage, old: str | None = None) -> str:
    key = VerifierKey.parse(stage.store.verifier_key())
    with stage.store.reading() as look:
        before = Checkpoint.parse(old) if old else None
        return str(verify_stored(look.connection, is_signature, key=key, old=before))


# --- what goes, and what stays --------------------------------------------------------------------------------


def test_nothing_of_the_person_is_left_in_the_database(stage: Stage) -> None:
    traces = [text.encode() for text in (GIVEN, FAMILY, FORMER, NUMBER.digits, CONTACT)] + sealed(stage)
    before = everything(stage)
    assert [trace in before for trace in traces] == [True, True, True, False, False] + [True] * 9
    erasure.erase(stage.world, GONE, REASON)
    after = everything(stage)
    assert [trace for trace in traces if trace in after] == []


def test_the_entry_tells_who_and_how_much_and_no_words(stage: Stage) -> None:
    erased = erasure.erase(stage.world, GONE, REASON)
    entry = stage.entries()[-1]
    assert (entry["type"], entry["actor"], entry["sequence"]) == ("person.erased", "system", erased.sequence)
    assert entry["data"] == {
        "person": GONE,
        "destroyed": {
            "contact": 2,
            "draft": 1,
            "failed_lookup": 1,
            "key": 1,
            "name": 2,
            "name_in_register": 1,
            "national_number": 1,
            "note": 2,
            "security_code_secret": 1,
            "session": 1,
            "short_name": 1,
        },
    }
    assert REASON not in json.dumps(stage.entries())
    with stage.store.reading() as look:
        assert look.notes([entry["sequence"]]) == {entry["sequence"]: REASON}
        assert look.lists.about([entry["sequence"]], GONE) == {entry["sequence"]}


def test_the_person_is_found_nowhere_and_cannot_sign_in(stage: Stage) -> None:
    identity = Identity(NUMBER, (GIVEN, FAMILY))
    session = sessions_of(stage).begin(GONE, Key.ITSME)
    with stage.store.reading() as look:
        assert look.find_person(NUMBER, identity.names) == GONE
        assert [named.id for named in look.lists.sign_in_people("itsme")] == [GONE]
    erasure.erase(stage.world, GONE, REASON)
    assert sessions_of(stage).find(session) is None
    with stage.store.reading() as look:
        assert look.find_person(NUMBER, identity.names) is None
        assert look.find_person(NUMBER, ("", "")) is None
        assert look.person_with(NUMBER) is None
        assert (look.number_of(GONE), look.contact_of(GONE)) == (None, None)
        assert look.lists.sign_in_people(None, id_=GONE) == []
        assert "zeb" not in look.lists.personas()


def test_their_words_and_the_words_about_them_are_gone_and_other_words_stay(stage: Stage) -> None:
    other = stage.perform(Action.REVEAL_NUMBER, actor=AUDITOR, person=WORKER, note="another case").sequence
    with stage.store.reading() as look:
        assert sorted(look.notes(range(look.size())).values()) == sorted([*WORDS[:2], "another case"])
    sequence = erasure.erase(stage.world, GONE, REASON).sequence
    with stage.store.reading() as look:
        assert look.notes(range(look.size())) == {other: "another case", sequence: REASON}


def test_where_the_name_would_stand_it_says_an_erased_person_then_and_now(stage: Stage) -> None:
    with stage.store.reading() as look:
        then = look.size()
    erasure.erase(stage.world, GONE, REASON)
    with stage.store.reading() as look:
        names = [look.lists_at(size).names([GONE])[GONE].name for size in (1, then, None)]
        assert names == ["an erased person"] * 3
        assert look.lists.names([WORKER])[WORKER].name == f"Given Van {WORKER}"


def test_nobody_else_is_touched(stage: Stage) -> None:
    kept = ("person_key", "national_number", "person", "contact", "work_relation", "right_grant", "appointment")

    def of_others() -> list[tuple[Any, ...]]:
        content = stage.content()
        return [row for name in kept for row in content[name] if GONE not in row]

    before = of_others()
    erasure.erase(stage.world, GONE, REASON)
    after = of_others()
    assert [row for row in before if row not in after] == []
    assert [row[0] for row in after if row not in before] == ["system"]
    with stage.store.reading() as look:
        assert look.find_person(*vars_of(WORKER)) == WORKER


def vars_of(person: str) -> tuple[NationalNumber | None, Any]:
    identity = identity_of(person)
    return identity.number, identity.names


def test_every_proof_from_before_stays_valid(stage: Stage) -> None:
    with stage.store.writing() as tx:
        note = tx.checkpoint()
        size = tx.size()
        leaves = list(tx.ledger.leaves(size))
        paths = [tx.ledger.inclusion(sequence, size) for sequence in range(size)]
    assert verdict(stage) == f"VALID {size}"
    erasure.erase(stage.world, GONE, REASON)
    assert verdict(stage, note) == f"VALID {size + 1}"
    root = Checkpoint.parse(note).root
    with stage.store.reading() as look:
        assert look.ledger.root(size) == root
        assert list(look.ledger.leaves(size)) == leaves
    for sequence, leaf in enumerate(leaves):
        check_inclusion(sequence, size, leaf_hash(leaf), paths[sequence], root)


def test_a_decision_about_them_is_the_same_as_known_before(stage: Stage) -> None:
    stage.clock.moment = NOW + timedelta(hours=1)
    ask = an_ask(Action.ENTER_SECURE_AREA, actor=GONE)
    before = consider(stage.world, ask, on=LAST_YEAR, known_at=NOW).decision
    stage.clock.moment = NOW + timedelta(hours=2)
    erasure.erase(stage.world, GONE, REASON)
    assert consider(stage.world, ask, on=LAST_YEAR, known_at=NOW).decision == before


def test_their_number_can_be_entered_again_as_a_new_person(stage: Stage) -> None:
    erasure.erase(stage.world, GONE, REASON)
    with stage.store.writing() as tx:
        tx.add_person("somebody new", GIVEN, FAMILY, NUMBER)
        tx.append("person.entered", stage.clock.now(), data={"person": "somebody new"}, subjects=["somebody new"])
    with stage.store.reading() as look:
        assert look.find_person(NUMBER, (GIVEN, FAMILY)) == "somebody new"


def test_nothing_is_sealed_for_them_any_more(stage: Stage) -> None:
    erasure.erase(stage.world, GONE, REASON)
    with pytest.raises(Unknown):
        sessions_of(stage).keep_draft("late draft", GONE, "a form that was being sent")
    with pytest.raises(Unknown), stage.writing() as connection:
        key_for(connection, stage.store.vault, GONE)


# --- keys, backups and rotations --------------------------------------------------------------------------------


def kept_rows(stage: Stage) -> tuple[PersonKey, SealedNumber]:
    """What a backup holds of the number: the person's key and the sealed number, as they stand in their rows."""
    with stage.looking() as connection:
        key = connection.execute(select(tables.PersonKey.__table__).where(tables.PersonKey.person == GONE)).one()
        found = connection.execute(select(tables.NationalNumber.__table__).where(tables.NationalNumber.person == GONE))
        number = found.mappings().one()
    own = PersonKey(key.person, key.key_id, bytes(key.wrapped))
    return own, sealed_number(number)


def rotated(vault: Vault) -> Vault:
    running = rotation.begin(vault.ring)
    return Vault(rotation.forget(rotation.finish(running, left=0, under_current=0, under_next=0)))


def test_a_backup_opens_with_the_key_file_of_its_time_and_not_with_that_of_after_a_rotation(stage: Stage) -> None:
    vault = stage.store.vault
    assert isinstance(vault, Vault)
    own, number = kept_rows(stage)
    erasure.erase(stage.world, GONE, REASON)
    assert vault.open_number(own, number) == NUMBER
    with pytest.raises(VaultError, match=r"^no key `[0-9a-f]{8}` for `data` on the ring$"):
        rotated(vault).open_number(own, number)


def test_the_keys_are_rotated_after_an_erasure_and_everybody_else_is_found(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    assert isinstance(stage.store.vault, Vault)
    stage.store.vault.ring.save(path)
    erasure.erase(stage.world, GONE, REASON)
    before = stage.content()
    assert rotate(stage.store.engine, path, lambda _what, _done: None) == len(PEOPLE)
    after = stage.content()
    assert {name for name in before if before[name] != after[name]} == {"person_key", "national_number"}
    anew = Store(stage.store.engine, Vault(KeyRing.load(path)), stage.store.policy)
    with anew.reading() as look:
        assert look.numbers_of(PEOPLE) == {person: number_of(person) for person in PEOPLE}
        assert [look.person_with(number_of(person)) for person in PEOPLE] == list(PEOPLE)
        assert REASON in look.notes(range(look.size())).values()
    with stage.store.reading() as look, pytest.raises(VaultError, match=r"^no key"):
        look.number_of(WORKER)


def test_without_the_persons_key_the_key_file_opens_nothing_that_was_kept(stage: Stage) -> None:
    _, number = kept_rows(stage)
    erasure.erase(stage.world, GONE, REASON)
    with pytest.raises(VaultError, match=f"^a record of person `{GONE}` does not open: changed or moved$"):
        stage.store.vault.open_number(stage.store.vault.new_key(GONE), number)


def test_a_number_whose_key_alone_is_gone_is_not_found(stage: Stage) -> None:
    with stage.writing() as connection:
        connection.execute(delete(tables.PersonKey.__table__).where(tables.PersonKey.person == GONE))
    with stage.store.reading() as look:
        assert look.find_person(NUMBER, (GIVEN, FAMILY)) is None
        assert look.number_of(GONE) is None


# --- refusals ---------------------------------------------------------------------------------------------------

ENDED = {"closed_at": NOW, "outcome": AppointmentState.ENDED}
AT_LAST = timedelta(days=30)
TIES: list[tuple[str, Any, Any]] = [
    (
        "an active appointment",
        an_appointment(Role.CO_MAIN_ACCESS_MANAGER, GONE),
        an_appointment(Role.CO_MAIN_ACCESS_MANAGER, GONE, **ENDED),
    ),
    (
        "an offer of a role",
        an_offer(Role.CO_MAIN_ACCESS_MANAGER, GONE, offered_at=NOW - AT_LAST),
        an_offer(Role.CO_MAIN_ACCESS_MANAGER, GONE, offered_at=NOW - AT_LAST - timedelta(seconds=1)),
    ),
    (
        "an offer of a role",
        an_offer(Role.CO_MAIN_ACCESS_MANAGER, GONE),
        an_offer(Role.CO_MAIN_ACCESS_MANAGER, GONE, closed_at=NOW, outcome=AppointmentState.REFUSED),
    ),
    (
        "a work relation",
        a_work_relation(GONE, id="second", period=Period(TODAY, TODAY)),
        a_work_relation(GONE, id="second", period=Period(YESTERDAY - DAY, YESTERDAY), enterprise="0200000142"),
    ),
    (
        "a work relation",
        a_work_relation(GONE, id="second", period=Period(TODAY + DAY, None)),
        a_work_relation(GONE, id="second", period=Period(TODAY + 2 * DAY, TODAY + DAY)),
    ),
    (
        "a right",
        a_grant(GONE, id="second", period=Period(TODAY, None)),
        a_grant(GONE, id="second", period=Period(TODAY, None), revoked_at=NOW),
    ),
    (
        "a request for a right",
        a_request(GONE, made_at=NOW - AT_LAST),
        a_request(GONE, made_at=NOW - AT_LAST - timedelta(seconds=1)),
    ),
    (
        "a request for a right",
        a_request(GONE),
        a_request(GONE, closed_at=NOW, outcome=RequestState.REFUSED),
    ),
]


@pytest.mark.parametrize(("tie", "present", "_past"), TIES)
def test_who_is_still_somebody_here_is_not_erased(stage: Stage, tie: str, present: Any, _past: Any) -> None:
    stage.put(present)
    before = stage.content()
    for attempt in (lambda: erasure.would_erase(stage.world, GONE), lambda: erasure.erase(stage.world, GONE, REASON)):
        with pytest.raises(NotErased, match=f"^`{GONE}` is still somebody here, with {tie}: end that first$"):
            attempt()
    assert stage.content() == before


@pytest.mark.parametrize(("_tie", "_present", "past"), TIES)
def test_who_was_somebody_here_is_erased(stage: Stage, _tie: str, _present: Any, past: Any) -> None:
    stage.put(past)
    assert erasure.erase(stage.world, GONE, REASON).sequence == len(stage.entries()) - 1


def test_a_function_and_an_assignment_as_auditor_are_ties_until_they_end(stage: Stage) -> None:
    with stage.writing() as connection:
        values = {"id": "second", "enterprise": ENTERPRISE, "code": "director", "holder": GONE, "first": TODAY}
        connection.execute(insert(tables.Function.__table__).values(values))
        connection.execute(insert(tables.Auditor.__table__).values(id=GONE))
    with pytest.raises(NotErased, match=r"with a function in the register, the assignment as auditor: end that first$"):
        erasure.erase(stage.world, GONE, REASON)
    with stage.store.writing() as tx:
        tx.end_fact("auditor", GONE)
        tx.change_fact("function", "second", last=YESTERDAY)
        tx.append("register.changed", stage.clock.now())
    assert erasure.erase(stage.world, GONE, REASON).destroyed["key"] == 1


def test_a_second_erasure_says_that_it_is_done(stage: Stage) -> None:
    erasure.erase(stage.world, GONE, REASON)
    before = stage.content()
    with pytest.raises(NotErased, match=f"^`{GONE}` is erased already$"):
        erasure.erase(stage.world, GONE, REASON)
    assert stage.content() == before


def test_a_dry_run_tells_what_would_go_and_changes_nothing(stage: Stage) -> None:
    before = stage.content()
    would = erasure.would_erase(stage.world, GONE)
    assert stage.content() == before
    assert erasure.erase(stage.world, GONE, REASON) == replace(would, sequence=len(stage.entries()) - 1)


class Stopped(Exception):
    """The program was stopped here."""


def erase_half(stage: Stage) -> None:
    with stage.store.writing() as tx:
        tx.destroy(GONE)
        tx.keep_note("system", REASON)
        raise Stopped


def test_an_erasure_that_is_stopped_in_the_middle_changes_nothing(stage: Stage) -> None:
    before = stage.content()
    with pytest.raises(Stopped):
        erase_half(stage)
    assert stage.content() == before


# --- retention --------------------------------------------------------------------------------------------------

LAST_DAY = YESTERDAY
TEN_YEARS = date(LAST_DAY.year + 10, LAST_DAY.month, LAST_DAY.day)


@dataclass(frozen=True)
class Known:
    """A person without entries, and their only tie."""

    id: str
    tie: Any


def known(stage: Stage, *people: Known) -> None:
    with stage.writing() as connection:
        for person in people:
            connection.execute(insert(tables.Person.__table__).values(id=person.id, given="G", family=person.id))
    stage.put(*(person.tie for person in people if person.tie is not None))


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "listed"),
    [(TEN_YEARS - DAY, []), (TEN_YEARS, []), (TEN_YEARS + DAY, ["old"])],
)
def test_a_person_is_expired_the_day_after_ten_years_from_the_last_day_of_their_last_tie(
    stage: Stage, day: date, listed: list[str]
) -> None:
    known(stage, Known("old", a_work_relation("old", period=Period(LONG_AGO, LAST_DAY))))
    stage.clock.moment = noon(day)
    assert [id_ for id_ in erasure.expired(stage.world, 10) if id_ != GONE] == listed


@pytest.mark.parametrize(
    ("at", "listed"),
    [(NOW.replace(year=2036, hour=22, minute=59), []), (NOW.replace(year=2036, hour=23), [GONE])],
)
def test_an_entry_keeps_its_day_for_ten_years_in_brussels(stage: Stage, at: datetime, listed: list[str]) -> None:
    stage.clock.moment = at
    assert erasure.expired(stage.world, 10) == listed


def test_whatever_does_not_end_is_never_expired_and_who_has_no_date_is_not_listed(stage: Stage) -> None:
    some = {
        "undated": None,
        "linked": a_work_relation("linked", period=Period(LONG_AGO, None)),
        "unlinked": a_work_relation("unlinked", period=Period(LONG_AGO, YESTERDAY)),
        "granted": a_grant("granted", id="g1", period=Period(LONG_AGO, None)),
        "revoked": a_grant("revoked", id="g2", period=Period(LONG_AGO, None), revoked_at=LAST_YEAR),
        "manager": an_appointment(Role.CO_MAIN_ACCESS_MANAGER, "manager"),
        "relieved": an_appointment(Role.CO_MAIN_ACCESS_MANAGER, "relieved", **ENDED),
        "lapsed": an_offer(Role.CO_MAIN_ACCESS_MANAGER, "lapsed"),
        "requested": a_request("requested"),
    }
    known(stage, *(Known(id_, tie) for id_, tie in some.items()))
    stage.clock.moment = NOW.replace(year=2040)
    listed = erasure.expired(stage.world, 10)
    assert listed == sorted([GONE, "unlinked", "revoked", "relieved", "lapsed", "requested"])
    assert erasure.expired(stage.world, 14) == ["revoked", "unlinked"]
    assert erasure.expired(stage.world, 15) == []


def test_all_that_are_expired_are_erased_with_an_entry_each(stage: Stage) -> None:
    known(stage, *(Known(id_, a_work_relation(id_, period=PAST)) for id_ in ("one", "two")))
    stage.clock.moment = NOW.replace(year=2040)
    size = len(stage.entries())
    done = erasure.erase_expired(stage.world, 10, REASON)
    assert [(each.person, each.sequence) for each in done] == [(GONE, size), ("one", size + 1), ("two", size + 2)]
    assert [entry["data"]["person"] for entry in stage.entries()[size:]] == [GONE, "one", "two"]
    assert erasure.erase_expired(stage.world, 10, REASON) == []
    assert verdict(stage) == f"VALID {size + 3}"


def test_many_people_are_listed_page_by_page(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accessmgr.store.erasure.BATCH", 2)
    ids = [f"old {number}" for number in range(5)]
    known(stage, *(Known(id_, a_work_relation(id_, period=PAST)) for id_ in ids))
    stage.clock.moment = NOW.replace(year=2040)
    assert erasure.expired(stage.world, 10) == sorted([GONE, *ids])


def test_the_leap_day_is_no_fault(stage: Stage) -> None:
    stage.clock.moment = noon(date(2028, 2, 29))
    assert erasure.kept_since(stage.world, 10) == date(2018, 2, 28)
    assert erasure.kept_since(stage.world, 4) == date(2024, 2, 29)


def test_a_retention_beyond_all_years_lists_nobody(stage: Stage) -> None:
    stage.clock.moment = NOW.replace(year=2900)
    assert erasure.expired(stage.world, 800) == [GONE]
    assert erasure.expired(stage.world, 9_999) == []
