"""The oracle: the rulebook a second time, as a replay of what was recorded, to test the product's own decisions against.

It shares no code and no shape with `accessmgr`. What happened is an append-only log of plain tuples; a question is answered
by replaying the part of the log that was known then. Each rule of the rulebook is a function named after its id, which
answers `True`, `False` or, on an unknown, `None`; `ASKED` says which rules each action is put to.
"""

from __future__ import annotations

import datetime
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

Doc = dict[str, Any]
Known = bool | None  # None is unknown

BRUSSELS = ZoneInfo("Europe/Brussels")
NEVER_ENDS = 10**9  # as a day: later than every day
ALWAYS = -(10**18)  # as a moment: earlier than every moment
HOUR = 3600
THIRTY_DAYS = 30 * 24 * HOUR

LEVELS = {
    "eid": 500, "itsme": 450, "app": 400, "sms": 350, "eidas_high": 500, "eidas_substantial": 400, "eidas_low": 300,
}  # fmt: skip
OFFICE_HOLDERS = {"trustee", "liquidator", "provisional_administrator"}
REPRESENTING = OFFICE_HOLDERS | {
    "managing_director", "director", "manager", "daily_management", "chairman", "sole_proprietor", "syndic",
}  # fmt: skip
FUNCTIONS = REPRESENTING | {"auditor", "partner", "founder", "entrepreneurial_skill"}
DOMAINS = {
    "social_security", "finance", "mobility", "economy", "justice", "health", "flemish_government", "employment", "all",
}  # fmt: skip
USER_TYPES = {"employee", "external", "occasional"}

RIGHTS: dict[str, Doc] = {
    "service_vouchers": {
        "application": "dienstencheques", "domain": "flemish_government", "target_groups": ["EA"],
        "context_kind": "recognition", "level": 400, "max_days": 1826, "needs_recognition": True, "requestable": True,
        "grantors": ["main_access_manager", "co_main_access_manager", "main_local_administrator"],
    },
    "energy_audit": {
        "application": "energy_audit", "domain": "flemish_government", "target_groups": ["EA", "LB"],
        "context_kind": "establishment", "level": 350, "max_days": 366, "needs_recognition": False, "requestable": True,
        "grantors": ["main_access_manager", "co_main_access_manager", "main_local_administrator", "access_manager",
                     "local_administrator"],
    },
    "subsidy_desk": {
        "application": "subsidy_desk", "domain": "economy", "target_groups": ["EA"],
        "context_kind": "profile", "profiles": ["reader", "editor"], "level": 400, "max_days": 731,
        "needs_recognition": False, "requestable": False,
        "grantors": ["legal_representative", "main_access_manager", "access_manager"],
    },
}  # fmt: skip

# Which rules an action is put to, the permits first: the "Actions" column of the rulebook, turned round.
ASKED = {
    "sign_in": "SIGNIN-1 / SIGNIN-2 SIGNIN-3",
    "appoint_main_access_manager":
        "APPOINT-1 / KEY-1 REG-1 REG-2 PERSON-1 PERSON-2 PERSON-3 APPOINT-2 APPOINT-3 APPOINT-4",
    "appoint_co_main_access_manager": "APPOINT-5 / KEY-1 REG-1 REG-2 PERSON-1 PERSON-2 PERSON-3 APPOINT-2 APPOINT-6",
    "appoint_access_manager": "APPOINT-7 / KEY-1 REG-1 REG-2 PERSON-1 PERSON-2 PERSON-3 APPOINT-8",
    "appoint_local_administrator": "APPOINT-9 / KEY-1 REG-1 REG-2 PERSON-1 PERSON-2 PERSON-3 APPOINT-10 APPOINT-11",
    "accept_appointment": "ACCEPT-1 / KEY-2 REG-1 REG-2 PERSON-3 ACCEPT-2 ACCEPT-3 ACCEPT-4",
    "refuse_appointment": "ACCEPT-1 / KEY-2 PERSON-3 ACCEPT-2",
    "end_appointment": "END-1 END-2 / KEY-1 KEY-2 PERSON-3 END-3 END-4",
    "claim_main_local_administrator": "CLAIM-1 / KEY-2 REG-1 REG-2 PERSON-3 CLAIM-2",
    "link_person": "LINK-1 / KEY-2 REG-1 REG-2 PERSON-1 PERSON-2 PERSON-3 LINK-2 LINK-5",
    "end_work_relation": "LINK-1 LINK-3 / KEY-2 PERSON-3 LINK-4",
    "grant_right":
        "GRANT-1 / KEY-2 REG-1 REG-2 PERSON-1 PERSON-3 GRANT-2 GRANT-3 GRANT-4 GRANT-5 GRANT-6 GRANT-7 GRANT-8 GRANT-9"
        " GRANT-10 GRANT-11",
    "extend_grant":
        "GRANT-1 / KEY-2 REG-1 REG-2 PERSON-1 PERSON-3 GRANT-2 GRANT-5 GRANT-7 GRANT-8 GRANT-9 GRANT-10 GRANT-11"
        " GRANT-12",
    "revoke_grant": "GRANT-1 GRANT-13 / KEY-2 PERSON-3 GRANT-12",
    "request_right": "REQUEST-1 / KEY-2 REG-1 REG-2 PERSON-3 GRANT-3 GRANT-4 GRANT-5 GRANT-9 REQUEST-2 REQUEST-3",
    "approve_request":
        "REQUEST-4 / KEY-2 REG-1 REG-2 PERSON-1 PERSON-3 GRANT-2 GRANT-3 GRANT-4 GRANT-5 GRANT-6 GRANT-7 GRANT-8"
        " GRANT-9 GRANT-10 REQUEST-5 REQUEST-6",
    "refuse_request": "REQUEST-4 / KEY-2 PERSON-3 REQUEST-5 REQUEST-6 REQUEST-7",
    "withdraw_request": "REQUEST-8 / KEY-2 PERSON-3 REQUEST-6",
    "enter_secure_area": "ENTER-1 / KEY-3 REG-1 REG-2 PERSON-3 ENTER-2 ENTER-3 ENTER-4 ENTER-5",
    "read_history": "HISTORY-1 HISTORY-2 HISTORY-3 / KEY-2 PERSON-3 HISTORY-4",
    "export_history": "HISTORY-1 HISTORY-2 / KEY-2 PERSON-3 HISTORY-4",
    "reveal_number": "NUMBER-1 NUMBER-2 / KEY-2 PERSON-3",
}  # fmt: skip
OFFERED_ROLE = {action: action.removeprefix("appoint_") for action in ASKED if action.startswith("appoint_")}


