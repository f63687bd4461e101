"""Makes rows of the fields of the register's files, and tells what makes one wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from accessmgr.core.model import FunctionCode, TargetGroup
from accessmgr.register import fields as read
from accessmgr.register.fields import WrongRow
from accessmgr.register.rows import (
    AddressRow,
    CodeRow,
    DeletedRow,
    DenominationRow,
    EnterpriseRow,
    EstablishmentRow,
    FunctionRow,
    RecognitionRow,
    Row,
)

FUNCTION_CODES = frozenset(FunctionCode)


class SeenNumbers:
    """A set of enterprise and establishment numbers, one bit each: a whole register takes some two megabytes."""

    _SPAN = 1 << 16

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}

    def add(self, digits: str) -> bool:
        """Take a number in; False if it was there."""
        page, place = divmod(int(digits[:8]), self._SPAN)
        bits = self._pages.get(page)
        if bits is None:
            bits = self._pages[page] = bytearray(self._SPAN // 8)
        mask = 1 << (place & 7)
        if bits[place >> 3] & mask:
            return False
        bits[place >> 3] |= mask
        return True

    def __contains__(self, digits: str) -> bool:
        page, place = divmod(int(digits[:8]), self._SPAN)
        bits = self._pages.get(page)
        return bits is not None and bool(bits[place >> 3] & 1 << (place & 7))


class RowParsers:
    """Makes rows of fields, and knows which keys the extract has shown so far.

    Numbers are remembered as bits, other keys as the hash of their values: at the size of the whole register, two
    different keys have the same hash in less than one of a million extracts, and that row would be a reject.

    :param local_forms: the juridical forms of local authorities
    :param known: enterprises and establishments that rows may refer to besides those of the extract
    """

    def __init__(self, local_forms: frozenset[str], known: Iterable[str] = ()) -> None:
        self._local_forms = local_forms
        self._known_before = SeenNumbers()
        for id in known:
            self._known_before.add(id)
        self._entities = SeenNumbers()
        self._addressed: dict[str, SeenNumbers] = {}
        self._seen: set[int] = set()
        self._last_entity = "", ""

    def of(self, file: str) -> Callable[[Sequence[str]], Row | None]:
        """The function that makes a row of a file's fields, None for a row that is nothing of ours.

        It raises `WrongRow`.
        """
        table = file.removesuffix(".csv").removesuffix("_insert")
        if table.endswith("_delete"):
            return partial(self._deleted, table.removesuffix("_delete"))
        parsers: dict[str, Callable[[Sequence[str]], Row | None]] = {
            "code": self._code,
            "enterprise": self._enterprise,
            "establishment": self._establishment,
            "denomination": self._denomination,
            "address": self._address,
            "function": self._function,
            "recognition": self._recognition,
        }
        return parsers[table]

    def _deleted(self, table: str, fields: Sequence[str]) -> DeletedRow | None:
        (text,) = fields
        if read.is_branch(text):
            return None
        if table == "recognition":
            return DeletedRow(table, read.recognition_number(text, "RecognitionNumber"))
        if table in ("enterprise", "function") or (table != "establishment" and len(text) == 12):
            return DeletedRow(table, read.enterprise_number(text, "EnterpriseNumber"))
        return DeletedRow(table, read.establishment_number(text, "EstablishmentNumber"))

    def _code(self, fields: Sequence[str]) -> CodeRow:
        category, code, language, description = fields
        row = CodeRow(
            read.needed(category, "Category"),
            read.needed(code, "Code"),
            read.needed(language, "Language"),
            read.needed(description, "Description"),
        )
        self._first_time(hash(("code", *row[:3])))
        return row

    def _enterprise(self, fields: Sequence[str]) -> EnterpriseRow:
        number, status, situation, type_, form, form_cac, start = fields
        id = read.enterprise_number(number, "EnterpriseNumber")
        if status != "AC":
            raise WrongRow("`Status` is not `AC`")
        form_code = read.code_or_none(form, "JuridicalForm")
        read.code_or_none(form_cac, "JuridicalFormCAC")
        group = TargetGroup.LB if form_code in self._local_forms else TargetGroup.EA
        row = EnterpriseRow(
            id,
            group.value,
            read.day(start, "StartDate"),
            None,
            read.code_or_none(type_, "TypeOfEnterprise"),
            form_code,
            read.code_or_none(situation, "JuridicalSituation"),
        )
        if not self._entities.add(id):
            raise WrongRow("`EnterpriseNumber` was in an earlier row")
        return row

    def _establishment(self, fields: Sequence[str]) -> EstablishmentRow:
        number, start, enterprise = fields
        id = read.establishment_number(number, "EstablishmentNumber")
        row = EstablishmentRow(id, self._known(enterprise, "EnterpriseNumber"), read.day(start, "StartDate"), None)
        if not self._entities.add(id):
            raise WrongRow("`EstablishmentNumber` was in an earlier row")
        return row

    def _denomination(self, fields: Sequence[str]) -> DenominationRow | None:
        entity, language, type_, name = fields
        if read.is_branch(entity):
            return None
        row = DenominationRow(
            self._entity(entity),
            read.code(language, "Language"),
            read.code(type_, "TypeOfDenomination"),
            read.needed(name, "Denomination"),
        )
        self._first_time(hash(row))
        return row

    def _address(self, fields: Sequence[str]) -> AddressRow | None:
        entity, type_, *texts, struck_off = fields
        if read.is_branch(entity):
            return None
        id = self._entity(entity)
        type_code = read.code(type_, "TypeOfAddress")
        read.plain("".join(texts), "CountryNL … ExtraAddressInfo")
        struck_off_on = read.day_or_none(struck_off, "DateStrikingOff")
        row = AddressRow._make([id, type_code, *(text or None for text in texts), struck_off_on])
        if not self._addressed.setdefault(type_code, SeenNumbers()).add(id):
            raise WrongRow("`EntityNumber` had an address of this type in an earlier row")
        return row

    def _function(self, fields: Sequence[str]) -> FunctionRow:
        enterprise, code, number, family, given, holding, start, end = fields
        id = self._known(enterprise, "EnterpriseNumber")
        if code not in FUNCTION_CODES:
            raise WrongRow("`FunctionCode` is no function of the rulebook")
        person = read.national_number_or_none(number, "HolderNationalNumber")
        held_by = self._known(holding, "HolderEnterpriseNumber") if holding else None
        if family or given or person:
            read.needed(family, "HolderLastName")
        elif held_by is None:
            raise WrongRow("it names neither a person nor an enterprise as holder")
        if given:
            read.needed(given, "HolderFirstName")
        first, last = read.period(start, "StartDate", end, "EndDate")
        self._first_time(hash((id, code, held_by or person or f"{given} {family}", first)))
        return FunctionRow(id, code, person, given or None, family or None, held_by, first, last)

    def _recognition(self, fields: Sequence[str]) -> RecognitionRow:
        number, enterprise, start, end, suspended_from, suspended_until = fields
        key = read.recognition_number(number, "RecognitionNumber")
        id = self._known(enterprise, "EnterpriseNumber")
        first, last = read.period(start, "StartDate", end, "EndDate")
        since, until = None, None
        if suspended_from or suspended_until:
            since, until = read.period(suspended_from, "SuspendedFrom", suspended_until, "SuspendedUntil")
        self._first_time(hash(("recognition", key)))
        return RecognitionRow(key, id, first, last, since, until)

    def _known(self, text: str, column: str) -> str:
        id = read.enterprise_number(text, column)
        if id not in self._entities and id not in self._known_before:
            raise WrongRow(f"`{column}` is no enterprise of the register")
        return id

    def _entity(self, text: str) -> str:
        # the published files list what concerns one entity together
        if text == self._last_entity[0]:
            return self._last_entity[1]
        id = self._known(text, "EntityNumber") if len(text) == 12 else self._known_establishment(text)
        self._last_entity = text, id
        return id

    def _known_establishment(self, text: str) -> str:
        id = read.establishment_number(text, "EntityNumber")
        if id not in self._entities and id not in self._known_before:
            raise WrongRow("`EntityNumber` is no establishment unit of the register")
        return id

    def _first_time(self, key: int) -> None:
        before = len(self._seen)
        self._seen.add(key)
        if len(self._seen) == before:
            raise WrongRow("a row with the same key came earlier")
