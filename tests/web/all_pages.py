"""Every page of the product, as somebody gets it, for checks that go over all of them.

`python -m tests.web.all_pages FOLDER` writes them as files, for a checker of HTML.
"""

import re
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from accessmgr.app import NOTIFIER
from accessmgr.core.model import Key
from accessmgr.usecases.notifying import Notifier
from accessmgr.usecases.passkeys import Passkey
from accessmgr.web.passkey_ceremony import Place
from accessmgr.web.translations import LANGUAGES
from tests.web.building import NETJES, PROPRE, advance, in_area, post, product_of
from tests.web.provider_pages import provider_pages
from tests.web.review_pages import closed_review_pages, review_pages
from tests.web.users_cast import ABSENT, Cast, cast

OFFERED = {
    "number": "04.11.30-000.66",
    "given": "Emma",
    "family": "Claes",
    "email": "emma@example.be",
    "phone": "+32 2 555 01 23",
    "employee": "yes",
}
CASE = {"purpose": "Sample", "case": "2026/14"}
WRONG_NUMBER = "04.11.30-000.67"
AREA = f"/secure-area/{NETJES}/service_vouchers/V99901/"


@dataclass(frozen=True)
class Shown:
    """A page that was shown, under a name of its own; `endpoint` is None for what no route answers."""

    name: str
    endpoint: str | None
    status: int
    html: str


@dataclass
class Tour:
    """Goes through the product as several people, and keeps the pages."""

    cast: Cast
    language: str
    shown: list[Shown] = field(default_factory=list)
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    def client(self, who: str) -> FlaskClient:
        """The client of somebody; `noah/sms` is Noah with that digital key."""
        if who not in self.clients:
            person, _slash, key = who.partition("/")
            self.clients[who] = self.cast.client(person, Key(key or "eid"), self.language)
        return self.clients[who]

    def see(self, name: str, who: str, path: str, status: int = 200) -> str:
        """Keep the page at a path, and give its text."""
        return self.keep(name, "GET", path, self.client(who).get(path), status)

    def send(self, name: str, who: str, path: str, status: int = 422, **fields: Any) -> str:
        """Keep the page that answers a form."""
        return self.keep(name, "POST", path, post(self.client(who), path, fields), status)

    def after(self, who: str, path: str, **fields: Any) -> str:
        """Where a form leads that is accepted."""
        answer = post(self.client(who), path, fields)
        assert answer.status_code == 303, f"{path} answers {answer.status_code}"
        return str(answer.location)

    def keep(self, name: str, method: str, path: str, answer: TestResponse, status: int) -> str:
        """Keep an answer, which must have a status."""
        assert answer.status_code == status, f"{name} answers {answer.status_code}"
        html = answer.get_data(as_text=True)
        self.shown.append(Shown(name, endpoint(self.cast, method, path), status, html))
        return html


def endpoint(cast: Cast, method: str, path: str) -> str | None:
    """The route that answers a path."""
    with cast.app.test_request_context(path, method=method) as context:
        return context.request.endpoint


def all_pages(cast: Cast, language: str) -> list[Shown]:
    """Every page, in a language, of a product that holds everybody."""
    tour = Tour(cast, language)
    tell(tour)
    for part in (
        _public,
        _sign_in,
        _start,
        _managers,
        _users,
        _rights,
        _many,
        _requests,
        _secure_area,
        provider_pages,
        _history,
        review_pages,
        _simulator,
        closed_review_pages,
    ):
        part(tour)
    _errors(tour)
    return tour.shown


@cache
def shown(language: str) -> tuple[Shown, ...]:
    """Every page in a language, of one product for all who look at them."""
    with TemporaryDirectory() as folder:
        return tuple(all_pages(cast(Path(folder)), language))