class FileError(ValueError):
    """The scenario itself is wrong: what it says could not be put to the rules."""


# Days, moments, numbers, names ------------------------------------------------------------------------------------


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
    return bool(max(one["since"], since) <= min(one["until"], until) and one["since"] <= one["until"] and since <= until)


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


# Three values -----------------------------------------------------------------------------------------------------


def no(value: Known) -> Known:
    return None if value is None else not value


def some(values: Iterable[Known]) -> Known:
    """True if one is, unknown if one could be, else false."""
    found = list(values)
    return True if True in found else None if None in found else False


def both(one: Known, other: Known) -> Known:
    return False if one is False or other is False else None if one is None or other is None else True


# Replay: what the log comes to ------------------------------------------------------------------------------------

# These count from their own moment on; every other entry tells of periods, which count on their days as soon as known.
FROM_THEIR_MOMENT = {"offered", "accepted", "refused", "ended", "claimed", "requested", "settled", "revoked"}


def replay(log: list[tuple[int, str, Doc]], known: int, on: int) -> SimpleNamespace:
    """What is so at the moment `on`, going by the first `known` entries of the log."""
    w = SimpleNamespace(
        enterprises={}, functions=[], recognitions=[], establishments=[], deaths={}, silent=set(),
        offers={}, claims=set(), relations={}, grants={}, requests={},
    )  # fmt: skip
    for at, what, fact in log[:known]:
        if at <= on or what not in FROM_THEIR_MOMENT:
            HAPPENS[what](w, at, fact)
    w.active = {
        (offer["enterprise"], offer["role"], offer["domain"], offer["holder"])
        for offer in w.offers.values()
        if offer["state"] == "active"
    }
    return w


def pending(thing: Doc | None, now: int) -> bool:
    """Of an offer or a request; one that is not there yet is not pending."""
    return thing is not None and thing["state"] == "pending" and now <= thing["made"] + THIRTY_DAYS


def same_main_role(w: SimpleNamespace, offer: Doc) -> list[Doc]:
    """The other appointments in the main role, if `offer` is one."""
    if offer["role"] != "main_access_manager":
        return []
    return [
        other
        for other in w.offers.values()
        if other is not offer and other["role"] == offer["role"] and other["enterprise"] == offer["enterprise"]
    ]


def happens_offered(w: SimpleNamespace, at: int, fact: Doc) -> None:
    offer = w.offers[fact["id"]] = {**fact, "made": at, "state": "pending"}
    for other in same_main_role(w, offer):
        if other["state"] == "pending":
            other["state"] = "withdrawn"
    if offer["holder"] == offer["by"]:
        happens_accepted(w, at, fact)


def happens_accepted(w: SimpleNamespace, at: int, fact: Doc) -> None:
    offer = w.offers[fact["id"]]
    for other in same_main_role(w, offer):
        if other["state"] == "active":
            other["state"] = "ended"
    offer["state"] = "active"


def happens_refused(w: SimpleNamespace, at: int, fact: Doc) -> None:
    w.offers[fact["id"]]["state"] = "refused"


def happens_ended(w: SimpleNamespace, at: int, fact: Doc) -> None:
    offer = w.offers[fact["id"]]
    offer["state"] = "ended" if offer["state"] == "active" else "withdrawn"


def happens_claimed(w: SimpleNamespace, at: int, fact: Doc) -> None:
    w.claims.add((fact["enterprise"], fact["holder"]))


def happens_linked(w: SimpleNamespace, at: int, fact: Doc) -> None:
    w.relations[fact["id"]] = dict(fact)


def happens_unlinked(w: SimpleNamespace, at: int, fact: Doc) -> None:
    relation = w.relations[fact["id"]]
    relation["until"] = min(relation["until"], fact["until"])
    for grant in w.grants.values():
        if grant["relation"] == fact["id"]:
            grant["until"] = min(grant["until"], fact["until"])


def covering_relation(w: SimpleNamespace, grant: Doc) -> str | None:
    for name, relation in w.relations.items():
        if relation["enterprise"] == grant["enterprise"] and relation["person"] == grant["holder"]:
            if covers(relation, grant["since"], grant["until"]):
                return str(name)
    return None


def happens_granted(w: SimpleNamespace, at: int, fact: Doc) -> None:
    grant = w.grants[fact["id"]] = {**fact, "revoked": False}
    grant["relation"] = covering_relation(w, grant)


