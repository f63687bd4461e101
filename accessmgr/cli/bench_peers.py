"""The same world and the same questions for us, pycasbin and cedarpy, each alone in a process of its own.

Ours reads its facts from the database at every decision. The peers hold theirs in memory, as they are made to, and
are modelled as they are fastest: pycasbin with its fast enforcer, which finds the one policy line of person and right
by an index; cedarpy with policies parsed once, and entities parsed once or as slices of what a question is about.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from random import Random

from accessmgr.cli.bench_world import AT, ENERGY_AUDIT, LINKED_FROM, SERVICE_VOUCHERS, YEAR, Built
from accessmgr.config import PREFIX, Settings
from accessmgr.core.days import moment
from accessmgr.core.model import Key

QUESTIONS = 1500
SEED = 20260302
LONGEST = 900
"""Seconds that a contender may take for its world and the questions."""

CONTENDERS = {
    "accessmgr": "accessmgr, in an open look",
    "accessmgr_whole": "accessmgr, with a look of its own",
    "pycasbin": "pycasbin, fast enforcer",
    "cedarpy": "cedarpy, all entities parsed once",
    "cedarpy_slices": "cedarpy, a slice for each question",
}
OURS, WHOLE, *PEERS = CONTENDERS
FOR_EVER = date.max
MOST_MEGABYTES = 150
MOST_GROWTH = 1.5


@dataclass(frozen=True, slots=True)
class Question:
    """May a person enter for a recognition of an enterprise, with a key of that level, at a moment?"""

    person: str
    enterprise: str
    context: str
    level: int
    on: datetime

    def as_json(self) -> list[object]:
        """Its parts; the moment in words."""
        return [self.person, self.enterprise, self.context, self.level, self.on.isoformat()]


@dataclass(frozen=True, slots=True)
class Told:
    """What a contender took: microseconds a decision, seconds to load, megabytes it grew by and has in all."""

    best: float
    median: float
    p95: float
    load: float
    grown: float
    whole: float
    answers: str


class Unfinished(Exception):
    """A contender cannot hold the world, or takes too long for it."""


def questions(built: Built) -> list[Question]:
    """Questions by one seed; about half of them are refused, for every reason that this world has."""
    random = Random(SEED)  # noqa: S311  # the same at every run, no secret
    after = moment("2027-02-01T09:00")
    found = []
    for _ in range(QUESTIONS):
        worker, other = random.choice(built.workers), random.choice(built.workers)
        place = worker.workplace
        recognition = 0 if random.random() < 0.8 else 1
        person = worker.person if random.random() < 0.85 else other.person
        context = place.recognitions[recognition]
        if random.random() < 0.05:
            context = other.workplace.recognitions[0]
        level = Key.EID.level if random.random() < 0.9 else Key.EIDAS_LOW.level
        found.append(Question(person, place.number, context, level, AT if random.random() < 0.9 else after))
    return found


def write(built: Built, folder: Path) -> None:
    """Write the world and the questions to files that every contender reads, a fact in a line."""
    with (folder / "world").open("w", encoding="ascii") as file:
        for place in built.workplaces:
            print("enterprise", place.number, LINKED_FROM, FOR_EVER, file=file)
            for recognition in place.recognitions:
                print("recognition", recognition, place.number, LINKED_FROM, FOR_EVER, file=file)
            print("link", place.manager, place.number, LINKED_FROM, FOR_EVER, file=file)
        for worker in built.workers:
            place = worker.workplace
            print("link", worker.person, place.number, LINKED_FROM, FOR_EVER, file=file)
            for right, context in (
                (SERVICE_VOUCHERS, place.recognitions[0]),
                (ENERGY_AUDIT, place.establishment),
            ):
                print("grant", worker.person, place.number, right, context, YEAR.first, YEAR.last, file=file)
    asked = [question.as_json() for question in questions(built)]
    (folder / "questions").write_text(json.dumps(asked), encoding="ascii")


def contest(built: Built, folder: Path, settings: Settings) -> Iterator[tuple[str, Told | str]]:
    """What each contender took, or why it did not finish. All that finish gave the same answer to every question.

    :raise RuntimeError: one answered otherwise than we did
    """
    write(built, folder)
    right: str | None = None
    for name, says in CONTENDERS.items():
        try:
            told = _run(name, folder, settings)
        except Unfinished as why:
            yield says, str(why)
            continue
        right = right or told.answers
        if told.answers != right:
            differ = sum(one != other for one, other in zip(told.answers, right, strict=True))
            raise RuntimeError(f"`{name}` answers {differ} of {len(right)} questions otherwise")
        yield says, told


def figures(size: int, measured: Mapping[str, Told | str]) -> Iterator[str]:
    """A line for each contender."""
    for says, told in measured.items():
        if isinstance(told, str):
            yield f"{size:>8}  {says:<53} {told}"
        else:
            yield (
                f"{size:>8}  {says:<53} {'':>7} {told.best:>8.0f} {told.median:>9.0f} {told.p95:>9.0f}"
                f"  loaded in {told.load:.1f} s, {told.grown:.0f} MB more, {told.whole:.0f} MB in all"
            )


def missed(by_size: Mapping[int, Mapping[str, Told | str]]) -> Iterator[tuple[str, list[str]]]:
    """What was aimed at, and what missed it."""
    ours, whole = CONTENDERS[OURS], CONTENDERS[WHOLE]
    slower, grown = [], []
    for size, measured in by_size.items():
        own = measured[ours]
        for peer in (CONTENDERS[name] for name in PEERS):
            told = measured[peer]
            if isinstance(own, str) or (isinstance(told, Told) and told.median <= own.median):
                slower.append(f"{peer} ({size})")
        in_all = measured[whole]
        if isinstance(in_all, str) or in_all.whole > MOST_MEGABYTES:
            grown.append(f"{size}")
    yield "a decision is faster than each peer's", slower
    yield f"less than {MOST_MEGABYTES} MB in all", grown
    medians = [told.median for measured in by_size.values() if isinstance(told := measured[ours], Told)]
    flat = max(medians) <= MOST_GROWTH * min(medians) if medians else False
    yield f"flat within {MOST_GROWTH} times from size to size", [] if flat else [ours]


def _run(name: str, folder: Path, settings: Settings) -> Told:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    given = {"INSTANCE": settings.instance, "DATABASE_URL": settings.database_url}
    environment |= {f"{PREFIX}{key}": value for key, value in given.items()}
    command = [sys.executable, "-m", "accessmgr.cli.bench_contenders", name, str(folder)]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LONGEST)
    except subprocess.TimeoutExpired as late:
        raise Unfinished(f"not done within {LONGEST} s") from late
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["ended without a word"])[-1]
        raise Unfinished(f"ended with {done.returncode}: {last}")
    return Told(**json.loads(done.stdout))


def as_json(told: Told) -> str:
    """What a contender tells of itself."""
    return json.dumps(asdict(told))
