"""One contender of `accessmgr bench`, run as a program: it loads a world, is asked the questions, tells its figures.

Usage: python -m accessmgr.cli.bench_contenders NAME FOLDER
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from statistics import median, quantiles
from tempfile import NamedTemporaryFile
from time import perf_counter, perf_counter_ns
from typing import Any

from accessmgr.cli.bench_peers import Question, Told, as_json
from accessmgr.cli.bench_world import SERVICE_VOUCHERS
from accessmgr.scenarios.rights import catalogue

LEVEL = catalogue()[SERVICE_VOUCHERS].level
WARM_UP = 100
TIMES = 3
"""Each question is asked so many times in all; the quickest counts, as other work of the machine only slows."""

_UNTIL_THE_END = ExitStack()
Prepare = Callable[[Question], Any]
"""Makes of a question what the contender is asked with; that is not measured."""
Decide = Callable[[Any], bool]
Contender = tuple[Prepare, Decide]


def facts(folder: Path) -> Iterator[list[str]]:
    """The facts of the world, each as its words."""
    with (folder / "world").open(encoding="ascii") as file:
        for line in file:
            yield line.split()


def number(day: str | date) -> int:
    """A day as a whole number, for engines without days."""
    return int(str(day).replace("-", ""))


# --- ours -----------------------------------------------------------------------------------------------------


def accessmgr(_: Path) -> Contender:
    """Each decision in one look that stays open: as a batch or a page decides."""
    from accessmgr.usecases.perform import consider_in

    world = _opened()
    look = _UNTIL_THE_END.enter_context(world.store.reading())
    return _asked, lambda asked: consider_in(world, look, asked[0], on=asked[1]).decision.allowed


def accessmgr_whole(_: Path) -> Contender:
    """Each decision in a look of its own: with the beginning and the end of its transaction."""
    from accessmgr.usecases.perform import consider

    world = _opened()
    return _asked, lambda asked: consider(world, asked[0], on=asked[1]).decision.allowed


def _opened() -> Any:
    from accessmgr.app import create_app
    from accessmgr.config import read

    return create_app(read(os.environ)).extensions["accessmgr"].world


def _asked(question: Question) -> Any:
    from accessmgr.core.actions import Action, Ask

    ask = Ask(
        action=Action.ENTER_SECURE_AREA,
        actor=question.person,
        level=question.level,
        enterprise=question.enterprise,
        right=SERVICE_VOUCHERS,
        contexts=(question.context,),
    )
    return ask, question.on


# --- pycasbin -------------------------------------------------------------------------------------------------

MODEL = """
[request_definition]
r = person, what, enterprise, context, level, day
[policy_definition]
p = person, what, first, last
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.person == p.person && r.what == p.what && p.first <= r.day && r.day <= p.last && r.level >= {level} \
&& linked(r.person, r.enterprise, r.day) && recognised(r.context, r.enterprise, r.day) && exists(r.enterprise, r.day)
"""


def pycasbin(folder: Path) -> Contender:
    """The grants as policy lines, found by person and right; the rest as functions over indexes."""
    import casbin  # type: ignore[import-untyped]

    periods: dict[tuple[str, ...], tuple[int, int]] = {}

    class World(casbin.persist.Adapter):
        def load_policy(self, model: Any) -> None:
            lines = model["p"]["p"].policy
            for kind, *words in facts(folder):
                *key, first, last = words
                if kind == "grant":
                    person, *what = key
                    lines.append([person, "|".join(what), number(first), number(last)])
                else:
                    periods[kind, *key] = (number(first), number(last))

    def in_period(*key: str, day: int) -> bool:
        first, last = periods.get(key, (1, 0))
        return first <= day <= last

    with NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(MODEL.format(level=LEVEL))
        file.flush()
        enforcer = casbin.FastEnforcer(file.name, World(), cache_key_order=[0, 1])
    enforcer.add_function("linked", lambda person, place, day: in_period("link", person, place, day=day))
    enforcer.add_function("recognised", lambda context, place, day: in_period("recognition", context, place, day=day))
    enforcer.add_function("exists", lambda place, day: in_period("enterprise", place, day=day))

    def prepare(question: Question) -> Any:
        what = f"{question.enterprise}|{SERVICE_VOUCHERS}|{question.context}"
        day = number(question.on.date())
        return question.person, what, question.enterprise, question.context, question.level, day

    return prepare, lambda asked: bool(enforcer.enforce(*asked))


# --- cedarpy --------------------------------------------------------------------------------------------------

POLICIES = """
permit(principal, action == Action::"enter_secure_area", resource) when {{
  principal.hasTag(context.what) && principal.getTag(context.what).first <= context.day
  && context.day <= principal.getTag(context.what).last }};