def happens_extended(w: SimpleNamespace, at: int, fact: Doc) -> None:
    grant = w.grants[fact["id"]]
    grant["until"] = fact["until"]
    grant["relation"] = covering_relation(w, grant)


def happens_revoked(w: SimpleNamespace, at: int, fact: Doc) -> None:
    w.grants[fact["id"]]["revoked"] = True


def happens_requested(w: SimpleNamespace, at: int, fact: Doc) -> None:
    w.requests[fact["id"]] = {**fact, "made": at, "state": "pending"}


def happens_settled(w: SimpleNamespace, at: int, fact: Doc) -> None:
    w.requests[fact["id"]]["state"] = "settled"


def happens_enterprise(w: SimpleNamespace, at: int, fact: Doc) -> None:
    w.enterprises[fact["enterprise"]] = dict(fact)


def happens_close_enterprise(w: SimpleNamespace, at: int, fact: Doc) -> None:
    w.enterprises[fact["enterprise"]]["until"] = fact["until"]


def happens_start_function(w: SimpleNamespace, at: int, fact: Doc) -> None:
    w.functions.append(dict(fact))


def happens_end_function(w: SimpleNamespace, at: int, fact: Doc) -> None:
    for function in functions_held(w, fact):
        function["until"] = fact["until"]


def functions_held(w: SimpleNamespace, fact: Doc) -> list[Doc]:
    """The functions that `end_function` speaks of."""
    return [
        function
        for function in w.functions
        if all(function[key] == fact[key] for key in ("enterprise", "code", "person")) and within(function, fact["until"])
    ]


def happens_recognition(w: SimpleNamespace, at: int, fact: Doc) -> None:
    w.recognitions.append({**fact, "suspended": list(fact["suspended"])})


def happens_end_recognition(w: SimpleNamespace, at: int, fact: Doc) -> None:
    for recognition in w.recognitions:
        if recognition["number"] == fact["number"]:
            recognition["until"] = fact["until"]


def happens_suspend_recognition(w: SimpleNamespace, at: int, fact: Doc) -> None:
    for recognition in w.recognitions:
        if recognition["number"] == fact["number"]:
            recognition["suspended"].append(fact)


def happens_establishment(w: SimpleNamespace, at: int, fact: Doc) -> None:
    w.establishments.append({**fact, "moves": [(ALWAYS, 0, fact["enterprise"])]})


def happens_close_establishment(w: SimpleNamespace, at: int, fact: Doc) -> None:
    for establishment in w.establishments:
        if establishment["number"] == fact["number"]:
            establishment["until"] = fact["until"]


def happens_move_establishment(w: SimpleNamespace, at: int, fact: Doc) -> None:
    for establishment in w.establishments:
        if establishment["number"] == fact["number"]:
            establishment["moves"].append((fact["since"], len(establishment["moves"]), fact["to"]))


def happens_record_death(w: SimpleNamespace, at: int, fact: Doc) -> None:
    w.deaths[fact["person"]] = fact["on"]


def happens_no_answer(w: SimpleNamespace, at: int, fact: Doc) -> None:
    w.silent.add(fact["enterprise"])


def happens_answers(w: SimpleNamespace, at: int, fact: Doc) -> None:
    w.silent.discard(fact["enterprise"])


HAPPENS: dict[str, Callable[[SimpleNamespace, int, Doc], None]] = {
    name.removeprefix("happens_"): what for name, what in list(globals().items()) if name.startswith("happens_")
}


# The words of the rules. A question `q` has the world `q.w`, the moment `q.now`, its day `q.today` and the arguments. --


def is_dead(q: SimpleNamespace, person: str | None) -> bool:
    return person is not None and q.w.deaths.get(person, NEVER_ENDS) <= q.today


def unanswered(q: SimpleNamespace) -> bool:
    return q.enterprise in q.w.silent


def is_legal_representative(q: SimpleNamespace, who: str) -> Known:
    if unanswered(q):
        return None
    held = [f for f in q.w.functions if f["enterprise"] == q.enterprise and within(f, q.today)]
    offices = [f for f in held if f["code"] in OFFICE_HOLDERS]
    return any(f["person"] == who and f["code"] in REPRESENTING for f in offices or held)


def has(q: SimpleNamespace, who: str, role: str, domain: str | None = None) -> bool:
    return (q.enterprise, role, domain, who) in q.w.active


def is_main(q: SimpleNamespace, who: str) -> bool:
    return has(q, who, "main_access_manager")


def is_main_or_co_main(q: SimpleNamespace, who: str) -> bool:
    return is_main(q, who) or has(q, who, "co_main_access_manager")


def is_access_manager(q: SimpleNamespace, who: str, domain: str) -> bool:
    return has(q, who, "access_manager", domain) or has(q, who, "access_manager", "all")


def could_be_main_local_administrator(q: SimpleNamespace, who: str) -> bool:
    return is_main_or_co_main(q, who) or is_access_manager(q, who, "flemish_government")


def is_main_local_administrator(q: SimpleNamespace, who: str) -> bool:
    return (q.enterprise, who) in q.w.claims and could_be_main_local_administrator(q, who)


def is_local_administrator(q: SimpleNamespace, who: str) -> bool:
    return has(q, who, "local_administrator") and is_related_today(q, who)


def is_user_manager(q: SimpleNamespace, who: str) -> bool:
    return could_be_main_local_administrator(q, who) or is_local_administrator(q, who)


