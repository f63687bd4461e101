"""The query for what the register says about an enterprise: one statement for all of it, by index."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Connection, Date, Select, Text, bindparam, cast, null, select, union_all

from accessmgr.core.days import Period
from accessmgr.core.model import Establishment, Function, FunctionCode, Recognition, Register, TargetGroup
from accessmgr.store import tables
from accessmgr.store.known import NOW, OF_ENTERPRISE, known
from accessmgr.store.prepared import prepared

enterprise_t = tables.Enterprise.__table__
silence_t = tables.Silence.__table__
function_t = tables.Function.__table__
recognition_t = tables.Recognition.__table__
suspension_t = tables.Suspension.__table__
establishment_t = tables.Establishment.__table__
move_t = tables.EstablishmentMove.__table__


def read_register(
    connection: Connection, enterprise: str, establishments: tuple[str, ...], size: int = NOW
) -> tuple[Register | None, TargetGroup | None]:
    """What the register answers about an enterprise, and its target group; None where it has no answer."""
    units_asked = _padded(establishments)
    parameters = {"enterprise": enterprise, "known": size, **units_asked}
    period, group, silent = None, None, False
    held: list[Function] = []
    recognitions: dict[str, tuple[str, Period]] = {}
    suspensions: list[tuple[str, Period]] = []
    units: dict[str, tuple[str, Period]] = {}
    moves: list[tuple[date, int, str, str]] = []
    for kind, key, a, b, c, first, last, row in _register(len(units_asked)).rows(connection, parameters):
        match kind:
            case "enterprise":
                period, group = Period(first, last), TargetGroup(a)
            case "silence":
                silent = True
            case "function":
                held.append(Function(key, enterprise, FunctionCode(a), b, c, Period(first, last)))
            case "recognition":
                recognitions[key] = (a, Period(first, last))
            case "suspension":
                suspensions.append((key, Period(first, last)))
            case "establishment":
                units[key] = (a, Period(first, last))
            case _:
                moves.append((first, row, key, a))
    if period is None or silent:
        return None, group
    answer = Register(
        period,
        tuple(held),
        tuple(
            Recognition(number, owner, its, tuple(when for which, when in suspensions if which == number))
            for number, (owner, its) in recognitions.items()
        ),
        tuple(
            Establishment(
                number,
                its,
                ((None, owner), *((since, to) for since, _, which, to in sorted(moves) if which == number)),
            )
            for number, (owner, its) in units.items()
        ),
    )
    return answer, group


def _padded(establishments: tuple[str, ...]) -> dict[str, str]:
    """Parameters for establishment units: a power of two of them, so that there are few statements to prepare."""
    count = 1 << (len(establishments) - 1).bit_length() if establishments else 0
    return {f"unit_{place}": establishments[min(place, len(establishments) - 1)] for place in range(count)}


@prepared
def _register(establishments: int) -> Any:
    parts = [
        _part("enterprise", enterprise_t, enterprise_t.c.id, enterprise_t.c.target_group).where(
            enterprise_t.c.id == OF_ENTERPRISE
        ),
        _part("silence", silence_t, silence_t.c.id, dated=False).where(silence_t.c.id == OF_ENTERPRISE),
        _part("recognition", recognition_t, recognition_t.c.id, recognition_t.c.enterprise).where(
            recognition_t.c.enterprise == OF_ENTERPRISE
        ),
        _part("suspension", suspension_t, suspension_t.c.recognition)
        .select_from(suspension_t.join(recognition_t, recognition_t.c.id == suspension_t.c.recognition))
        .where(recognition_t.c.enterprise == OF_ENTERPRISE, known(recognition_t)),
        _part(
            "function", function_t, function_t.c.id, function_t.c.code, function_t.c.holder, function_t.c.held_by
        ).where(function_t.c.enterprise == OF_ENTERPRISE),
    ]
    if establishments:
        named = [bindparam(f"unit_{place}", type_=Text()) for place in range(establishments)]
        parts += [
            _part("establishment", establishment_t, establishment_t.c.id, establishment_t.c.enterprise).where(
                establishment_t.c.id.in_(named)
            ),
            select(
                cast("move", Text()),
                move_t.c.establishment,
                move_t.c.enterprise,
                cast(null(), Text()),
                cast(null(), Text()),
                move_t.c.since,
                cast(null(), Date()),
                move_t.c.row,
            ).where(move_t.c.establishment.in_(named), known(move_t)),
        ]
    return union_all(*parts)


def _part(kind: str, table: Any, key: Any, *texts: Any, dated: bool = True) -> Select[Any]:
    values = [*texts, *[cast(null(), Text())] * (3 - len(texts))]
    days = [table.c.first, table.c.last] if dated else [cast(null(), Date())] * 2
    return select(
        cast(kind, Text()).label("kind"),
        key.label("key"),
        *(value.label(name) for value, name in zip(values, "abc", strict=True)),
        *(day.label(name) for day, name in zip(days, ("first", "last"), strict=True)),
        cast(table.c.row, BigInteger()).label("row"),
    ).where(known(table))