forbid(principal, action, resource) when {{ context.level < {level} }};
forbid(principal, action, resource) unless {{
  principal.hasTag(context.enterprise) && principal.getTag(context.enterprise).first <= context.day
  && context.day <= principal.getTag(context.enterprise).last }};
forbid(principal, action, resource) unless {{
  resource.number == context.enterprise && resource.first <= context.day && context.day <= resource.last }};
forbid(principal, action, resource) unless {{
  resource.enterprise.first <= context.day && context.day <= resource.enterprise.last }};
"""


def _entities(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Each person and each recognition with its enterprise, as the JSON of their entities."""
    tags: dict[str, list[str]] = {}
    enterprises: dict[str, str] = {}
    contexts: dict[str, str] = {}
    for kind, *words in facts(folder):
        *key, first, last = words
        period = f'{{"first":{number(first)},"last":{number(last)}}}'
        match kind:
            case "enterprise":
                uid = f'{{"type":"Enterprise","id":"{key[0]}"}}'
                enterprises[key[0]] = f'{{"uid":{uid},"attrs":{period},"parents":[]}}'
            case "recognition":
                attrs = f'{{"number":"{key[1]}","enterprise":{{"__entity":{{"type":"Enterprise","id":"{key[1]}"}}}},'
                uid = f'{{"type":"Recognition","id":"{key[0]}"}}'
                contexts[key[0]] = f'{{"uid":{uid},"attrs":{attrs}{period[1:]},"parents":[]}},{enterprises[key[1]]}'
            case _:
                tags.setdefault(key[0], []).append(f'"{"|".join(key[1:])}":{period}')
    people = {
        person: f'{{"uid":{{"type":"Person","id":"{person}"}},"attrs":{{}},"parents":[],"tags":{{{",".join(of)}}}}}'
        for person, of in tags.items()
    }
    return people, contexts


def _cedar(entities: Callable[[Any], Any]) -> Contender:
    from cedarpy import PolicySet, is_authorized

    policies = PolicySet.from_str(POLICIES.format(level=LEVEL))
    action = {"type": "Action", "id": "enter_secure_area"}

    def prepare(question: Question) -> Any:
        return {
            "principal": {"type": "Person", "id": question.person},
            "action": action,
            "resource": {"type": "Recognition", "id": question.context},
            "context": {
                "what": f"{question.enterprise}|{SERVICE_VOUCHERS}|{question.context}",
                "enterprise": question.enterprise,
                "level": question.level,
                "day": number(question.on.date()),
            },
        }

    return prepare, lambda asked: bool(is_authorized(asked, policies, entities(asked)).allowed)


def cedarpy(folder: Path) -> Contender:
    """The whole world in one handle."""
    from cedarpy import Entities

    people, contexts = _entities(folder)
    separate = {part for both in contexts.values() for part in _apart(both)}
    whole = Entities.from_json_str(f"[{','.join((*people.values(), *separate))}]")
    return _cedar(lambda _: whole)


def _apart(both: str) -> tuple[str, str]:
    """A recognition and its enterprise, each by itself."""
    cut = both.index(',{"uid":{"type":"Enterprise"')
    return both[:cut], both[cut + 1 :]


def cedarpy_slices(folder: Path) -> Contender:
    """With each question the entities that it is about, out of indexes."""
    people, contexts = _entities(folder)
    return _cedar(lambda asked: f"[{people[asked['principal']['id']]},{contexts[asked['resource']['id']]}]")


# --- the run --------------------------------------------------------------------------------------------------

CONTENDERS = {each.__name__: each for each in (accessmgr, accessmgr_whole, pycasbin, cedarpy, cedarpy_slices)}


def megabytes() -> float:
    """The memory that this process has."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def run(name: str, folder: Path) -> Told:
    """Load, answer, measure."""
    asked = [
        Question(person, enterprise, context, level, datetime.fromisoformat(on))
        for person, enterprise, context, level, on in json.loads((folder / "questions").read_text(encoding="ascii"))
    ]
    before, began = megabytes(), perf_counter()
    prepare, decide = CONTENDERS[name](folder)
    load = perf_counter() - began
    requests = [prepare(question) for question in asked]
    for request in requests[:WARM_UP]:
        decide(request)
    times, answers = [], []
    for request in requests:
        took = []
        for _ in range(TIMES):
            start = perf_counter_ns()
            answer = decide(request)
            took.append((perf_counter_ns() - start) / 1000)
        times.append(min(took))
        answers.append(answer)
    word = "".join("1" if answer else "0" for answer in answers)
    whole = megabytes()
    return Told(min(times), median(times), quantiles(times, n=20)[-1], load, whole - before, whole, word)


if __name__ == "__main__":
    print(as_json(run(sys.argv[1], Path(sys.argv[2]))))
