"""National, enterprise and establishment numbers: every rule with its near miss, and nothing that tells a number."""

import copy
import dataclasses
import json
import pickle
import traceback
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.be import bis, nn, vat

from accessmgr.core.numbers import EnterpriseNumber, EstablishmentNumber, InvalidNumber, Mistake, NationalNumber

Kind = type[NationalNumber] | type[EnterpriseNumber] | type[EstablishmentNumber]

PERSONS = [
    ("72.03.14-000.46", "national", date(1972, 3, 14)),
    ("68.09.23-999.93", "national", date(1968, 9, 23)),
    ("85.06.11-000.42", "national", date(1985, 6, 11)),
    ("91.02.05-000.29", "national", date(1991, 2, 5)),
    ("88.11.04-999.30", "national", date(1988, 11, 4)),
    ("95.08.17-000.86", "national", date(1995, 8, 17)),
    ("01.03.22-999.61", "national", date(2001, 3, 22)),
    ("04.11.30-000.66", "national", date(2004, 11, 30)),
    ("93.49.08-999.87", "bis", date(1993, 9, 8)),
    ("82.25.17-000.29", "bis", date(1982, 5, 17)),
    ("02.49.15-999.32", "bis", date(2002, 9, 15)),
    ("77.00.00-999.36", "national", None),
    ("00.00.01-000.96", "national", None),
    ("79.07.30-000.32", "national", date(1979, 7, 30)),
    ("64.01.01-999.31", "national", date(1964, 1, 1)),
    ("75.05.19-999.41", "national", date(1975, 5, 19)),
]
ENTERPRISES = [f"1999.000.{end}" for end in (150, 249, 348, 447, 546, 645, 744, 843)] + ["1999.005.197", "0566.988.259"]
ESTABLISHMENTS = ["8.999.000.103", "8.999.000.202", "8.999.000.301"]
ISSUED_ESTABLISHMENTS = ["2.147.812.701", "2.147.812.897", "2.000.000.339", "2.175.653.085"]


def national(first_nine: str, century: int = 1900) -> str:
    """The eleven digits that begin so, check digits made right for the century."""
    return f"{first_nine}{97 - int(('2' if century == 2000 else '') + first_nine) % 97:02}"


def ten_digits(first_eight: str) -> str:
    return f"{first_eight}{97 - int(first_eight) % 97:02}"


def mistake_in(kind: Kind, text: str) -> Mistake:
    with pytest.raises(InvalidNumber) as refused:
        kind.parse(text)
    return refused.value.reason


