"""Random but valid scenario documents, each step with what the oracle decides: the documents are tests by themselves.

A document is written by an author who sees the world as the oracle has it so far, tries a few candidates for the next
step, and keeps one that is allowed, that shows a rule seldom seen so far, or any. One seed is one document.
"""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter
from collections.abc import Callable
from copy import deepcopy

from tests.oracle import DOMAINS, LEVELS, MAKES, USER_TYPES, Oracle
from tests.oracle_replay import NEVER_ENDS, Doc, FileError, day
from tests.oracle_rules import ASKED, OFFERED_ROLE, RULES
from tests.random_surroundings import Surroundings, date, national_number

__all__ = ["Oracle", "coverage", "random_document"]

WEIGHTS = {
    "appoint_main_access_manager": 10, "appoint_co_main_access_manager": 7, "appoint_access_manager": 7,
    "appoint_local_administrator": 8, "accept_appointment": 14, "refuse_appointment": 3, "end_appointment": 7,
    "claim_main_local_administrator": 6, "link_person": 12, "end_work_relation": 6, "grant_right": 17,
    "extend_grant": 7, "revoke_grant": 6, "request_right": 10, "approve_request": 8, "refuse_request": 5,
    "withdraw_request": 4, "enter_secure_area": 20, "read_history": 3, "export_history": 2, "reveal_number": 2,
    "sign_in": 4,
}  # fmt: skip
# What a chain is built of: a document begins with a good deal of it, so that there is something to refuse later.
BUILDING = [
    "appoint_main_access_manager", "accept_appointment", "link_person", "claim_main_local_administrator",
    "appoint_local_administrator", "grant_right", "request_right", "approve_request",
]  # fmt: skip
NEEDS = {
    "accept_appointment": "appointment", "refuse_appointment": "appointment", "end_appointment": "appointment",
    "end_work_relation": "relation", "extend_grant": "grant", "revoke_grant": "grant",
    "approve_request": "request", "refuse_request": "request", "withdraw_request": "request",
}  # fmt: skip


