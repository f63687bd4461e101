"""What `accessmgr scenario run` does: read files and folders, play them, report, and say it by the exit code."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from accessmgr.scenarios.databases import DatabaseInUse, databases
from accessmgr.scenarios.document import DecidingStep, ScenarioError
from accessmgr.scenarios.reader import LoadWorld, no_world, read
from accessmgr.scenarios.runner import Outcome, Report, run

SUFFIXES = (".yaml", ".yml")
MET, NOT_MET, WRONG_FILE = 0, 1, 2


def run_paths(
    paths: Iterable[str | Path], format_: str = "text", database: str | None = None, load_world: LoadWorld = no_world
) -> int:
    """Play the scenarios in files and folders, print the report, and give the exit code.

    It is 0 if every step met its expectation, 1 if some did not, and 2 if a file is wrong: then the
    report is only what is wrong, on standard error.
    """
    reports: list[Report] = []
    mistakes: list[str] = []
    try:
        with databases(database) as new_database:
            for path in _files(paths, mistakes):
                try:
                    reports.append(run(read(path, load_world), new_database))
                except ScenarioError as error:
                    mistakes.append(str(error))
    except DatabaseInUse as error:
        mistakes.append(str(error))
    except (ArgumentError, NoSuchModuleError, DBAPIError):
        mistakes.append("the database of `--database` cannot be used: it must be an address that can be reached")
    if mistakes:
        print("\n".join(mistakes), file=sys.stderr)
        return WRONG_FILE
    if format_ == "json":
        print(json.dumps([as_json(report) for report in reports], ensure_ascii=False, indent=2))
    else:
        print("\n".join(as_text(reports)))
    return MET if all(report.passed for report in reports) else NOT_MET


def as_json(report: Report) -> dict[str, Any]:
    """A report as data (scenario format, "Running")."""
    return {
        "file": report.scenario.file,
        "scenario": report.scenario.name,
        "passed": report.passed,
        "steps": [
            {
                "index": outcome.index,
                "do": outcome.do,
                "allowed": outcome.allowed,
                "because": list(outcome.because),
                "met": outcome.met,
            }
            for outcome in report.outcomes
        ],
    }


def as_text(reports: Sequence[Report]) -> Iterator[str]:
    """Reports for people: a line a scenario, and two more for each step that did not meet its expectation."""
    for report in reports:
        scenario = report.scenario
        yield f"{'passed' if report.passed else 'FAILED'}  {scenario.file}: {scenario.name}"
        for outcome in report.outcomes:
            if not outcome.met:
                yield from _difference(scenario.file, outcome)
    failed = sum(not report.passed for report in reports)
    steps = sum(len(report.outcomes) for report in reports)
    yield f"scenarios: {len(reports)}, steps: {steps}, failed: {failed}"


def _difference(file: str, outcome: Outcome) -> Iterator[str]:
    step = outcome.step
    if isinstance(step, DecidingStep):
        yield f"  step {outcome.index} ({file}:{step.line}), {outcome.do}:"
        yield f"    expected {_said(step.expected, step.because)}"
        yield f"    decided  {_said(outcome.allowed, outcome.because)}"


def _said(allowed: bool, because: Sequence[str] | None) -> str:
    outcome = "allowed" if allowed else "refused"
    return outcome if because is None else f"{outcome} because of {', '.join(sorted(because)) or 'nothing'}"


def _files(paths: Iterable[str | Path], mistakes: list[str]) -> Iterator[Path]:
    """The files, those of a folder in the order of their names, however deep."""
    for path in map(Path, paths):
        if not path.is_dir():
            yield path
            continue
        found = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file())
        if not found:
            mistakes.append(f"{path}: there is no scenario file in this folder")
        yield from found
