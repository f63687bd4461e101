"""The keys that sign tokens: made at first use, rotated with overlap, never lost, readable by their owner alone."""

from pathlib import Path

import pytest

from accessmgr.vault.keyring import VaultError
from accessmgr.vault.token_keys import Signer, TokenKeyFile, TokenState


def keys(folder: Path, signer: Signer = Signer.PROVIDER) -> TokenKeyFile:
    return TokenKeyFile(folder / "keys.json", signer)


def test_the_first_use_makes_a_key_that_signs_and_one_that_will(tmp_path: Path) -> None:
    assert [key.state for key in keys(tmp_path).all()] == [TokenState.CURRENT, TokenState.NEXT]
    assert keys(tmp_path).all() == keys(tmp_path).all()


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    keys(tmp_path).all()
    path = tmp_path / "keys-tokens.json"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(VaultError, match="is refused"):
        keys(tmp_path).all()


def test_a_rotation_lets_sign_only_what_was_published_before(tmp_path: Path) -> None:
    file = keys(tmp_path)
    announced = next(key.id for key in file.published() if key.state is TokenState.NEXT)
    assert file.rotate().id == announced


def test_two_rotations_leave_the_last_retired_key_published_and_keep_the_first(tmp_path: Path) -> None:
    file = keys(tmp_path)
    first = file.current().id
    second = file.rotate().id
    third = file.rotate().id
    assert [key.id for key in file.all()][:3] == [first, second, third]
    assert sorted(key.id for key in file.published()) == sorted([second, third, file.all()[3].id])


def test_signers_share_the_file_and_nothing_else(tmp_path: Path) -> None:
    provider, area = keys(tmp_path), keys(tmp_path, Signer.SECURE_AREA)
    before = area.all()
    provider.rotate()
    assert area.all() == before
    assert {key.id for key in area.all()}.isdisjoint(key.id for key in provider.all())


def test_a_process_follows_a_rotation_by_another(tmp_path: Path) -> None:
    serving = keys(tmp_path)
    serving.current()
    rotated = keys(tmp_path).rotate().id
    assert serving.current().id == rotated


def test_no_representation_shows_a_key(tmp_path: Path) -> None:
    assert "PRIVATE" not in repr(keys(tmp_path).current())