class Author(Surroundings):
    """Writes one document, step by step, with an oracle beside."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.seen: Counter[str] = Counter()
        self.done: list[Doc] = []  # the steps that were allowed
        self.plot: list[Doc] = []  # steps in store

    def person_near(self, enterprise: str) -> str:
        """A person; those who are something in the enterprise come oftener."""
        w = self.w
        near = [held[3] for held in w.active if held[0] == enterprise]
        near += [f["person"] for f in w.functions if f["enterprise"] == enterprise and f["person"] is not None]
        near += [r["person"] for r in w.relations.values() if r["enterprise"] == enterprise]
        if near and self.chance(75):
            return str(self.rng.choice(sorted(near)))
        return self.rng.choice(self.persons)

    def key(self) -> str:
        return self.rng.choice(["eid", "eid", "itsme", "itsme", "eidas_high"] if self.chance(75) else list(LEVELS))

    def candidate(self, action: str) -> Doc:
        """A step that could well be allowed, or that fails for a reason of interest."""
        rng = self.rng
        enterprise = rng.choice(self.enterprises) if self.chance(35) else self.enterprises[0]
        step: Doc = {"do": action, "as": self.person_near(enterprise), "key": self.key()}
        kind = NEEDS.get(action)
        if kind is not None:
            self._name(step, kind)
        elif action not in ("sign_in", "reveal_number"):
            step["enterprise"] = enterprise
        filled: dict[str, Callable[[Doc], None]] = {
            "end_appointment": self._fill_end, "link_person": self._fill_link, "end_work_relation": self._fill_unlink,
            "grant_right": self._fill_grant, "extend_grant": self._fill_extend, "request_right": self._fill_request,
            "approve_request": self._fill_approve, "enter_secure_area": self._fill_enter, "sign_in": self._fill_sign_in,
        }  # fmt: skip
        if action in OFFERED_ROLE:
            self._fill_offer(step)
        elif action in filled:
            filled[action](step)
        if action in ("revoke_grant", "refuse_request", "request_right", "reveal_number"):
            self._maybe(step, "reason", "because of the tests", "", "  ", None)
        if action in ("read_history", "export_history"):
            self._maybe(step, "purpose", "an inspection", "", " ", None)
            if self.chance(35):
                step["about"] = step["as"] if self.chance(60) else rng.choice(self.persons)
        if action == "reveal_number":
            step["person"] = step["as"] if self.chance(45) else rng.choice(self.persons)
        return self._identified(step)

    def _maybe(self, step: Doc, argument: str, good: str, *bad: str | None) -> None:
        if self.chance(85):
            step[argument] = good if self.chance(75) else self.rng.choice(bad)

    def _name(self, step: Doc, kind: str) -> None:
        """Name a thing that an earlier step made, a recent one rather than an old one, and often its own people."""
        made = [
            (name, fact) for (what, name), (_, fact) in self.oracle.made.items() if what == kind and " " not in name
        ]
        if kind in ("appointment", "request"):
            kept = self.w.offers if kind == "appointment" else self.w.requests
            open_ones = [one for one in made if kept[one[0]]["state"] == "pending"]
            made = open_ones if open_ones and self.chance(60) and step["do"] != "end_appointment" else made
        name, fact = self.rng.choice(made[-4:] if self.chance(60) else made)
        step[kind] = name
        step["as"] = self.person_near(fact["enterprise"])
        own = fact.get("holder") or fact.get("person") or fact["by"]
        if self.chance(
            {"accept_appointment": 75, "refuse_appointment": 75, "withdraw_request": 70}.get(step["do"], 15)
        ):
            step["as"] = own

    def _fill_offer(self, step: Doc) -> None:
        rng = self.rng
        step["person"] = self.person_near(step["enterprise"])
        related = [r["person"] for r in self.w.relations.values() if r["enterprise"] == step["enterprise"]]
        if step["do"] == "appoint_local_administrator" and related and self.chance(75):
            step["person"] = rng.choice(related)
        if step["do"] == "appoint_access_manager":
            domain = rng.choice(["flemish_government", "economy", "finance", "all"])
            step["domain"] = domain if self.chance(85) else rng.choice(sorted(DOMAINS))
        if step["do"] in ("appoint_main_access_manager", "appoint_co_main_access_manager") and self.chance(90):
            step["employee"] = rng.choice([True, True, True, True, False, None])
        if step["do"] == "appoint_main_access_manager" and self.chance(50):
            step["replaces"] = rng.choice([True, True, False])
        self._spell_person(step)

    def _spell_person(self, step: Doc) -> None:
        """Give the number and the name, mostly in another spelling of the person's own, sometimes of another."""
        persons = self.document["world"]["persons"]
        whose = persons[step["person"] if self.chance(93) else self.rng.choice(self.persons)]
        if self.chance(12):
            step["number"] = self._spelt(whose["number"]) if self.chance(90) else national_number("330303", "999")
        if self.chance(12):
            given, family = (whose if self.chance(90) else persons[self.rng.choice(self.persons)])["name"]
            bare = "".join(c for c in unicodedata.normalize("NFKD", given) if not unicodedata.combining(c))
            step["name"] = self.rng.choice([
                [given, family], [given.upper(), family.upper()], [bare, family.casefold()], [given, f"{family}s"],
                [unicodedata.normalize("NFD", given), family.replace(" ", "  ")], [family, given],
                [f"{given} {family.split()[0]}", " ".join(family.split()[1:])] if " " in family else [given, family],
            ])  # fmt: skip

    def _fill_end(self, step: Doc) -> None:
        if self.chance(75):
            step["without_successor"] = self.chance(75)

    def _fill_link(self, step: Doc) -> None:
        since = self.today + self.rng.choice([0, 0, 0, 0, 0, 0, 1, 1, 7, 30, -1])
        step |= {"person": self.person_near(step["enterprise"]) if self.chance(50) else self.rng.choice(self.persons),
                 "user_type": self.rng.choice(sorted(USER_TYPES)), "since": date(since)}  # fmt: skip
        if self.chance(70):
            step["until"] = self.rng.choice([None, *(date(since + n) for n in (0, 1, 10, 30, 60, 90, 365, 800, -1))])
        self._spell_person(step)

    def _fill_unlink(self, step: Doc) -> None:
        if self.chance(70):
            step["last_day"] = date(self.today + self.rng.choice([0, 1, 5, 20, 60, 60, 200, -1]))

    def _end_of_grant(self, begin: int, until: int, longest: int) -> int:
        ends = [
            begin,
            begin + 10,
            begin + 60,
            begin + longest,
            begin + longest,
            begin + longest + 1,
            until,
            until,
            begin - 1,
        ]
        end = self.rng.choice(ends)
        return end if end < self.today + 4000 and self.chance(20) else max(begin, min(end, until, begin + longest))

    def _fill_period(self, step: Doc, relations: list[Doc], longest: int) -> None:
        begin, until = self.today, self.today + 400
        if relations and self.chance(90):
            relation = self.rng.choice(relations[-3:])
            begin, until = max(begin, relation["since"]), relation["until"]
        if self.chance(25):
            begin += self.rng.choice([-1, 1, 1, 5, 30])
        end = self._end_of_grant(begin, until, longest)
        step |= {"begin": date(begin), "end": date(end if end < NEVER_ENDS else begin + 30)}

    def _right_of(self, enterprise: str) -> str:
        group = self.oracle.enterprises[enterprise]["target_group"]
        offered = [name for name in self.rights if group in self.oracle.rights[name]["target_groups"]]
        return self.rng.choice(offered if offered and self.chance(90) else self.rights)

    def _contexts_of(self, enterprise: str, right: str) -> list[str]:
        """Contexts of the right's kind, mostly the enterprise's own."""
        kind = self.oracle.rights[right]["context_kind"]
        if kind == "profile":
            values = [*self.oracle.rights[right]["profiles"], *(["writer"] if self.chance(15) else [])]
        else:
            rows = self.w.recognitions if kind == "recognition" else self.w.establishments
            own = [row["number"] for row in rows if row["enterprise"] == enterprise]
            values = [self._spelt(n) for n in (own if own and self.chance(85) else [row["number"] for row in rows])]
        return values if values and self.chance(96) else ["", "V00000", "8.999.000.103", "reader"]

    def _fill_grant(self, step: Doc) -> None:
        related = [r for r in self.w.relations.values() if r["until"] >= self.today and r["since"] <= r["until"]]
        if related and self.chance(92):
            relation = self.rng.choice(related)
            step["enterprise"], step["person"] = relation["enterprise"], relation["person"]
            step["as"] = self.person_near(step["enterprise"])
        else:
            step["person"] = self.rng.choice(self.persons)
        step["right"] = self._right_of(step["enterprise"])
        self._give_contexts(step)
        mine = [r for r in related if (r["enterprise"], r["person"]) == (step["enterprise"], step["person"])]
        self._fill_period(step, mine, self.oracle.rights[step["right"]]["max_days"])

    def _give_contexts(self, step: Doc) -> None:
        if self.chance(96):
            step["contexts"] = self.some(self._contexts_of(step["enterprise"], step["right"]), 1, 2)
        elif self.chance(50):
            step["contexts"] = self.rng.choice([[], None])

    def _fill_extend(self, step: Doc) -> None:
        grant = self.w.grants[step["grant"]]
        begin = max(grant["since"], self.today)
        relation = self.w.relations.get(grant["relation"], grant)
        end = self._end_of_grant(begin, relation["until"], self.oracle.rights[grant["right"]]["max_days"])
        step["end"] = date(end if end < NEVER_ENDS else begin + 30)

    def _fill_request(self, step: Doc) -> None:
        step["right"] = self._right_of(step["enterprise"])
        self._give_contexts(step)

    def _fill_approve(self, step: Doc) -> None:
        _, request = self.oracle.made["request", step["request"]]
        mine = [r for r in self.w.relations.values()
                if (r["enterprise"], r["person"]) == (request["enterprise"], request["by"])]  # fmt: skip
        self._fill_period(step, mine, self.oracle.rights[request["right"]]["max_days"])

    def _fill_enter(self, step: Doc) -> None:
        grants = [g for g in self.w.grants.values() if not g["revoked"]]
        if grants and self.chance(85):
            grant = self.rng.choice(grants[-5:])
            step |= {"as": grant["holder"], "enterprise": grant["enterprise"], "right": grant["right"]}
            step["context"] = self.rng.choice(sorted(grant["contexts"]))
        else:
            step["right"] = self._right_of(step["enterprise"])
            step["context"] = self.rng.choice(self._contexts_of(step["enterprise"], step["right"]))
        if self.chance(6):
            step["context"] = self.rng.choice(["", "  ", None])

    def _fill_sign_in(self, step: Doc) -> None:
        if self.chance(50):
            step["key"] = self.rng.choice(list(LEVELS))
        step["as"] = self.rng.choice([*self.w.deaths, *self.persons])
        if self.chance(60):
            step["application"] = self.rng.choice(["dienstencheques", "energy_audit", "desk", "unlisted"])
        if self.chance(40):
            step["acr_values"] = self.some(LEVELS, 0, 4)

    def again(self) -> Doc:
        """An earlier step once more, but not from before today."""
        earlier = self.rng.choice(self.done[-25:])
        step = {key: deepcopy(value) for key, value in earlier.items() if key not in ("expect", "because", "id")}
        if "begin" in step:
            step["begin"] = date(max(self.today, day(step["begin"])))
        if "since" in step:
            step["since"] = date(max(self.today, day(step["since"])))
        if self.chance(15):
            step["as"] = self.rng.choice(self.persons)
        return self._identified(step)

    def _identified(self, step: Doc) -> Doc:
        kind = MAKES.get(step["do"])
        if kind is not None and self.chance(95):
            letter = "w" if kind == "relation" else kind[0]
            step["id"] = f"{letter}{sum(made[0] == kind for made in self.oracle.made) + 1}"
        return step

    def as_question(self, step: Doc) -> Doc:
        """The same step, asked about another moment or with what was known at another."""
        step = {("ask" if key == "do" else key): value for key, value in step.items() if key != "id"}
        if self.chance(75):
            step["on"] = self.written(self.edge_moment())
        if self.chance(45):
            step["known_at"] = self.written(self.edge_moment())
        return step

    def deciding_step(self) -> Doc:
        """The best of a few candidates for what this step is to show."""
        kinds = {kind for kind, name in self.oracle.made if " " not in name}
        early = len(self.document["steps"]) < 20
        usual = BUILDING if early and self.chance(80) else ASKED
        actions = [action for action in usual if NEEDS.get(action) in kinds or action not in NEEDS]
        wish = self.rng.random() / (3 if early else 1)
        best: tuple[float, Doc] | None = None
        for _ in range(6):
            action = self.rng.choices(actions, [WEIGHTS[action] for action in actions])[0]
            step = self.again() if self.done and self.chance(12) else self.candidate(action)
            if self.chance(10 if early else 40):
                step = self.as_question(step)
            try:
                allowed, because = self.oracle.decide(step)
            except FileError:
                continue
            rarity = max(1 / (1 + self.seen[rule]) for rule in because) / (1 if allowed else len(because) ** 0.5)
            worth = rarity + allowed if wish < 0.5 else rarity if wish < 0.85 else 1
            if best is None or worth > best[0]:
                best = worth, step
            if wish >= 0.85:
                break
        return best[1] if best else self.candidate("sign_in")

    def moving_grant(self) -> list[Doc]:
        """What chance would not find: a grant that outlives the relation it was given in, by moving to the next."""
        mains = sorted({(held[0], held[3]) for held in self.w.active if held[1] == "main_access_manager"})
        rights = [name for name in self.rights if "main_access_manager" in self.oracle.rights[name]["grantors"]]
        if not mains or not rights:
            return []
        (enterprise, main), right = self.rng.choice(mains), self.rng.choice(rights)
        person, number = self.rng.choice(self.persons), len(self.document["steps"])
        contexts = self._contexts_of(enterprise, right)[:1]
        longest = min(self.oracle.rights[right]["max_days"], 8)
        by = {"as": main, "key": "eid"}
        link = {"do": "link_person", **by, "enterprise": enterprise, "person": person, "user_type": "external"}
        unlink = {"do": "end_work_relation", **by, "relation": f"w{number}x"}
        grant = {"do": "grant_right", **by, "enterprise": enterprise, "person": person, "right": right}
        days = [date(self.today + n) for n in range(30)]
        return [
            link | {"since": days[10], "id": f"w{number}x"},
            grant | {"contexts": contexts, "begin": days[12], "end": days[12 + longest], "id": f"g{number}x"},
            unlink | {"last_day": days[5]},
            grant | {"contexts": contexts, "begin": days[10], "end": days[5]},
            link | {"since": days[6], "until": days[25], "id": f"w{number}y"},
            {"do": "extend_grant", **by, "grant": f"g{number}x", "end": days[13]},
            unlink | {"last_day": days[4 if self.chance(50) else 2]},
            {"advance": "12d"},
            {"do": "enter_secure_area", "as": person, "key": "eid", "enterprise": enterprise, "right": right,
             "context": contexts[0]},
            {"do": "end_work_relation", **by, "relation": f"w{number}y", "last_day": days[13]},
        ]  # fmt: skip

    def next_step(self) -> Doc:
        if len(self.document["steps"]) == 30 and self.chance(30):
            self.plot = self.moving_grant()
        while self.plot and self.chance(70):
            step = self.plot.pop(0)
            try:
                if "advance" not in step:
                    self.oracle.decide(step)
            except FileError:  # it names what was not made after all
                continue
            return step
        kind = self.rng.random()
        if kind < 0.08 and self.oracle.now < self.horizon:
            return self.clock_step()
        if kind < 0.16 or (self.w.silent and kind < 0.3):
            return self.register_step()
        return self.deciding_step()

    def write(self) -> None:
        """Add a step, with what the oracle says to it."""
        step = deepcopy(self.next_step())
        if "id" not in step and self.chance(2):
            step["id"] = f"n{len(self.document['steps'])}"  # which names nothing, and may stand there
        result = self.oracle.step(step)
        if "do" in step or "ask" in step:
            self.seen.update(result["because"])
            step |= {"expect": "allowed" if result["allowed"] else "refused", "because": result["because"]}
            if "do" in step and result["allowed"]:
                self.done.append(step)
        if result["allowed"] and ("do" in step or "register" in step):
            self.moments.append(self.oracle.now)
        self.document["steps"].append(step)


def random_document(seed: int, steps: int = 80) -> Doc:
    """A valid scenario document as plain data, the same for the same seed; its steps carry `expect` and `because`."""
    author = Author(seed)
    for _ in range(steps):
        author.write()
    return author.document


def coverage(documents: int, first: int = 0) -> tuple[int, int, Counter[str]]:
    """Over so many documents: how many decisions, how many of them allowed, and how often each rule is a reason."""
    decisions = allowed = 0
    rules: Counter[str] = Counter(dict.fromkeys(RULES, 0))
    for seed in range(first, first + documents):
        for step in random_document(seed)["steps"]:
            if "because" in step:
                decisions += 1
                allowed += step["expect"] == "allowed"
                rules.update(step["because"])
    return decisions, allowed, rules


if __name__ == "__main__":
    total, granted, counts = coverage(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
    print(f"{total} decisions, {granted / total:.0%} allowed")
    for rule, count in counts.most_common():
        print(f"{rule:12}{count:7}{count / total:8.2%}")
