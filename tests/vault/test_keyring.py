"""The key file: private, whole at every moment, and refused as soon as something about it is odd."""

import base64
import json
import os
import stat
import threading
from pathlib import Path

import pytest

from accessmgr.vault import keyring
from accessmgr.vault.keyring import Key, KeyFile, KeyRing, Purpose, State, VaultError


def a_key(**different) -> Key:
    valid = {"id": "a1", "purpose": Purpose.DATA, "state": State.CURRENT, "secret": bytes(32)}
    return Key(**(valid | different))


INDEX_KEY = a_key(id="b2", purpose=Purpose.INDEX)
SIGNING_KEY = a_key(id="s1", purpose=Purpose.SIGNING)


def content_of(path: Path) -> dict:
    return json.loads(path.read_bytes())


def rewrite(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content))


class TestFile:
    def test_what_is_created_is_loaded_again(self, tmp_path):
        created = KeyRing.create(tmp_path / "keys.json")
        assert KeyRing.load(tmp_path / "keys.json") == created
        assert {(key.purpose, key.state) for key in created.keys} == {
            (Purpose.DATA, State.CURRENT),
            (Purpose.INDEX, State.CURRENT),
            (Purpose.SIGNING, State.CURRENT),
        }

    def test_it_is_private_whatever_the_umask(self, tmp_path):
        before = os.umask(0)
        try:
            KeyRing.create(tmp_path / "new" / "keys.json").save(tmp_path / "new" / "keys.json")
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / "new" / "keys.json").stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700

    def test_nothing_is_left_beside_it(self, tmp_path):
        KeyRing.create(tmp_path / "keys.json").save(tmp_path / "keys.json")
        assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]

    def test_keys_are_never_the_same_twice(self, tmp_path):
        secrets = [key.secret for name in "ab" for key in KeyRing.create(tmp_path / name).keys]
        assert len(set(secrets)) == 6

    def test_a_ring_is_not_created_over_another(self, tmp_path):
        first = KeyRing.create(tmp_path / "keys.json")
        with pytest.raises(FileExistsError):
            KeyRing.create(tmp_path / "keys.json")
        assert KeyRing.load(tmp_path / "keys.json") == first
        assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]

    def test_programs_that_start_together_for_the_first_time_have_one_ring(self, tmp_path):
        rings, together = [], threading.Barrier(8)

        def start():
            together.wait()
            rings.append(KeyRing.load_or_create(tmp_path / "keys.json"))

        threads = [threading.Thread(target=start) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(rings) == 8
        assert len(set(rings)) == 1

    def test_a_file_from_before_signing_is_given_a_key_to_sign_with_once(self, tmp_path):
        path = tmp_path / "keys.json"
        KeyRing.create(path)
        content = content_of(path)
        before = [key for key in content["keys"] if key["purpose"] != "signing"]
        rewrite(path, {**content, "keys": before})
        with pytest.raises(VaultError, match="one current key for `signing`"):
            KeyRing.load(path)
        first = KeyRing.load_or_create(path)
        assert content_of(path)["keys"][:2] == before
        assert first.current(Purpose.SIGNING).secret not in (key.secret for key in first.keys[:2])
        assert KeyRing.load_or_create(path) == first

    def test_a_missing_file_is_told_from_a_bad_one(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            KeyRing.load(tmp_path / "keys.json")

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o610])
    def test_a_file_that_is_open_to_others_is_refused(self, tmp_path, mode):
        KeyRing.create(tmp_path / "keys.json")
        (tmp_path / "keys.json").chmod(mode)
        with pytest.raises(VaultError, match=r"is refused: it is open to others than its owner, `chmod 600` it$"):
            KeyRing.load(tmp_path / "keys.json")

    @pytest.mark.parametrize("mode", [0o600, 0o400])
    def test_a_file_that_is_its_owners_alone_is_loaded(self, tmp_path, mode):
        created = KeyRing.create(tmp_path / "keys.json")
        (tmp_path / "keys.json").chmod(mode)
        assert KeyRing.load(tmp_path / "keys.json") == created

    def test_a_folder_or_a_pipe_in_its_place_is_refused(self, tmp_path):
        os.mkfifo(tmp_path / "pipe", 0o600)
        with pytest.raises(VaultError, match=r"it is not a regular file$"):
            KeyRing.load(tmp_path / "pipe")
        with pytest.raises(VaultError, match=r"cannot be read"):
            KeyRing.load(tmp_path)

    def test_a_place_that_cannot_be_written_is_named(self, tmp_path):
        with pytest.raises(VaultError, match=r"cannot be written: No such file or directory$"):
            KeyRing.fresh().save(tmp_path / "absent" / "keys.json")


