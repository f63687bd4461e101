"""National, enterprise and establishment numbers, as values that cannot be wrong.

Each is made by `parse`, which takes any form that people paste, or from its bare digits; both check everything
(domain notes, 5.1 to 5.3). The checks are written out here and not left to python-stdnum, because that accepts
check digits `00` for `97`, days such as 31 February, nine-digit enterprise numbers and any month-less day, asks
the clock which century a person was born in, and knows no establishment units. The tests hold the two side by side.

What these types do not say: whether a number was ever issued, and to whom. Serials 000 and 999, which are never
issued, are accepted: every fictional person has one. So are births in the future, as there is no clock here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal, NoReturn, Self

_DOTS_SLASHES_AND_SPACES = "./ \t\r\n\u00a0\u2007\u2008\u2009\u200a\u202f\u3000"
_DASHES = "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_DOES_NOT_COUNT = dict.fromkeys(map(ord, _DOTS_SLASHES_AND_SPACES + _DASHES + _INVISIBLE))

_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_BORN_FROM_2000 = 2_000_000_000


class Mistake(StrEnum):
    """The first thing found wrong in a number."""

    CHARACTERS = "characters"
    LENGTH = "length"
    FIRST_DIGIT = "first_digit"
    DATE = "date"
    CHECK_DIGITS = "check_digits"


class InvalidNumber(ValueError):
    """A text is not a number of the kind asked for: `what` names the kind, `reason` the mistake.

    It never holds the text: people paste national numbers into the wrong field too.
    """

    def __init__(self, what: str, reason: Mistake) -> None:
        super().__init__(what, reason)
        self.what = what
        self.reason = reason

    def __str__(self) -> str:
        return f"not a valid {self.what}: wrong {self.reason.replace('_', ' ')}"


def _digits_in(text: str) -> str:
    """The text without what people put between digits; what remains is not checked."""
    bare = text.replace(".", "")
    return bare if bare.isalnum() and bare.isascii() else bare.translate(_DOES_NOT_COUNT)


def _refuse_unless_digits(digits: str, length: int, what: str) -> None:
    if digits and not (digits.isascii() and digits.isdecimal()):
        raise InvalidNumber(what, Mistake.CHARACTERS)
    if len(digits) != length:
        raise InvalidNumber(what, Mistake.LENGTH)


class NationalNumber:
    """A number of the national register, or a BIS number, of a natural person (domain notes, 5.1).

    Whatever prints, formats, copies or serialises it by accident gets the mask; the eleven digits come out only by
    `digits` and `display`. Two numbers are equal when their digits are. They have no order: it would tell who is older.

    :param digits: eleven digits and nothing else; `parse` takes other forms
    :raise InvalidNumber: the length, the birth date or the check digits are wrong
    """

    __slots__ = ("_birth_date", "_digits")

    _birth_date: date | None
    _digits: str

    def __init__(self, digits: str) -> None:
        _refuse_unless_digits(digits, 11, "national number")
        month, day = _month_and_day(digits)
        century = _century(digits)
        born = _birth_date(century + int(digits[:2]), month, day)
        object.__setattr__(self, "_digits", digits)
        object.__setattr__(self, "_birth_date", born)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The number that a text shows; dots, dashes, slashes, spaces and invisible characters do not count.

        :raise InvalidNumber: it is none
        """
        return cls(_digits_in(text))

    @property
    def digits(self) -> str:
        """The eleven digits. To be kept from pages, logs, errors and URLs."""
        return self._digits

    @property
    def display(self) -> str:
        """The full number as people write it, `YY.MM.DD-SSS.CC`: for its own holder, or after a `reveal_number`."""
        n = self._digits
        return f"{n[:2]}.{n[2:4]}.{n[4:6]}-{n[6:9]}.{n[9:]}"

    @property
    def masked(self) -> str:
        """The number with all but its check digits hidden, `••.••.••-•••.CC`."""
        return f"••.••.••-•••.{self._digits[9:]}"

    @property
    def kind(self) -> Literal["national", "bis"]:
        """Whether the national register issued it, or it is a BIS number (month raised by 20 or 40)."""
        return "national" if int(self._digits[2:4]) <= 12 else "bis"

    @property
    def birth_date(self) -> date | None:
        """The day of birth, None where the number does not hold it whole.

        It does not when month or day was unknown, nor when the serials of the day had run out.
        """
        return self._birth_date

    def __eq__(self, other: object) -> bool:
        return self._digits == other._digits if isinstance(other, NationalNumber) else NotImplemented

    def __hash__(self) -> int:
        return hash((NationalNumber, self._digits))

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return f"NationalNumber({self.masked})"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a national number is not to be pickled: seal it in the vault")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a national number does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a national number does not change")


