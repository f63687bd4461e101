"""Pages that grow with what somebody has: an enterprise of very many people, a person with very many enterprises."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from sqlalchemy import Connection

from accessmgr.cli.bench_pages import measured_pages
from accessmgr.cli.bench_world import AT, ENERGY_AUDIT, SERVICE_VOUCHERS, YEAR, Filling, Worker, Workplace
from accessmgr.core.model import Appointment, Grant, Request, Role
from accessmgr.store.vaulted import NumberVault
from accessmgr.web.current import Product

OFFERED_EVERY, ASKED_EVERY = 5, 7
MOST = 100_000
"""Microseconds."""


@dataclass(frozen=True)
class Wide:
    """An enterprise with very many people, one of them, and somebody who has to do with very many enterprises."""

    place: Workplace
    worker: Worker
    busy: str
    busy_at: Workplace


def fill_wide(connection: Connection, vault: NumberVault, people: int, enterprises: int) -> Wide:
    """Write such a world into an empty database."""
    filling = Filling(connection, vault)
    there = place = filling.workplace(0)
    workers = [filling.worker(place, index) for index in range(people)]
    busy, _, _ = filling.person()
    for index in range(1, enterprises + 1):
        there = filling.workplace(index)
        _busy_at(filling, busy, there, index)
    filling.finish()
    return Wide(place, workers[0], busy, there)


def _busy_at(filling: Filling, busy: str, there: Workplace, index: int) -> None:
    """A work relation, two roles, a right, and now and then an offer or a request."""
    relation = filling.link(there.number, busy, there.manager)
    made = AT - timedelta(days=300)
    for role in (Role.CO_MAIN_ACCESS_MANAGER, Role.MAIN_LOCAL_ADMINISTRATOR):
        held = Appointment(filling.id(), there.number, role, busy, there.manager, made, accepted_at=made)
        filling.noun(held)
    right, context = (SERVICE_VOUCHERS, there.recognitions[0])
    filling.grant(Grant(filling.id(), there.number, busy, right, (context,), YEAR, relation, there.manager))
    if index % OFFERED_EVERY == 0:
        day_before = AT - timedelta(days=1)
        filling.noun(Appointment(filling.id(), there.number, Role.ACCESS_MANAGER, busy, there.manager, day_before))
    if index % ASKED_EVERY == 0:
        filling.noun(
            Request(filling.id(), there.number, busy, ENERGY_AUDIT, (there.establishment,), AT - timedelta(days=2))
        )


def wide_figures(app: Flask, product: Product, wide: Wide) -> Iterator[str]:
    """Every page that shows a list of them, each against a page that shows none."""
    floor, *pages = measured_pages(app, product, [("/about", wide.busy), *_paths(wide)])
    for one in pages:
        milliseconds, ratio = one.median / 1000, one.median / floor.median
        yield f"wide: {one.name} {milliseconds:.1f} ms in {one.queries} queries, ratio {ratio:.1f} to {floor.name}"
    slow = [one.name for one in pages if one.median > MOST]
    yield f"wide: under {MOST // 1000} ms at the median: {'missed by ' + ', '.join(slow) if slow else 'met'}"


def _paths(wide: Wide) -> Iterator[tuple[str, str]]:
    number, manager = wide.place.number, wide.place.manager
    for path in ("/", "/managers/", "/users/", "/users/requests", "/secure-area/", "/me/", "/notices/", "/history/me"):
        yield path, wide.busy
    for path in ("/", f"/managers/{number}", f"/users/{number}", f"/users/{number}?letter=K"):
        yield path, manager
    yield f"/users/{number}?after={wide.worker.person}", manager
    yield f"/users/{number}/requests", manager
    for query in ("", "?sort=end", "?right=energy_audit&before=2027-06-01", "?unused=2026-02-01"):
        yield f"/users/{number}/reports{query}", manager
    yield f"/users/{number}/people/{wide.worker.person}", manager
    yield f"/history/{number}", manager
    yield f"/history/{number}/people/{wide.worker.person}", manager