def _public(tour: Tour) -> None:
    tour.see("welcome", "anonymous", "/")
    tour.see("about", "anonymous", "/about")
    tour.see("rules", "anonymous", "/rules/")
    tour.see("documentation of the API", "anonymous", "/api/v1/docs")
    tour.see("rule", "anonymous", "/rules/GRANT-2")
    tour.see("search", "anonymous", "/managers/register")
    tour.see("search found", "anonymous", "/managers/register?q=Netjes")
    tour.see("search found nothing", "anonymous", "/managers/register?q=Nowhere")
    tour.see("search with error", "anonymous", "/managers/register?q=a", 422)
    tour.see("card", "anonymous", f"/managers/register/{NETJES}")
    tour.see("card for its representative", "hilde", f"/managers/register/{NETJES}")


def _sign_in(tour: Tour) -> None:
    tour.see("sign-in", "anonymous", "/sign-in")
    tour.see("sign-in for more", "noah/sms", "/sign-in?step_up=1")
    for key in ("eid", "itsme", "app", "sms", "eidas/nl-digid-high"):
        tour.see(f"sign-in {key}", "anonymous", f"/sign-in/{key}")
        tour.send(f"sign-in {key} with errors", "anonymous", f"/sign-in/{key}")
    tour.send("sign-in eid with a wrong PIN", "anonymous", "/sign-in/eid", person="noah", pin="none")
    tour.after("anonymous", "/sign-in/itsme", person="noah")
    tour.see("phone", "anonymous", "/sign-in/itsme/phone")
    tour.see("text messages, none", "anonymous", "/simulator/messages/")
    tour.after("anonymous", "/sign-in/sms", person="noah")
    tour.see("code sent", "anonymous", "/sign-in/sms/code")
    tour.send("code sent with errors", "anonymous", "/sign-in/sms/code", code="none")
    tour.see("text messages", "anonymous", "/simulator/messages/")
    tour.see("other countries", "anonymous", "/sign-in/eidas")
    abroad = tour.after("anonymous", "/sign-in/eidas/de-eid", person="noah")
    tour.see("page of another country", "anonymous", abroad)
    _passkeys(tour)
    tour.see("app to enrol", "noah", "/sign-in/app/enrol")
    tour.send("app enrolled", "noah", "/sign-in/app/enrol", 200)
    tour.see("app not to enrol", "noah/sms", "/sign-in/app/enrol")
    tour.see("nothing to carry on", "noah", "/sign-in/carry-on")


def _passkeys(tour: Tour) -> None:
    tour.see("sign-in passkey elsewhere", "anonymous", "/sign-in/passkey")
    tour.see("passkey to add elsewhere", "noah", "/me/passkeys/add")
    tour.see("passkey to add with a weak key", "noah/sms", "/me/passkeys/add")
    product = product_of(tour.cast.app)
    ceremony = product.ceremony
    assert ceremony is not None
    here = replace(ceremony, place=Place("localhost", "http://localhost"))
    tour.cast.app.extensions["accessmgr"] = replace(product, ceremony=here)
    tour.see("sign-in passkey", "anonymous", "/sign-in/passkey")
    tour.send("sign-in passkey with errors", "anonymous", "/sign-in/passkey")
    tour.see("passkey to add", "noah", "/me/passkeys/add")
    tour.send("passkey to add with errors", "noah", "/me/passkeys/add")
    passkey = Passkey("pk", "noah", b"c", b"k", b"h", 0, "my phone", datetime.now(UTC))
    product.passkeys.add(passkey)
    tour.see("passkey", "noah", "/me/passkeys/pk")
    tour.send("passkey with errors", "noah", "/me/passkeys/pk")
    tour.see("my page with a passkey", "noah", "/me/")


def _start(tour: Tour) -> None:
    for who in ("nadia", "sophie", "pieter", "hilde", "ines", "emma", "noah", "mila"):
        tour.see(f"start of {who}", who, "/")


