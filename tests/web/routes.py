"""Every route of the product with an address about the people of the cast, and a form that it would accept."""

import re
from collections.abc import Mapping

from flask import Flask

from accessmgr.web.sign_in_forms import pin_of
from tests.web.building import NETJES, product_of
from tests.web.users_cast import Cast

OFFER = {
    "number": "04.11.30-000.66",
    "given": "Emma",
    "family": "Claes",
    "email": "emma@example.be",
    "phone": "+32 2 555 01 23",
    "employee": "yes",
    "domain": "finance",
}
LINK = {
    "number": "04.11.30-000.66",
    "given": "Emma",
    "family": "Claes",
    "user_type": "employee",
    "first": "2026-03-02",
    "last": "2026-12-31",
}
GRANT = {"contexts": "V99902", "first": "2026-03-02", "last": "2026-06-30"}
FORMS: Mapping[str, Mapping[str, str]] = {
    "/history/": {"enterprise": NETJES, "purpose": "Yearly sample", "case": "2026/14"},
    "/history/export": {"list": "entries", "enterprise": NETJES, "format": "csv", "purpose": "Yearly sample"},
    "/history/questions": {"purpose": "Yearly sample", "case": "2026/14"},
    "/history/me": {"purpose": "Yearly sample", "case": "2026/14"},
    "/language": {"language": "nl", "next": "/about"},
    "/managers/<enterprise:number>/appoint/<role>": OFFER,
    "/me/contact": {"email": "noah@example.be", "phone": "", "language": "fr"},
    "/me/sessions/end": {"session": "none"},
    "/secure-area/enter": {"enterprise": NETJES, "right": "service_vouchers", "context": "V99901"},
    "/sign-in/app": {"person": "noah", "code": "000000"},
    "/sign-in/eidas/<scheme>": {"person": "noah"},
    "/sign-in/passkey": {"answer": "{}"},
    "/sign-in/sms": {"person": "noah"},
    "/me/passkeys/add": {"name": "phone", "answer": "{}"},
    "/me/passkeys/<passkey>": {"name": "phone"},
    "/sign-in/eid": {"person": "noah", "pin": pin_of("noah")},
    "/sign-in/itsme": {"person": "noah"},
    "/simulator/become": {"persona": "noah"},
    "/simulator/clock": {"step": "1"},
    "/simulator/death": {"person": "noah", "day": "2026-03-01"},
    "/simulator/register/<enterprise:number>/<change>": {"close-day": "2026-12-31"},
    "/users/<enterprise:number>/bulk": {"action": "revoke_grant", "text": "grant\nnone"},
    "/users/<enterprise:number>/bulk/<draft>": {"mode": "all"},
    "/users/<enterprise:number>/grants": {"do": "revoke_grant", "which": "ticked", "grant": "none"},
    "/users/<enterprise:number>/people/<person>/copy/<colleague>": {"grant": "none"},
    "/users/<enterprise:number>/people/<person>/copy/search": {"text": "Dubois"},
    "/users/<enterprise:number>/people/<person>/grant": GRANT,
    "/users/<enterprise:number>/people/add": LINK,
    "/users/<enterprise:number>/reviews/<review_id>": {"answer": "confirmed", "grant": "none"},
    "/users/<enterprise:number>/reviews/<review_id>/grants/<grant>": {"answer": "confirmed", "was": "2027-03-01"},
    "/users/<enterprise:number>/reviews/new": {"scope": "all", "last": "2026-03-09", "unanswered": "keep"},
    "/users/<enterprise:number>/reports": {"sort": "name"},
    "/users/<enterprise:number>/requests/answer": {"do": "refuse_request", "request": "none", "reason": "Not now"},
    "/users/<enterprise:number>/search": {"text": "Dubois"},
    "/users/grants/<grant>/extend": {"last": "2027-03-02", "was": "2027-03-01"},
    "/users/grants/<grant>/revoke": {"reason": "No longer needed"},
    "/users/people/<person>/number": {"reason": "Yearly sample"},
    "/users/relations/<relation>/end": {"last": "2026-12-31"},
    "/users/requests/<request_id>/approve": {"first": "2026-03-02", "last": "2026-06-30"},
    "/users/requests/<request_id>/refuse": {"reason": "Not now"},
    "/users/requests/new": {"oc": NETJES, "ec": "service_vouchers", "contexts": "V99901", "reason": "For work"},
}
"""What is posted to a route; a route that is not here takes no fields."""


def rules(app: Flask, method: str) -> list[str]:
    """The routes that answer a method."""
    return sorted({rule.rule for rule in app.url_map.iter_rules() if method in (rule.methods or set())})


def address(rule: str, cast: Cast, **other: str) -> str:
    """The address of a route about Netjes Thuis, or about something else that is given."""
    chain = cast.chain
    values = {
        "number": NETJES,
        "enterprise": NETJES,
        "request": cast.request,
        "role": "access_manager",
        "draft": "none",
        "step": "who",
        "kind": "csv",
        "appointment": chain.appointment,
        "sequence": "20",
        "right": "service_vouchers",
        "context": "V99901",
        "page": "employees",
        "scheme": "de-eid",
        "person": "ines",
        "colleague": "pieter",
        "grant": chain.grant,
        "relation": chain.relation,
        "request_id": cast.request,
        "review_id": "none",
        "filename": "style.css",
        "rule_id": "GRANT-2",
        "change": "close",
        "chapter": "1",
        "guide": "user",
        "action": "extend_grant",
        "ticket": "none",
        "client_id": "secure-area",
        "question": "unused",
        "stream_id": "none",
        "passkey": "none",
        **other,
    }
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], rule)
    if rule.endswith("/chain"):
        return f"{path}?person={values['person']}"
    return f"{path}?right=service_vouchers" if rule.endswith("<person>/grant") else path


def history_size(app: Flask) -> int:
    """The number of entries of the history."""
    with product_of(app).world.store.reading() as seen:
        return seen.size()
