"""The chain of a whole enterprise in words: each box with its text and its place, each line with what it says."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from textwrap import wrap

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from accessmgr.core.chain import PLACES as PLACE_OF_RULE
from accessmgr.core.chain import Complaint, Place, Standing
from accessmgr.core.chain_causes import Cause
from accessmgr.core.model import Right
from accessmgr.core.whole import REGISTER, Knot, Thread, Tie, Way, Whole
from accessmgr.web import chain, chain_layout
from accessmgr.web import format as form
from accessmgr.web.chain import Reason
from accessmgr.web.chain_layout import Box, Line, Placed

COLUMNS = (Place.REGISTER, Place.REPRESENTATIVE, Place.MANAGER, Place.USER, Place.CONTEXT)
HEADINGS = {
    Place.REGISTER: lazy_gettext("Register"),
    Place.REPRESENTATIVE: lazy_gettext("Legal representatives"),
    Place.MANAGER: lazy_gettext("Managers"),
    Place.USER: lazy_gettext("People"),
    Place.CONTEXT: lazy_gettext("Rights and contexts"),
}
COMING = {
    Tie.REPRESENTS: lazy_gettext("represented by"),
    Tie.APPOINTED: lazy_gettext("appointed by"),
    Tie.CLAIMED: lazy_gettext("by the other role of"),
    Tie.LINKED: lazy_gettext("linked by"),
    Tie.GRANTED: lazy_gettext("granted by"),
    Tie.HOLDS: lazy_gettext("held by"),
}
"""How a line reads from the box at its end, before the names of the boxes where it begins."""

SIGNS = {"ok": "✓", "bad": "✕", "wait": "…"}
WIDE = {"place": 21, "called": 20, "detail": 24, "word": 24}
"""How many characters of each kind of text fit on a line of a box; a box that is indented holds fewer."""
NARROWER = 2
MOST = {"place": 3, "called": 3, "detail": 2, "word": 3}
HIGH = {"place": 17, "called": 19, "detail": 17, "word": 18}
PAD = 11
MOST_WAYS = 6
"""So many ways in are named in a box; the list names them all."""


@dataclass(frozen=True)
class Text:
    """One line of text in a box, with its place from the upper border of the box."""

    kind: str
    text: str
    y: int


@dataclass(frozen=True)
class OneWay:
    """What somebody holds, in words."""

    name: str
    kind: str
    word: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Words:
    """What is said of a knot; `coming` tells by whom it is what it is, `ways` what its people hold.

    `short` is what stands in the box in place of title, name and detail, if they are long.
    """

    knot: Knot
    title: str
    name: str
    detail: str
    kind: str
    word: str
    reasons: tuple[Reason, ...]
    ways: tuple[OneWay, ...] = ()
    coming: tuple[tuple[str, str], ...] = ()
    short: tuple[tuple[str, str], ...] = ()
    texts: tuple[Text, ...] = ()
    height: int = 0

    @property
    def sign(self) -> str:
        """The sign of its standing."""
        return SIGNS[self.kind]

    @property
    def broken(self) -> bool:
        """Whether it, or anything that its people hold, is broken."""
        return self.kind == "bad" or any(way.kind == "bad" for way in self.ways)


@dataclass(frozen=True)
class Joined:
    """A line: its path, what it says, and whether it is broken."""

    path: str
    says: str
    broken: bool


@dataclass(frozen=True)
class WholeDrawn:
    """The drawing of an enterprise, ready for its template: the columns with what stands in them, and the lines."""

    company: str
    columns: tuple[tuple[str, tuple[Words, ...]], ...]
    places: Mapping[str, Placed]
    joined: tuple[Joined, ...]
    headings: tuple[tuple[str, int], ...]
    width: int
    height: int

    @property
    def boxes(self) -> Iterator[tuple[Words, Placed]]:
        """Everything drawn, with its place."""
        return ((words, self.places[words.knot.id]) for _heading, column in self.columns for words in column)

    @property
    def broken(self) -> int:
        """In how many boxes something is broken."""
        return sum(words.broken for _heading, column in self.columns for words in column)

    @property
    def summary(self) -> str:
        """Whether everything holds."""
        if not self.broken:
            return _("Every link that is drawn holds.")
        return ngettext("Broken in %(num)s box.", "Broken in %(num)s boxes.", self.broken)


@dataclass
class Speaker:
    """Tells a whole in words.

    :param names: the names of its people, by id
    :param rights: the rights of the policy, by code
    """

    whole: Whole
    enterprise: str
    company: str
    names: Mapping[str, str]
    rights: Mapping[str, Right]
    today: date
    told: dict[str, Words] = field(default_factory=dict)

    def drawn(self) -> WholeDrawn:
        """The whole, in words and with its places."""
        coming = self._coming()
        for knot in self._in_order():
            self.told[knot.id] = _measured(self._words(knot, coming.get(knot.id, ())), self._depth(knot))
        columns = {knot.id: COLUMNS.index(knot.place) for knot in self.whole.knots}
        boxes = [Box(id_, columns[id_], each.height, each.knot.above) for id_, each in self.told.items()]
        lines = {Line(thread.start, thread.end): thread for thread in self.whole.threads}
        laid = chain_layout.lay_out(boxes, lines)
        return WholeDrawn(
            self.company,
            tuple((str(HEADINGS[place]), tuple(self._column(place, laid.boxes))) for place in COLUMNS),
            laid.boxes,
            self._joined(lines, laid.paths),
            tuple((str(HEADINGS[place]), laid.left(index)) for index, place in enumerate(COLUMNS)),
            laid.width,
            laid.height,
        )

    def _joined(self, lines: Mapping[Line, Thread], paths: Mapping[Line, str]) -> tuple[Joined, ...]:
        """The lines, those that are broken last, so that no other lies on them."""
        joined = (Joined(path, self._says(lines[line]), lines[line].broken) for line, path in paths.items())
        return tuple(sorted(joined, key=lambda one: one.broken))

    def _depth(self, knot: Knot) -> int:
        """Under how many others it stands indented."""
        above = self._knots.get(knot.above or "")
        return 0 if above is None else 1 + self._depth(above)

    @cached_property
    def _knots(self) -> Mapping[str, Knot]:
        return {knot.id: knot for knot in self.whole.knots}

    def _in_order(self) -> list[Knot]:
        """People and contexts by name, the others as they were found."""
        named = {Place.USER, Place.CONTEXT}
        return sorted(self.whole.knots, key=lambda knot: (self._name(knot) if knot.place in named else "", knot.count))

    def _column(self, place: Place, places: Mapping[str, Placed]) -> list[Words]:
        """The boxes of a column, from above."""
        return sorted(
            (each for each in self.told.values() if each.knot.place is place), key=lambda one: places[one.knot.id].y
        )

    def _coming(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """For each knot, by whom it is what it is."""
        found: dict[str, dict[Tie, list[str]]] = defaultdict(lambda: defaultdict(list))
        for thread in self.whole.threads:
            for tie in thread.ties:
                found[thread.end][tie].append(self._name(self._knots[thread.start]))
        return {
            id_: tuple((str(COMING[tie]), ", ".join(dict.fromkeys(ties[tie]))) for tie in Tie if tie in ties)
            for id_, ties in found.items()
            if self._knots[id_].place not in (Place.REPRESENTATIVE, Place.CONTEXT)
        }

    def _says(self, thread: Thread) -> str:
        start, end = (self._name(self._knots[name]) for name in (thread.start, thread.end))
        ties = ", ".join(str(COMING[tie]) for tie in Tie if tie in thread.ties)
        return _("%(end)s: %(ties)s %(start)s", end=end, ties=ties, start=start)

    # --- the words of one knot -------------------------------------------------------------------------------

    def _words(self, knot: Knot, coming: Sequence[tuple[str, str]]) -> Words:
        ways = tuple(self._way(way, knot.count) for way in knot.ways)
        reasons = tuple(_reason(one, knot.place, knot.count) for one in knot.complaints)
        kind = chain.KINDS.get(knot.standing, "wait")
        title, detail = _OF_PLACE[knot.place](self, knot)
        word, short = self._word(knot), self._short(knot)
        return Words(knot, title, self._name(knot), detail, kind, word, reasons, ways, tuple(coming), short)

    def _short(self, knot: Knot) -> tuple[tuple[str, str], ...]:
        """A group in few words: the column beside it names right and context in full."""
        if knot.group is None or not knot.ways:
            return ()
        way = knot.ways[0]
        people = ngettext("%(num)s person", "%(num)s people", knot.count)
        context = form.context(way.context, self.rights.get(way.right))
        return ("place", form.right_name(way.right)), ("called", people), ("detail", context)

    def _name(self, knot: Knot) -> str:
        if knot.id == REGISTER:
            return self.company
        if knot.place is Place.CONTEXT:
            return form.context(knot.context, self.rights.get(knot.right or ""))
        if knot.group is not None:
            return self._of_group(knot)
        if knot.holder is None:
            return _("nobody")
        return self.names.get(knot.holder.person or "") or _("somebody whose name is not kept")

    def _of_group(self, knot: Knot) -> str:
        if not knot.ways:
            return ngettext("%(num)s person without a right", "%(num)s people without a right", knot.count)
        way = knot.ways[0]
        context = form.context(way.context, self.rights.get(way.right))
        right = form.right_name(way.right)
        return ngettext(
            "%(num)s person with %(right)s in %(context)s",
            "%(num)s people with %(right)s in %(context)s",
            knot.count,
            right=right,
            context=context,
        )

    def _word(self, knot: Knot) -> str:
        if knot.standing is not Standing.BROKEN:
            return str(chain.STANDINGS[knot.standing])
        if knot.place is Place.MANAGER:
            return _("does not count at that moment")
        if knot.complaints:
            return _broken(knot.complaints) if knot.count == 1 else _("broken")
        return self._relation_over(knot)

    def _relation_over(self, knot: Knot) -> str:
        period = knot.relation.period if knot.relation else None
        if period is None:
            return _("broken")
        if period.first > self.today:
            return _("begins on %(day)s", day=form.day(period.first))
        return _("ended on %(day)s", day=form.day(period.last))

    def _way(self, way: Way, count: int) -> OneWay:
        right = self.rights.get(way.right)
        name = f"{form.right_name(way.right)}, {form.context(way.context, right)}"
        if not way.complaints:
            return OneWay(name, "ok", _("holds"), ())
        reasons = tuple(_reason(one, PLACE_OF_RULE.get(one.rule, Place.GRANT), count) for one in way.complaints)
        own = [one for one in way.complaints if PLACE_OF_RULE.get(one.rule, Place.GRANT) is Place.GRANT]
        return OneWay(name, "bad", _broken(own) if own and count == 1 else _("does not open"), reasons)

    def _of_register(self, knot: Knot) -> tuple[str, str]:
        return str(HEADINGS[Place.REGISTER]), form.number(self.enterprise)

    def _of_office(self, knot: Knot) -> tuple[str, str]:
        holder = knot.holder
        if holder is None:
            return str(chain.PLACES[knot.place]), ""
        title = chain.office(holder) or str(chain.PLACES[knot.place])
        if knot.domain:
            title = f"{title}, {form.domain(knot.domain)}"
        if holder.until is not None:
            return title, _("until %(day)s", day=form.day(holder.until))
        return title, _("since %(day)s", day=form.day(holder.since)) if holder.since else ""

    def _of_person(self, knot: Knot) -> tuple[str, str]:
        if knot.group is not None:
            return _("Group"), ""
        if knot.relation is None:
            return _("Not linked"), ""
        period = knot.relation.period
        since = _("since %(day)s", day=form.day(period.first))
        return form.user_type(knot.relation.user_type), since if period.last is None else form.period(period)

    def _of_right(self, knot: Knot) -> tuple[str, str]:
        return form.right_name(knot.right or ""), ""


_OF_PLACE: Mapping[Place, Callable[[Speaker, Knot], tuple[str, str]]] = {
    Place.REGISTER: Speaker._of_register,
    Place.REPRESENTATIVE: Speaker._of_office,
    Place.MANAGER: Speaker._of_office,
    Place.USER: Speaker._of_person,
    Place.CONTEXT: Speaker._of_right,
}
"""What gives the title and the detail of a box, by its column."""


def _reason(complaint: Complaint, place: Place, count: int) -> Reason:
    """Why something is broken; of a group it tells the day of one of its people, as the others have their own."""
    told = chain.reason(complaint, place)
    return told if count == 1 else replace(told, why=_("For one of them: %(why)s", why=told.why))


def _broken(found: Iterable[Complaint]) -> str:
    """That something is broken, and since when: from the day on which all of it held for the last time."""
    some = [one for one in found if one.since is not None]
    begins = [one.since for one in some if one.cause is Cause.NOT_YET]
    since = [one.since for one in some if one.cause is not Cause.NOT_YET and one.since is not None]
    if since:
        return _("broken since %(day)s", day=form.day(min(since)))
    if begins:
        return _("begins on %(day)s", day=form.day(begins[0]))
    return _("broken")


def _measured(words: Words, depth: int) -> Words:
    """The words with their lines of text, and the height of a box that holds them."""
    parts = [*(words.short or (("place", words.title), ("called", words.name), ("detail", words.detail)))]
    if words.kind != "ok":
        parts.append((f"word {words.kind}", f"{words.sign} {words.word}"))
    if words.knot.group is None:
        parts += [(f"word {way.kind}", _of_way(way)) for way in words.ways[:MOST_WAYS]]
        more = len(words.ways) - MOST_WAYS
        if more > 0:
            parts.append(("detail", ngettext("and %(num)s more", "and %(num)s more", more)))
    elif words.kind == "ok":
        parts += [(f"word {way.kind}", f"{SIGNS[way.kind]} {way.word}") for way in words.ways if way.kind != "ok"]
    y, texts = PAD, []
    for kind, text in parts:
        sort = kind.partition(" ")[0]
        for line in wrap(text, WIDE[sort] - NARROWER * depth, max_lines=MOST[sort], placeholder="…"):
            y += HIGH[sort]
            texts.append(Text(kind, line, y - 4))
    return replace(words, texts=tuple(texts), height=y + PAD)


def _of_way(way: OneWay) -> str:
    context = way.name.rpartition(", ")[2]
    return f"{SIGNS[way.kind]} {context}" if way.kind == "ok" else f"{SIGNS[way.kind]} {context}: {way.word}"
