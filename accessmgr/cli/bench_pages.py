"""The pages of the main story, as `accessmgr bench` asks for them: in the enterprise with the most people."""

from time import perf_counter_ns
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient

from accessmgr.cli.bench_measures import Measured, counting, measured
from accessmgr.cli.bench_world import SERVICE_VOUCHERS, Built
from accessmgr.cli.running import store_of
from accessmgr.core.model import Key
from accessmgr.web.current import Product

REQUESTS = 30


def pages(app: Flask, product: Product, built: Built) -> list[Measured]:
    """Each page asked for many times by somebody to whom it is open."""
    return measured_pages(app, product, _paths(built))


def measured_pages(app: Flask, product: Product, paths: list[tuple[str, str]]) -> list[Measured]:
    """Each page at a path, asked for many times by the person who goes with it."""
    with store_of(product).writing() as tx:
        for person in sorted({person for _path, person in paths}):
            tx.add_fact("digital_key", person=person, key=Key.EID)
        tx.append("world.opened", product.world.clock.now())
    return [_measured(app, product, path, person) for path, person in paths]


def _paths(built: Built) -> list[tuple[str, str]]:
    place = built.largest
    worker = next(worker for worker in built.workers if worker.workplace is place and worker.request)
    number, manager, representative = place.number, place.manager, place.representative
    return [
        ("/", worker.person),
        ("/", manager),
        ("/managers/", representative),
        (f"/managers/{number}", representative),
        (f"/managers/{number}/appoint/main_access_manager", representative),
        (f"/managers/offers/{place.offer}", representative),
        (f"/managers/register/{number}", representative),
        ("/users/", manager),
        (f"/users/{number}", manager),
        (f"/users/{number}/people/add", manager),
        (f"/users/{number}/people/{worker.person}", manager),
        (f"/users/{number}/people/{worker.person}/grant", manager),
        (f"/users/grants/{worker.grant}/extend", manager),
        (f"/users/grants/{worker.grant}/revoke", manager),
        (f"/users/relations/{worker.relation}/end", manager),
        (f"/users/requests/{worker.request}", manager),
        ("/secure-area/", worker.person),
        (f"/secure-area/{number}/{SERVICE_VOUCHERS}/{place.recognitions[0]}/", worker.person),
        (f"/history/{number}", manager),
        ("/rules/", worker.person),
    ]


def _measured(app: Flask, product: Product, path: str, person: str) -> Measured:
    client = app.test_client()
    client.set_cookie("language", "en")
    with client.session_transaction() as session:
        session["_user_id"] = product.sessions.begin(person, Key.EID)
    _go(client, path)
    with counting(store_of(product).engine) as statements:
        answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"`{path}` answers {answer.status}")
    times = []
    for _ in range(REQUESTS):
        began = perf_counter_ns()
        client.get(path)
        times.append(perf_counter_ns() - began)
    return measured(f"page {_short(path)}", len(statements), times)


def _go(client: FlaskClient, path: str) -> None:
    """Go where the page leads the first time: the secure area has people sign in."""
    answer = client.get(path)
    while answer.status_code == 302:
        onward = urlsplit(answer.location)
        answer = client.get(onward.path, query_string=onward.query)


def _short(path: str) -> str:
    """The path with what is long in it left out."""
    way, query, asked = path.partition("?")
    return "/".join("…" if len(part) > 25 else part for part in way.split("/")) + query + asked[:25]
