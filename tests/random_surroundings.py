"""Random worlds for scenario files, and what happens around the people in them: the clock and the register."""

from __future__ import annotations

import datetime
import random
from typing import Any

from tests.oracle import FUNCTIONS, LEVELS, Oracle
from tests.oracle_replay import BRUSSELS, THIRTY_DAYS, Doc, day, day_of, moment, undotted
from tests.oracle_rules import OFFICE_HOLDERS

NAMES = [
    ["Hilde", "Vermeulen"], ["Nadia", "El Amrani"], ["Inès", "Dubois"], ["Björn", "Strauß"], ["Zoë", "Van den Bossche"],
    ["Luc", "Peeters"], ["François", "Lefèvre"], ["Mila", "Janssens"],
]  # fmt: skip
BIRTHS = ["720314", "850611", "950817", "600102", "801231", "881111", "910505", "770707"]
GRANTORS = [
    "main_access_manager", "co_main_access_manager", "access_manager", "main_local_administrator",
    "local_administrator", "legal_representative",
]  # fmt: skip
STARTS = [
    "2026-03-02T09:00", "2026-03-28T23:30", "2026-03-29T01:59:59", "2026-02-26T09:00", "2026-06-30T00:00",
    "2026-09-25T02:30", "2026-10-24T22:15", "2026-10-25T02:30", "2026-12-31T23:59:59",
]  # fmt: skip
REGISTER = {
    "start_function": 6, "end_function": 3, "no_answer": 3, "close_enterprise": 1, "end_recognition": 1,
    "suspend_recognition": 5, "close_establishment": 1, "move_establishment": 4, "record_death": 2,
}  # fmt: skip
# The hours around the nights when Brussels changes its time, as moments that can be told apart only by an offset.
NIGHTS = [moment(f"{night}T0{hour}:00+00:00") + second for night in ("2026-03-29", "2026-10-25")
          for hour in (0, 1, 2) for second in (-1, 0)]  # fmt: skip


# Numbers that are right, of people and enterprises that do not exist ----------------------------------------------


def national_number(birth: str, serial: str) -> str:
    check = 97 - int(birth + serial) % 97
    return f"{birth[:2]}.{birth[2:4]}.{birth[4:]}-{serial}.{check:02d}"


def enterprise_number(order: int) -> str:
    body = f"1999{order:04d}"
    return f"{body[:4]}.{body[4:7]}.{body[7]}{97 - int(body) % 97:02d}"


def establishment_number(order: int) -> str:
    body = f"8999{order:04d}"
    return f"{body[0]}.{body[1:4]}.{body[4:7]}.{body[7]}{97 - int(body) % 97:02d}"


def date(number: int) -> str:
    return datetime.date.fromordinal(number).isoformat()