def _managers(tour: Tour) -> None:
    here = f"/managers/{NETJES}"
    for who in ("nadia", "hilde", "noah"):
        tour.see(f"enterprises of {who}", who, "/managers/")
    tour.see("managers for the manager", "nadia", here)
    tour.see("managers for the representative", "hilde", here)
    tour.see("managers on another day", "nadia", f"{here}?on=2026-03-09&known=2026-03-01")
    tour.see("managers on a day that is none", "nadia", f"{here}?on=2026-02-30&known_time=12:00", 422)
    for who, role in (
        ("hilde", "main_access_manager"),
        ("nadia", "co_main_access_manager"),
        ("nadia", "access_manager"),
        ("sophie", "local_administrator"),
    ):
        tour.see(f"appoint {role}", who, f"{here}/appoint/{role}")
        tour.send(f"appoint {role} with errors", who, f"{here}/appoint/{role}", number=WRONG_NUMBER, email="x")
    check = tour.after("nadia", f"{here}/appoint/access_manager", domain="finance", **OFFERED)
    tour.see("appoint, check", "nadia", check)
    for step in ("domain", "who", "reach"):
        tour.see(f"appoint, {step} again", "nadia", f"{check}/{step}")
    tour.after("nadia", check)
    replace = tour.after("hilde", f"{here}/appoint/main_access_manager", replaces="y", **OFFERED)
    tour.see("appoint, check who replaces", "hilde", replace)
    tour.see("appoint, employee again", "hilde", f"{replace}/employee")
    tour.see("appoint, replaces again", "hilde", f"{replace}/replaces")
    tour.send("appoint, employee with errors", "hilde", f"{replace}/employee")
    tour.see("managers with an offer", "nadia", here)
    offers = tour.see("enterprises with an offer", "emma", "/managers/")
    offer = offers.partition('href="/managers/offers/')[2].partition('"')[0]
    tour.see("offer", "emma", f"/managers/offers/{offer}")
    tour.see("offer for whoever made it", "nadia", f"/managers/offers/{offer}")
    tour.see("start with an offer", "emma", "/")
    tour.see("end of an offer", "nadia", f"/managers/appointments/{offer}/end")
    tour.see("end of a role", "nadia", f"/managers/appointments/{tour.cast.chain.appointment}/end")


def _users(tour: Tour) -> None:
    here, ines = f"/users/{NETJES}", f"/users/{NETJES}/people/ines"
    relation = f"/users/relations/{tour.cast.chain.relation}/end"
    for who in ("nadia", "ines", "noah", "mila"):
        tour.see(f"users home of {who}", who, "/users/")
    for who in ("nadia", "sophie", "pieter", "hilde"):
        tour.see(f"people for {who}", who, here)
    tour.see("people on another day", "nadia", f"{here}?on=2026-03-09")
    tour.see("person on another day", "nadia", f"{ines}?on=2026-03-09")
    tour.see("users home on another day", "ines", "/users/?on=2026-03-09")
    tour.see("people found", "nadia", tour.after("nadia", f"{here}/search", text="Dubois"))
    tour.see("report", "nadia", f"{here}/reports")
    tour.see("report, nothing fits", "nadia", f"{here}/reports?right=energy_audit&sort=end&unused=2026-03-02")
    tour.send("report with errors", "nadia", f"{here}/reports", before="31/02/2026", sort="name")
    tour.see("add a person", "nadia", f"{here}/people/add")
    tour.send("add a person with errors", "nadia", f"{here}/people/add", number=WRONG_NUMBER, first="31/02/2026")
    check = tour.after("nadia", f"{here}/people/add", first="2026-03-02", user_type="employee", **OFFERED)
    tour.see("add a person, check", "nadia", check)
    tour.see("add a person, work again", "nadia", f"{check}/work")
    tour.send("add a person, work with errors", "nadia", f"{check}/work", first="x")
    for who in ("nadia", "ines"):
        tour.see(f"person for {who}", who, ines)
    tour.see("end of a work relation", "nadia", relation)
    tour.send("end of a work relation with errors", "nadia", relation, last="31/02/2026")
    tour.see("end of a work relation, check", "nadia", tour.after("nadia", relation, last="2026-04-01"))
    tour.see("number to reveal", "mila", "/users/people/ines/number")
    tour.send("number revealed", "mila", "/users/people/ines/number", 200, reason="Yearly sample")
    tour.see("number of one's own", "ines", "/users/people/ines/number")


