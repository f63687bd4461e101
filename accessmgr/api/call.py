"""One call of the API: who calls on whose behalf, and what an endpoint does for them through the use cases."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar, cast

from flask import current_app, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from accessmgr.calls.caller import Caller
from accessmgr.calls.problems import Flaw, Problem
from accessmgr.core.actions import Action, Ask
from accessmgr.core.model import Key
from accessmgr.usecases.decision_log import DecisionLog, ask_about
from accessmgr.usecases.kept_answers import KeptAnswers
from accessmgr.usecases.perform import Done, Identity, consider_in, perform
from accessmgr.usecases.relying_parties import Client
from accessmgr.usecases.traces import Kind, Thing
from accessmgr.usecases.within import Within
from accessmgr.usecases.world import Look, Unknown, World, Writing

EXTENSION = "accessmgr.api"
LANGUAGES = ("en", "fr", "nl", "de")
Item = TypeVar("Item")


@dataclass(frozen=True)
class Api:
    """What the API needs of the rest of the product.

    :param set_clock: sets the simulated clock; None outside simulation
    :param start_over: lets the demo world start over, and gives the size of its history; None outside simulation
    :param secret: signs what a caller gives back, such as cursors
    """

    world: World
    log: DecisionLog
    kept: KeptAnswers
    set_clock: Callable[[datetime], None] | None
    start_over: Callable[[], int] | None
    verifier_key: Callable[[], str]
    checkpoint: Callable[[], str]
    base_url: str
    secret: str


def api() -> Api:
    """The API of this application."""
    return cast(Api, current_app.extensions[EXTENSION])


@dataclass(frozen=True)
class Call:
    """A call on behalf of a person.

    :param caller: None where no token is taken
    :param versions: what `If-Match` names; None if nothing
    """

    world: World
    caller: Caller | None
    api: Api = field(default_factory=api)
    versions: frozenset[str] | None = None

    def within(self, tx: Writing) -> "Call":
        """The same call, all of which happens in a transaction that is open already."""
        return replace(self, world=replace(self.world, store=Within(tx)))

    @property
    def person(self) -> str:
        """The person on whose behalf the client calls.

        :raise Problem: 403 there is none
        """
        return self._somebody()[0]

    @property
    def key(self) -> Key:
        """The digital key with which they signed in to the client."""
        return self._somebody()[1]

    @property
    def client(self) -> Client:
        """The client that calls."""
        return self._somebody()[2].client

    @property
    def scope(self) -> frozenset[str]:
        """What the token is good for."""
        return self._somebody()[2].scope

    def _somebody(self) -> tuple[str, Key, Caller]:
        caller = self.caller
        if caller is None or caller.person is None or caller.key is None:
            raise Problem(403, "the token is nobody's: this needs a person who signed in to the client")
        return caller.person, caller.key, caller

    @property
    def language(self) -> str:
        """The language in which names are told: the best that the caller takes."""
        return request.accept_languages.best_match(LANGUAGES) or "en"

    def ask(self, action: Action, **given: Any) -> Ask:
        """A question of the person, with the level of the digital key with which they signed in."""
        return Ask(action=action, actor=self.person, level=self.key.level, **given)

    def consider(self, look: Look, action: Action, **given: Any) -> Done:
        """What would be decided now; nothing is recorded."""
        return consider_in(self.world, look, self.ask(action, **given))

    def permitted(self, look: Look, action: Action, **given: Any) -> bool:
        """Whether some permit of the action holds for the person, whatever forbids it now."""
        try:
            return self.consider(look, action, **given).decision.permitted
        except Unknown:
            return False

    def asked(self, ask: Ask, **when: Any) -> Done:
        """Decide, outside any look, and let it go to the decision log."""
        return ask_about(self.world, self.api.log, ask, client=self.client.id, **when)

    def open_to(self, *actions: Action, **given: Any) -> None:
        """Answer as for what does not exist, unless a permit of one of the actions holds."""
        with self.world.store.reading() as look:
            if not any(self.permitted(look, action, **given) for action in actions):
                raise Unknown("permit")

    def act(self, action: Action, *, identity: Identity | None = None, note: str | None = None, **given: Any) -> Done:
        """Do an action as the person.

        :raise Refused: it is not allowed, which is on record
        """
        words = (note or "").strip()
        return perform(self.world, self.ask(action, **given), identity=identity, note=words or None).or_refuse()

    def unless_changed(self, kind: Kind, id_: str) -> None:
        """Refuse if `If-Match` names another version than the thing has.

        :raise Problem: 412 it does
        """
        if self.versions is None or "*" in self.versions:
            return
        with self.world.store.reading() as look:
            version = versions(look, kind, [id_])[id_]
        if str(version) not in self.versions:
            raise Problem(412, "the thing has changed since: read it again", headers={"ETag": f'"{version}"'})

    def link(self, endpoint: str, values: Mapping[str, Any]) -> str:
        """The address of a page."""
        return self.api.base_url + url_for(endpoint, **values)

    # --- pages of lists -----------------------------------------------------------------------------------

    def position(self, cursor: str | None) -> str | None:
        """Where the page begins: after what the cursor names.

        :raise Problem: 422 the cursor was not given for this list
        """
        if cursor is None:
            return None
        try:
            return str(self._cursors().loads(cursor))
        except BadSignature as wrong:
            flaw = Flaw("not a cursor that was given for this list")
            raise Problem(422, "the cursor is not good", [flaw]) from wrong

    def cursor(self, position: str | None) -> str | None:
        """What the caller gives back to get the next page."""
        return None if position is None else str(self._cursors().dumps(position))

    def page(self, items: Sequence[Item], query: Any, key: Callable[[Item], str]) -> tuple[Sequence[Item], str | None]:
        """A page of a list that was read whole, and the cursor of the next one."""
        after = self.position(query.cursor)
        keys = [key(item) for item in items]
        start = keys.index(after) + 1 if after in keys else 0
        page = items[start : start + query.limit]
        more = start + query.limit < len(items)
        return page, self.cursor(key(page[-1])) if more else None

    def _cursors(self) -> URLSafeSerializer:
        asked = sorted((name, value) for name, value in request.args.items() if name not in ("cursor", "limit"))
        bound = json.dumps([request.path, asked, self.caller.person if self.caller else None])
        return URLSafeSerializer(self.api.secret, salt=f"cursor {hashlib.sha256(bound.encode()).hexdigest()}")


def versions(look: Look, kind: Kind, ids: Sequence[str]) -> dict[str, int]:
    """The version of things: the sequence of the entry that last changed each; -1 for what was always known."""
    changed = look.lists.changes(Thing(kind, id_) for id_ in ids)
    return {thing.id: max(sequences, default=-1) for thing, sequences in changed.items()}