class Surroundings:
    """A random world with its oracle, and random steps of its clock and register."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - a test's dice
        self.document = self._document(seed)
        self.oracle = Oracle(self.document)
        self.persons = list(self.document["world"]["persons"])
        self.enterprises = list(self.document["world"]["enterprises"])
        self.rights = list(self.oracle.rights)
        self.moments: list[int] = []  # at which something was made, to come back to
        self.horizon = self.oracle.now + 500 * 24 * 3600

    # The world

    def chance(self, percent: float) -> bool:
        return self.rng.random() * 100 < percent

    def some(self, things: Any, least: int = 0, most: int = 3) -> list[Any]:
        things = list(things)
        return self.rng.sample(things, min(len(things), self.rng.randint(least, most)))

    def _document(self, seed: int) -> Doc:
        rng = self.rng
        at = rng.choice(STARTS)
        self.start = day(at[:10])
        people = rng.sample(range(len(NAMES)), rng.randint(3, 6))
        persons = {}
        for n in people:
            name = NAMES[people[0]] if self.chance(5) else NAMES[n]
            persons[f"p{n}"] = {"name": list(name), "number": national_number(BIRTHS[n], rng.choice(["000", "999"]))}
            if self.chance(5):
                persons[f"p{n}"]["deceased"] = date(self.start + rng.choice([-40, -1, 0, 1, 20]))
            if self.chance(25):
                persons[f"p{n}"]["keys"] = self.some(LEVELS, 1, 5)
        names = [f"e{n}" for n in range(1, rng.randint(1, 3) + 1)]
        world: Doc = {
            "persons": persons,
            "enterprises": {name: self._enterprise(n, names, list(persons)) for n, name in enumerate(names)},
        }
        if self.chance(60):
            world["auditors"] = self.some(persons, 1, 2)
        if self.chance(60):
            world["applications"] = {
                name: {"keys": self.some(LEVELS, 1, 5)}
                for name in self.some(["dienstencheques", "energy_audit", "desk"], 1)
            }
        if self.chance(40):
            world["rights"] = {name: self._right(name) for name in ("r_one", "r_two", "r_three")[: rng.randint(2, 3)]}
        document = {"scenario": f"random world {seed}", "format": 1, "at": at, "world": world, "steps": []}
        if self.chance(60):
            document["settings"] = {"four_eyes": self.chance(60)}
        return document

    def _period(self, *, old: bool = True) -> Doc:
        row: Doc = {"since": date(self.start - self.rng.choice([4000, 3000, 400]))}
        if not old:
            row["since"] = date(self.start + self.rng.choice([-30, -1, 0, 1, 15]))
        if self.chance(4):
            row["until"] = None
        elif self.chance(12):
            row["until"] = date(self.start + self.rng.choice([0, 1, 10, 30, 60, 150]))
        return row

    def _enterprise(self, n: int, names: list[str], persons: list[str]) -> Doc:
        rng = self.rng
        functions: list[Doc] = [
            {"code": rng.choice(["managing_director", "director", "manager", "sole_proprietor", "syndic"]),
             "person": rng.choice(persons), **self._period()}
        ]  # fmt: skip
        for _ in range(rng.randint(0, 3)):
            codes = FUNCTIONS - OFFICE_HOLDERS if self.chance(92) else OFFICE_HOLDERS
            functions.append({"code": rng.choice(sorted(codes)), **self._period(old=self.chance(70))})
            others = [name for name in names if name != names[n]]
            if others and self.chance(30):
                functions[-1]["enterprise"] = rng.choice(others)
                if self.chance(75):
                    functions[-1]["permanent_representative"] = rng.choice(persons)
            else:
                functions[-1]["person"] = rng.choice(persons)
        enterprise: Doc = {
            "number": enterprise_number(n + 1), "name": f"Enterprise {n + 1}",
            "target_group": rng.choice(["EA", "EA", "LB"]), **self._period(), "functions": functions,
        }  # fmt: skip
        recognitions = [
            {"number": f"V999{n}{k}", **self._period(old=self.chance(80))} for k in range(rng.randint(0, 2))
        ]
        for recognition in recognitions:
            if self.chance(15):
                recognition["suspended"] = [self._span(self.start + rng.choice([-5, 0, 3]))]
        establishments = [
            {"number": establishment_number(10 * n + k), **self._period(old=self.chance(80))}
            for k in range(rng.randint(1, 2))
        ]
        if recognitions or self.chance(50):
            enterprise["recognitions"] = recognitions
        return enterprise | {"establishments": establishments}

    def _span(self, since: int) -> Doc:
        span = {"since": date(since)}
        if self.chance(80):
            span["until"] = date(since + self.rng.choice([0, 1, 5, 20]))
        return span

    def _right(self, name: str) -> Doc:
        kind = self.rng.choice(["recognition", "establishment", "profile"])
        right: Doc = {
            "application": self.rng.choice(["dienstencheques", "energy_audit", "desk"]),
            "domain": self.rng.choice(["flemish_government", "economy", "finance"]),
            "target_groups": self.rng.choice([["EA"], ["LB"], ["EA", "LB"], ["EA", "LB"]]),
            "context_kind": kind, "grantors": self.some(GRANTORS, 1, 4),
            "level": self.rng.choice([300, 350, 400, 450, 500]),
            "max_days": self.rng.choice([1, 30, 366, 731]), "needs_recognition": self.chance(30),
            "requestable": self.chance(75),
        }  # fmt: skip
        return right | {"profiles": self.rng.choice([["reader"], ["reader", "editor"]])} if kind == "profile" else right

    # Moments and days worth asking about

    @property
    def w(self) -> Any:
        return self.oracle.world(len(self.oracle.log), self.oracle.now)

    @property
    def today(self) -> int:
        return day_of(self.oracle.now)

    def edge_days(self) -> list[int]:
        """First and last days of what has a period, not too far from today."""
        w = self.w
        rows = [*w.enterprises.values(), *w.functions, *w.recognitions, *w.establishments, *w.relations.values(),
                *w.grants.values()]  # fmt: skip
        rows += [suspension for recognition in w.recognitions for suspension in recognition["suspended"]]
        edges = [edge for row in rows for edge in (row["since"], row["until"])]
        edges += [move[0] for establishment in w.establishments for move in establishment["moves"]]
        edges += w.deaths.values()
        near = sorted({edge for edge in edges if abs(edge - self.today) < 400})
        return near or [self.today]

    def edge_moment(self) -> int:
        """A moment at, just before or just after something."""
        kind = self.rng.random()
        if kind < 0.45 or not self.moments:
            midnight = moment(date(self.rng.choice(self.edge_days()) + self.rng.choice([0, 0, 1])) + "T00:00")
            return midnight + self.rng.choice([-1, 0, 0, 36000])
        if kind < 0.7:
            return self.rng.choice(self.moments) + self.rng.choice([-1, 0, 0, 1])
        if kind < 0.85:
            return self.rng.choice(self.moments) + THIRTY_DAYS + self.rng.choice([0, 0, 1])
        if kind < 0.9:
            return self.rng.choice(NIGHTS)
        return self.oracle.now + self.rng.choice([-1, 1]) * self.rng.randint(0, 40 * 24 * 3600)

    def written(self, seconds: int) -> str:
        """A moment as a file may write it: as a wall time where that says it, else with its offset."""
        there = datetime.datetime.fromtimestamp(seconds, BRUSSELS)
        text = there.strftime("%Y-%m-%dT%H:%M" if there.second == 0 and self.chance(70) else "%Y-%m-%dT%H:%M:%S")
        if moment(text) == seconds and self.chance(85):
            return text
        return text + there.isoformat()[-6:]

    # Steps of the surroundings

    def clock_step(self) -> Doc:
        later = [then for then in (self.edge_moment() for _ in range(6)) if then >= self.oracle.now]
        if later and self.chance(60):
            return {"at": self.written(min(later))}
        return {
            "advance": self.rng.choice(
                ["1h", "2h", "7h", "12h", "23h", "24h", "1d", "1d", "2d", "3d", "5d", "10d", "720h"]
            )
        }

    def register_step(self) -> Doc:
        rng, w = self.rng, self.w
        if w.silent and self.chance(60):
            return {"register": "answers", "enterprise": rng.choice(sorted(w.silent))}
        here = {"enterprise": rng.choice(self.enterprises)}
        soon = self.today + rng.choice([-20, -3, -1, 0, 0, 1, 1, 2, 7, 30])
        what = rng.choices(list(REGISTER), list(REGISTER.values()))[0]
        if what == "start_function":
            code = self._code()
            return {
                "register": what,
                **here,
                "code": code,
                **self._holder(here["enterprise"], code),
                **self._span_or_open(soon),
            }
        if what == "end_function":
            held = [f for f in w.functions if f["person"] is not None and f["since"] <= soon <= f["until"]]
            if held:
                function = rng.choice(held)
                return {"register": what, "enterprise": function["enterprise"], "person": function["person"],
                        "code": function["code"], "until": date(soon)}  # fmt: skip
        if what == "close_enterprise":
            return {"register": what, **here, "until": date(soon + rng.choice([0, 0, 200, 400]))}
        if what == "record_death":
            person = rng.choice([*w.deaths] * 4 + self.persons)
            return {
                "register": what,
                "person": person,
                "on": date(soon + (300 if person in w.deaths else rng.choice([0, 100]))),
            }
        if "recognition" in what and w.recognitions:
            number = self._spelt(rng.choice(w.recognitions)["number"])
            if what == "end_recognition":
                return {"register": what, "number": number, "until": date(soon + rng.choice([0, 100]))}
            return {"register": what, "number": number, **self._span(soon)}
        if "establishment" in what:
            number = self._spelt(rng.choice(w.establishments)["number"])
            if what == "close_establishment":
                return {"register": what, "number": number, "until": date(soon + rng.choice([0, 100]))}
            moved = [row for row in w.establishments if len(row["moves"]) > 1]
            if moved and self.chance(50):  # once more on the same day, when the one recorded last counts
                number, soon = moved[-1]["number"], moved[-1]["moves"][-1][0]
            return {"register": what, "number": number, "to": here["enterprise"], "since": date(soon)}
        return {"register": "no_answer", **here}

    def _code(self) -> str:
        codes = OFFICE_HOLDERS if self.chance(12) else FUNCTIONS - OFFICE_HOLDERS
        return self.rng.choice(sorted(codes))

    def _span_or_open(self, since: int) -> Doc:
        return self._span(since) if self.chance(30) else {"since": date(since)}

    def _holder(self, enterprise: str, code: str) -> Doc:
        others = [name for name in self.enterprises if name != enterprise]
        if not others or self.chance(40 if code in OFFICE_HOLDERS else 70):
            return {"person": self.rng.choice(self.persons)}
        holder = {"held_by": self.rng.choice(others)}
        return holder | ({"permanent_representative": self.rng.choice(self.persons)} if self.chance(65) else {})

    def _spelt(self, number: str) -> str:
        """A number in one of the ways in which people write it."""
        bare = undotted(number)
        return self.rng.choice([number, number, bare, f"{bare[:2]} {bare[2:]}", f"{bare[:3]}-{bare[3:]}"])