def _rights(tour: Tour) -> None:
    grant = f"/users/{NETJES}/people/ines/grant"
    held = f"/users/grants/{tour.cast.chain.grant}"
    tour.see("right to choose", "nadia", grant)
    tour.see("right to choose, wrongly", "nadia", f"{grant}?right=none", 422)
    tour.see("grant", "nadia", f"{grant}?right=service_vouchers")
    tour.send("grant with errors", "nadia", f"{grant}?right=service_vouchers", first="x")
    wish = {"contexts": "V99902", "first": "2026-03-02", "last": "2026-06-30"}
    check = tour.after("nadia", f"{grant}?right=service_vouchers", **wish)
    tour.see("grant, check", "nadia", check)
    tour.see("grant, days again", "nadia", f"{check}/days")
    tour.send("grant, days with errors", "nadia", f"{check}/days", first="x")
    tour.see("extend", "nadia", f"{held}/extend")
    tour.send("extend with errors", "nadia", f"{held}/extend", last="x")
    tour.see("revoke", "nadia", f"{held}/revoke")
    tour.see("renounce", "ines", f"{held}/revoke")
    tour.send("revoke with errors", "nadia", f"{held}/revoke", reason="x" * 2000)


def _many(tour: Tour) -> None:
    bulk = f"/users/{NETJES}/bulk"
    head = "national_number;given_name;family_name;right;contexts;first_day;last_day"
    who, days = "88.11.04-999.30;Pieter;Jacobs", "2026-03-02;2026-12-31"
    lines = "\n".join([head, *[f"{who};service_vouchers;V99901;{days}"] * 2])
    tour.see("many rights", "nadia", bulk)
    tour.send("many rights with errors", "nadia", bulk, action="revoke_grant", text=lines)
    tour.send("many rights from nowhere", "nadia", bulk)
    check = tour.after("nadia", bulk, action="grant_right", text=lines)
    tour.see("many rights, what would come of it", "nadia", check)
    tour.send("many rights, what would come of it with errors", "nadia", check, mode="some")
    tour.see("many rights, what came of it", "nadia", tour.after("nadia", check, mode="all"))
    grants = f"/users/{NETJES}/grants"
    waiting = f"/users/{NETJES}/requests/answer"
    tour.see("requests to tick", "nadia", f"{waiting}?tick=page")
    tour.see("requests to tick, none", "hilde", waiting)
    tour.send("requests to tick with errors", "nadia", waiting, do="refuse_request")
    copy = f"/users/{NETJES}/people/pieter/copy"
    tour.see("colleagues to copy from", "nadia", copy)
    tour.see("colleagues to copy from, found none", "nadia", tour.after("nadia", f"{copy}/search", text="Zzz"))
    tour.see("rights to copy", "nadia", f"{copy}/ines")
    tour.see("rights to copy, none", "nadia", f"/users/{NETJES}/people/ines/copy/pieter")
    tour.send("rights to copy with errors", "nadia", f"{copy}/ines", last="x")
    tour.see("rights to tick", "nadia", f"{grants}?tick=page")
    tour.see("rights to tick, none found", "nadia", f"{grants}?right=subsidy_desk")
    tour.see("rights to tick, wrong filter", "nadia", f"{grants}?ends_before=x", 422)
    tour.see("rights to tick, of a person", "nadia", f"{grants}?person=ines")
    tour.send("rights to tick with errors", "nadia", grants, do="extend_grant", last="x")
    ticked = {"do": "revoke_grant", "which": "all", "reason": "They left"}
    tour.see("rights ticked, what would come of it", "nadia", tour.after("nadia", grants, **ticked))


def _requests(tour: Tour) -> None:
    new, request = "/users/requests/new", f"/users/requests/{tour.cast.request}"
    tour.see("request, which", "emma", new)
    tour.see("request, which with errors", "emma", f"{new}?dg=none", 422)
    tour.see("request", "emma", f"{new}?oc={NETJES}&ec=service_vouchers&dg=EA")
    tour.send("request with errors", "emma", new, oc=NETJES, ec="service_vouchers", contexts="x")
    asked = tour.after("emma", new, oc=NETJES, ec="service_vouchers", contexts="V99902")
    tour.see("request, reason", "emma", asked)
    tour.see("request, check", "emma", tour.after("emma", asked, reason="For my work."))
    tour.see("request of one's own", "emma", request)
    tour.see("requests of one's own", "emma", "/users/requests")
    tour.see("requests of one's own, none", "noah", "/users/requests")
    tour.see("requests that wait", "nadia", f"/users/{NETJES}/requests")
    tour.see("requests that wait, none then", "nadia", f"/users/{NETJES}/requests?on=2026-03-01")
    tour.see("request to answer", "nadia", request)
    tour.send("request, approval with errors", "nadia", f"{request}/approve", first="x")
    tour.send("request, refusal with errors", "nadia", f"{request}/refuse")