def relations(q: SimpleNamespace, who: str) -> list[Doc]:
    return [r for r in q.w.relations.values() if r["person"] == who and r["enterprise"] == q.enterprise]


def is_related_today(q: SimpleNamespace, who: str) -> bool:
    return any(within(r, q.today) for r in relations(q, who))


def could_grant(q: SimpleNamespace, who: str) -> Known:
    """GRANT-1, for anybody."""
    meaning: dict[str, Callable[[], Known]] = {
        "legal_representative": lambda: is_legal_representative(q, who),
        "main_access_manager": lambda: is_main(q, who),
        "co_main_access_manager": lambda: has(q, who, "co_main_access_manager"),
        "access_manager": lambda: is_access_manager(q, who, q.right["domain"]),
        "main_local_administrator": lambda: is_main_local_administrator(q, who),
        "local_administrator": lambda: is_local_administrator(q, who),
    }
    return some(meaning[role]() for role in q.right["grantors"])


def could_offer(q: SimpleNamespace, who: str) -> Known:
    """APPOINT-1, -5, -7 or -9, whichever the role asks, for anybody."""
    if q.role == "main_access_manager":
        return is_legal_representative(q, who)
    if q.role == "co_main_access_manager":
        return is_main(q, who)
    if q.role == "access_manager":
        return is_main_or_co_main(q, who)
    return is_main_local_administrator(q, who)


def has_the_role_already(q: SimpleNamespace, who: str) -> bool:
    """APPOINT-4, -6, -8 or -11, whichever the role asks, for anybody."""
    if q.role == "main_access_manager":
        return is_main(q, who)
    if q.role == "co_main_access_manager":
        return is_main_or_co_main(q, who)
    if q.role == "access_manager":
        return is_access_manager(q, who, q.domain)
    return is_local_administrator(q, who)


def is_suspended(recognition: Doc, today: int) -> bool:
    return any(within(suspension, today) for suspension in recognition["suspended"])


def recognitions(q: SimpleNamespace, today: int) -> list[Doc]:
    return [r for r in q.w.recognitions if r["enterprise"] == q.enterprise and within(r, today)]


def establishments(q: SimpleNamespace, today: int) -> list[Doc]:
    return [
        e
        for e in q.w.establishments
        if within(e, today) and max(move for move in e["moves"] if move[0] <= today)[2] == q.enterprise
    ]


def is_recognised(q: SimpleNamespace) -> Known:
    return None if unanswered(q) else any(not is_suspended(r, q.today) for r in recognitions(q, q.today))


def belongs(q: SimpleNamespace, context: str, today: int) -> Known:
    kind = q.right["context_kind"]
    if kind == "profile":
        return context in q.right["profiles"]
    if unanswered(q):
        return None
    owned = recognitions(q, today) if kind == "recognition" else establishments(q, today)
    return any(undotted(thing["number"]) == context for thing in owned)


def is_needed_and_missing(q: SimpleNamespace) -> Known:
    return both(q.right["needs_recognition"], no(is_recognised(q)))


# The rules --------------------------------------------------------------------------------------------------------


def signin_1(q: SimpleNamespace) -> Known:
    return q.activated is None or q.key in q.activated


def signin_2(q: SimpleNamespace) -> Known:
    return is_dead(q, q.actor)


def signin_3(q: SimpleNamespace) -> Known:
    return (q.allowed_keys is not None and q.key not in q.allowed_keys) or (
        bool(q.acr_values) and q.key not in q.acr_values
    )


def key_1(q: SimpleNamespace) -> Known:
    return q.level < 450 and (q.action != "end_appointment" or q.actor != q.person)


def key_2(q: SimpleNamespace) -> Known:
    return q.level < 400 and (q.action != "end_appointment" or q.actor == q.person)


def key_3(q: SimpleNamespace) -> Known:
    return bool(q.level < q.right["level"])


def reg_1(q: SimpleNamespace) -> Known:
    return None if unanswered(q) else not within(q.w.enterprises[q.enterprise], q.today)


def reg_2(q: SimpleNamespace) -> Known:
    return unanswered(q)


def person_1(q: SimpleNamespace) -> Known:
    return is_dead(q, q.person)


def person_2(q: SimpleNamespace) -> Known:
    return q.person is None


def person_3(q: SimpleNamespace) -> Known:
    return is_dead(q, q.actor)


def appoint_1(q: SimpleNamespace) -> Known:
    return could_offer(q, q.actor)


appoint_5 = appoint_7 = appoint_9 = appoint_1


def appoint_2(q: SimpleNamespace) -> Known:
    return q.person is not None and both(not q.employee, no(is_legal_representative(q, q.person)))


def appoint_3(q: SimpleNamespace) -> Known:
    return not q.replaces and any(held[:2] == (q.enterprise, "main_access_manager") for held in q.w.active)


def appoint_4(q: SimpleNamespace) -> Known:
    return q.person is not None and has_the_role_already(q, q.person)


appoint_6 = appoint_8 = appoint_11 = appoint_4


def appoint_10(q: SimpleNamespace) -> Known:
    return q.person is not None and not is_related_today(q, q.person)


def accept_1(q: SimpleNamespace) -> Known:
    return bool(q.actor == q.person)


def accept_2(q: SimpleNamespace) -> Known:
    return not pending(q.offer, q.now)


def accept_3(q: SimpleNamespace) -> Known:
    return could_offer(q, q.offered_by) is not True


def accept_4(q: SimpleNamespace) -> Known:
    return has_the_role_already(q, q.person)


def end_1(q: SimpleNamespace) -> Known:
    return could_offer(q, q.actor) is True