class TestNationalNumber:
    @pytest.mark.parametrize(("text", "kind", "born"), PERSONS)
    def test_the_sample_people_have_numbers(self, text, kind, born):
        number = NationalNumber.parse(text)
        assert (number.display, number.kind, number.birth_date) == (text, kind, born)
        assert number.digits == text.replace(".", "").replace("-", "")

    @pytest.mark.parametrize(
        "text",
        [
            "72031400046",
            "72 03 14 000 46",
            "72/03/14-000-46",
            "  72.03.14-000.46\n",
            "72\u00a003\u00a014\u202f000\u200946",
            "72.03.14\u2013000.46",
            "72.03.14\u2011000.46",
            "\ufeff72.03.14-000.46\u200b",
        ],
    )
    def test_any_pasted_form_is_the_same_number(self, text):
        assert NationalNumber.parse(text) == NationalNumber("72031400046")
        assert hash(NationalNumber.parse(text)) == hash(NationalNumber("72031400046"))

    @pytest.mark.parametrize(
        ("text", "mistake"),
        [
            ("72.03.14-000.47", "check_digits"),
            ("72.13.14-000.46", "date"),
            (national("720332000"), "date"),
            (national("720230000"), "date"),
            (national("720431000"), "date"),
            (national("721332000"), "date"),
            ("72.03.14-000.4", "length"),
            ("72.03.14-000.461", "length"),
            ("", "length"),
            (" . - ", "length"),
            ("72.03.14-000.4O", "characters"),
            ("72.03.14_000.46", "characters"),
            ("BE72.03.14-000.46", "characters"),
            ("٧٢031400046", "characters"),
            ("7203140004²", "characters"),
            ("+7203140004", "characters"),
        ],
    )
    def test_each_mistake_is_named(self, text, mistake):
        assert mistake_in(NationalNumber, text) == mistake

    def test_the_constructor_takes_bare_digits_only(self):
        with pytest.raises(InvalidNumber):
            NationalNumber("72.03.14-000.46")

    def test_the_century_follows_from_the_check_digits(self):
        assert NationalNumber(national("010322999", 2000)).birth_date == date(2001, 3, 22)
        assert NationalNumber(national("010322999", 1900)).birth_date == date(1901, 3, 22)
        assert national("010322999", 2000) == "01032299961"

    def test_check_digits_of_the_one_century_are_wrong_with_the_others_serial(self):
        assert mistake_in(NationalNumber, "01032299962") == "check_digits"

    def test_29_february_needs_a_leap_year_of_its_own_century(self):
        assert NationalNumber(national("000229000", 2000)).birth_date == date(2000, 2, 29)
        assert mistake_in(NationalNumber, national("000229000", 1900)) == "date"
        assert NationalNumber(national("040229000", 1900)).birth_date == date(1904, 2, 29)
        assert mistake_in(NationalNumber, national("050229000", 2000)) == "date"

    @pytest.mark.parametrize("month", ["01", "12", "21", "32", "41", "52"])
    def test_the_months_of_the_national_register_and_of_bis_are_known(self, month):
        assert NationalNumber(national(f"82{month}17000")).birth_date.day == 17

    @pytest.mark.parametrize("month", ["13", "19", "33", "39", "53", "60", "61", "99"])
    def test_no_other_month_is(self, month):
        assert mistake_in(NationalNumber, national(f"82{month}01000")) == "date"

    @pytest.mark.parametrize("month", ["00", "20", "40"])
    def test_where_serials_ran_out_the_last_digit_of_the_date_counts_up(self, month):
        assert NationalNumber(national(f"82{month}09999")).birth_date is None
        assert mistake_in(NationalNumber, national(f"82{month}10999")) == "date"

    def test_an_unknown_day_leaves_no_birth_date(self):
        assert NationalNumber(national("820500999")).birth_date is None
        assert NationalNumber(national("824500999")).birth_date is None

    def test_check_digits_are_97_and_never_00_where_the_rest_is_a_multiple(self):
        digits = next(
            found
            for serial in ("000", "999")
            for day in range(1, 29)
            for month in range(1, 13)
            if (found := national(f"82{month:02}{day:02}{serial}")).endswith("97")
        )
        assert NationalNumber(digits).digits.endswith("97")
        assert mistake_in(NationalNumber, digits[:9] + "00") == "check_digits"

    def test_numbers_have_no_order(self):
        with pytest.raises(TypeError):
            sorted([NationalNumber("72031400046"), NationalNumber("68092399993")])

    def test_a_number_is_unequal_to_its_digits(self):
        assert (NationalNumber("72031400046") == "72031400046") is False


class TestNothingTellsTheNumber:
    NUMBER = NationalNumber("72031400046")
    TELLING = ("72031400046", "72.03.14", "720314", "7203", "03.14", "000")

    def assert_silent(self, text: str) -> None:
        assert [part for part in self.TELLING if part in text] == []

    def test_the_mask_shows_the_check_digits_at_most(self):
        assert self.NUMBER.masked == "••.••.••-•••.46"
        assert str(self.NUMBER) == "••.••.••-•••.46"
        assert f"{self.NUMBER}" == "••.••.••-•••.46"
        assert repr([self.NUMBER]) == "[NationalNumber(••.••.••-•••.46)]"

    def test_a_dataclass_that_holds_one_does_not_tell(self):
        holder = dataclasses.make_dataclass("Holder", ["number"])(self.NUMBER)
        self.assert_silent(repr(holder))
        self.assert_silent(repr(dataclasses.asdict(holder)))

    def test_it_can_be_neither_pickled_nor_dumped(self):
        with pytest.raises(TypeError) as pickled:
            pickle.dumps(self.NUMBER)
        with pytest.raises(TypeError) as dumped:
            json.dumps(self.NUMBER)
        self.assert_silent(f"{pickled.value} {dumped.value}")

    def test_a_copy_is_the_number_itself(self):
        assert copy.copy(self.NUMBER) is self.NUMBER
        assert copy.deepcopy(self.NUMBER) is self.NUMBER

    def test_it_does_not_change(self):
        with pytest.raises(AttributeError):
            self.NUMBER._digits = "68092399993"
        with pytest.raises(AttributeError):
            del self.NUMBER._digits
        assert self.NUMBER.digits == "72031400046"

    @pytest.mark.parametrize("kind", [NationalNumber, EnterpriseNumber, EstablishmentNumber])
    @pytest.mark.parametrize(
        "text", ["72.03.14-000.47", "7203140004", "72.13.14-000.46", "72.03.14-000.46x", "720314000461"]
    )
    def test_no_refusal_holds_what_was_pasted(self, kind, text):
        with pytest.raises(InvalidNumber) as refused:
            kind.parse(text)
        error = refused.value
        self.assert_silent(f"{error} {error!r} {error.args} {vars(error)} {error.__cause__!r} {error.__context__!r}")

    def test_a_traceback_of_a_refusal_does_not_tell(self):
        typed = "72.03.14-000.47"
        with pytest.raises(InvalidNumber) as refused:
            NationalNumber.parse(typed)
        self.assert_silent("".join(traceback.format_exception_only(refused.value)))

    def test_a_refusal_says_what_is_wrong(self):
        with pytest.raises(InvalidNumber, match=r"^not a valid national number: wrong check digits$"):
            NationalNumber.parse("72.03.14-000.47")
        with pytest.raises(InvalidNumber, match=r"^not a valid enterprise number: wrong first digit$"):
            EnterpriseNumber.parse("8.999.000.103")

    def test_a_refusal_survives_a_process_boundary(self):
        refused = pickle.loads(pickle.dumps(InvalidNumber("national number", Mistake.DATE)))  # noqa: S301
        assert (refused.what, refused.reason) == ("national number", Mistake.DATE)