def _secure_area(tour: Tour) -> None:
    for who in ("ines", "noah", "nadia"):
        in_area(tour.client(who))
    for who in ("ines", "noah"):
        tour.see(f"secure area of {who}", who, "/secure-area/")
    tour.send("secure area with errors", "noah", "/secure-area/enter", enterprise="1")
    tour.see("area", "ines", AREA)
    tour.see("area, page", "ines", f"{AREA}employees")
    tour.see("area, refused to an outsider", "noah", AREA, 403)
    tour.see("area, refused to the manager", "nadia", AREA, 403)
    tour.see("area, not signed in", "ines", "/secure-area/callback?state=none", 400)
    tour.see("area, left by somebody who is signed in", "ines", "/secure-area/signed-out")
    tour.see("area, left by nobody", "anonymous", "/secure-area/signed-out")
    tour.send("refused for a weak key", "nadia/sms", f"/users/grants/{tour.cast.chain.grant}/revoke", 403, reason="")
    phone = tour.after("nadia/sms", "/sign-in/itsme", person="nadia", step_up="1")
    tour.see("carry on", "nadia/sms", tour.after("nadia/sms", phone, answer="confirm"))


def _history(tour: Tour) -> None:
    for who in ("mila", "nadia", "noah"):
        tour.see(f"history of {who}", who, "/history/")
    tour.send("history with errors", "mila", "/history/", enterprise="1")
    tour.see("history, purpose asked", "mila", f"/history/{NETJES}", 403)
    tour.see("history, own purpose asked", "mila", "/history/me", 403)
    tour.send("history, own purpose with errors", "mila", "/history/me")
    tour.see("history for the auditor", "mila", tour.after("mila", "/history/", enterprise=NETJES, **CASE))
    tour.see("history of oneself", "ines", "/history/me")
    tour.see("history found by name", "mila", "/history/?q=Netjes")
    tour.see("history found by no name", "mila", "/history/?q=Nowhere")
    tour.see("history of a person", "nadia", f"/history/{NETJES}/people/ines")
    _workbench(tour)
    tour.see("chains", "nadia", f"/history/{NETJES}/chain?person=ines")
    tour.see("chains on another day", "nadia", f"/history/{NETJES}/chain?person=ines&known=2026-03-01")
    tour.see("drawing", "nadia", f"/history/{NETJES}/drawing")
    tour.see("drawing, for the auditor, larger", "mila", f"/history/{NETJES}/drawing?on=2026-05-03&zoom=150")
    tour.see("drawing, before anything", "nadia", f"/history/{NETJES}/drawing?on=2026-03-01&known=2026-03-01")
    tour.see("drawing, on a day to come", "nadia", f"/history/{NETJES}/drawing?on=2027-03-02&view=list")
    tour.see("drawing, one group", "nadia", f"/history/{NETJES}/drawing?group=service_vouchers.yyy.V99901")
    tour.see("drawing for a user manager", "local administrator", f"/users/{NETJES}/drawing")
    tour.see("history as known", "nadia", f"/history/{NETJES}?known=2026-03-01")
    tour.see("questions", "nadia", f"/history/questions?enterprise={NETJES}")
    tour.see("questions about all, purpose asked", "mila", "/history/questions", 403)
    tour.send("questions about all, purpose with errors", "mila", "/history/questions")
    about_all = tour.after("mila", "/history/questions", purpose="Sample", case="2026/17")
    tour.see("questions about all", "mila", about_all)
    tour.see("question", "nadia", f"/history/questions/maker-gone?enterprise={NETJES}")
    tour.see("question about all", "mila", "/history/questions/near-a-change?first=2026-01-01&last=2026-12-31")
    tour.see("question with errors", "nadia", f"/history/questions/unused?enterprise={NETJES}&first=x", 422)
    tour.see("sample to draw", "nadia", f"/history/sample?enterprise={NETJES}")
    tour.see("sample", "nadia", f"/history/sample?enterprise={NETJES}&seed=dice&count=5")
    tour.see("sample with errors", "mila", "/history/sample?seed=dice&count=9999", 422)
    certificate = f"/history/{NETJES}/grants/{tour.cast.chain.grant}/certificate"
    for who in ("nadia", "ines", "mila"):
        tour.see(f"certificate for {who}", who, certificate)
    tour.see("certificate of a day", "nadia", f"{certificate}?on=2027-06-01")
    listed = tour.see("history for the manager", "nadia", f"/history/{NETJES}")
    for path in re.findall(r'href="(/history/entries/\d+)"', listed)[::8]:
        tour.see(f"entry {path.rpartition('/')[2]}", "nadia", path)