def end_2(q: SimpleNamespace) -> Known:
    return is_active(q.offer) and q.actor == q.person


def end_3(q: SimpleNamespace) -> Known:
    return is_active(q.offer) and q.role == "main_access_manager" and not q.without_successor


def end_4(q: SimpleNamespace) -> Known:
    return not is_active(q.offer) and not pending(q.offer, q.now)


def is_active(offer: Doc | None) -> bool:
    return offer is not None and offer["state"] == "active"


def claim_1(q: SimpleNamespace) -> Known:
    return could_be_main_local_administrator(q, q.actor)


def claim_2(q: SimpleNamespace) -> Known:
    return is_main_local_administrator(q, q.actor)


def link_1(q: SimpleNamespace) -> Known:
    return is_user_manager(q, q.actor)


def link_2(q: SimpleNamespace) -> Known:
    return q.person is not None and any(overlap(r, q.since, q.until) for r in relations(q, q.person))


def link_3(q: SimpleNamespace) -> Known:
    return bool(q.actor == q.person)


def link_4(q: SimpleNamespace) -> Known:
    return bool(q.relation["until"] < q.today or q.last_day < q.today)


def link_5(q: SimpleNamespace) -> Known:
    return bool(q.since < q.today or q.until < q.since)


def grant_1(q: SimpleNamespace) -> Known:
    return could_grant(q, q.actor)


def grant_2(q: SimpleNamespace) -> Known:
    return not any(covers(r, q.since, q.until) for r in relations(q, q.person))


def grant_3(q: SimpleNamespace) -> Known:
    return q.target_group not in q.right["target_groups"]


def grant_4(q: SimpleNamespace) -> Known:
    return not q.contexts


def grant_5(q: SimpleNamespace) -> Known:
    first = q.since if q.action in ("grant_right", "approve_request") else q.today
    return some(no(belongs(q, context, first)) for context in q.contexts)


def grant_6(q: SimpleNamespace) -> Known:
    return bool(q.since < q.today)


def grant_7(q: SimpleNamespace) -> Known:
    return bool(q.until < q.since or (q.action == "extend_grant" and q.until < q.today))


def grant_8(q: SimpleNamespace) -> Known:
    return bool(q.until > max(q.since, q.today) + q.right["max_days"])


def grant_9(q: SimpleNamespace) -> Known:
    return is_needed_and_missing(q)


def grant_10(q: SimpleNamespace) -> Known:
    return any(
        g["id"] != q.grant_id
        and not g["revoked"]
        and (g["holder"], g["right"], g["enterprise"]) == (q.person, q.right_code, q.enterprise)
        and bool(g["contexts"] & q.contexts)
        and overlap(g, q.since, q.until)
        for g in q.w.grants.values()
    )


def grant_11(q: SimpleNamespace) -> Known:
    return q.four_eyes and q.person == q.actor


def grant_12(q: SimpleNamespace) -> Known:
    grant = q.w.grants[q.grant_id]
    return grant["revoked"] or grant["until"] < q.today


def grant_13(q: SimpleNamespace) -> Known:
    return bool(q.actor == q.person)


def request_1(q: SimpleNamespace) -> Known:
    return bool(q.right["requestable"])


def request_2(q: SimpleNamespace) -> Known:
    return not any(could_grant(q, who) is True for who in q.everybody if who != q.actor)


def request_3(q: SimpleNamespace) -> Known:
    return any(
        pending(r, q.now)
        and (r["by"], r["right"], r["enterprise"]) == (q.actor, q.right_code, q.enterprise)
        and bool(r["contexts"] & q.contexts)
        for r in q.w.requests.values()
    )


def request_4(q: SimpleNamespace) -> Known:
    return could_grant(q, q.actor) is True


def request_5(q: SimpleNamespace) -> Known:
    return bool(q.actor == q.person)


def request_6(q: SimpleNamespace) -> Known:
    return not pending(q.w.requests.get(q.request_id), q.now)


def request_7(q: SimpleNamespace) -> Known:
    return not given(q.reason)


def request_8(q: SimpleNamespace) -> Known:
    return bool(q.actor == q.person)


def enter_1(q: SimpleNamespace) -> Known:
    return any(
        not g["revoked"]
        and within(g, q.today)
        and (g["holder"], g["right"], g["enterprise"]) == (q.actor, q.right_code, q.enterprise)
        and bool(g["contexts"] & q.contexts)
        for g in q.w.grants.values()
    )


def enter_2(q: SimpleNamespace) -> Known:
    return not is_related_today(q, q.actor)


def enter_3(q: SimpleNamespace) -> Known:
    return is_needed_and_missing(q)


def enter_4(q: SimpleNamespace) -> Known:
    return some(
        some([no(belongs(q, context, q.today)), is_suspended_context(q, context)]) for context in q.contexts
    )


def is_suspended_context(q: SimpleNamespace, context: str) -> Known:
    if q.right["context_kind"] != "recognition":
        return False
    if unanswered(q):
        return None
    return any(undotted(r["number"]) == context and is_suspended(r, q.today) for r in recognitions(q, q.today))


def enter_5(q: SimpleNamespace) -> Known:
    return not q.contexts


def history_1(q: SimpleNamespace) -> Known:
    return q.is_auditor


def history_2(q: SimpleNamespace) -> Known:
    return some(
        [is_legal_representative(q, q.actor), is_main_or_co_main(q, q.actor), is_main_local_administrator(q, q.actor)]
    )


