"""The policies by which decisions were made, each kept from the first decision that it made."""

from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from accessmgr.store import tables
from accessmgr.usecases.world import Policy

policy_t = tables.PolicyInForce.__table__
head_t = tables.LogHead.__table__


def at(connection: Connection, known: int) -> Policy | None:
    """The policy of the last decision among the first `known` entries, else of the first; None if there is none yet.

    :raise ValueError: what is kept of it is no policy
    """
    parameters = {"known": known}
    found = connection.execute(_last_before(), parameters).first() or connection.execute(_next(), parameters).first()
    return None if found is None else parsed(found.content)


def take_effect(connection: Connection, policy: Policy, since: int) -> None:
    """Note that the decision in entry `since` is the first one that is made by the policy."""
    values = {"since": since, "digest": policy.digest, "content": policy.content}
    connection.execute(policy_t.insert(), values)
    connection.execute(update(head_t).values(policy=policy.digest))


@lru_cache(maxsize=8)
def parsed(content: str) -> Policy:
    """The policy with that content.

    :raise ValueError: no policy has it
    """
    return Policy.of_content(content)


@cache
def _last_before() -> Any:
    earlier = select(policy_t.c.content).where(policy_t.c.since < bindparam("known"))
    return earlier.order_by(policy_t.c.since.desc()).limit(1)


@cache
def _next() -> Any:
    later = select(policy_t.c.content).where(policy_t.c.since >= bindparam("known"))
    return later.order_by(policy_t.c.since).limit(1)