def _workbench(tour: Tour) -> None:
    here, grant = f"/history/{NETJES}", tour.cast.chain.grant
    tour.see("who could enter", "nadia", f"{here}/who")
    tour.see("who could enter, for the auditor", "mila", f"{here}/who?on=2026-05-03&right=service_vouchers")
    tour.see("who could enter, nobody", "nadia", f"{here}/who?on=2025-05-03&known=2026-03-01")
    tour.see("who could enter with errors", "nadia", f"{here}/who?on=x", 422)
    tour.see("where one could enter", "ines", "/history/me/who?on=2026-05-03")
    tour.see("where one could not enter", "noah", "/history/me/who")
    tour.see("history of a right", "nadia", f"{here}/grants/{grant}")
    tour.see("history of a right of one's own", "ines", f"{here}/grants/{grant}")
    tour.see("entries of one type", "nadia", f"{here}?type=right.granted")
    tour.see("entries of a type that there is none of", "nadia", f"{here}?type=history.exported")
    tour.see("history of a person, purpose asked", "mila", "/history/people/ines", 403)
    tour.see("compare two days", "nadia", f"{here}/compare")
    tour.see("two days compared", "nadia", f"{here}/compare?first=2026-03-01&second=2027-03-02")
    tour.see(
        "two days compared that differ", "nadia", f"{here}/compare?first=2026-03-01&second=2026-05-03&known_then=y"
    )
    tour.see("two days compared with errors", "nadia", f"{here}/compare?first=2026-05-03&second=2026-05-02", 422)
    tour.see("what if", "nadia", f"{here}/what-if")
    tour.see("what if, of a kind", "nadia", f"{here}/what-if?kind=relation")
    tour.see("what if, answered", "nadia", f"{here}/what-if?kind=recognition&thing=V99901&first=2027-03-03")
    tour.see("what if with errors", "nadia", f"{here}/what-if?kind=enterprise&last=31-02-2027", 422)
    tour.see("compare two people", "nadia", f"{here}/compare-people")
    tour.see("two people compared", "nadia", f"{here}/compare-people?one=ines&other=nadia")
    tour.see("two people compared with errors", "nadia", f"{here}/compare-people?one=ines&other=ines", 422)


def receipt_of(tour: Tour, who: str) -> str:
    """The address of somebody's latest receipt."""
    return str(re.findall(r'href="(/me/receipts/\d+)"', tour.see(f"receipts of {who}", who, "/me/receipts/"))[0])


def tell(tour: Tour) -> None:
    """Tell people what happened since the last time."""
    notifier: Notifier = tour.cast.app.extensions[NOTIFIER]
    notifier.follow()
    notifier.send()


