"""One matrix for all routes: who gets which status. Its keys must be the routes of the application."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from accessmgr.api.parts import PARTS
from tests.web.building import (
    NETJES,
    Chain,
    anonymous_client,
    area_client,
    built_app,
    demo_chain,
    post,
)

PEOPLE = {
    "anonymous": None,
    "outsider": "noah",
    "employee": "ines",
    "manager": "nadia",
    "representative": "hilde",
    "auditor": "mila",
}

# Statuses in the order of PEOPLE. A form is posted with its token and without fields: 422 asks for the fields, 403 is a
# refusal by the rules, 404 says that there is nothing here for whoever asks, 409 that no such form waits, 302 leads to
# the sign-in. All is asked about Netjes Thuis, about its employee, their work relation and right.
MATRIX: dict[str, tuple[int, ...]] = {
    "GET /": (200, 200, 200, 200, 200, 200),
    "GET /about": (200, 200, 200, 200, 200, 200),
    "GET /.well-known/authzen-configuration": (200, 200, 200, 200, 200, 200),
    "GET /.well-known/ssf-configuration": (200, 200, 200, 200, 200, 200),
    "POST /access/v1/evaluation": (401, 401, 401, 401, 401, 401),
    "POST /access/v1/evaluations": (401, 401, 401, 401, 401, 401),
    "POST /access/v1/search/action": (401, 401, 401, 401, 401, 401),
    "POST /access/v1/search/resource": (401, 401, 401, 401, 401, 401),
    "POST /access/v1/search/subject": (401, 401, 401, 401, 401, 401),
    "GET /api/v1/docs": (200, 200, 200, 200, 200, 200),
    "GET /api/v1/openapi.json": (200, 200, 200, 200, 200, 200),
    "POST /api/v1/simulator/clients": (415, 415, 415, 415, 415, 415),
    "GET /api/v1/simulator/clock": (200, 200, 200, 200, 200, 200),
    "POST /api/v1/simulator/clock": (415, 415, 415, 415, 415, 415),
    "POST /api/v1/simulator/register": (415, 415, 415, 415, 415, 415),
    "POST /api/v1/simulator/reset": (415, 415, 415, 415, 415, 415),
    "GET /healthz": (200, 200, 200, 200, 200, 200),
    "GET /help/": (200, 200, 200, 200, 200, 200),
    "GET /help/<guide>": (200, 200, 200, 200, 200, 200),
    "GET /help/glossary": (200, 200, 200, 200, 200, 200),
    "GET /history/": (302, 200, 200, 200, 200, 200),
    "POST /history/": (302, 422, 422, 422, 422, 422),
    "GET /history/<enterprise:number>": (302, 404, 404, 200, 200, 403),
    "GET /history/<enterprise:number>/chain": (302, 404, 404, 200, 200, 403),
    "GET /history/<enterprise:number>/drawing": (302, 404, 404, 200, 200, 403),
    "GET /history/<enterprise:number>/compare": (302, 404, 404, 200, 200, 403),
    "GET /history/<enterprise:number>/compare-people": (302, 404, 404, 200, 200, 403),
    "GET /history/<enterprise:number>/what-if": (302, 404, 404, 200, 200, 403),
    "GET /history/<enterprise:number>/grants/<grant>": (302, 404, 200, 200, 200, 403),
    "GET /history/<enterprise:number>/grants/<grant>/certificate": (302, 404, 200, 200, 200, 403),
    "GET /history/<enterprise:number>/people/<person>": (302, 404, 404, 200, 200, 403),
    "GET /history/<enterprise:number>/reviews/": (302, 404, 404, 200, 200, 403),
    "GET /history/<enterprise:number>/reviews/<review_id>": (302, 404, 404, 404, 404, 403),
    "GET /history/<enterprise:number>/reviews/<review_id>/statement.json": (302, 404, 404, 404, 404, 403),
    "GET /history/<enterprise:number>/who": (302, 404, 404, 200, 200, 403),
    "GET /history/entries/<int:sequence>": (302, 404, 200, 200, 200, 404),
    "POST /history/close": (302, 303, 303, 303, 303, 303),
    "GET /history/checkpoint": (200, 200, 200, 200, 200, 200),
    "POST /history/export": (302, 404, 404, 404, 404, 404),
    "GET /history/key": (200, 200, 200, 200, 200, 200),
    "GET /history/me": (302, 200, 200, 200, 200, 403),
    "POST /history/me": (302, 422, 422, 422, 422, 422),
    "GET /history/me/who": (302, 200, 200, 200, 200, 403),
    "GET /history/people/<person>": (302, 404, 302, 404, 404, 403),
    "GET /history/questions": (302, 404, 404, 404, 404, 403),
    "POST /history/questions": (302, 404, 404, 404, 404, 422),
    "GET /history/questions/<question>": (302, 404, 404, 404, 404, 403),
    "GET /history/sample": (302, 404, 404, 404, 404, 403),
    "POST /language": (303, 303, 303, 303, 303, 303),
    "GET /managers/": (302, 200, 200, 200, 200, 200),
    "GET /managers/<enterprise:number>/who": (302, 404, 200, 200, 200, 200),
    "GET /managers/<enterprise:number>": (302, 404, 404, 200, 200, 404),
    "GET /managers/<enterprise:number>/appoint/<role>": (302, 404, 404, 404, 200, 404),
    "POST /managers/<enterprise:number>/appoint/<role>": (302, 404, 404, 404, 422, 404),
    "GET /managers/<enterprise:number>/appoint/<role>/<draft>": (302, 404, 404, 404, 409, 404),
    "POST /managers/<enterprise:number>/appoint/<role>/<draft>": (302, 409, 409, 409, 409, 409),
    "GET /managers/<enterprise:number>/appoint/<role>/<draft>/<step>": (302, 404, 404, 404, 409, 404),
    "POST /managers/<enterprise:number>/appoint/<role>/<draft>/<step>": (302, 404, 404, 404, 409, 404),
    "GET /managers/appointments/<appointment>/end": (302, 404, 404, 200, 200, 404),
    "POST /managers/appointments/<appointment>/end": (302, 404, 404, 403, 403, 404),
    "GET /managers/offers/<appointment>": (302, 404, 404, 200, 200, 404),
    "POST /managers/offers/<appointment>/accept": (302, 404, 404, 403, 404, 404),
    "POST /managers/offers/<appointment>/refuse": (302, 404, 404, 403, 404, 404),
    "GET /managers/register": (200, 200, 200, 200, 200, 200),
    "GET /managers/register/<enterprise:number>": (200, 200, 200, 200, 200, 200),
    "GET /op/.well-known/openid-configuration": (200, 200, 200, 200, 200, 200),
    "GET /op/clients": (200, 200, 200, 200, 200, 200),
    "GET /op/clients/<client_id>": (200, 200, 200, 200, 200, 200),
    "GET /op/v1/auth": (400, 400, 400, 400, 400, 400),
    "POST /op/v1/auth": (303, 303, 303, 303, 303, 303),
    "GET /op/v1/auth/<ticket>": (400, 400, 400, 400, 400, 400),
    "POST /op/v1/auth/<ticket>": (400, 400, 400, 400, 400, 400),
    "POST /op/v1/introspect": (401, 401, 401, 401, 401, 401),
    "GET /op/v1/keys": (200, 200, 200, 200, 200, 200),
    "GET /op/v1/logout": (200, 200, 200, 200, 200, 200),
    "POST /op/v1/logout": (303, 303, 303, 303, 303, 303),
    "POST /op/v1/logout/confirmed": (200, 200, 200, 200, 200, 200),
    "POST /op/v1/revoke": (401, 401, 401, 401, 401, 401),
    "POST /op/v1/token": (400, 400, 400, 400, 400, 400),
    "GET /op/v1/userinfo": (401, 401, 401, 401, 401, 401),
    "POST /op/v1/userinfo": (401, 401, 401, 401, 401, 401),
    "GET /metrics": (200, 200, 200, 200, 200, 200),
    "GET /readyz": (200, 200, 200, 200, 200, 200),
    "GET /rules/": (200, 200, 200, 200, 200, 200),
    "GET /rules/<rule_id>": (200, 200, 200, 200, 200, 200),
    "GET /secure-area/": (302, 200, 200, 200, 200, 200),
    "GET /secure-area/callback": (400, 400, 400, 400, 400, 400),
    "GET /secure-area/signed-out": (200, 200, 200, 200, 200, 200),
    "POST /secure-area/backchannel-logout": (400, 400, 400, 400, 400, 400),
    "POST /secure-area/leave": (303, 303, 303, 303, 303, 303),
    "POST /secure-area/sign-out": (303, 303, 303, 303, 303, 303),
    "GET /secure-area/<enterprise:number>/<right>/<context>/": (302, 403, 200, 403, 403, 403),
    "GET /secure-area/<enterprise:number>/<right>/<context>/<page>": (302, 403, 200, 403, 403, 403),
    "POST /secure-area/enter": (303, 422, 422, 422, 422, 422),
    "GET /sign-in": (200, 200, 200, 200, 200, 200),
    "GET /sign-in/app": (200, 200, 200, 200, 200, 200),
    "POST /sign-in/app": (422, 422, 422, 422, 422, 422),
    "GET /sign-in/app/enrol": (302, 200, 200, 200, 200, 200),
    "POST /sign-in/app/enrol": (302, 200, 200, 200, 200, 200),
    "GET /sign-in/carry-on": (302, 200, 200, 200, 200, 200),
    "GET /sign-in/passkey": (200, 200, 200, 200, 200, 200),
    "POST /sign-in/passkey": (422, 422, 422, 422, 422, 422),
    "GET /sign-in/sms": (200, 200, 200, 200, 200, 200),
    "POST /sign-in/sms": (422, 422, 422, 422, 422, 422),
    "GET /sign-in/sms/code": (303, 303, 303, 303, 303, 303),
    "POST /sign-in/sms/code": (303, 303, 303, 303, 303, 303),
    "GET /sign-in/eidas": (200, 200, 200, 200, 200, 200),
    "GET /sign-in/eidas/<scheme>": (200, 200, 200, 200, 200, 200),
    "POST /sign-in/eidas/<scheme>": (422, 422, 422, 422, 422, 422),
    "GET /sign-in/eidas/<scheme>/abroad": (303, 303, 303, 303, 303, 303),
    "POST /sign-in/eidas/<scheme>/abroad": (303, 303, 303, 303, 303, 303),
    "GET /sign-in/eid": (200, 200, 200, 200, 200, 200),
    "POST /sign-in/eid": (422, 422, 422, 422, 422, 422),
    "GET /sign-in/itsme": (200, 200, 200, 200, 200, 200),
    "POST /sign-in/itsme": (422, 422, 422, 422, 422, 422),
    "GET /sign-in/itsme/phone": (303, 303, 303, 303, 303, 303),
    "POST /sign-in/itsme/phone": (303, 303, 303, 303, 303, 303),
    "POST /sign-out": (302, 303, 303, 303, 303, 303),
    "POST /sign-out/everywhere": (302, 303, 303, 303, 303, 303),
    "GET /me/": (302, 200, 200, 200, 200, 200),
    "GET /me/receipts/": (302, 200, 200, 200, 200, 403),
    "GET /me/receipts/<int:sequence>": (302, 404, 404, 200, 404, 403),
    "GET /me/receipts/<int:sequence>/proof": (302, 404, 404, 200, 404, 403),
    "POST /me/unfinished/<draft>/throw-away": (302, 303, 303, 303, 303, 303),
    "POST /me/contact": (302, 422, 422, 422, 422, 422),
    "GET /me/decisions": (302, 200, 200, 200, 200, 403),
    "GET /me/data": (302, 200, 200, 200, 200, 403),
    "GET /me/passkeys/add": (302, 200, 200, 200, 200, 200),
    "POST /me/passkeys/add": (302, 422, 422, 422, 422, 422),
    "GET /me/passkeys/<passkey>": (302, 404, 404, 404, 404, 404),
    "POST /me/passkeys/<passkey>": (302, 404, 404, 404, 404, 404),
    "POST /me/passkeys/<passkey>/remove": (302, 404, 404, 404, 404, 404),
    "POST /me/sessions/end": (302, 303, 303, 303, 303, 303),
    "GET /notices/": (302, 200, 200, 200, 200, 200),
    "GET /simulator/": (200, 200, 200, 200, 200, 200),
    "POST /simulator/become": (404, 404, 404, 404, 404, 404),
    "POST /simulator/clock": (422, 422, 422, 422, 422, 422),
    "POST /simulator/death": (422, 422, 422, 422, 422, 422),
    "GET /simulator/letters/": (200, 200, 200, 200, 200, 200),
    "GET /simulator/messages/": (200, 200, 200, 200, 200, 200),
    "GET /simulator/register/<enterprise:number>": (200, 200, 200, 200, 200, 200),
    "POST /simulator/register/<enterprise:number>/<change>": (404, 404, 404, 404, 404, 404),
    "GET /static/<path:filename>": (200, 200, 200, 200, 200, 200),
    "POST /simulator/start-over": (404, 404, 404, 404, 404, 404),
    "GET /simulator/tour/": (200, 200, 200, 200, 200, 200),
    "GET /simulator/tour/<int:chapter>": (404, 404, 404, 404, 404, 404),
    "POST /simulator/tour/begin": (404, 404, 404, 404, 404, 404),
    "POST /simulator/tour/close": (303, 303, 303, 303, 303, 303),
    "GET /users/": (302, 200, 200, 200, 200, 200),
    "GET /users/<enterprise:number>": (302, 404, 404, 200, 200, 404),
    "GET /users/<enterprise:number>/bulk": (302, 404, 404, 200, 200, 404),
    "POST /users/<enterprise:number>/bulk": (302, 404, 404, 422, 422, 404),
    "GET /users/<enterprise:number>/bulk/<draft>": (302, 404, 404, 409, 409, 404),
    "POST /users/<enterprise:number>/bulk/<draft>": (302, 404, 404, 409, 409, 404),
    "GET /users/<enterprise:number>/bulk/lines/<action>.csv": (302, 404, 404, 200, 200, 404),
    "GET /users/<enterprise:number>/bulk/results/<draft>": (302, 404, 404, 409, 409, 404),
    "GET /users/<enterprise:number>/bulk/results/<draft>.csv": (302, 404, 404, 409, 409, 404),
    "GET /users/<enterprise:number>/drawing": (302, 404, 404, 200, 200, 404),
    "GET /users/<enterprise:number>/grants": (302, 404, 404, 200, 200, 404),
    "POST /users/<enterprise:number>/grants": (302, 404, 404, 422, 422, 404),
    "POST /users/<enterprise:number>/claim": (302, 403, 403, 303, 403, 403),
    "GET /users/<enterprise:number>/people/<person>": (302, 404, 200, 200, 200, 404),
    "GET /users/<enterprise:number>/people/<person>/copy": (302, 404, 404, 200, 200, 404),
    "POST /users/<enterprise:number>/people/<person>/copy/search": (302, 404, 404, 303, 303, 404),
    "GET /users/<enterprise:number>/people/<person>/copy/<colleague>": (302, 404, 404, 200, 200, 404),
    "POST /users/<enterprise:number>/people/<person>/copy/<colleague>": (302, 404, 404, 422, 422, 404),
    "GET /users/<enterprise:number>/people/<person>/grant": (302, 404, 404, 200, 200, 404),
    "POST /users/<enterprise:number>/people/<person>/grant": (302, 404, 404, 422, 422, 404),
    "GET /users/<enterprise:number>/people/<person>/grant/<draft>": (302, 404, 404, 409, 409, 404),
    "POST /users/<enterprise:number>/people/<person>/grant/<draft>": (302, 409, 409, 409, 409, 409),
    "GET /users/<enterprise:number>/people/<person>/grant/<draft>/<step>": (302, 404, 404, 409, 409, 404),
    "POST /users/<enterprise:number>/people/<person>/grant/<draft>/<step>": (302, 404, 404, 409, 409, 404),
    "GET /users/<enterprise:number>/people/add/<draft>/<step>": (302, 404, 404, 409, 404, 404),
    "POST /users/<enterprise:number>/people/add/<draft>/<step>": (302, 404, 404, 409, 404, 404),
    "GET /users/<enterprise:number>/people/add": (302, 404, 404, 200, 404, 404),
    "POST /users/<enterprise:number>/people/add": (302, 404, 404, 422, 404, 404),
    "GET /users/<enterprise:number>/people/add/<draft>": (302, 404, 404, 409, 404, 404),
    "POST /users/<enterprise:number>/people/add/<draft>": (302, 409, 409, 409, 409, 409),
    "GET /users/<enterprise:number>/reports": (302, 404, 404, 200, 200, 404),
    "POST /users/<enterprise:number>/reports": (302, 404, 404, 422, 422, 404),
    "GET /users/<enterprise:number>/reports/rights.<kind>": (302, 404, 404, 200, 200, 404),
    "GET /users/<enterprise:number>/reviews/": (302, 404, 404, 200, 200, 404),
    "GET /users/<enterprise:number>/reviews/new": (302, 404, 404, 200, 200, 404),
    "POST /users/<enterprise:number>/reviews/new": (302, 404, 404, 422, 422, 404),
    "GET /users/<enterprise:number>/reviews/new/<draft>": (302, 404, 404, 409, 409, 404),
    "POST /users/<enterprise:number>/reviews/new/<draft>": (302, 404, 404, 409, 409, 404),
    "GET /users/<enterprise:number>/reviews/<review_id>": (302, 404, 404, 404, 404, 404),
    "POST /users/<enterprise:number>/reviews/<review_id>": (302, 404, 404, 404, 404, 404),
    "GET /users/<enterprise:number>/reviews/<review_id>/grants/<grant>": (302, 404, 404, 404, 404, 404),
    "POST /users/<enterprise:number>/reviews/<review_id>/grants/<grant>": (302, 404, 404, 404, 404, 404),
    "GET /users/<enterprise:number>/reviews/<review_id>/grants/<grant>/end": (302, 404, 404, 404, 404, 404),
    "GET /users/<enterprise:number>/reviews/<review_id>/many/<draft>": (302, 404, 404, 404, 404, 404),
    "POST /users/<enterprise:number>/reviews/<review_id>/many/<draft>": (302, 404, 404, 404, 404, 404),
    "GET /users/<enterprise:number>/reviews/<review_id>/next": (302, 404, 404, 404, 404, 404),
    "GET /users/<enterprise:number>/requests/answer": (302, 404, 404, 200, 200, 404),
    "POST /users/<enterprise:number>/requests/answer": (302, 404, 404, 422, 422, 404),
    "GET /users/<enterprise:number>/requests": (302, 404, 404, 200, 200, 404),
    "GET /users/requests": (302, 200, 200, 200, 200, 200),
    "POST /users/<enterprise:number>/search": (302, 404, 404, 303, 303, 404),
    "GET /users/grants/<grant>/extend": (302, 404, 404, 200, 404, 404),
    "POST /users/grants/<grant>/extend": (302, 404, 404, 422, 404, 404),
    "GET /users/grants/<grant>/revoke": (302, 404, 200, 200, 404, 404),
    "POST /users/grants/<grant>/revoke": (302, 404, 303, 303, 404, 404),
    "GET /users/people/<person>/number": (302, 404, 200, 404, 404, 200),
    "POST /users/people/<person>/number": (302, 403, 200, 403, 403, 403),
    "GET /users/relations/<relation>/end": (302, 404, 200, 200, 404, 404),
    "POST /users/relations/<relation>/end": (302, 404, 422, 422, 404, 404),
    "DELETE /ssf/v1/stream": (401, 401, 401, 401, 401, 401),
    "GET /ssf/v1/status": (401, 401, 401, 401, 401, 401),
    "GET /ssf/v1/stream": (401, 401, 401, 401, 401, 401),
    "PATCH /ssf/v1/stream": (401, 401, 401, 401, 401, 401),
    "POST /ssf/v1/poll/<stream_id>": (401, 401, 401, 401, 401, 401),
    "POST /ssf/v1/status": (401, 401, 401, 401, 401, 401),
    "POST /ssf/v1/stream": (401, 401, 401, 401, 401, 401),
    "POST /ssf/v1/verify": (401, 401, 401, 401, 401, 401),
    "PUT /ssf/v1/stream": (401, 401, 401, 401, 401, 401),
    "GET /users/relations/<relation>/end/<draft>": (302, 404, 409, 409, 404, 404),
    "POST /users/relations/<relation>/end/<draft>": (302, 409, 409, 409, 409, 409),
    "GET /users/requests/<request_id>": (302, 404, 404, 404, 404, 404),
    "POST /users/requests/<request_id>/approve": (302, 404, 404, 404, 404, 404),
    "POST /users/requests/<request_id>/refuse": (302, 404, 404, 404, 404, 404),
    "POST /users/requests/<request_id>/withdraw": (302, 404, 404, 404, 404, 404),
    "GET /users/requests/new/<draft>": (302, 409, 409, 409, 409, 409),
    "POST /users/requests/new/<draft>": (302, 409, 409, 409, 409, 409),
    "GET /users/requests/new/<draft>/<step>": (302, 409, 409, 409, 409, 409),
    "POST /users/requests/new/<draft>/<step>": (302, 409, 409, 409, 409, 409),
    "GET /users/requests/new": (302, 200, 200, 200, 200, 200),
    "POST /users/requests/new": (302, 422, 422, 422, 422, 422),
} | {
    f"{endpoint.method} /api/v1{endpoint.rule}": (401,) * len(PEOPLE)
    for part in PARTS
    for endpoint in part.endpoints
    if endpoint.scope
}
"""Calls of the API take a token: a session is nothing to them."""


def filled(rule: str, chain: Chain) -> str:
    """The address of a route, about the demo chain."""
    values = {
        "number": NETJES,
        "enterprise": NETJES,
        "request": "no-such-request",
        "role": "main_access_manager",
        "draft": "no-such-draft",
        "step": "who",
        "appointment": chain.appointment,
        "sequence": "11",
        "right": "service_vouchers",
        "context": "V99901",
        "page": "employees",
        "scheme": "de-eid",
        "person": chain.ines,
        "colleague": chain.nadia,
        "grant": chain.grant,
        "relation": chain.relation,
        "request_id": "no-such-request",
        "review_id": "no-such-review",
        "filename": "style.css",
        "rule_id": "GRANT-2",
        "change": "end_function",
        "chapter": "1",
        "guide": "user",
        "action": "extend_grant",
        "question": "unused",
        "ticket": "no-such-ticket",
        "client_id": "secure-area",
        "stream_id": "none",
        "kind": "csv",
        "passkey": "no-such-passkey",
    }
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], rule)
    return f"{path}?person={chain.ines}" if path.endswith("/chain") else path


def routes(app: Flask) -> list[str]:
    """Every route with its method, those that change something last."""
    all_routes = [
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    return sorted(all_routes, key=lambda route: (route.startswith("POST"), "sign-out" in route, route))


def client_of(app: Flask, person: str | None) -> FlaskClient:
    """A client of a person, or of nobody."""
    return anonymous_client(app) if person is None else area_client(app, person)


def test_the_matrix_has_every_route(tmp_path: Path) -> None:
    assert sorted(MATRIX) == sorted(routes(built_app(tmp_path)))


@pytest.mark.parametrize("role", PEOPLE)
def test_everyone_gets_what_the_matrix_says(role: str, tmp_path: Path) -> None:
    app = built_app(tmp_path)
    chain = demo_chain(app)
    client, column = client_of(app, PEOPLE[role]), list(PEOPLE).index(role)
    answers = {}
    for route in routes(app):
        method, rule = route.split(" ", 1)
        if client.get("/managers/").status_code == 302:
            client = client_of(app, PEOPLE[role])
        path = filled(rule, chain)
        with post(client, path) if method == "POST" else client.open(path, method=method) as answer:
            answers[route] = answer.status_code
    assert answers == {route: MATRIX[route][column] for route in answers}
