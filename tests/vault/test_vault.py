"""Sealing and opening: what is moved, changed or misnamed does not open, and no error tells a number."""

import dataclasses
import pickle
import traceback
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessmgr.core.numbers import NationalNumber, PersonKey, SealedNumber
from accessmgr.vault import rotation
from accessmgr.vault.keyring import KeyRing, Purpose
from accessmgr.vault.vault import Vault, VaultError, is_signature

HILDE, KAREL = NationalNumber("72031400046"), NationalNumber("68092399993")
NUMBERS = {
    "person-hilde": HILDE,
    "person-karel": KAREL,
    "person-noah": NationalNumber("01032299961"),
    "person-joachim": NationalNumber("93490899987"),
}
RING = KeyRing.fresh()
KEYS = {person: Vault(RING).new_key(person) for person in NUMBERS}
HILDES, KARELS = KEYS["person-hilde"], KEYS["person-karel"]


def a_vault() -> Vault:
    return Vault(RING)


def sealed_by(vault: Vault, own: PersonKey = HILDES, number: NationalNumber = HILDE) -> SealedNumber:
    (sealed,) = vault.seal_number(own, number)
    return sealed


def changed(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def opens(vault: Vault, own: PersonKey, sealed: SealedNumber) -> bool:
    try:
        vault.open_number(own, sealed)
    except VaultError:
        return False
    return True


class TestNumbers:
    def test_what_is_sealed_opens_for_that_person(self):
        vault = a_vault()
        assert {
            person: vault.open_number(KEYS[person], sealed_by(vault, KEYS[person], n)) for person, n in NUMBERS.items()
        } == NUMBERS

    def test_outside_a_rotation_a_number_has_one_record_under_the_current_keys(self):
        sealed = sealed_by(a_vault())
        assert HILDES.key_id == RING.current(Purpose.DATA).id
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

    def test_a_key_that_is_not_on_the_ring_is_named(self):
        sealed = sealed_by(a_vault())
        with pytest.raises(VaultError, match=f"^no key `{HILDES.key_id}` for `data` on the ring$"):
            Vault(KeyRing.fresh()).open_number(HILDES, sealed)

    def test_without_the_key_of_the_person_the_key_file_opens_nothing(self):
        sealed = sealed_by(a_vault())
        assert opens(a_vault(), HILDES, sealed) is True
        assert opens(a_vault(), a_vault().new_key("person-hilde"), sealed) is False

    def test_a_look_up_is_verified_against_the_number_asked_for(self):
        vault, sealed = a_vault(), sealed_by(a_vault())
        assert vault.verify(HILDES, sealed, HILDE) is True
        assert vault.verify(HILDES, sealed, KAREL) is False
        assert vault.verify(HILDES, replace(sealed, index=vault.indexes(KAREL)[0][1]), HILDE) is False

    def test_an_unknown_number_burns_the_same_work_quietly(self):
        assert a_vault().burn() is None


class TestSwaps:
    """Rows and columns moved about by somebody who can write the database and has no key."""

    @pytest.mark.parametrize(("theirs", "whose"), list(permutations(NUMBERS, 2)))
    def test_no_record_opens_for_another_person(self, theirs, whose):
        vault = a_vault()
        sealed = sealed_by(vault, KEYS[theirs], NUMBERS[theirs])
        assert opens(vault, KEYS[theirs], sealed) is True
        for other in (KEYS[whose], replace(KEYS[theirs], person=whose), replace(KEYS[whose], person=theirs)):
            with pytest.raises(VaultError, match=f"^a record of person `{other.person}` does not open"):
                vault.verify(other, sealed, NUMBERS[theirs])

    @pytest.mark.parametrize("column", ["nonce", "ciphertext", "index"])
    def test_no_column_can_be_taken_from_another_record(self, column):
        vault = a_vault()
        mine, other = sealed_by(vault), sealed_by(vault, KARELS, KAREL)
        moved = replace(mine, **{column: getattr(other, column)})
        assert opens(vault, HILDES, mine) is True
        assert opens(vault, HILDES, moved) is False

    def test_swapped_indexes_deny_both_numbers(self):
        vault = a_vault()
        hildes, karels = sealed_by(vault), sealed_by(vault, KARELS, KAREL)
        swapped = {karels.index: (HILDES, hildes), hildes.index: (KARELS, karels)}
        rows = {index: (own, replace(sealed, index=index)) for index, (own, sealed) in swapped.items()}
        found = {number: rows[vault.indexes(number)[0][1]] for number in (HILDE, KAREL)}
        assert [vault.verify(*row, number) for number, row in found.items()] == [False, False]
        with pytest.raises(
            VaultError, match=r"^the index in a record of person `person-karel` is not that of its number$"
        ):
            vault.open_number(*found[HILDE])

    def test_a_record_does_not_open_under_another_key_of_the_ring(self):
        vault = Vault(rotation.begin(RING))
        current, coming = vault.seal_number(HILDES, HILDE)
        assert opens(vault, HILDES, replace(current, index_key_id=coming.index_key_id)) is False
        assert opens(vault, replace(HILDES, key_id=rotation.next_data_id(vault.ring)), current) is False
        with pytest.raises(VaultError, match=f"^no key `{current.index_key_id}` for `data`"):
            vault.open_number(replace(HILDES, key_id=current.index_key_id), current)

    @given(st.integers(0, len(HILDES.wrapped) - 1))
    def test_no_bit_of_a_key_can_be_changed(self, place):
        vault = a_vault()
        spoilt = replace(HILDES, wrapped=changed(HILDES.wrapped, place))
        assert opens(vault, spoilt, sealed_by(vault)) is False

    @given(st.sampled_from(["nonce", "ciphertext", "index"]), st.integers(0, 11))
    def test_no_bit_can_be_changed(self, column, place):
        vault = a_vault()
        sealed = sealed_by(vault)
        spoilt = replace(sealed, **{column: changed(getattr(sealed, column), place)})
        assert opens(vault, HILDES, spoilt) is False

    @pytest.mark.parametrize("column", ["nonce", "ciphertext", "index"])
    @pytest.mark.parametrize("length", [0, 5])
    def test_a_column_cut_short_does_not_open(self, column, length):
        sealed = sealed_by(a_vault())
        assert opens(a_vault(), HILDES, replace(sealed, **{column: getattr(sealed, column)[:length]})) is False


class TestTexts:
    @given(st.text(), st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
    def test_what_is_sealed_opens_for_its_purpose_and_person_alone(self, text, purpose, person):
        vault = a_vault()
        own = vault.new_key(person)
        try:
            sealed = vault.seal_text(purpose, own, text)
        except UnicodeEncodeError:
            return
        assert vault.open_text(purpose, own, sealed) == text
        others = (purpose + "x", own), ("x" + purpose, own), (purpose, vault.new_key(person)), (purpose, HILDES)
        for other in others:
            with pytest.raises(VaultError):
                vault.open_text(*other, sealed)

    def test_moving_a_letter_from_purpose_to_person_does_not_make_the_same_place(self):
        sealed = a_vault().seal_text("totp", HILDES, "JBSWY3DP")
        with pytest.raises(VaultError, match=r"does not open: changed or moved$"):
            a_vault().open_text("totpp", replace(HILDES, person="erson-hilde"), sealed)

    def test_a_text_under_a_key_that_is_not_on_the_ring_names_that_key(self):
        sealed = a_vault().seal_text("totp", HILDES, "s")
        with pytest.raises(VaultError, match=f"^no key `{HILDES.key_id}` for `data` on the ring$"):
            Vault(KeyRing.fresh()).open_text("totp", HILDES, sealed)

    def test_no_text_cut_short_and_no_changed_bit_opens(self):
        vault = a_vault()
        sealed = vault.seal_text("totp", HILDES, "JBSWY3DP")
        spoilt = [sealed[:end] for end in range(len(sealed))] + [changed(sealed, place) for place in range(len(sealed))]
        refused = 0
        for each in spoilt:
            with pytest.raises(VaultError):
                vault.open_text("totp", HILDES, each)
            refused += 1
        assert refused == 2 * len(sealed)

    def test_a_sealed_number_cannot_be_passed_off_as_a_text(self):
        sealed = sealed_by(a_vault())
        with pytest.raises(VaultError):
            a_vault().open_text("national_number", HILDES, b"\x02" + sealed.nonce + sealed.ciphertext)


class TestNothingTellsTheNumber:
    TELLING = ("72031400046", "72.03.14", "720314000")

    def told(self, text: str) -> list[str]:
        return [part for part in self.TELLING if part in text]

    def test_neither_record_nor_vault_tells(self):
        vault = a_vault()
        sealed = sealed_by(vault)
        assert (
            self.told(f"{sealed!r} {dataclasses.asdict(sealed)} {vault!r} {vault.open_number(HILDES, sealed)!r}") == []
        )
        assert self.told(pickle.dumps(sealed).decode("latin-1")) == []

    def test_a_vault_is_not_pickled(self):
        with pytest.raises(TypeError, match=r"^a vault is not to be pickled"):
            pickle.dumps(a_vault())

    def test_no_error_tells(self):
        vault = a_vault()
        sealed = sealed_by(vault)
        wrong = [
            (KARELS, sealed),
            (HILDES, replace(sealed, index=bytes(32))),
            (replace(HILDES, key_id="absent"), sealed),
            (HILDES, replace(sealed, index_key_id="absent")),
        ]
        for own, record in wrong:
            with pytest.raises(VaultError) as refused:
                vault.open_number(own, record)
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
