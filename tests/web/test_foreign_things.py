"""What belongs to others answers as what does not exist; fields that nobody asked for count for nothing; names that
the register gives stay text."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from accessmgr.core.actions import Action
from accessmgr.web.translations import LANGUAGES
from tests.web.all_pages import all_pages
from tests.web.building import NETJES, PROPRE, START, do, identity_of, in_area, made_request, post, product_of
from tests.web.routes import FORMS, GRANT, LINK, OFFER, address, history_size, rules
from tests.web.users_cast import ABSENT, Cast, bare, cast

PUBLIC = {
    "/users/requests/new",
    "/managers/register/<enterprise:number>",
    "/simulator/register/<enterprise:number>",
    "/simulator/register/<enterprise:number>/<change>",
}
"""The register is public, and so is the simulator; and everybody may request a right in any enterprise of it."""

NOTHING = "0" * 32
"""An id of nothing."""


@pytest.fixture
def all_there(tmp_path: Path) -> Cast:
    """An application with everybody in it."""
    return cast(tmp_path)


def outsider(all_there: Cast) -> FlaskClient:
    """Noah, who has no tie to anything."""
    return all_there.client("noah")


def manager_elsewhere(all_there: Cast) -> FlaskClient:
    """Noah, who is the main access manager of Propre & Net and has no tie to Netjes Thuis."""
    identity = identity_of("noah")
    offered = do(
        all_there.app,
        "karel",
        Action.APPOINT_MAIN_ACCESS_MANAGER,
        enterprise=PROPRE,
        employee=True,
        identity=identity,
    )
    do(all_there.app, "noah", Action.ACCEPT_APPOINTMENT, appointment=offered.events[-1].row.id)
    return all_there.client("noah")


Who = Callable[[Cast], FlaskClient]
WHO = pytest.mark.parametrize("who", [outsider, manager_elsewhere])


def answer(client: FlaskClient, method: str, path: str, form: dict[str, str], *replaced: str) -> tuple[int, str, str]:
    """Status, place to go on to, and page, without what must differ."""
    given = post(client, path, form) if method == "POST" else client.get(path)
    names = ("Netjes Thuis",)
    page, location = bare(given.get_data(as_text=True), *replaced), bare(given.location or "", *replaced)
    for name in (*names, *replaced):
        page, location = page.replace(name, "NUMBER"), location.replace(name, "NUMBER")
    return given.status_code, location, page


# --- absent or foreign ------------------------------------------------------------------------------------


@WHO
def test_an_enterprise_of_others_answers_as_one_that_does_not_exist(who: Who, all_there: Cast) -> None:
    client, tried = in_area(who(all_there)), []
    for method in ("GET", "POST"):
        for rule in rules(all_there.app, method):
            in_form = NETJES in FORMS.get(rule, {}).values()
            if rule in PUBLIC or not (in_form or ":number>" in rule):
                continue
            there, not_there = (
                answer(
                    client,
                    method,
                    address(rule, all_there, number=number),
                    {name: number if value == NETJES else value for name, value in FORMS.get(rule, {}).items()},
                    number,
                )
                for number in (NETJES, ABSENT)
            )
            assert there == not_there, f"{method} {rule}"
            tried.append(rule)
    assert len(tried) >= 20


@WHO
def test_a_thing_of_others_answers_as_one_that_does_not_exist(who: Who, all_there: Cast) -> None:
    client, things = who(all_there), ("grant", "relation", "appointment", "request_id")
    chain = all_there.chain
    ids = {"grant": chain.grant, "relation": chain.relation, "appointment": chain.appointment}
    ids["request_id"] = all_there.request
    tried, other_statuses = [], {}
    for method in ("GET", "POST"):
        for rule in rules(all_there.app, method):
            for thing in [thing for thing in things if f"<{thing}>" in rule and not rule.startswith("/api/")]:
                form = dict(FORMS.get(rule, {}))
                there = answer(client, method, address(rule, all_there), form, ids[thing])
                not_there = answer(client, method, address(rule, all_there, **{thing: NOTHING}), form, NOTHING)
                assert there == not_there, f"{method} {rule}"
                tried.append(rule)
                if there[0] != 404:
                    other_statuses[f"{method} {rule}"] = there[0]
    assert len(tried) == 22
    assert other_statuses == {"POST /users/relations/<relation>/end/<draft>": 409}, (
        "a form that waits is asked for first"
    )


@WHO
def test_a_person_or_an_entry_of_others_answers_as_one_that_does_not_exist(who: Who, all_there: Cast) -> None:
    client = who(all_there)
    for path in (
        f"/users/{PROPRE}/people/{{}}",
        f"/users/{PROPRE}/people/{{}}/grant",
        f"/users/{PROPRE}/people/{{}}/grant?right=service_vouchers",
        f"/history/{PROPRE}?person={{}}",
        f"/history/{PROPRE}/chain?person={{}}",
        "/users/people/{}/number",
    ):
        there = answer(client, "GET", path.format("ines"), {}, "ines", "Inès Dubois")
        not_there = answer(client, "GET", path.format(NOTHING), {}, NOTHING)
        assert there == not_there, path
    granted = answer(client, "GET", "/history/entries/15", {}, "/history/entries/15")
    assert granted == answer(client, "GET", "/history/entries/99999", {}, "/history/entries/99999")


@WHO
def test_a_try_to_reveal_a_number_is_on_record_and_tells_nothing_of_the_person(who: Who, all_there: Cast) -> None:
    client, before = who(all_there), history_size(all_there.app)
    status, _location, page = answer(client, "POST", "/users/people/ines/number", {"reason": "x"})
    assert status == 403
    assert history_size(all_there.app) > before
    assert [told for told in ("Dubois", "Inès", "95.08.17", "1995", "Netjes") if told in page] == []


@pytest.mark.parametrize(("route", "form"), [("people/add", LINK), ("people/noah/grant?right=service_vouchers", GRANT)])
def test_answers_checked_in_one_enterprise_do_nothing_in_another(
    route: str, form: dict[str, str], all_there: Cast
) -> None:
    client = manager_elsewhere(all_there)
    draft = post(client, f"/users/{PROPRE}/people/add", LINK).location.rpartition("/")[2]
    place = route.partition("?")[0]
    there = answer(client, "POST", f"/users/{NETJES}/{place}/{draft}", {}, NETJES, draft)
    draft = post(client, f"/users/{PROPRE}/people/add", LINK).location.rpartition("/")[2]
    not_there = answer(client, "POST", f"/users/{ABSENT}/{place}/{draft}", {}, ABSENT, draft)
    assert there == not_there
    assert there[0] in (403, 404, 409)


# --- fields that nobody asked for -------------------------------------------------------------------------

EXTRA = {
    "actor": "mila",
    "level": "500",
    "key": "eid",
    "holder": "noah",
    "by": "hilde",
    "accepted_at": "2026-01-01T00:00:00Z",
    "made_at": "2020-01-01",
    "revoked_at": "2026-01-01",
    "at": "2020-01-01",
    "id": NOTHING,
    "person": "noah",
    "enterprise": PROPRE,
    "right": "subsidy_desk",
    "role": "main_access_manager",
    "relation": NOTHING,
    "grant": NOTHING,
    "appointment": NOTHING,
    "request": NOTHING,
    "successor": "noah",
    "outcome": "accepted",
    "without_successor_": "y",
    "auditor": "true",
    "allowed": "true",
    "purpose": "true",
    "user_id": "mila",
    "_user_id": "mila",
    "session": "mila",
}


def everything_posted(all_there: Cast, extra: dict[str, str]) -> list[str]:
    """Post one form of each kind as somebody who may, with more fields than it has; what the history says of it."""
    app, chain = all_there.app, all_there.chain
    here, ines = f"/users/{NETJES}", f"/users/{NETJES}/people/ines"
    grants = f"/users/grants/{chain.grant}"

    def send(who: str, path: str, **form: str) -> str:
        client = all_there.client(who)
        given = post(in_area(client) if path.startswith("/secure-area/") else client, path, {**extra, **form})
        assert given.status_code in (200, 303), f"{path} answers {given.status_code}"
        return str(given.location)

    def checked(who: str, path: str, **form: str) -> str:
        client = all_there.client(who)
        check = post(client, path, {**extra, **form}).location
        given = post(client, check, extra)
        assert given.status_code == 303, f"{check} answers {given.status_code}"
        return str(given.location)

    def requested() -> str:
        made = checked("emma", "/users/requests/new", oc=NETJES, ec="service_vouchers", contexts="V99902", reason="x")
        return made_request(all_there.client("emma"), made)

    with product_of(app).world.store.reading() as seen:
        before = seen.size()
    checked("nadia", f"/managers/{NETJES}/appoint/access_manager", **OFFER)
    offers = all_there.client("emma").get("/managers/").get_data(as_text=True)
    send("emma", f"/managers/offers/{offers.partition('/managers/offers/')[2][:32]}/accept")
    checked("nadia", f"{here}/people/add", **LINK)
    checked("nadia", f"{ines}/grant?right=service_vouchers", **GRANT)
    send("nadia", f"{grants}/extend", last="2027-03-02", was="2027-03-01")
    send("nadia", f"{grants}/revoke", reason="x")
    send("nadia", f"/users/requests/{all_there.request}/approve", first="2026-03-02", last="2026-06-30")
    made = requested()
    send("emma", f"{made}/withdraw")
    made = requested()
    send("nadia", f"{made}/refuse", reason="x")
    send("mila", "/users/people/ines/number", reason="x")
    send("mila", "/history/", enterprise=NETJES, purpose="x", case="x")
    send("mila", "/history/me", purpose="x", case="x")
    send("ines", "/secure-area/enter", enterprise=NETJES, right="service_vouchers", context="V99902")
    checked("nadia", f"/users/relations/{chain.relation}/end", last="2026-12-31")
    send("nadia", f"{here}/claim")
    send("noah", "/simulator/become", persona="noah")
    send("nadia", f"/managers/appointments/{chain.appointment}/end", without_successor="y")
    with product_of(app).world.store.reading() as seen:
        leaves = [json.loads(row.leaf) for row in seen.lists.entries(limit=1000) if row.sequence >= before]
    changing = re.compile(r"[0-9a-f]{32,}|T\d\d:\d\d:\d\d(\.\d+)?Z")
    return [changing.sub("DIFFERS", json.dumps(leaf, sort_keys=True)) for leaf in leaves]


def test_fields_that_a_form_does_not_have_change_nothing(tmp_path: Path) -> None:
    plain = everything_posted(cast(tmp_path / "plain"), {})
    assert len(plain) >= 20
    assert everything_posted(cast(tmp_path / "extra"), EXTRA) == plain


# --- names that the register gives ------------------------------------------------------------------------

SCRIPT = "<script>alert(1)</script>"
HANDLER = "\"'><img src=x onerror=alert(1)>"
FOREIGN = ("javascript:", "data:", "//")
OVERRIDE = "\u202egnp.exe"


class Elements(HTMLParser):
    """The elements of a page, with the names of their attributes; `icon` is the one address that holds its content."""

    def __init__(self, page: str, icon: str) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.icon = icon
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what no page of ours has."""
        names = [name for name, _value in attrs]
        addresses = [value or "" for name, value in attrs if name in ("href", "src", "action")]
        of_static = all(address.startswith("/static/") for address in addresses)
        ours = tag == "script" and "nonce" in names and of_static  # a nonce which nobody can guess
        foreign = tag in ("script", "img", "iframe", "object", "base") and not ours
        if foreign or any(name.startswith("on") for name in names):
            self.bad.append(f"{tag} {names}")
        foreign_addresses = {address for address in addresses if address.lower().startswith(FOREIGN)}
        self.bad += sorted(foreign_addresses - {self.icon})


def with_names(all_there: Cast, **names: Any) -> Cast:
    """Let the register give other names: of people by their id, and of Netjes Thuis."""
    with product_of(all_there.app).world.store.writing() as tx:
        for person, (given, family) in names.items():
            tx.change_fact("person", person, given=given, family=family)
        tx.append("register.changed", START)
    return all_there


@pytest.mark.parametrize("language", LANGUAGES[:2])
def test_names_with_markup_are_text_on_every_page(language: str, all_there: Cast) -> None:
    evil = with_names(
        all_there, nadia=(SCRIPT, HANDLER), ines=(HANDLER, SCRIPT), hilde=(HANDLER, OVERRIDE), noah=(OVERRIDE, SCRIPT)
    )
    pages = all_pages(evil, language)
    icon = str(evil.app.jinja_env.globals["icon"])
    bad = {one.name: Elements(one.html, icon).bad for one in pages}
    assert {name: found for name, found in bad.items() if found} == {}
    assert len([one for one in pages if "&lt;script&gt;" in one.html]) > 80
    assert [one.name for one in pages if "\u202e" in one.html] == []
    assert len([one for one in pages if "\ufffdgnp.exe" in one.html]) > 20
