"""The rows of the register's files.

Their fields are the columns that the store keeps, so that it can take rows by the thousand without touching each.
"""

from datetime import date
from typing import NamedTuple

from accessmgr.core.numbers import NationalNumber


class CodeRow(NamedTuple):
    """What a code means, in a language."""

    category: str
    code: str
    language: str
    description: str


class EnterpriseRow(NamedTuple):
    """An enterprise; an extract holds only active ones, so `last` is None."""

    id: str
    target_group: str
    first: date
    last: date | None
    type_code: str | None
    form_code: str | None
    situation_code: str | None


class EstablishmentRow(NamedTuple):
    """An establishment unit and its present owner."""

    id: str
    enterprise: str
    first: date
    last: date | None


class DenominationRow(NamedTuple):
    """A name of an enterprise or establishment."""

    entity: str
    language: str
    type_code: str
    name: str


class AddressRow(NamedTuple):
    """An address of an enterprise or establishment."""

    entity: str
    type_code: str
    country_nl: str | None
    country_fr: str | None
    zipcode: str | None
    municipality_nl: str | None
    municipality_fr: str | None
    street_nl: str | None
    street_fr: str | None
    house_number: str | None
    box: str | None
    extra: str | None
    struck_off: date | None


class FunctionRow(NamedTuple):
    """A function; if the enterprise `held_by` holds it, the person is its permanent representative."""

    enterprise: str
    code: str
    number: NationalNumber | None
    given: str | None
    family: str | None
    held_by: str | None
    first: date
    last: date | None


class RecognitionRow(NamedTuple):
    """A recognition as service-voucher company, with its suspension, if any."""

    id: str
    enterprise: str
    first: date
    last: date | None
    suspended_from: date | None
    suspended_until: date | None


class DeletedRow(NamedTuple):
    """Rows of an update's table that hold no more, by the value of their first column."""

    table: str
    id: str


RegisterRow = EnterpriseRow | EstablishmentRow | DenominationRow | AddressRow | FunctionRow | RecognitionRow
Row = CodeRow | DeletedRow | RegisterRow
