"""The oracle: the rulebook a second time, as a replay of what was recorded, to test the product's decisions against.

It shares no code and no shape with `accessmgr`. What happened is an append-only log of plain entries; a question is
answered by replaying the part of the log that was known then (`oracle_replay.py`), and putting the rules of its action
to what that comes to (`oracle_rules.py`). Here is how a scenario document becomes entries and questions.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from types import SimpleNamespace

from tests.oracle_replay import (
    ALWAYS,
    HOUR,
    NEVER_ENDS,
    Doc,
    FileError,
    day,
    day_of,
    digits,
    folded,
    functions_held,
    given,
    moment,
    replay,
    undotted,
)  # fmt: skip
from tests.oracle_rules import ASKED_OF, OFFERED_ROLE, REPRESENTING, RULES, verdict

LEVELS = {
    "eid": 500, "itsme": 450, "app": 400, "passkey": 400, "sms": 350,
    "eidas_high": 500, "eidas_substantial": 400, "eidas_low": 300,
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
FRAME = {"do", "ask", "as", "key", "id", "expect", "because"}
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
        self._replayed: dict[tuple[int, int], SimpleNamespace] = {}
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
                holder = row.get("permanent_representative") if row.get("enterprise") else row["person"]
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
        return verdict({rule: RULES[rule](q) for rule in permits}, {rule: RULES[rule](q) for rule in forbids})

    def world(self, known: int, on: int) -> SimpleNamespace:
        """The replayed world. The log only grows, so that a replay once made stays right; the recent ones are kept."""
        if (known, on) not in self._replayed:
            if len(self._replayed) > 50:
                self._replayed.clear()
            self._replayed[known, on] = replay(self.log, known, on)
        return self._replayed[known, on]

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
        self._check(step, step["register"], {"register", "id"})
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
        self._check(step, action, FRAME | ({"on", "known_at"} if "ask" in step else set()))
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
            application = self.applications.get(step.get("application", ""))
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
        q.day_to_belong = q.since if action in ("grant_right", "approve_request") else q.today
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
            here |= {"holder": q.person, "right": q.right_code, "contexts": q.contexts}
            here |= {"since": q.since, "until": q.until}
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
