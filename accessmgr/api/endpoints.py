"""How an endpoint is declared: a function whose annotations say what it takes and what it answers.

To add one: write the function in the module of its part, with `query`, `body` and answer as pydantic models, and
decorate it with `part.get` or `part.post`; a new part is added to `parts.py`. The document, the docs page, the reading
of what is sent, scopes, `Idempotency-Key` and `If-Match` follow from the declaration.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from inspect import cleandoc
from typing import Any, TypeVar, get_type_hints

from pydantic import BaseModel

View = TypeVar("View", bound=Callable[..., Any])

PARAMETERS: Mapping[str, str] = {
    "enterprise": "^[01][0-9]{9}$",
    "role": "^[a-z_]{1,40}$",
    "right": "^[a-z_]{1,60}$",
    "sequence": "^(0|[1-9][0-9]{0,15})$",
    "size": "^[1-9][0-9]{0,15}$",
}
"""What parts of a path look like; every other one is an id."""

ID = "^[A-Za-z0-9_-]{1,64}$"


class Writes(Enum):
    """What a POST does, and so how its `Idempotency-Key` is kept."""

    NOTHING = "it changes nothing, so a second time is as good as the first"
    IN_ONE = "it runs in one transaction, in which its answer is kept too"
    APART = "it commits by itself: the key is claimed before, and its answer is kept after"


@dataclass(frozen=True)
class Example:
    """A call that runs in the demo world, as somebody there; ids are those of `examples.py`."""

    body: Mapping[str, Any] | None = None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    who: str = "nadia"


@dataclass(frozen=True)
class Plain:
    """An answer that is no JSON object: its media type and content."""

    media_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One method of one path.

    :param scope: what a token must be good for; None for a call that takes no token
    :param media_type: of an answer that is `Plain`
    :param keeps: whether an answer may be kept for the same `Idempotency-Key`; if not, the second call gets 409
    :param alone: whether a client may call it for itself, without a person
    """

    part: str
    method: str
    path: str
    view: Callable[..., Any]
    scope: str | None
    status: int = 200
    writes: Writes = Writes.IN_ONE
    example: Example | None = None
    media_type: str = "application/json"
    keeps: bool = True
    alone: bool = False
    largest: int | None = None
    if_match: bool = False

    @property
    def name(self) -> str:
        """Its name in the document and among the routes."""
        return f"{self.part}_{self.view.__name__}".replace(" ", "_").replace("-", "_")

    @property
    def summary(self) -> str:
        """What it does, in a line."""
        return cleandoc(self.view.__doc__ or "").partition("\n")[0].rstrip(".")

    @property
    def description(self) -> str:
        """What else there is to say."""
        return cleandoc(self.view.__doc__ or "").partition("\n")[2].strip()

    @property
    def parameters(self) -> list[str]:
        """The names in its path."""
        return re.findall(r"\{(\w+)\}", self.path)

    @property
    def rule(self) -> str:
        """Its path as Flask writes it."""
        return re.sub(r"\{(\w+)\}", r"<\1>", self.path)

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self.view, include_extras=True)

    @property
    def query(self) -> type[BaseModel] | None:
        """The model of its query."""
        return self._hints.get("query")

    @property
    def body(self) -> type[BaseModel] | None:
        """The model of its body."""
        return self._hints.get("body")

    @property
    def answer(self) -> type[Any]:
        """The model of its answer, or `Plain`."""
        found: type[Any] = self._hints["return"]
        return found


@dataclass
class Part:
    """Endpoints about one thing, under one heading of the docs."""

    name: str
    says: str
    endpoints: list[Endpoint] = field(default_factory=list)

    def get(self, path: str, scope: str | None, **more: Any) -> Callable[[View], View]:
        """Declare an endpoint that reads."""
        return self._declare("GET", path, scope, writes=Writes.NOTHING, **more)

    def post(self, path: str, scope: str | None, **more: Any) -> Callable[[View], View]:
        """Declare an endpoint that takes a body; unless told otherwise, it writes."""
        return self._declare("POST", path, scope, **more)

    def _declare(self, method: str, path: str, scope: str | None, **more: Any) -> Callable[[View], View]:
        def declare(view: View) -> View:
            self.endpoints.append(Endpoint(part=self.name, method=method, path=path, scope=scope, view=view, **more))
            return view

        return declare
