"""The oracle's rules: what each asks of a question, in three values, and what their findings come to.

A question `q` has the replayed world `q.w`, the moment `q.now`, its day `q.today`, and the arguments of the step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

from tests.oracle_replay import NEVER_ENDS, Doc, covers, given, overlap, pending, undotted, within

Known = bool | None  # None is unknown

OFFICE_HOLDERS = {"trustee", "liquidator", "provisional_administrator"}
REPRESENTING = OFFICE_HOLDERS | {
    "managing_director", "director", "manager", "daily_management", "chairman", "sole_proprietor", "syndic",
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
ASKED_OF = {action: [side.split() for side in rules.split("/")] for action, rules in ASKED.items()}
OFFERED_ROLE = {action: action.removeprefix("appoint_") for action in ASKED if action.startswith("appoint_")}


def no(value: Known) -> Known:
    return None if value is None else not value


def some(values: Iterable[Known]) -> Known:
    """True if one is, unknown if one could be, else false."""
    found = list(values)
    return True if True in found else None if None in found else False


def both(one: Known, other: Known) -> Known:
    return False if one is False or other is False else None if one is None or other is None else True


def is_outside(keys: list[str] | None, key: str) -> bool:
    return keys is not None and key not in keys


def is_active(offer: Doc | None) -> bool:
    return offer is not None and offer["state"] == "active"


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


def alike(q: SimpleNamespace, kept: Doc) -> list[Doc]:
    """The grants, or the requests, of the same right in the same enterprise with a context in common."""
    return [
        thing
        for thing in kept.values()
        if thing["right"] == q.right_code and thing["enterprise"] == q.enterprise and thing["contexts"] & q.contexts
    ]


def grants(q: SimpleNamespace, who: str) -> list[Doc]:
    return [grant for grant in alike(q, q.w.grants) if grant["holder"] == who and not grant["revoked"]]


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


def is_suspended_recognition(q: SimpleNamespace, context: str) -> Known:
    if q.right["context_kind"] != "recognition":
        return False
    if unanswered(q):
        return None
    return any(undotted(r["number"]) == context and is_suspended(r, q.today) for r in recognitions(q, q.today))


RULES: dict[str, Callable[[SimpleNamespace], Known]] = {
    "SIGNIN-1": lambda q: q.activated is None or q.key in q.activated,
    "SIGNIN-2": lambda q: is_dead(q, q.actor),
    "SIGNIN-3": lambda q: is_outside(q.allowed_keys, q.key) or (bool(q.acr_values) and is_outside(q.acr_values, q.key)),
    "KEY-1": lambda q: q.level < 450 and not (q.action == "end_appointment" and q.actor == q.person),
    "KEY-2": lambda q: q.level < 400 and not (q.action == "end_appointment" and q.actor != q.person),
    "KEY-3": lambda q: q.level < q.right["level"],
    "REG-1": lambda q: None if unanswered(q) else not within(q.w.enterprises[q.enterprise], q.today),
    "REG-2": lambda q: unanswered(q),
    "PERSON-1": lambda q: is_dead(q, q.person),
    "PERSON-2": lambda q: q.person is None,
    "PERSON-3": lambda q: is_dead(q, q.actor),
    "APPOINT-1": lambda q: could_offer(q, q.actor),
    "APPOINT-2": lambda q: q.person is not None and both(not q.employee, no(is_legal_representative(q, q.person))),
    "APPOINT-3": lambda q: not q.replaces and any(is_main(q, who) for who in q.everybody),
    "APPOINT-4": lambda q: q.person is not None and has_the_role_already(q, q.person),
    "APPOINT-5": lambda q: could_offer(q, q.actor),
    "APPOINT-6": lambda q: q.person is not None and has_the_role_already(q, q.person),
    "APPOINT-7": lambda q: could_offer(q, q.actor),
    "APPOINT-8": lambda q: q.person is not None and has_the_role_already(q, q.person),
    "APPOINT-9": lambda q: could_offer(q, q.actor),
    "APPOINT-10": lambda q: q.person is not None and not is_related_today(q, q.person),
    "APPOINT-11": lambda q: q.person is not None and has_the_role_already(q, q.person),
    "ACCEPT-1": lambda q: q.actor == q.person,
    "ACCEPT-2": lambda q: not pending(q.offer, q.now),
    "ACCEPT-3": lambda q: could_offer(q, q.offered_by) is not True,
    "ACCEPT-4": lambda q: has_the_role_already(q, q.person),
    "END-1": lambda q: could_offer(q, q.actor) is True,
    "END-2": lambda q: is_active(q.offer) and q.actor == q.person,
    "END-3": lambda q: is_active(q.offer) and q.role == "main_access_manager" and not q.without_successor,
    "END-4": lambda q: not is_active(q.offer) and not pending(q.offer, q.now),
    "CLAIM-1": lambda q: could_be_main_local_administrator(q, q.actor),
    "CLAIM-2": lambda q: is_main_local_administrator(q, q.actor),
    "LINK-1": lambda q: is_user_manager(q, q.actor),
    "LINK-2": lambda q: q.person is not None and any(overlap(r, q.since, q.until) for r in relations(q, q.person)),
    "LINK-3": lambda q: q.actor == q.person,
    "LINK-4": lambda q: q.relation["until"] < q.today or q.last_day < q.today,
    "LINK-5": lambda q: q.since < q.today or q.until < q.since,
    "GRANT-1": lambda q: could_grant(q, q.actor),
    "GRANT-2": lambda q: not any(covers(r, q.since, q.until) for r in relations(q, q.person)),
    "GRANT-3": lambda q: q.target_group not in q.right["target_groups"],
    "GRANT-4": lambda q: not q.contexts,
    "GRANT-5": lambda q: some(no(belongs(q, context, q.day_to_belong)) for context in q.contexts),
    "GRANT-6": lambda q: q.since < q.today,
    "GRANT-7": lambda q: q.until < q.since or (q.action == "extend_grant" and q.until < q.today),
    "GRANT-8": lambda q: q.until > max(q.since, q.today) + q.right["max_days"],
    "GRANT-9": lambda q: is_needed_and_missing(q),
    "GRANT-10": lambda q: any(g["id"] != q.grant_id and overlap(g, q.since, q.until) for g in grants(q, q.person)),
    "GRANT-11": lambda q: q.four_eyes and q.person == q.actor,
    "GRANT-12": lambda q: q.w.grants[q.grant_id]["revoked"] or q.w.grants[q.grant_id]["until"] < q.today,
    "GRANT-13": lambda q: q.actor == q.person,
    "REQUEST-1": lambda q: q.right["requestable"],
    "REQUEST-2": lambda q: not any(could_grant(q, who) is True for who in q.everybody if who != q.actor),
    "REQUEST-3": lambda q: any(r["by"] == q.actor and pending(r, q.now) for r in alike(q, q.w.requests)),
    "REQUEST-4": lambda q: could_grant(q, q.actor) is True,
    "REQUEST-5": lambda q: q.actor == q.person,
    "REQUEST-6": lambda q: not pending(q.w.requests.get(q.request_id), q.now),
    "REQUEST-7": lambda q: not given(q.reason),
    "REQUEST-8": lambda q: q.actor == q.person,
    "ENTER-1": lambda q: any(within(g, q.today) for g in grants(q, q.actor)),
    "ENTER-2": lambda q: not is_related_today(q, q.actor),
    "ENTER-3": lambda q: is_needed_and_missing(q),
    "ENTER-4": lambda q: some(
        value for c in q.contexts for value in (no(belongs(q, c, q.today)), is_suspended_recognition(q, c))
    ),
    "ENTER-5": lambda q: not q.contexts,
    "HISTORY-1": lambda q: q.is_auditor,
    "HISTORY-2": lambda q: some(
        [is_legal_representative(q, q.actor), is_main_or_co_main(q, q.actor), is_main_local_administrator(q, q.actor)]
    ),
    "HISTORY-3": lambda q: q.about == q.actor,
    "HISTORY-4": lambda q: q.is_auditor and not given(q.purpose),
    "NUMBER-1": lambda q: q.actor == q.person,
    "NUMBER-2": lambda q: q.is_auditor and given(q.reason),
}


def verdict(permits: dict[str, Any], forbids: dict[str, Any]) -> tuple[bool, list[str]]:
    """What the findings of an action's rules come to; one that is neither true, false nor unknown is a broken rule."""
    findings = {**permits, **forbids}
    for allowed, because in (
        (False, [rule for rule, found in findings.items() if not any(found is f for f in (True, False, None))]),
        (False, [rule for rule, found in forbids.items() if found is True]),
        (True, [rule for rule, found in permits.items() if found is True]),
    ):
        if because:
            return allowed, sorted(because)
    return False, sorted(permits)