class TestContent:
    @pytest.mark.parametrize(
        "damage",
        [
            lambda raw: b"",
            lambda raw: raw[: len(raw) // 2],
            lambda raw: raw[:-3],
            lambda raw: b"[]",
            lambda raw: b"\xff" + raw,
            lambda raw: b"[" * 100_000,
            lambda raw: raw.replace(b'"version": 1', b'"version": 2'),
            lambda raw: raw.replace(b'"version": 1', b'"version": 1, "version": 1'),
            lambda raw: raw.replace(b'"version": 1', b'"version": 1, "comment": ""'),
            lambda raw: raw.replace(b'"version": 1,', b""),
            lambda raw: raw.replace(b'"state"', b'"status"'),
            lambda raw: raw.replace(b'"state": "current"', b'"state": "retired"'),
            lambda raw: raw.replace(b'"state": "current"', b'"state": "next"'),
            lambda raw: raw.replace(b'"purpose": "index"', b'"purpose": "data"'),
            lambda raw: raw.replace(b'"purpose": "index"', b'"purpose": "cookie"'),
            lambda raw: raw.replace(b'"secret": "', b'"secret": "*'),
            lambda raw: raw.replace(b'"secret": "', b'"secret": "AAAA'),
            lambda raw: raw.replace(b'"id": "', b'"id": "A'),
        ],
    )
    def test_a_damaged_file_is_refused_without_telling_a_secret(self, tmp_path, damage):
        path = tmp_path / "keys.json"
        ring = KeyRing.create(path)
        path.write_bytes(damage(path.read_bytes()))
        with pytest.raises(VaultError, match=r"keys\.json` is refused: ") as refused:
            KeyRing.load(path)
        told = repr(refused.value) + repr(refused.value.__context__)
        assert [key.id for key in ring.keys if base64.b64encode(key.secret).decode()[:8] in told] == []

    def test_a_field_too_many_in_a_key_is_refused_and_its_place_named(self, tmp_path):
        KeyRing.create(tmp_path / "keys.json")
        content = content_of(tmp_path / "keys.json")
        content["keys"][1]["comment"] = "mine"
        rewrite(tmp_path / "keys.json", content)
        with pytest.raises(VaultError, match=r"its entry 2 is not a key$"):
            KeyRing.load(tmp_path / "keys.json")

    @pytest.mark.parametrize(
        ("keys", "fault"),
        [
            ((a_key(), INDEX_KEY, a_key(state=State.OLD)), "two keys of the ring have the same id"),
            ((a_key(secret=bytes(31)), INDEX_KEY), "a key of the ring has not 32 bytes"),
            ((a_key(id=""), INDEX_KEY), "an id of a key is not"),
            ((a_key(id="a" * 33), INDEX_KEY), "an id of a key is not"),
            ((INDEX_KEY,), "one current key for `data`"),
            ((a_key(), a_key(id="c3"), INDEX_KEY), "one current key for `data`"),
            ((a_key(), INDEX_KEY), "one current key for `signing`"),
            (
                (a_key(), INDEX_KEY, a_key(id="c3", state=State.NEXT), a_key(id="d4", state=State.NEXT)),
                "and at most one next",
            ),
            (
                (a_key(), INDEX_KEY, SIGNING_KEY, a_key(id="c3", state=State.NEXT)),
                "a next key for one purpose and none for another",
            ),
            (
                (a_key(), INDEX_KEY, SIGNING_KEY, a_key(id="c3", state=State.RETIRED)),
                "a key that seals cannot be retired",
            ),
        ],
    )
    def test_keys_that_make_no_ring_are_refused(self, keys, fault):
        with pytest.raises(VaultError, match=fault):
            KeyRing(keys)

    def test_the_key_that_signs_is_followed_by_one_of_its_own(self):
        coming = a_key(id="c3", purpose=Purpose.SIGNING, state=State.NEXT)
        gone = a_key(id="d4", purpose=Purpose.SIGNING, state=State.RETIRED)
        ring = KeyRing((a_key(), INDEX_KEY, SIGNING_KEY, coming, gone))
        assert [key.id for key in ring.in_use(Purpose.SIGNING)] == ["s1", "c3"]

    def test_a_ring_may_hold_old_keys(self):
        old = a_key(id="c3", state=State.OLD), a_key(id="d4", state=State.OLD)
        ring = KeyRing((a_key(), INDEX_KEY, SIGNING_KEY, *old))
        assert ring.current(Purpose.DATA).id == "a1"
        assert ring.named("d4", Purpose.DATA).state == State.OLD

    def test_a_key_is_not_found_under_another_purpose(self):
        with pytest.raises(VaultError, match=r"^no key `b2` for `data` on the ring$"):
            KeyRing((a_key(), INDEX_KEY, SIGNING_KEY)).named("b2", Purpose.DATA)

    def test_no_representation_shows_a_secret(self):
        secret = b"0123456789abcdef0123456789abcdef"
        told = repr(KeyRing((a_key(secret=secret), INDEX_KEY, SIGNING_KEY)))
        assert "0123456789" not in told
        assert "secret" not in told


class TestSaving:
    def test_a_stop_before_the_rename_leaves_the_old_ring(self, tmp_path, monkeypatch):
        before = KeyRing.create(tmp_path / "keys.json")

        def power_cut(*_):
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(keyring.os, "replace", power_cut)
        with pytest.raises(VaultError, match=r"cannot be written: Input/output error$"):
            KeyRing.fresh().save(tmp_path / "keys.json")
        assert KeyRing.load(tmp_path / "keys.json") == before
        assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]

    def test_it_is_synced_before_it_takes_the_place_and_the_folder_after(self, tmp_path, monkeypatch):
        done = []
        sync, replace = os.fsync, os.replace
        monkeypatch.setattr(
            keyring.os,
            "fsync",
            lambda fd: (done.append("folder" if stat.S_ISDIR(os.fstat(fd).st_mode) else "file"), sync(fd)),
        )
        monkeypatch.setattr(keyring.os, "replace", lambda *names: (done.append("rename"), replace(*names)))
        KeyRing.fresh().save(tmp_path / "keys.json")
        assert done == ["file", "rename", "folder"]

    def test_a_reader_of_the_file_follows_a_new_ring(self, tmp_path):
        first = KeyRing.create(tmp_path / "keys.json")
        file = KeyFile(tmp_path / "keys.json")
        assert file.ring() is file.ring()
        assert file.ring() == first
        second = KeyRing.fresh()
        second.save(tmp_path / "keys.json")
        assert file.ring() == second

    def test_a_second_rotation_at_the_same_time_is_refused(self, tmp_path):
        path = tmp_path / "keys.json"
        with (
            keyring.one_rotation_at_a_time(path),
            pytest.raises(VaultError, match=r"^another program is changing the keys"),
            keyring.one_rotation_at_a_time(path),
        ):
            pass
        with keyring.one_rotation_at_a_time(path):
            pass


class TestPlace:
    def test_a_key_file_in_the_folder_of_the_database_is_refused(self, tmp_path):
        with pytest.raises(VaultError, match=r"lies in the folder of the database: keep it elsewhere$"):
            keyring.refuse_beside_database(tmp_path / "keys.json", tmp_path / "accessmgr.db")

    def test_nor_by_way_of_a_link_or_a_detour(self, tmp_path):
        (tmp_path / "data").mkdir()
        (tmp_path / "elsewhere").symlink_to(tmp_path / "data")
        for keys in (tmp_path / "elsewhere" / "keys.json", tmp_path / "data" / ".." / "data" / "keys.json"):
            with pytest.raises(VaultError):
                keyring.refuse_beside_database(keys, tmp_path / "data" / "accessmgr.db")

    def test_a_folder_of_its_own_will_do(self, tmp_path):
        (tmp_path / "keys").mkdir()
        assert keyring.refuse_beside_database(tmp_path / "keys" / "keys.json", tmp_path / "accessmgr.db") is None
