"""Passkeys and text messages in both kinds of database: kept sealed, used once, and gone with their person."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from accessmgr.store.key_tables import Passkey as Row
from accessmgr.store.key_tables import TextMessage as Message
from accessmgr.store.passkeys import StoredPasskeys
from accessmgr.store.text_messages import StoredTextMessages
from accessmgr.usecases.passkeys import Passkey
from accessmgr.usecases.text_messages import GOOD_FOR
from tests.builders import NOW, WORKER
from tests.usecases.stage import Stage, a_stage

PASSKEY = Passkey(
    id="one",
    person=WORKER,
    credential=b"\x00\xffcredential",
    public_key=b"\x00key",
    handle=b"\x00handle",
    counter=0,
    name="laptop at work",
    created_at=NOW,
)


@pytest.fixture
def stage(stage_url: str) -> Iterator[Stage]:
    with a_stage(stage_url) as stage:
        yield stage


@pytest.fixture
def passkeys(stage: Stage) -> StoredPasskeys:
    return StoredPasskeys(stage.store.engine, stage.store.vault)


@pytest.fixture
def messages(stage: Stage) -> StoredTextMessages:
    return StoredTextMessages(stage.store.engine, stage.store.vault)


def test_a_passkey_comes_back_as_it_was_kept_and_its_name_is_sealed(stage: Stage, passkeys: StoredPasskeys) -> None:
    assert passkeys.add(PASSKEY) is True
    assert passkeys.of(WORKER) == [PASSKEY]
    assert passkeys.find(PASSKEY.credential) == PASSKEY
    assert passkeys.find(b"another") is None
    with stage.looking() as connection:
        sealed = bytes(connection.execute(select(Row.__table__.c.sealed)).scalar_one())
    assert b"laptop" not in sealed


def test_a_credential_is_kept_for_one_person_alone(passkeys: StoredPasskeys) -> None:
    assert passkeys.add(PASSKEY) is True
    assert passkeys.add(replace(PASSKEY, id="two", person="another")) is False
    assert passkeys.find(PASSKEY.credential) == PASSKEY


def test_a_passkey_is_renamed_and_removed_by_its_person_alone(passkeys: StoredPasskeys) -> None:
    passkeys.add(PASSKEY)
    assert (passkeys.rename("another", "one", "mine"), passkeys.remove("another", "one")) == (False, False)
    assert passkeys.of(WORKER) == [PASSKEY]
    assert passkeys.rename(WORKER, "one", "old") is True
    assert passkeys.of(WORKER) == [replace(PASSKEY, name="old")]
    assert passkeys.remove(WORKER, "one") is True
    assert passkeys.of(WORKER) == []


def test_a_counter_only_goes_up_unless_the_device_does_not_count(passkeys: StoredPasskeys) -> None:
    passkeys.add(PASSKEY)
    assert [passkeys.use("one", counter, NOW) for counter in (0, 0, 7, 7, 6, 0, 8)] == [
        True, True, True, False, False, False, True,
    ]  # fmt: skip
    assert passkeys.of(WORKER) == [replace(PASSKEY, counter=8, used_at=NOW)]


def test_an_answer_that_is_sent_many_times_at_once_counts_once(passkeys: StoredPasskeys) -> None:
    passkeys.add(PASSKEY)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: passkeys.use("one", 1, NOW), range(8))) == 1


def test_a_code_is_used_once_even_at_the_same_moment(messages: StoredTextMessages) -> None:
    sent = messages.send(WORKER, "123456", NOW)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: messages.use(sent, NOW), range(8))) == 1
    found = messages.find(sent)
    assert found is not None
    assert (found.code, found.used_at, found.good(NOW)) == ("123456", NOW, False)


def test_a_code_is_good_for_five_minutes_and_kept_for_a_day(stage: Stage, messages: StoredTextMessages) -> None:
    sent = messages.send(WORKER, "123456", NOW)
    found = messages.find(sent)
    assert found is not None
    assert [found.good(NOW + after) for after in (GOOD_FOR, GOOD_FOR + timedelta(seconds=1))] == [True, False]
    with stage.looking() as connection:
        assert b"123456" not in bytes(connection.execute(select(Message.__table__.c.sealed)).scalar_one())
    messages.send(WORKER, "654321", NOW + timedelta(days=1, seconds=1))
    assert [each.code for each in messages.newest(9)] == ["654321"]


def test_passkeys_and_messages_go_with_their_person(
    stage: Stage, passkeys: StoredPasskeys, messages: StoredTextMessages
) -> None:
    passkeys.add(PASSKEY)
    messages.send(WORKER, "123456", NOW)
    with stage.store.writing() as tx:
        held = tx.held_of(WORKER)
        assert (held["passkey"], held["text_message"]) == (1, 1)
        tx.destroy(WORKER)
        tx.append("person.erased", NOW, subjects=[WORKER])
    with stage.looking() as connection:
        assert [connection.execute(select(table.__table__)).all() for table in (Row, Message)] == [[], []]
