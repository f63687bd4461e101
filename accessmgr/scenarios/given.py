"""The world of a scenario file, read and checked."""

from collections.abc import Callable, Collection

from accessmgr.core.days import Period
from accessmgr.core.model import FunctionCode, Key, TargetGroup
from accessmgr.core.numbers import EnterpriseNumber, EstablishmentNumber, InvalidNumber, NationalNumber
from accessmgr.scenarios.document import (
    GivenEnterprise,
    GivenEstablishment,
    GivenFunction,
    GivenPerson,
    GivenRecognition,
    GivenWorld,
)
from accessmgr.scenarios.fields import Convert, Fields, Value, day, list_of, named, text, word, words
from accessmgr.scenarios.nodes import Mistake, Node
from accessmgr.scenarios.rights import catalogue, read_rights


def read_world(node: Node) -> GivenWorld:
    """The world that a file gives inline.

    :raise Mistake: something in it is wrong
    """
    fields = Fields(node, "the world", optional="persons enterprises auditors applications rights")
    reader = _Reader(fields)
    return GivenWorld(
        persons={key: reader.person(one) for key, one in reader.persons.items()},
        enterprises={key: reader.enterprise(one) for key, one in reader.enterprises.items()},
        rights=fields.take("rights", lambda rights, _: read_rights(rights)) if "rights" in fields else catalogue(),
        auditors=frozenset(fields.take("auditors", list_of(one_of(reader.persons)), ())),
        applications={
            name: _keys(Fields(one, "an application", optional="keys"))
            for name, one in _by_name(fields, "applications").items()
        },
    )


def one_of(known: Collection[str]) -> Convert[str]:
    """A short name that the file has."""

    def convert(node: Node, what: str) -> str:
        name = text(node, what)
        if name not in known:
            raise Mistake(node.line, f"`{what}`: the file has no `{name}`")
        return name

    return convert


def recognition_number(node: Node, what: str) -> str:
    """The number of a recognition as it is kept: dots, dashes and spaces do not count."""
    return "".join(part for part in words(node, what) if part not in ".-" and not part.isspace())


def establishment_number(node: Node, what: str) -> str:
    """The ten digits of the number of an establishment unit."""
    return _number(EstablishmentNumber.parse)(node, what).digits


def person_names(node: Node, what: str) -> tuple[str, ...]:
    """Names of a person, given name first."""
    return list_of(text)(node, what)


def period(fields: Fields, first: str = "since", last: str = "until") -> Period:
    """A period of days, which lasts if its end is left out."""
    return Period(fields.take(first, day), fields.take(last, day, None))


def holder(fields: Fields, held_by: str, what: str) -> str:
    """The name under which stands who holds a function, in person or for the enterprise under `held_by`.

    :raise Mistake: not exactly one of person and enterprise is given
    """
    if ("person" in fields) == (held_by in fields):
        raise Mistake(fields.line, f"{what} needs either `person` or `{held_by}`")
    if "permanent_representative" in fields and "person" in fields:
        raise Mistake(fields.line_of("permanent_representative"), "only an enterprise has a permanent representative")
    return "person" if "person" in fields else "permanent_representative"


class _Reader:
    """Reads people and enterprises, who name each other, and sees that no number stands twice."""

    def __init__(self, world: Fields) -> None:
        self.persons = _by_name(world, "persons")
        self.enterprises = _by_name(world, "enterprises")
        self._seen: set[object] = set()

    def person(self, node: Node) -> GivenPerson:
        fields = Fields(node, "a person", "name number", "deceased keys")
        names = fields.take("name", person_names)
        if not "".join(names).strip():
            raise Mistake(fields.line_of("name"), "`name` must hold a name, given name first")
        return GivenPerson(
            names=names,
            number=fields.take("number", self._once(_number(NationalNumber.parse))),
            deceased=fields.take("deceased", day, None),
            keys=_keys(fields),
        )

    def enterprise(self, node: Node) -> GivenEnterprise:
        optional = "until functions recognitions establishments"
        fields = Fields(node, "an enterprise", "number name since target_group", optional)
        return GivenEnterprise(
            number=fields.take("number", self._once(_number(EnterpriseNumber.parse))),
            name=fields.take("name", words),
            target_group=fields.take("target_group", word(TargetGroup)),
            period=period(fields),
            functions=fields.take("functions", list_of(self._function), ()),
            recognitions=fields.take("recognitions", list_of(self._recognition), ()),
            establishments=fields.take("establishments", list_of(self._establishment), ()),
        )

    def _function(self, node: Node, _what: str) -> GivenFunction:
        fields = Fields(node, "a function", "code since", "until person enterprise permanent_representative")
        return GivenFunction(
            code=fields.take("code", word(FunctionCode)),
            person=fields.take(holder(fields, "enterprise", "a function"), one_of(self.persons), None),
            held_by=fields.take("enterprise", one_of(self.enterprises), None),
            period=period(fields),
        )

    def _recognition(self, node: Node, _what: str) -> GivenRecognition:
        fields = Fields(node, "a recognition", "number since", "until suspended")
        return GivenRecognition(
            number=fields.take("number", self._once(recognition_number)),
            period=period(fields),
            suspended=fields.take("suspended", list_of(_suspension), ()),
        )

    def _establishment(self, node: Node, _what: str) -> GivenEstablishment:
        fields = Fields(node, "an establishment", "number since", "until")
        return GivenEstablishment(fields.take("number", self._once(establishment_number)), period(fields))

    def _once(self, convert: Convert[Value]) -> Convert[Value]:
        def once(node: Node, what: str) -> Value:
            value = convert(node, what)
            if value in self._seen:
                raise Mistake(node.line, f"`{what}`: another one in the file has this number")
            self._seen.add(value)
            return value

        return once


def _by_name(fields: Fields, name: str) -> dict[str, Node]:
    return fields.take(name, lambda node, what: dict(named(node, f"`{what}`")), {})


def _keys(fields: Fields) -> frozenset[Key]:
    """The digital keys of a person or an application: left out, all."""
    return frozenset(fields.take("keys", list_of(word(Key)), tuple(Key)))


def _suspension(node: Node, _what: str) -> Period:
    return period(Fields(node, "a suspension", "since", "until"))


def _number(parse: Callable[[str], Value]) -> Convert[Value]:
    def convert(node: Node, what: str) -> Value:
        value = text(node, what)
        try:
            return parse(value)
        except InvalidNumber as fault:
            raise Mistake(node.line, f"`{what}`: {fault}") from None

    return convert