def _simulator(tour: Tour) -> None:
    here = f"/simulator/register/{NETJES}"
    tour.see("who manages access", "ines", f"/managers/{NETJES}/who")
    tour.see("help", "anonymous", "/help/")
    for guide in ("main-access-manager", "user", "integrator"):
        tour.see(f"help for {guide}", "anonymous", f"/help/{guide}")
    tour.see("help, words", "anonymous", "/help/glossary")
    tour.see("simulator", "anonymous", "/simulator/")
    _tour(tour)
    tour.see("letters, none", "anonymous", "/simulator/letters/")
    tour.see("notices, none", "mila", "/notices/")
    tell(tour)
    tour.see("letters", "anonymous", "/simulator/letters/")
    tour.see("notices", "nadia", "/notices/")
    tour.see("my page", "ines", "/me/")
    tour.see("receipts", "nadia", "/me/receipts/")
    tour.see("receipts, none", "noah", "/me/receipts/")
    tour.see("receipt of a right", "nadia", "/me/receipts/11")
    tour.see("receipt of an offer", "hilde", "/me/receipts/8")
    tour.see("receipt of a request", "emma", receipt_of(tour, "emma"))
    tour.see("receipts, purpose asked", "mila", "/me/receipts/", 403)
    tour.see("my page, no right", "hilde", "/me/")
    tour.see("decisions about me", "ines", "/me/decisions")
    tour.see("decisions about me, none", "hilde", "/me/decisions")
    tour.send("my page with errors", "ines", "/me/contact", email="nobody", phone="x", language="nl")
    tour.send("simulator with errors", "anonymous", "/simulator/clock", day="31/02/2026")
    tour.send("simulator with errors in a death", "anonymous", "/simulator/death", day="x")
    tour.see("simulator, register", "anonymous", here)
    tour.send("simulator, register with errors", "anonymous", f"{here}/close", 422, **{"close-day": "x"})


def _tour(tour: Tour) -> None:
    tour.see("tour", "sophie", "/simulator/tour/")
    chapter = tour.after("sophie", "/simulator/tour/begin")
    tour.see("tour, chapter", "sophie", chapter)
    tour.see("tour, last chapter", "sophie", "/simulator/tour/9")
    tour.see("tour, bar", "sophie", "/rules/GRANT-2")
    tour.after("sophie", "/simulator/tour/close")


def _errors(tour: Tour) -> None:
    lapsed = tour.after("anonymous", f"/simulator/register/{PROPRE}/no-answer")
    tour.see("card of an enterprise of which the register is silent", "anonymous", f"/managers/register/{PROPRE}")
    tour.see("simulator, register silent", "anonymous", lapsed)
    tour.see("enterprises while the register is silent", "karel", "/managers/")
    tour.see("absent", "nadia", "/no/such/page", 404)
    tour.see("absent enterprise", "nadia", f"/managers/{ABSENT}", 404)
    tour.see("form that is gone", "nadia", f"/users/{NETJES}/people/add/none", 409)
    tour.see("method that is not known", "nadia", "/sign-out", 405)
    tour.keep("form without its token", "POST", "/language", tour.client("nadia").post("/language"), 400)
    tour.send("too large a form", "nadia", "/language", 413, next="x" * 300_000)
    for _ in range(11):
        check = tour.after(
            "sophie",
            f"/users/{NETJES}/people/add",
            **{**OFFERED, "family": "Nobody", "first": "2026-03-02", "user_type": "employee"},
        )
        answer = post(tour.client("sophie"), check)
    tour.keep("too many look-ups", "POST", check, answer, 429)
    advance(tour.cast.app, "2027-03-02T09:00")
    tour.see("area after the last day", "ines", AREA, 403)
    tour.see("people after a year", "nadia", f"/users/{NETJES}")
    tour.see("person after a year", "nadia", f"/users/{NETJES}/people/ines")
    tour.cast.app.view_functions["start.about"] = _broken
    tour.see("fault", "nadia", "/about", 500)


def _broken() -> str:
    raise RuntimeError("a fault")


def write(folder: Path) -> None:
    """Write all pages, in all languages, as files."""
    for language in LANGUAGES:
        with TemporaryDirectory() as instance:
            for page in all_pages(cast(Path(instance)), language):
                place = folder / language / f"{re.sub(r'[^a-zA-Z0-9]+', '-', page.name)}.html"
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(page.html, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
