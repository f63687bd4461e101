"""Chains in words: each link with the people in it, whether it holds, and who made it, when and in which capacity."""

from collections.abc import Iterable
from dataclasses import dataclass

from accessmgr.core.chain import Standing
from accessmgr.core.model import Grant
from accessmgr.usecases.entering import Entrance
from accessmgr.usecases.world import Look
from accessmgr.web import chain as drawing
from accessmgr.web import format as form
from accessmgr.web.chain import Drawn, Reason
from accessmgr.web.current import world
from accessmgr.web.history_entries import Row, rows


@dataclass(frozen=True)
class Made:
    """A link of a chain, with the entries that made it; without any, it was known from the beginning."""

    title: str
    names: str
    detail: str
    standing: str
    kind: str
    reasons: tuple[Reason, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Way:
    """A way into a secure area in words: whose, for what, whether it was open, and its chain."""

    person: str
    person_id: str
    right: str
    context: str
    allowed: bool
    because: tuple[str, ...]
    grant: Grant | None
    granted_by: str
    links: tuple[Made, ...]
    drawn: Drawn


def in_words(seen: Look, number: str, entrances: Iterable[Entrance]) -> list[Way]:
    """Decisions about entering an enterprise in words, by the name of the person."""
    found = list(entrances)
    sequences = {entry for one in found for entry in one.entries}
    told = {row.sequence: row for row in rows(seen, seen.lists.leaves(sequences).values())}
    people = {id_ for one in found for id_ in (*one.chain.people, one.grant.by if one.grant else None)}
    names = {id_: named.name for id_, named in seen.lists.names(people).items()}
    company = seen.lists.enterprise_names([number], form.language())[number]
    ways = [_way(one, told, names, company) for one in found]
    return sorted(ways, key=lambda way: (way.person, way.right, way.context))


def opened_by(person: str, seen: Look, ways: Iterable[Way], others: Iterable[int] = ()) -> dict[str, frozenset[int]]:
    """For a page of a reader who reads no enterprise's history: which of its entries they may open, as about themself.

    The entries are those of the ways, and others by sequence.
    """
    sequences = {row.sequence for way in ways for link in way.links for row in link.rows} | {*others}
    return {"mine": seen.lists.about(sequences, person)}


def _way(one: Entrance, told: dict[int, Row], names: dict[str, str], company: str) -> Way:
    drawn = drawing.draw(one.chain, names, company)
    return Way(
        names.get(one.person, one.person),
        one.person,
        form.right_name(one.right),
        form.context(one.context, world().policy.rights.get(one.right)),
        one.allowed,
        one.decision.because,
        one.grant,
        names.get(one.grant.by, "") if one.grant else "",
        tuple(
            Made(
                node.title,
                node.name,
                node.detail,
                node.standing,
                "bad" if step.link.standing is Standing.BROKEN else node.kind,
                node.reasons,
                tuple(told[entry] for entry in step.entries if entry in told),
            )
            for step, node in zip(one.steps, drawn.nodes, strict=True)
        ),
        drawn,
    )