@dataclass(frozen=True, slots=True)
class PersonKey:
    """The key under which all that is secret of a person is sealed; wrapped itself, so that only the vault can use it.

    Who destroys it destroys whatever was sealed under it, wherever that lies. `key_id` names the key around it.
    """

    person: str
    key_id: str
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class SealedNumber:
    """A national number as the store keeps it: what only the vault can open, and what it is looked up by.

    A person has one for each index key in use: one at rest, two while keys are being rotated.
    """

    nonce: bytes
    ciphertext: bytes
    index_key_id: str
    index: bytes


def _month_and_day(digits: str) -> tuple[int, int]:
    """Month and day, 0 for one that the number does not hold; 29 February passes in any year here."""
    month, day = int(digits[2:4]), int(digits[4:6])
    if month >= 20:
        month -= 40 if month >= 40 else 20
    # when a day's serials run out, month and day are zeroed; when those run out too, the last digit counts up
    longest = _LONGEST_MONTHS[month - 1] if 1 <= month <= 12 else 9
    if month > 12 or day > longest:
        raise InvalidNumber("national number", Mistake.DATE)
    return month, day


def _century(digits: str) -> int:
    """1900 or 2000, whichever the check digits fit; they never fit both, as 2·10⁹ is no multiple of 97."""
    first_nine, check = int(digits[:9]), int(digits[9:])
    if check == 97 - first_nine % 97:
        return 1900
    if check == 97 - (_BORN_FROM_2000 + first_nine) % 97:
        return 2000
    raise InvalidNumber("national number", Mistake.CHECK_DIGITS)


def _birth_date(year: int, month: int, day: int) -> date | None:
    if not month or not day:
        return None
    if (month, day) == (2, 29) and (year % 4 or year == 1900):
        raise InvalidNumber("national number", Mistake.DATE)
    return date(year, month, day)


@dataclass(frozen=True, order=True, slots=True)
class _RegisterNumber:
    """What enterprise and establishment numbers share: ten digits, the last two 97 minus the rest modulo 97.

    :raise InvalidNumber: the length, the first digit or the check digits are wrong
    """

    digits: str

    WHAT: ClassVar[str]
    FIRST_DIGITS: ClassVar[str]

    def __post_init__(self) -> None:
        digits = self.digits
        _refuse_unless_digits(digits, 10, self.WHAT)
        if digits[0] not in self.FIRST_DIGITS:
            raise InvalidNumber(self.WHAT, Mistake.FIRST_DIGIT)
        if int(digits[8:]) != 97 - int(digits[:8]) % 97:
            raise InvalidNumber(self.WHAT, Mistake.CHECK_DIGITS)

    def __str__(self) -> str:
        return self.digits


@dataclass(frozen=True, order=True, slots=True)
class EnterpriseNumber(_RegisterNumber):
    """The lifelong number of an enterprise in the Crossroads Bank for Enterprises (domain notes, 5.2)."""

    WHAT: ClassVar[str] = "enterprise number"
    FIRST_DIGITS: ClassVar[str] = "01"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The number that a text shows, with or without `BE`; dots, dashes, slashes and spaces do not count.

        :raise InvalidNumber: it is none
        """
        bare = _digits_in(text)
        return cls(bare[2:] if bare[:2].upper() == "BE" else bare)

    @property
    def display(self) -> str:
        """The number as people write it, `0NNN.NNN.NNN`."""
        return f"{self.digits[:4]}.{self.digits[4:7]}.{self.digits[7:]}"


@dataclass(frozen=True, order=True, slots=True)
class EstablishmentNumber(_RegisterNumber):
    """The number of an establishment unit, which may pass from one enterprise to another (domain notes, 5.3)."""

    WHAT: ClassVar[str] = "establishment number"
    FIRST_DIGITS: ClassVar[str] = "2345678"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The number that a text shows; dots, dashes, slashes and spaces do not count.

        :raise InvalidNumber: it is none
        """
        return cls(_digits_in(text))

    @property
    def display(self) -> str:
        """The number as people write it, `N.NNN.NNN.NNN`."""
        return f"{self.digits[0]}.{self.digits[1:4]}.{self.digits[4:7]}.{self.digits[7:]}"
