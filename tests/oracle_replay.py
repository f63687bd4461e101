"""The oracle's memory: an append-only log of plain entries, and what its replay up to a moment comes to."""

from __future__ import annotations

import datetime
import unicodedata
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

Doc = dict[str, Any]

BRUSSELS = ZoneInfo("Europe/Brussels")
NEVER_ENDS = 10**9  # as a day: later than every day
ALWAYS = -(10**18)  # as a moment: earlier than every moment
HOUR = 3600
THIRTY_DAYS = 30 * 24 * HOUR


class FileError(ValueError):
    """The scenario itself is wrong: what it says could not be put to the rules."""


@lru_cache(maxsize=100_000)
def day(text: str) -> int:
    """The number of a calendar day."""
    return datetime.date.fromisoformat(text).toordinal()


@lru_cache(maxsize=100_000)
def moment(text: str) -> int:
    """Seconds since 1970 of a moment; a wall time without offset is Brussels', the first of two."""
    written = datetime.datetime.fromisoformat(text)
    if written.tzinfo is not None:
        return int(written.timestamp())
    there = written.replace(tzinfo=BRUSSELS)
    back = datetime.datetime.fromtimestamp(there.timestamp(), BRUSSELS)
    if back.replace(tzinfo=None) != written:
        raise FileError(f"`{text}` is never shown by a clock in Brussels")
    return int(there.timestamp())


@lru_cache(maxsize=100_000)
def day_of(seconds: int) -> int:
    """The calendar day in Brussels of a moment."""
    return datetime.datetime.fromtimestamp(seconds, BRUSSELS).toordinal()


def within(period: Doc, today: int) -> bool:
    return bool(period["since"] <= today <= period["until"])


def covers(outer: Doc, since: int, until: int) -> bool:
    return bool(outer["since"] <= outer["until"] and outer["since"] <= since and until <= outer["until"])


def overlap(one: Doc, since: int, until: int) -> bool:
    return bool(max(one["since"], since) <= min(one["until"], until))


@lru_cache(maxsize=10_000)
def undotted(number: str) -> str:
    return number.translate({ord(c): None for c in ".- "})


@lru_cache(maxsize=10_000)
def folded(name: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())


def digits(number: str) -> str:
    return "".join(c for c in number if c.isdigit())


def given(value: object) -> bool:
    """Whether something is said: nothing, an empty thing and mere spaces are all *not given*."""
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def replay(log: list[tuple[int, str, Doc]], known: int, on: int) -> SimpleNamespace:
    """What is so at the moment `on`, going by the first `known` entries of the log."""
    w = SimpleNamespace(
        enterprises={}, functions=[], recognitions=[], establishments=[], deaths={}, silent=set(),
        offers={}, claims=set(), relations={}, grants={}, requests={},
    )  # fmt: skip
    for at, what, fact in log[:known]:
        if what in BY_PEOPLE:
            if at <= on or what in PERIODS_BY_PEOPLE:
                people_did(w, at, what, fact)
        else:
            register_said(w, what, fact)
    w.active = {
        (offer["enterprise"], offer["role"], offer["domain"], offer["holder"])
        for offer in w.offers.values()
        if offer["state"] == "active"
    }
    return w


def people_did(w: SimpleNamespace, at: int, what: str, fact: Doc) -> None:
    """Put one entry that an allowed step recorded on top of what was so."""
    name = fact.get("id")
    match what:
        case "offered":
            end_other_main_roles(w, fact, "pending", "withdrawn")
            w.offers[name] = {**fact, "made": at, "state": "pending"}
            if fact["holder"] == fact["by"]:
                people_did(w, at, "accepted", fact)
        case "accepted":
            end_other_main_roles(w, w.offers[name], "active", "ended")
            w.offers[name]["state"] = "active"
        case "refused":
            w.offers[name]["state"] = "refused"
        case "ended":
            w.offers[name]["state"] = "ended" if w.offers[name]["state"] == "active" else "withdrawn"
        case "claimed":
            w.claims.add((fact["enterprise"], fact["holder"]))
        case "linked":
            w.relations[name] = dict(fact)
        case "unlinked":
            grants_of_it = [grant for grant in w.grants.values() if grant["relation"] == name]
            for cut in (w.relations[name], *grants_of_it):
                cut["until"] = min(cut["until"], fact["until"])
        case "granted" | "extended":
            grant = w.grants[name] = {**w.grants.get(name, {"revoked": False}), **fact}
            grant["relation"] = covering_relation(w, grant)
        case "revoked":
            w.grants[name]["revoked"] = True
        case "requested":
            w.requests[name] = {**fact, "made": at, "state": "pending"}
        case "settled":
            w.requests[name]["state"] = "settled"


# What people do counts from its own moment on; but what has a period counts on its days, as soon as it is known.
PERIODS_BY_PEOPLE = {"linked", "unlinked", "granted", "extended"}
BY_PEOPLE = PERIODS_BY_PEOPLE | {
    "offered", "accepted", "refused", "ended", "claimed", "revoked", "requested", "settled",
}  # fmt: skip


def end_other_main_roles(w: SimpleNamespace, offer: Doc, state: str, after: str) -> None:
    """The others of the main role that are in that state end, if `offer` is one of the main role."""
    for other in w.offers.values():
        same = offer["role"] == other["role"] and offer["enterprise"] == other["enterprise"]
        if same and offer["role"] == "main_access_manager" and other["state"] == state:
            other["state"] = after


def covering_relation(w: SimpleNamespace, grant: Doc) -> str | None:
    for name, relation in w.relations.items():
        same = relation["enterprise"] == grant["enterprise"] and relation["person"] == grant["holder"]
        if same and covers(relation, grant["since"], grant["until"]):
            return str(name)
    return None


def register_said(w: SimpleNamespace, what: str, fact: Doc) -> None:
    """Put one entry of the register on top of what was so."""
    numbered = [row for row in (*w.recognitions, *w.establishments) if row["number"] == fact.get("number")]
    match what:
        case "enterprise":
            w.enterprises[fact["enterprise"]] = dict(fact)
        case "start_function":
            w.functions.append(dict(fact))
        case "recognition":
            w.recognitions.append({**fact, "suspended": list(fact["suspended"])})
        case "establishment":
            w.establishments.append({**fact, "moves": [(ALWAYS, 0, fact["enterprise"])]})
        case "close_enterprise":
            w.enterprises[fact["enterprise"]]["until"] = fact["until"]
        case "end_function":
            for function in functions_held(w, fact):
                function["until"] = fact["until"]
        case "end_recognition" | "close_establishment":
            numbered[0]["until"] = fact["until"]
        case "suspend_recognition":
            numbered[0]["suspended"].append(fact)
        case "move_establishment":
            numbered[0]["moves"].append((fact["since"], len(numbered[0]["moves"]), fact["to"]))
        case "record_death":
            w.deaths[fact["person"]] = fact["on"]
        case "no_answer":
            w.silent.add(fact["enterprise"])
        case "answers":
            w.silent.discard(fact["enterprise"])


def functions_held(w: SimpleNamespace, fact: Doc) -> list[Doc]:
    """The functions that `end_function` speaks of."""
    wanted = (fact["enterprise"], fact["code"], fact["person"])
    return [f for f in w.functions if (f["enterprise"], f["code"], f["person"]) == wanted and within(f, fact["until"])]


def pending(thing: Doc | None, now: int) -> bool:
    """Of an offer or a request; one that is not there yet is not pending."""
    return thing is not None and thing["state"] == "pending" and now <= thing["made"] + THIRTY_DAYS