def history_3(q: SimpleNamespace) -> Known:
    return bool(q.about == q.actor)


def history_4(q: SimpleNamespace) -> Known:
    return q.is_auditor and not given(q.purpose)


def number_1(q: SimpleNamespace) -> Known:
    return bool(q.actor == q.person)


def number_2(q: SimpleNamespace) -> Known:
    return q.is_auditor and given(q.reason)


Condition = Callable[[SimpleNamespace], Known]
ASKED_OF: dict[str, tuple[list[tuple[str, Condition]], list[tuple[str, Condition]]]] = {
    action: tuple(  # type: ignore[misc]
        [(rule, globals()[rule.lower().replace("-", "_")]) for rule in side.split()] for side in rules.split("/")
    )
    for action, rules in ASKED.items()
}
RULES = sorted({rule for sides in ASKED_OF.values() for side in sides for rule, _ in side})


def verdict(permits: dict[str, Any], forbids: dict[str, Any]) -> tuple[bool, list[str]]:
    """What the findings of an action's rules come to; a finding that is neither true, false nor unknown is a broken rule."""
    for allowed, because in (
        (False, [rule for rule, found in {**permits, **forbids}.items() if not any(found is f for f in (True, False, None))]),
        (False, [rule for rule, found in forbids.items() if found is True]),
        (True, [rule for rule, found in permits.items() if found is True]),
    ):
        if because:
            return allowed, sorted(because)
    return False, sorted(permits)


# What a scenario file says ----------------------------------------------------------------------------------------

NEEDED_AND_OPTIONAL = {
    "sign_in": "/ application acr_values",
    "appoint_main_access_manager": "enterprise person / employee replaces number name",
    "appoint_co_main_access_manager": "enterprise person / employee number name",
    "appoint_access_manager": "enterprise person domain / number name",
    "appoint_local_administrator": "enterprise person / number name",
    "accept_appointment": "appointment /",
    "refuse_appointment": "appointment /",
    "end_appointment": "appointment / without_successor",
    "claim_main_local_administrator": "enterprise /",
    "link_person": "enterprise person user_type since / until number name",
    "end_work_relation": "relation / last_day",
    "grant_right": "enterprise person right begin end / contexts",
    "extend_grant": "grant end /",
    "revoke_grant": "grant / reason",
    "request_right": "enterprise right / contexts reason",
    "approve_request": "request begin end /",
    "refuse_request": "request / reason",
    "withdraw_request": "request /",
    "enter_secure_area": "enterprise right / context",
    "read_history": "enterprise / about purpose",
    "export_history": "enterprise / about purpose",
    "reveal_number": "person / reason",
    # the steps of the register
    "start_function": "enterprise code since / until person held_by permanent_representative",
    "end_function": "enterprise person code until /",
    "close_enterprise": "enterprise until /",
    "end_recognition": "number until /",
    "suspend_recognition": "number since / until",
    "close_establishment": "number until /",
    "move_establishment": "number to since /",
    "record_death": "person on /",
    "no_answer": "enterprise /",
    "answers": "enterprise /",
}
WORDS: dict[str, Iterable[str]] = {"key": LEVELS, "domain": DOMAINS, "user_type": USER_TYPES, "code": FUNCTIONS}
MAKES = {
    **dict.fromkeys(OFFERED_ROLE, "appointment"), "link_person": "relation", "grant_right": "grant",
    "approve_request": "grant", "request_right": "request",
}  # fmt: skip


def period(row: Doc) -> Doc:
    """The period of a row of the file, as days."""
    until = row.get("until")
    return {"since": day(row["since"]), "until": NEVER_ENDS if until is None else day(until)}


