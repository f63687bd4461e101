"""Every list is what asking one by one says, no more and no less: all three searches, on random worlds.

The questions are those of the random documents: each with every person, thing and action in the place of the own one.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from accessmgr.authzen.deciding import Deciding
from accessmgr.authzen.pages import Page, PageTokens
from accessmgr.authzen.point import DecisionPoint
from accessmgr.authzen.questions import question_in
from accessmgr.authzen.searching import Search, actions, page_of, resources, subjects
from accessmgr.calls.problems import Problem
from accessmgr.core.actions import Action
from accessmgr.core.model import Appointment, Grant, Key, Request, WorkRelation
from accessmgr.scenarios.databases import in_memory
from accessmgr.scenarios.reader import read_bytes
from accessmgr.scenarios.runner import play
from accessmgr.scenarios.world import Stage, build
from accessmgr.store import rows
from accessmgr.usecases.decision_log import DecisionLog
from accessmgr.usecases.means import urn
from accessmgr.usecases.relying_parties import Client
from accessmgr.usecases.world import Unknown
from accessmgr.vault.keyring import KeyRing
from accessmgr.vault.vault import Vault
from tests.oracle_replay import Doc
from tests.random_worlds import random_document

CHUNKS, CHUNK, STEPS, QUESTIONS = 4, 3, 60, 18
TYPES = ("appointment", "relation", "grant", "request", "right", "enterprise", "person", "application")
MADE = {"appointment": Appointment, "relation": WorkRelation, "grant": Grant, "request": Request}
FRAME = frozenset({"do", "ask", "as", "key", "id", "expect", "because", "on", "known_at"})
CLIENT = Client(id="checker", name="Checker", rrn=True, scopes=frozenset({"openid", "rrn"}))


@dataclass
class Checked:
    """A random world with what is asked about it."""

    stage: Stage
    document: Doc
    deciding: Deciding

    def bodies(self) -> Iterator[dict[str, Any]]:
        """The questions of the document, with ids in place of its short names."""
        for step in self.document["steps"]:
            action = step.get("do") or step.get("ask")
            if action in set(Action) and all(
                (kind, step[kind]) in self.stage.made for kind in TYPES[:4] if kind in step
            ):
                yield self._body(action, step)

    def _body(self, action: str, step: Doc) -> dict[str, Any]:
        stage, key = self.stage, Key(step["key"])
        given = {name: value for name, value in step.items() if name not in FRAME}
        given |= {kind: stage.made[kind, step[kind]] for kind in MADE if kind in step}
        given |= {name: stage.persons[given[name]] for name in ("person", "about") if given.get(name)}
        given |= {"enterprise": stage.enterprises[given["enterprise"]]} if "enterprise" in given else {}
        type_ = next((name for name in TYPES if given.get(name)), "application")
        moments = {name: step[name] for name in ("on", "known_at") if step.get(name)}
        return {
            "subject": {"type": "person", "id": stage.persons[step["as"]]},
            "action": {"name": action},
            "resource": {"type": type_, "id": given.pop(type_, None) or "any", "properties": given},
            "context": {"acr": urn(key), "level": key.level, **moments},
        }

    def allowed(self, body: dict[str, Any]) -> bool:
        """What a single question says."""
        try:
            return self.deciding.decide(question_in(body))[0].decision.allowed
        except Unknown:
            return False

    def found(self, search: Search, limit: int) -> list[Any]:
        """All results of a search, page by page."""
        results: list[Any] = []
        page = Page("", limit)
        while True:
            found = page_of(self.deciding, search, page)
            assert len(found.results) <= limit
            results += found.results
            if found.after is None:
                return results
            page = Page("", limit, found.after)

    def things(self, type_: str, body: dict[str, Any]) -> Iterable[dict[str, Any]]:
        """Everything of a type that there is, as resources."""
        properties = body["resource"]["properties"]
        enterprises = [properties["enterprise"]] if "enterprise" in properties else self.stage.enterprises.values()
        rights = self.stage.world.policy.rights
        if type_ == "right" and body["action"]["name"] == Action.ENTER_SECURE_AREA:
            contexts = [properties["context"]] if (properties.get("context") or "").strip() else self._contexts()
            return [
                {"id": right, "properties": {"enterprise": enterprise, "context": rights[right].context(context)}}
                for right in rights
                for enterprise in enterprises
                for context in contexts
            ]
        if type_ == "right":
            return [{"id": right, "properties": {"enterprise": one}} for right in rights for one in enterprises]
        if type_ == "application":
            applications = {right.application for right in rights.values()} | set(self.stage.world.policy.applications)
            return [{"id": application} for application in applications]
        ids = {
            "enterprise": self.stage.enterprises.values(),
            "person": self.stage.persons.values(),
        }
        return [{"id": id_} for id_ in ids.get(type_) or self._ids(MADE[type_])]

    def _ids(self, noun: Any) -> set[str]:
        table = rows.TABLES[noun]
        return set(self.deciding.look.connection.execute(select(table.c.id)).scalars())  # type: ignore[attr-defined]

    def _contexts(self) -> set[str]:
        grants = self.deciding.look.lists.grants()
        return {context for grant in grants for context in grant.contexts}


@contextmanager
def checked(seed: int) -> Iterator[Checked]:
    """A random world after its story."""
    document = random_document(seed, STEPS)
    scenario = read_bytes(json.dumps(document).encode(), f"seed {seed}")
    with in_memory() as engine:
        stage = build(scenario, engine, Vault(KeyRing.fresh()))
        play(scenario, stage)
        point = DecisionPoint(stage.world, DecisionLog(stage.world), "", simulation=False, pages=PageTokens(""))
        with stage.world.store.reading() as look:
            yield Checked(stage, document, Deciding(point, look, CLIENT))


def with_resource(body: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    resource = body["resource"]
    properties = {**resource["properties"], **row.get("properties", {})}
    return {**body, "resource": {**resource, **row, "properties": properties}}


def told(found: Iterable[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps({name: row[name] for name in ("id", "properties") if name in row}) for row in found)


def check(world: Checked, body: dict[str, Any], limit: int) -> tuple[int, int, int]:
    """Compare the three lists with single questions, and count what was found."""
    people = world.stage.persons.values()
    able = {id_ for id_ in people if world.allowed({**body, "subject": {"type": "person", "id": id_}})}
    who = world.found(subjects(world.deciding, body), limit)
    assert [one["id"] for one in who] == sorted(able), body
    to_what = world.found(resources(world.deciding, body), limit)
    things = world.things(body["resource"]["type"], body)
    assert told(to_what) == told(row for row in things if world.allowed(with_resource(body, row))), body
    asked = {action: {**body, "action": {"name": action}} for action in Action}
    may = [one["name"] for one in world.found(actions(world.deciding, body), limit)]
    assert may == sorted(action for action, question in asked.items() if _may(world, question)), body
    return len(who), len(to_what), len(may)


def _may(world: Checked, body: dict[str, Any]) -> bool:
    try:
        return world.allowed(body)
    except Problem:
        return False


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_list_is_what_asking_one_by_one_says(chunk: int) -> None:
    found = [0, 0, 0]
    for seed in range(10_000 + chunk * CHUNK, 10_000 + (chunk + 1) * CHUNK):
        with checked(seed) as world:
            for number, body in enumerate(list(world.bodies())[-QUESTIONS:]):
                counted = check(world, body, limit=1 + number % 4)
                found = [total + more for total, more in zip(found, counted, strict=True)]
    assert min(found) >= 10
