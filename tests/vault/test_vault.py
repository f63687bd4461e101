"""Sealing and opening: what is moved, changed or misnamed does not open, and no error tells a number."""

import dataclasses
import pickle
import traceback
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessmgr.core.numbers import NationalNumber, SealedNumber
from accessmgr.vault import rotation
from accessmgr.vault.keyring import KeyRing, Purpose
from accessmgr.vault.vault import Vault, VaultError, is_signature, text_key_id

HILDE, KAREL = NationalNumber("72031400046"), NationalNumber("68092399993")
NUMBERS = {
    "person-hilde": HILDE,
    "person-karel": KAREL,
    "person-noah": NationalNumber("01032299961"),
    "person-joachim": NationalNumber("93490899987"),
}
RING = KeyRing.fresh()


def a_vault() -> Vault:
    return Vault(RING)


def sealed_by(vault: Vault, person_id: str = "person-hilde", number: NationalNumber = HILDE) -> SealedNumber:
    (sealed,) = vault.seal_number(person_id, number)
    return sealed


def changed(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def opens(vault: Vault, person_id: str, sealed: SealedNumber) -> bool:
    try:
        vault.open_number(person_id, sealed)
    except VaultError:
        return False
    return True


class TestNumbers:
    def test_what_is_sealed_opens_for_that_person(self):
        vault = a_vault()
        assert {
            person: vault.open_number(person, sealed_by(vault, person, n)) for person, n in NUMBERS.items()
        } == NUMBERS

    def test_outside_a_rotation_a_number_has_one_record_under_the_current_keys(self):
        sealed = sealed_by(a_vault())
        assert sealed.key_id == RING.current(Purpose.DATA).id
        assert sealed.index_key_id == RING.current(Purpose.INDEX).id
        assert (len(sealed.nonce), len(sealed.ciphertext), len(sealed.index)) == (12, 27, 32)

    def test_no_two_records_are_alike_and_all_have_the_one_index(self):
        records = [sealed_by(a_vault()) for _ in range(50)]
        assert len({record.nonce for record in records}) == 50
        assert len({record.ciphertext for record in records}) == 50
        assert {(record.index_key_id, record.index) for record in records} == set(a_vault().indexes(HILDE))

    def test_different_numbers_have_different_indexes(self):
        assert len({a_vault().indexes(number)[0] for number in NUMBERS.values()}) == 4

    def test_the_index_is_of_no_use_without_its_key(self):
        assert Vault(KeyRing.fresh()).indexes(HILDE)[0][1] != a_vault().indexes(HILDE)[0][1]

    def test_a_record_under_a_key_that_is_not_on_the_ring_names_that_key(self):
        sealed = sealed_by(a_vault())
        with pytest.raises(VaultError, match=f"^no key `{sealed.key_id}` for `data` on the ring$"):
            Vault(KeyRing.fresh()).open_number("person-hilde", sealed)

    def test_a_look_up_is_verified_against_the_number_asked_for(self):
        vault, sealed = a_vault(), sealed_by(a_vault())
        assert vault.verify("person-hilde", sealed, HILDE) is True
        assert vault.verify("person-hilde", sealed, KAREL) is False
        assert vault.verify("person-hilde", replace(sealed, index=vault.indexes(KAREL)[0][1]), HILDE) is False

    def test_an_unknown_number_burns_the_same_work_quietly(self):
        assert a_vault().burn() is None


class TestSwaps:
    """Rows and columns moved about by somebody who can write the database and has no key."""

    @pytest.mark.parametrize(("theirs", "whose"), list(permutations(NUMBERS, 2)))
    def test_no_record_opens_for_another_person(self, theirs, whose):
        vault = a_vault()
        sealed = sealed_by(vault, theirs, NUMBERS[theirs])
        assert opens(vault, theirs, sealed) is True
        assert opens(vault, whose, sealed) is False
        with pytest.raises(
            VaultError, match=f"^a record of person `{whose}` under key `{sealed.key_id}` does not open"
        ):
            vault.verify(whose, sealed, NUMBERS[theirs])

    @pytest.mark.parametrize("column", ["nonce", "ciphertext", "index"])
    def test_no_column_can_be_taken_from_another_record(self, column):
        vault = a_vault()
        mine, other = sealed_by(vault), sealed_by(vault, "person-karel", KAREL)
        moved = replace(mine, **{column: getattr(other, column)})
        assert opens(vault, "person-hilde", mine) is True
        assert opens(vault, "person-hilde", moved) is False

    def test_swapped_indexes_deny_both_numbers(self):
        vault = a_vault()
        hildes, karels = sealed_by(vault), sealed_by(vault, "person-karel", KAREL)
        swapped = {karels.index: ("person-hilde", hildes), hildes.index: ("person-karel", karels)}
        rows = {index: (person, replace(sealed, index=index)) for index, (person, sealed) in swapped.items()}
        found = {number: rows[vault.indexes(number)[0][1]] for number in (HILDE, KAREL)}
        assert [vault.verify(*row, number) for number, row in found.items()] == [False, False]
        with pytest.raises(
            VaultError, match=r"^the index in a record of person `person-karel` is not that of its number$"
        ):
            vault.open_number(*found[HILDE])

    def test_a_record_does_not_open_under_another_key_of_the_ring(self):
        vault = Vault(rotation.begin(RING))
        current, coming = vault.seal_number("person-hilde", HILDE)
        for column in ("key_id", "index_key_id"):
            assert opens(vault, "person-hilde", replace(current, **{column: getattr(coming, column)})) is False
        swapped = replace(current, key_id=current.index_key_id)
        with pytest.raises(VaultError, match=f"^no key `{current.index_key_id}` for `data`"):
            vault.open_number("person-hilde", swapped)

    @given(st.sampled_from(["nonce", "ciphertext", "index"]), st.integers(0, 11))
    def test_no_bit_can_be_changed(self, column, place):
        vault = a_vault()
        sealed = sealed_by(vault)
        spoilt = replace(sealed, **{column: changed(getattr(sealed, column), place)})
        assert opens(vault, "person-hilde", spoilt) is False

    @pytest.mark.parametrize("column", ["nonce", "ciphertext", "index"])
    @pytest.mark.parametrize("length", [0, 5])
    def test_a_column_cut_short_does_not_open(self, column, length):
        sealed = sealed_by(a_vault())
        assert opens(a_vault(), "person-hilde", replace(sealed, **{column: getattr(sealed, column)[:length]})) is False


class TestTexts:
    @given(st.text(), st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
    def test_what_is_sealed_opens_for_its_purpose_and_person_alone(self, text, purpose, person):
        vault = a_vault()
        try:
            sealed = vault.seal_text(purpose, person, text)
        except UnicodeEncodeError:
            return
        assert vault.open_text(purpose, person, sealed) == text
        for other in ((purpose + "x", person), (purpose, person + "x"), ("x" + purpose, person)):
            with pytest.raises(VaultError):
                vault.open_text(*other, sealed)

    def test_moving_a_letter_from_purpose_to_person_does_not_make_the_same_place(self):
        sealed = a_vault().seal_text("totp", "person-hilde", "JBSWY3DP")
        with pytest.raises(VaultError, match=r"does not open: changed or moved$"):
            a_vault().open_text("totpp", "erson-hilde", sealed)

    def test_a_text_names_its_key(self):
        assert text_key_id(a_vault().seal_text("totp", "p", "s")) == RING.current(Purpose.DATA).id

    def test_a_text_under_a_key_that_is_not_on_the_ring_names_that_key(self):
        sealed = a_vault().seal_text("totp", "p", "s")
        with pytest.raises(VaultError, match=f"^no key `{text_key_id(sealed)}` for `data` on the ring$"):
            Vault(KeyRing.fresh()).open_text("totp", "p", sealed)

    def test_no_text_cut_short_and_no_changed_bit_opens(self):
        vault = a_vault()
        sealed = vault.seal_text("totp", "p", "JBSWY3DP")
        spoilt = [sealed[:end] for end in range(len(sealed))] + [changed(sealed, place) for place in range(len(sealed))]
        refused = 0
        for each in spoilt:
            with pytest.raises(VaultError):
                vault.open_text("totp", "p", each)
            refused += 1
        assert refused == 2 * len(sealed)

    def test_a_sealed_number_cannot_be_passed_off_as_a_text(self):
        sealed = sealed_by(a_vault())
        blob = b"\x01" + bytes([len(sealed.key_id)]) + sealed.key_id.encode() + sealed.nonce + sealed.ciphertext
        with pytest.raises(VaultError):
            a_vault().open_text("national_number", "person-hilde", blob)


class TestNothingTellsTheNumber:
    TELLING = ("72031400046", "72.03.14", "720314000")

    def told(self, text: str) -> list[str]:
        return [part for part in self.TELLING if part in text]

    def test_neither_record_nor_vault_tells(self):
        vault = a_vault()
        sealed = sealed_by(vault)
        assert (
            self.told(
                f"{sealed!r} {dataclasses.asdict(sealed)} {vault!r} {vault.open_number('person-hilde', sealed)!r}"
            )
            == []
        )
        assert self.told(pickle.dumps(sealed).decode("latin-1")) == []

    def test_a_vault_is_not_pickled(self):
        with pytest.raises(TypeError, match=r"^a vault is not to be pickled"):
            pickle.dumps(a_vault())

    def test_no_error_tells(self):
        vault = a_vault()
        sealed = sealed_by(vault)
        wrong = [
            ("person-karel", sealed),
            ("person-hilde", replace(sealed, index=bytes(32))),
            ("person-hilde", replace(sealed, key_id="absent")),
            ("person-hilde", replace(sealed, index_key_id="absent")),
        ]
        for person, record in wrong:
            with pytest.raises(VaultError) as refused:
                vault.open_number(person, record)
            shown = "".join(traceback.format_exception(refused.value)) + repr(vars(refused.value))
            assert self.told(shown) == []


class TestSigning:
    def test_what_is_signed_is_verified_by_the_public_key_alone(self):
        vault = Vault(KeyRing.fresh())
        signature = vault.sign(b"checkpoint")
        assert len(signature) == 64
        assert is_signature(vault.public_key(), signature, b"checkpoint") is True
        assert is_signature(vault.public_key(), signature, b"checkpoint.") is False
        assert is_signature(Vault(KeyRing.fresh()).public_key(), signature, b"checkpoint") is False
        assert is_signature(b"", signature, b"checkpoint") is False