class Oracle:
    """One world and its clock; `step` takes a step of a scenario file and answers as the runner's JSON must.

    :raise FileError: the document, or a step, is not a valid scenario
    """

    def __init__(self, document: Doc) -> None:
        world = document["world"]
        self.now = moment(document["at"])
        self.four_eyes = bool((document.get("settings") or {}).get("four_eyes"))
        self.persons: Doc = world["persons"]
        self.enterprises: Doc = world["enterprises"]
        self.auditors = set(world.get("auditors") or [])
        self.applications: Doc = world.get("applications") or {}
        self.rights: Doc = world.get("rights") or RIGHTS
        self.log: list[tuple[int, str, Doc]] = []
        self.moments: list[int] = []
        self.made: dict[tuple[str, str], tuple[int, Doc]] = {}
        self.steps = 0
        self._replayed: tuple[tuple[int, int], SimpleNamespace] | None = None
        self._who_has = {
            (digits(person["number"]), folded(" ".join(person["name"]))): key for key, person in self.persons.items()
        }
        self._record_world()

    def _record_world(self) -> None:
        """The world as the file gives it was always known: the first entries of the log."""
        for key, person in self.persons.items():
            if person.get("deceased") is not None:
                self._record("record_death", {"person": key, "on": day(person["deceased"])}, ALWAYS)
        for key, enterprise in self.enterprises.items():
            here = {"enterprise": key}
            self._record("enterprise", here | period(enterprise), ALWAYS)
            for row in enterprise.get("functions") or []:
                holder = row["permanent_representative" if "enterprise" in row else "person"] if (
                    "enterprise" not in row or row.get("permanent_representative")) else None
                self._record("start_function", here | {"code": row["code"], "person": holder} | period(row), ALWAYS)
            for row in enterprise.get("recognitions") or []:
                suspended = [period(suspension) for suspension in row.get("suspended") or []]
                self._record(
                    "recognition", here | {"number": row["number"], "suspended": suspended} | period(row), ALWAYS
                )
            for row in enterprise.get("establishments") or []:
                self._record("establishment", here | {"number": row["number"]} | period(row), ALWAYS)

    def _record(self, what: str, fact: Doc, at: int | None = None) -> None:
        self.log.append((self.now if at is None else at, what, fact))
        self.moments.append(self.log[-1][0])

    def step(self, step: Doc) -> Doc:
        """Take a step, record what it makes, and answer `{"index", "do", "allowed", "because"}`."""
        step = {key: value for key, value in step.items() if value is not None}
        index, self.steps = self.steps, self.steps + 1
        allowed, because = True, list[str]()
        if "do" in step or "ask" in step:
            did = step.get("do") or step["ask"]
            allowed, because = self.decide(step)
            if "do" in step and allowed:
                self._make(did, self.question(step), step.get("id") or f"step {index}")
        elif "register" in step:
            did = "register"
            self._register(step)
        else:
            did = "at" if "at" in step else "advance"
            self._turn_clock(step)
        return {"index": index, "do": did, "allowed": allowed, "because": because}

    def decide(self, step: Doc) -> tuple[bool, list[str]]:
        """What the rules say to a `do` or an `ask`, recording nothing."""
        q = self.question({key: value for key, value in step.items() if value is not None})
        permits, forbids = ASKED_OF[q.action]
        return verdict({rule: holds(q) for rule, holds in permits}, {rule: holds(q) for rule, holds in forbids})

    def world(self, known: int, on: int) -> SimpleNamespace:
        """The replayed world; the last one is kept, since most questions are about here and now."""
        if self._replayed is None or self._replayed[0] != (known, on):
            self._replayed = (known, on), replay(self.log, known, on)
        return self._replayed[1]

    # Steps of the surroundings

    def _turn_clock(self, step: Doc) -> None:
        if "at" in step:
            then = moment(step["at"])
        else:
            then = self.now + int(step["advance"][:-1]) * {"d": 24 * HOUR, "h": HOUR}[step["advance"][-1]]
        if then < self.now:
            raise FileError(f"the clock cannot go back to `{step}`")
        self.now = then

    def _register(self, step: Doc) -> None:
        self._check(step, step["register"], {"register"})
        fact: Doc = {key: step[key] for key in ("enterprise", "person", "code", "number", "to") if key in step}
        fact |= {key: day(step[key]) for key in ("since", "until", "on") if key in step}
        what = step["register"]
        if what in ("start_function", "suspend_recognition"):
            fact |= period(step)
        if what == "start_function":
            fact["person"] = step.get("permanent_representative") if "held_by" in step else step["person"]
        if "number" in fact:
            kept = "establishments" if "establishment" in what else "recognitions"
            fact["number"] = self._spelling_in_file(kept, step["number"])
        if what == "end_function" and not functions_held(self.world(len(self.log), self.now), fact):
            raise FileError(f"`{fact['person']}` holds no such function on that day")
        self._record(what, fact)

    def _spelling_in_file(self, kept: str, number: str) -> str:
        for enterprise in self.enterprises.values():
            for row in enterprise.get(kept) or []:
                if undotted(row["number"]) == undotted(number):
                    return str(row["number"])
        raise FileError(f"`{number}` is not one of the {kept} of the file")

    # Steps that decide

    def _check(self, step: Doc, what: str, frame: set[str]) -> None:
        if what not in NEEDED_AND_OPTIONAL:
            raise FileError(f"`{what}` is not something a step can do")
        needed, optional = (set(side.split()) for side in NEEDED_AND_OPTIONAL[what].split("/"))
        if "as" in frame and not {"as", "key"} <= set(step):
            raise FileError(f"`{what}` lacks who acts, or their key")
        said = set(step) - frame
        if needed - said or said - needed - optional:
            raise FileError(f"`{what}` lacks `{needed - said}` or does not take `{said - needed - optional}`")
        for argument, words in WORDS.items():
            if argument in step and step[argument] not in words:
                raise FileError(f"`{step[argument]}` is no {argument}")
        for argument, things in (
            ("as", self.persons), ("person", self.persons), ("about", self.persons), ("right", self.rights),
            ("permanent_representative", self.persons), ("enterprise", self.enterprises), ("to", self.enterprises),
            ("held_by", self.enterprises),
        ):  # fmt: skip
            if argument in step and step[argument] not in things:
                raise FileError(f"the file has no {argument} `{step[argument]}`")

    def _made(self, step: Doc, kind: str, known: int) -> Doc:
        order, fact = self.made.get((kind, step[kind]), (known, {}))
        if order >= known:
            raise FileError(f"no earlier step made the {kind} `{step[kind]}`, or not by then")
        return fact

    def question(self, step: Doc) -> SimpleNamespace:
        """The step as a question to the rules: whatever any of them speaks of, looked up."""
        action = step.get("do") or step["ask"]
        self._check(step, action, {"do", "ask", "as", "key", "id", "expect", "because"} | (
            {"on", "known_at"} if "ask" in step else set()))
        now = moment(step["on"]) if "on" in step else self.now
        known_at = moment(step["known_at"]) if "known_at" in step else self.now
        known = bisect_right(self.moments, known_at)
        q = SimpleNamespace(
            w=self.world(known, now), now=now, today=day_of(now), action=action, actor=step["as"], key=step["key"],
            level=LEVELS[step["key"]], is_auditor=step["as"] in self.auditors, four_eyes=self.four_eyes,
            everybody=self.persons, grant_id=None, request_id=None, person=None, role=OFFERED_ROLE.get(action),
            domain=step.get("domain"), enterprise=step.get("enterprise"), about=step.get("about"),
            reason=step.get("reason"), purpose=step.get("purpose"), employee=step.get("employee", False),
            replaces=step.get("replaces", False), without_successor=step.get("without_successor", False),
        )  # fmt: skip
        if action == "sign_in":
            application = self.applications.get(step.get("application"))
            q.allowed_keys = None if application is None else application.get("keys")
            q.activated = self.persons[q.actor].get("keys")
            q.acr_values = step.get("acr_values")
        elif action in OFFERED_ROLE or action == "link_person":
            own = self.persons[step["person"]]
            number, name = step.get("number", own["number"]), " ".join(step.get("name", own["name"]))
            q.person = self._who_has.get((digits(number), folded(name)))
        elif action == "request_right":
            q.person = q.actor
        else:
            q.person = step.get("person")
        self._look_up_what_is_named(q, step, known)
        if "right" in step:
            q.right_code = step["right"]
        if getattr(q, "right_code", None):
            q.right = self.rights[q.right_code]
        if "enterprise" in step and "target_group" in self.enterprises[q.enterprise]:
            q.target_group = self.enterprises[q.enterprise]["target_group"]
        if action in ("grant_right", "request_right", "enter_secure_area"):
            q.contexts = self._contexts(q, step)
        if action == "link_person":
            q.__dict__.update(period(step))
        if action in ("grant_right", "approve_request"):
            q.since, q.until = day(step["begin"]), day(step["end"])
        return q

    def _look_up_what_is_named(self, q: SimpleNamespace, step: Doc, known: int) -> None:
        if "appointment" in step:
            offer = self._made(step, "appointment", known)
            q.offer, q.offered_by, q.person = q.w.offers.get(offer["id"]), offer["by"], offer["holder"]
            q.role, q.domain, q.enterprise = offer["role"], offer["domain"], offer["enterprise"]
        elif "relation" in step:
            q.relation = q.w.relations[self._made(step, "relation", known)["id"]]
            q.person, q.enterprise = q.relation["person"], q.relation["enterprise"]
            q.last_day = day(step["last_day"]) if "last_day" in step else q.today
        elif "grant" in step:
            grant = q.w.grants[self._made(step, "grant", known)["id"]]
            q.grant_id, q.person, q.enterprise = grant["id"], grant["holder"], grant["enterprise"]
            q.right_code, q.contexts, q.since = grant["right"], grant["contexts"], grant["since"]
            q.until = day(step["end"]) if "end" in step else grant["until"]
        elif "request" in step:
            request = self._made(step, "request", known)
            q.request_id, q.person, q.enterprise = request["id"], request["by"], request["enterprise"]
            q.right_code, q.contexts = request["right"], request["contexts"]
            q.target_group = self.enterprises[q.enterprise]["target_group"]

    def _contexts(self, q: SimpleNamespace, step: Doc) -> frozenset[str]:
        """The contexts given, in one spelling each; a blank in a list stays, as a context of nobody's."""
        said = step.get("context") if "context" in step else step.get("contexts")
        if not given(said):
            return frozenset()
        values = [said] if isinstance(said, str) else [value for value in said or [] if value is not None]
        return frozenset(v if q.right["context_kind"] == "profile" else undotted(v) for v in values)

    def _make(self, action: str, q: SimpleNamespace, name: str) -> None:
        """Record what an allowed step makes or changes."""
        kind = MAKES.get(action)
        if kind is not None and (kind, name) in self.made:
            raise FileError(f"`{name}` is taken")
        here: Doc = {"id": name, "enterprise": q.enterprise}
        if action in OFFERED_ROLE:
            here |= {"role": q.role, "domain": q.domain, "holder": q.person, "by": q.actor}
            self._record("offered", here)
        elif action in ("accept_appointment", "refuse_appointment", "end_appointment"):
            what = {"accept": "accepted", "refuse": "refused", "end": "ended"}[action.split("_")[0]]
            self._record(what, {"id": q.offer["id"]})
        elif action == "claim_main_local_administrator":
            self._record("claimed", {"enterprise": q.enterprise, "holder": q.actor})
        elif action == "link_person":
            here |= {"person": q.person, "since": q.since, "until": q.until}
            self._record("linked", here)
        elif action == "end_work_relation":
            self._record("unlinked", {"id": q.relation["id"], "until": q.last_day})
        elif action in ("grant_right", "approve_request"):
            if action == "approve_request":
                self._record("settled", {"id": q.request_id})
            here |= {"holder": q.person, "right": q.right_code, "contexts": q.contexts, "since": q.since, "until": q.until}
            self._record("granted", here)
        elif action == "extend_grant":
            self._record("extended", {"id": q.grant_id, "until": q.until})
        elif action == "revoke_grant":
            self._record("revoked", {"id": q.grant_id})
        elif action == "request_right":
            here |= {"by": q.actor, "right": q.right_code, "contexts": q.contexts}
            self._record("requested", here)
        elif action in ("refuse_request", "withdraw_request"):
            self._record("settled", {"id": q.request_id})
        if kind is not None:
            self.made[kind, name] = len(self.log) - 1, here


def run(document: Doc) -> list[Doc]:
    """What the runner must report of every step of a scenario document.

    :raise FileError: the document is not a valid scenario
    """
    oracle = Oracle(document)
    return [oracle.step(step) for step in document["steps"]]