class TestEnterpriseNumber:
    @pytest.mark.parametrize("text", ENTERPRISES)
    def test_the_sample_enterprises_have_numbers(self, text):
        number = EnterpriseNumber.parse(text)
        assert number.display == text
        assert str(number) == number.digits == text.replace(".", "")

    @pytest.mark.parametrize(
        "text",
        [
            "1999000150",
            "BE 1999.000.150",
            "be1999000150",
            "BE1999-000-150",
            " 1999 000\u00a0150 ",
            "1999/000/150",
            "B.E.1999000150",
        ],
    )
    def test_any_pasted_form_is_the_same_number(self, text):
        assert EnterpriseNumber.parse(text) == EnterpriseNumber("1999000150")

    @pytest.mark.parametrize(
        ("text", "mistake"),
        [
            ("1999.000.151", "check_digits"),
            ("1999.005.100", "check_digits"),
            ("1999.00.150", "length"),
            ("566.988.259", "length"),
            ("01999.000.150", "length"),
            ("", "length"),
            ("BE", "length"),
            (ten_digits("29990001"), "first_digit"),
            (ten_digits("99990001"), "first_digit"),
            ("NL1999000150", "characters"),
            ("BEBE1999000150", "characters"),
            ("1999.000.15O", "characters"),
            ("١999000150", "characters"),
        ],
    )
    def test_each_mistake_is_named(self, text, mistake):
        assert mistake_in(EnterpriseNumber, text) == mistake

    def test_the_constructor_takes_bare_digits_only(self):
        with pytest.raises(InvalidNumber):
            EnterpriseNumber("1999.000.150")

    def test_enterprises_sort_by_number(self):
        assert sorted(map(EnterpriseNumber.parse, ENTERPRISES))[0].display == "0566.988.259"

    def test_a_number_does_not_change(self):
        with pytest.raises(AttributeError):
            EnterpriseNumber("1999000150").digits = "1999000249"

    def test_it_can_be_copied_and_pickled(self):
        number = EnterpriseNumber("1999000150")
        assert pickle.loads(pickle.dumps(number)) == copy.deepcopy(number) == number  # noqa: S301


class TestEstablishmentNumber:
    @pytest.mark.parametrize("text", ESTABLISHMENTS + ISSUED_ESTABLISHMENTS)
    def test_the_samples_are_numbers(self, text):
        number = EstablishmentNumber.parse(text)
        assert number.display == text
        assert str(number) == number.digits == text.replace(".", "")

    @pytest.mark.parametrize("first", "2345678")
    def test_the_first_digit_is_2_to_8(self, first):
        assert EstablishmentNumber(ten_digits(f"{first}9990001")).digits[0] == first

    @pytest.mark.parametrize(
        ("text", "mistake"),
        [
            ("8.999.000.104", "check_digits"),
            ("8.999.000.10", "length"),
            ("8.999.000.1033", "length"),
            ("9.000.006.626", "first_digit"),
            ("1999.000.150", "first_digit"),
            ("0566.988.259", "first_digit"),
            ("BE8.999.000.103", "characters"),
        ],
    )
    def test_each_mistake_is_named(self, text, mistake):
        assert mistake_in(EstablishmentNumber, text) == mistake

    def test_it_never_equals_an_enterprise_nor_sorts_with_one(self):
        assert (EstablishmentNumber("8999000103") == EnterpriseNumber("1999000150")) is False
        with pytest.raises(TypeError):
            sorted([EstablishmentNumber("8999000103"), EnterpriseNumber("1999000150")])


