"""Pages of entries: those wanted of the ones that a reader may see, of one type if they choose one, newest first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from accessmgr.core.events import What
from accessmgr.usecases.lists import PAGE
from accessmgr.usecases.traces import Wanted
from accessmgr.usecases.world import Look, Unknown
from accessmgr.web.history_entries import TYPES, Row, parsed, rows
from accessmgr.web.moment_asked import TimeFrame

LARGEST = 2**62
AUDITOR = "HISTORY-1"
MOST_LOOKS = 10


@dataclass(frozen=True)
class Entries:
    """A page of entries as they are kept; `before` is where the next page begins, None if this is the last."""

    leaves: Sequence[bytes]
    before: int | None


def timeline(seen: Look, subjects: Sequence[str], frame: TimeFrame) -> Entries:
    """The page of the entries about all the subjects, of the type and before the sequence that the address names."""
    types = [chosen] if (chosen := type_chosen()) else []
    found = frame.lists(seen).wanted(Wanted(subjects, types, before=before_in_address()), PAGE + 1)
    return page_of((row.sequence, row.leaf) for row in found)


def page_of(found: Iterable[tuple[int, bytes]]) -> Entries:
    """A page of entries, of which one more than the page holds was read if there are more."""
    listed = list(found)
    more = len(listed) > PAGE
    return Entries([leaf for _, leaf in listed[:PAGE]], listed[PAGE - 1][0] if more else None)


def type_chosen() -> str | None:
    """The type of entries that the address asks for; one that does not exist is none."""
    chosen = request.args.get("type", "")
    return chosen if chosen in types() else None


def types() -> list[str]:
    """Every type of entry that can be asked for."""
    return [str(What.ACTION_REFUSED), *map(str, TYPES)]


def listed(seen: Look, found: Entries, template: str = "history/entries.html", **given: Any) -> ResponseReturnValue:
    """The page that shows entries."""
    of_all = {"number": None, "name": None, "person": None, "looked": (), "chosen": type_chosen()}
    shown = rows(seen, found.leaves)
    names = {type_: TYPES.get(type_) for type_ in types()}
    return render_template(template, rows=shown, before=found.before, types=names, **{**of_all, **given})


def looks(seen: Look, number: str) -> list[Row]:
    """The latest times that an auditor looked at the history of an enterprise."""
    found = seen.lists.wanted(Wanted([number], [str(What.HISTORY_READ)]), MOST_LOOKS)
    by_auditors = [row.leaf for row in found if AUDITOR in parsed(row.leaf)["decision"].get("because", ())]
    return rows(seen, by_auditors)


def id_in_address(text: str, what: str) -> str:
    """An id as it stands in an address.

    :raise Unknown: it cannot be an id, so that it names nothing
    """
    if text and not (text.isascii() and text.isalnum()):
        raise Unknown(what)
    return text


def before_in_address() -> int | None:
    """Where the page begins: before the entry of that sequence."""
    before = request.args.get("before", type=int)
    return None if before is None or not 0 <= before < LARGEST else before
