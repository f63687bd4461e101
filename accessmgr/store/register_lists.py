"""Lists and cards of the register: enterprises, their names, functions, establishment units, codes and addresses."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from accessmgr.core.days import Period
from accessmgr.core.model import Function, FunctionCode, TargetGroup
from accessmgr.store import tables
from accessmgr.store.known import content, holding
from accessmgr.store.people_lists import PeopleLists
from accessmgr.usecases.lists import EnterpriseCard, HeldFunction

enterprise_t = tables.Enterprise.__table__
name_t = tables.Denomination.__table__
address_t = tables.Address.__table__
code_t = tables.Code.__table__
function_t = tables.Function.__table__
silence_t = tables.Silence.__table__
recognition_t = tables.Recognition.__table__
suspension_t = tables.Suspension.__table__
establishment_t = tables.Establishment.__table__
move_t = tables.EstablishmentMove.__table__

SOCIAL_NAME = "001"
SEAT = "REGO"
LANGUAGES = {"fr": "1", "nl": "2", "de": "3", "en": "4"}
"""The languages as the register writes them."""


class RegisterLists(PeopleLists):
    """The register within one look, with the names of people who hold functions."""

    def enterprise_names(self, numbers: Iterable[str], language: str) -> dict[str, str]:
        """The social names of enterprises by number, in the language if the register has it."""
        wanted = sorted(set(numbers))
        if not wanted:
            return {}
        found = self.rows_with(
            select(name_t.c.entity, name_t.c.language, name_t.c.name), name_t, type_code=SOCIAL_NAME
        ).where(name_t.c.entity.in_(wanted))
        best: dict[str, tuple[bool, str]] = {}
        for entity, name_language, name in self.connection.execute(found.order_by(name_t.c.row)):
            fits = name_language == LANGUAGES.get(language)
            if entity not in best or (fits and not best[entity][0]):
                best[entity] = (fits, name)
        return {number: best[number][1] if number in best else number for number in wanted}

    def enterprise_card(self, number: str, language: str) -> EnterpriseCard | None:
        """What the public register shows about an enterprise, None if it is not in the register."""
        row = self.connection.execute(self.rows_with(select(enterprise_t), enterprise_t, id=number)).first()
        if row is None:
            return None
        seat = self.rows_with(select(*content(address_t)), address_t, entity=number, type_code=SEAT)
        recognitions = self.rows_with(select(*content(recognition_t)), recognition_t, enterprise=number)
        return EnterpriseCard(
            number,
            self.enterprise_names([number], language)[number],
            row.target_group,
            Period(row.first, row.last),
            row.type_code,
            row.form_code,
            row.situation_code,
            self.connection.execute(seat).first(),
            self._held_functions(number, language),
            tuple(self.connection.execute(recognitions.order_by(recognition_t.c.id))),
            tuple(self.connection.execute(self._suspensions(number))),
            tuple(self.establishments(number)),
        )

    def target_groups(self, numbers: Iterable[str]) -> dict[str, TargetGroup]:
        """The target groups of enterprises that are in the register, by number."""
        wanted = sorted(set(numbers))
        found = select(enterprise_t.c.id, enterprise_t.c.target_group)
        of_these = found.where(enterprise_t.c.id.in_(wanted), self.knows(enterprise_t))
        return {number: TargetGroup(group) for number, group in self.connection.execute(of_these)}

    def functions_in(self, numbers: Iterable[str]) -> dict[str, tuple[Function, ...] | None]:
        """The functions held in enterprises, by number; None where the register has no answer."""
        wanted = sorted(set(numbers))
        silent = select(silence_t.c.id).where(silence_t.c.id.in_(wanted), self.knows(silence_t))
        answers: dict[str, list[Function] | None] = {number: [] for number in wanted}
        answers |= dict.fromkeys(self.connection.execute(silent).scalars())
        found = select(function_t).where(function_t.c.enterprise.in_(wanted), self.knows(function_t))
        for row in self.connection.execute(found.order_by(function_t.c.first, function_t.c.id)):
            functions = answers[row.enterprise]
            if functions is not None:
                functions.append(function_of(row))
        return {number: None if held is None else tuple(held) for number, held in answers.items()}

    def functions_of(self, person: str) -> list[Function]:
        """The functions that a person holds, in whatever enterprise."""
        found = self.rows_with(select(function_t), function_t, holder=person)
        ordered = found.order_by(function_t.c.enterprise, function_t.c.first, function_t.c.id)
        return [function_of(row) for row in self.connection.execute(ordered)]

    def establishments(self, enterprise: str) -> Sequence[Any]:
        """The establishment units that are or were the enterprise's: first owned, or moved to it."""
        moved = self.rows_with(select(move_t.c.establishment), move_t, enterprise=enterprise)
        found = select(*content(establishment_t)).where(
            self.knows(establishment_t),
            or_(establishment_t.c.enterprise == enterprise, establishment_t.c.id.in_(moved)),
        )
        return self.connection.execute(found.order_by(establishment_t.c.id)).all()

    def denominations(self, entities: Iterable[str]) -> list[Any]:
        """The names of enterprises or establishment units, with `entity`, `language`, `type_code` and `name`."""
        found = select(*content(name_t)).where(name_t.c.entity.in_(sorted(set(entities))), self.knows(name_t))
        return list(self.connection.execute(found.order_by(name_t.c.entity, name_t.c.type_code, name_t.c.row)))

    def addresses(self, entities: Iterable[str]) -> dict[str, Any]:
        """The addresses of enterprises or establishment units, by number."""
        wanted = sorted(set(entities))
        if not wanted:
            return {}
        found = select(*content(address_t)).where(address_t.c.entity.in_(wanted), self.knows(address_t))
        return {row.entity: row for row in self.connection.execute(found.order_by(address_t.c.row.desc()))}

    def search_enterprises(self, text: str, limit: int = 20) -> list[str]:
        """The numbers of enterprises whose name begins with a text, whatever its case; few and by index later on."""
        found = (
            select(name_t.c.entity)
            .join(enterprise_t, and_(enterprise_t.c.id == name_t.c.entity, self.knows(enterprise_t)))
            .where(func.lower(name_t.c.name).like(holding(text), escape="\\"), self.knows(name_t))
            .group_by(name_t.c.entity)
            .order_by(func.min(name_t.c.name))
            .limit(limit)
        )
        return [number for (number,) in self.connection.execute(found)]

    def meanings(self, language: str, categories: Sequence[str] = ()) -> dict[tuple[str, str], str]:
        """What the codes of the register mean, by category and code: of some categories, or of all."""
        found = self.rows_with(
            select(code_t.c.category, code_t.c.code, code_t.c.description), code_t, language=language.upper()
        )
        if categories:
            found = found.where(code_t.c.category.in_(categories))
        return {(category, code): description for category, code, description in self.connection.execute(found)}

    def _suspensions(self, enterprise: str) -> Select[Any]:
        owned = self.rows_with(select(recognition_t.c.id), recognition_t, enterprise=enterprise)
        return select(*content(suspension_t)).where(suspension_t.c.recognition.in_(owned), self.knows(suspension_t))

    def _held_functions(self, enterprise: str, language: str) -> tuple[HeldFunction, ...]:
        held = self.rows_with(select(function_t), function_t, enterprise=enterprise)
        found = self.connection.execute(held.order_by(function_t.c.first, function_t.c.id)).all()
        people = self.names(row.holder for row in found)
        holders = self.enterprise_names((row.held_by for row in found if row.held_by), language)
        return tuple(
            HeldFunction(
                function_of(row),
                people[row.holder].name if row.holder in people else row.holder_name,
                holders.get(row.held_by) if row.held_by else None,
            )
            for row in found
        )


def function_of(row: Any) -> Function:
    """A function from its row."""
    return Function(
        row.id, row.enterprise, FunctionCode(row.code), row.holder, row.held_by, Period(row.first, row.last)
    )