nine_digits = st.builds(
    "{:02}{:02}{:02}{}".format,
    st.integers(0, 99),
    st.integers(0, 12) | st.integers(20, 32) | st.integers(40, 52) | st.integers(0, 99),
    st.integers(0, 33),
    st.sampled_from(["000", "999"]),
)
national_digits = st.builds(national, nine_digits, st.sampled_from([1900, 2000]))
eight_digits = st.integers(0, 10**8 - 1).map("{:08}".format)
small_change = st.tuples(st.integers(0, 9), st.integers(1, 9))


def with_one_digit_changed(digits: str, change: tuple[int, int]) -> str:
    place, by = change
    return f"{digits[:place]}{(int(digits[place]) + by) % 10}{digits[place + 1 :]}"


def born_before_2000(digits: str) -> bool:
    return digits == national(digits[:9], 1900)


def accepts(kind: Kind, text: str) -> bool:
    try:
        kind.parse(text)
    except InvalidNumber:
        return False
    return True


class TestPromises:
    @given(nine_digits)
    def test_a_number_is_right_for_one_century_only(self, first_nine):
        assert national(first_nine, 1900) != national(first_nine, 2000)

    @given(national_digits, small_change)
    def test_one_digit_mistyped_in_a_national_number_is_refused_or_of_another_century(self, digits, change):
        mistyped = with_one_digit_changed(digits, change)
        if accepts(NationalNumber, digits) and accepts(NationalNumber, mistyped):
            assert {born_before_2000(digits), born_before_2000(mistyped)} == {True, False}

    @given(st.sampled_from([EnterpriseNumber, EstablishmentNumber]), eight_digits, small_change)
    def test_one_digit_mistyped_in_a_register_number_is_refused(self, kind, first_eight, change):
        digits = ten_digits(first_eight)
        assert accepts(kind, digits) is (digits[0] in kind.FIRST_DIGITS)
        assert accepts(kind, with_one_digit_changed(digits, change)) is False

    @given(national_digits)
    def test_what_is_shown_is_read_back(self, digits):
        if accepts(NationalNumber, digits):
            number = NationalNumber(digits)
            assert NationalNumber.parse(number.display) == number

    @given(st.text())
    def test_any_text_is_a_number_or_refused(self, text):
        assert [accepts(kind, text) for kind in (NationalNumber, EnterpriseNumber, EstablishmentNumber)].count(
            True
        ) <= 1

    @given(national_digits)
    def test_stdnum_agrees_on_every_number_that_is_accepted(self, digits):
        if accepts(NationalNumber, digits):
            number = NationalNumber(digits)
            module = {"national": nn, "bis": bis}[number.kind]
            unborn_to_stdnum = not born_before_2000(digits) and int(digits[:2]) > 26
            if not unborn_to_stdnum:
                assert module.validate(digits) == digits
                assert module.format(digits) == number.display
                assert module.get_birth_date(digits) == number.birth_date

    @given(st.sampled_from("01"), eight_digits)
    def test_stdnum_agrees_on_enterprise_numbers(self, first, rest):
        digits = ten_digits(first + rest[1:])
        assert vat.is_valid(digits) is True
        assert accepts(EnterpriseNumber, digits) is True
        assert vat.is_valid(with_one_digit_changed(digits, (5, 1))) is False

    @pytest.mark.parametrize(
        ("module", "kind", "text"),
        [
            (vat, EnterpriseNumber, "1999.005.100"),
            (vat, EnterpriseNumber, "566.988.259"),
            (nn, NationalNumber, national("820230000")),
            (nn, NationalNumber, national("820015000")),
        ],
    )
    def test_what_stdnum_lets_pass_and_these_types_do_not(self, module, kind, text):
        assert module.is_valid(text) is True
        assert accepts(kind, text) is False
