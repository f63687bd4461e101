"""The management of access managers: who sees which page, the register's card, and an appointment from offer to end."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from accessmgr.core.actions import Action
from accessmgr.core.model import Appointment, AppointmentState, Domain, FunctionCode, Key, Role
from accessmgr.store.tables import db
from accessmgr.usecases.contacts import Contact, contact_of
from accessmgr.usecases.register import end_function, fall_silent
from tests.web.building import (
    NETJES,
    PEOPLE,
    PROPRE,
    SINCE,
    START,
    Chain,
    add_enterprise,
    add_fact,
    add_people,
    advance,
    anonymous_client,
    built_app,
    demo_chain,
    do,
    identity_of,
    post,
    product_of,
    signed_in_client,
)

APPOINT_MAIN = f"/managers/{NETJES}/appoint/main_access_manager"
APPOINT_CO_MAIN = f"/managers/{NETJES}/appoint/co_main_access_manager"
ABSENT = "1999000645"
UNKNOWN_NUMBER = "93.49.08-999.87"


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application on an empty database."""
    return built_app(tmp_path)


@pytest.fixture
def chain(app: Flask) -> Chain:
    """The demo chain in it."""
    return demo_chain(app)


def text_of(response: Any) -> str:
    """The text of a page as a person reads it: without tags, spaces as one."""
    page = response.get_data(as_text=True)
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("&#39;", "'").split())


def apart_from(page: str, *varying: str) -> str:
    """A page without tokens, nonces, names of drafts and what is expected to vary."""
    page = re.sub(r'(name="csrf_token" value|nonce)="[^"]*"', "", page)
    page = re.sub(r"(/appoint/[a-z_]+/)[A-Za-z0-9_-]{22}", r"\1", page)
    for what in varying:
        page = page.replace(what, "")
    return page


def somebody(short: str, **changed: Any) -> dict[str, Any]:
    """A filled-in form that offers a role to a person of `PEOPLE`; a field that is None is left out."""
    given, family, number = PEOPLE[short]
    fields = {
        "number": number,
        "given": given,
        "family": family,
        "email": f"{short}@example.be",
        "phone": "+32 2 555 01 23",
        "employee": "yes",
        **changed,
    }
    return {name: value for name, value in fields.items() if value is not None}


def present_main(chain: Chain) -> str:
    """What the form of the main role says of whom it would replace."""
    return chain.appointment


def fill_in(client: FlaskClient, path: str, fields: dict[str, Any]) -> str:
    """Send the form and give the address of the page with the answers to check."""
    sent = post(client, path, fields)
    assert sent.status_code == 303, text_of(sent)
    return str(sent.headers["Location"])


def appoint(client: FlaskClient, path: str, fields: dict[str, Any]) -> Any:
    """Fill in the form and confirm."""
    return post(client, fill_in(client, path, fields))


def in_netjes(app: Flask, role: Role, holder: str) -> list[Appointment]:
    """The appointments of a person in a role in Netjes Thuis, the newest first."""
    with product_of(app).world.store.reading() as seen:
        found = seen.lists.appointments(enterprise=NETJES, holder=holder)
    return [each for each in found if each.role is role]


def state_of(app: Flask, role: Role, holder: str) -> AppointmentState | None:
    """Where the newest of these stands now."""
    return in_netjes(app, role, holder)[0].state(product_of(app).world.clock.now())


def offer_to(app: Flask, short: str, by: str = "nadia") -> str:
    """Offer the co-main role, and give the id of the offer."""
    done = do(
        app,
        by,
        Action.APPOINT_CO_MAIN_ACCESS_MANAGER,
        enterprise=NETJES,
        employee=True,
        identity=identity_of(short),
    )
    return done.events[-1].row.id


# --- who sees which page -----------------------------------------------------------------------------------

PEOPLE_OF_THE_MATRIX = ("hilde", "nadia", "ines", "noah", "mila")
MATRIX = {
    "/managers/": (200, 200, 200, 200, 200),
    "/managers/register": (200, 200, 200, 200, 200),
    f"/managers/register/{NETJES}": (200, 200, 200, 200, 200),
    f"/managers/{NETJES}": (200, 200, 404, 404, 404),
    APPOINT_MAIN: (200, 404, 404, 404, 404),
    APPOINT_CO_MAIN: (404, 200, 404, 404, 404),
    f"/managers/{NETJES}/appoint/access_manager": (404, 200, 404, 404, 404),
    f"/managers/{NETJES}/appoint/local_administrator": (404, 404, 404, 404, 404),
    f"/managers/{NETJES}/appoint/legal_representative": (404, 404, 404, 404, 404),
    "/managers/offers/{appointment}": (200, 200, 404, 404, 404),
    "/managers/appointments/{appointment}/end": (200, 200, 404, 404, 404),
    "/managers/offers/nothing": (404, 404, 404, 404, 404),
    "/managers/appointments/nothing/end": (404, 404, 404, 404, 404),
    f"/managers/{ABSENT}": (404, 404, 404, 404, 404),
    f"/managers/register/{ABSENT}": (404, 404, 404, 404, 404),
    "/managers/1999000151": (404, 404, 404, 404, 404),
}


@pytest.mark.parametrize("path", MATRIX)
def test_each_page_opens_to_those_for_whom_a_permit_holds_and_to_nobody_else(
    app: Flask, chain: Chain, path: str
) -> None:
    address = path.format(appointment=chain.appointment)
    seen = tuple(signed_in_client(app, who).get(address).status_code for who in PEOPLE_OF_THE_MATRIX)
    assert seen == MATRIX[path]


def test_without_signing_in_only_the_public_register_opens(app: Flask, chain: Chain) -> None:
    nobody = anonymous_client(app)
    public = {"/managers/register": 200, f"/managers/register/{NETJES}": 200, f"/managers/register/{ABSENT}": 404}
    private = [f"/managers/{NETJES}", f"/managers/{ABSENT}", "/managers/", f"/managers/offers/{chain.appointment}"]
    assert {path: nobody.get(path).status_code for path in public} == public
    for path in private:
        answer = nobody.get(path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in")


def test_an_enterprise_of_others_answers_as_one_that_does_not_exist(app: Flask, chain: Chain) -> None:
    for who in ("noah", "ines", "mila"):
        client = signed_in_client(app, who)
        for path in ("/managers/{}", "/managers/{}/appoint/main_access_manager"):
            foreign, absent = (client.get(path.format(number)) for number in (NETJES, ABSENT))
            assert foreign.status_code == absent.status_code == 404
            bodies = [apart_from(each.get_data(as_text=True), NETJES, ABSENT) for each in (foreign, absent)]
            assert bodies[0] == bodies[1]


def test_an_appointment_of_others_answers_as_one_that_does_not_exist(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "noah")
    for path in ("/managers/offers/{}", "/managers/offers/{}/accept", "/managers/offers/{}/refuse",
                 "/managers/appointments/{}/end"):  # fmt: skip
        theirs, nothing = (post(client, path.format(each)) for each in (chain.appointment, "nothing"))
        assert theirs.status_code == nothing.status_code
        bodies = [apart_from(each.get_data(as_text=True), chain.appointment, "nothing") for each in (theirs, nothing)]
        assert bodies[0] == bodies[1]
    assert state_of(app, Role.MAIN_ACCESS_MANAGER, "nadia") is AppointmentState.ACTIVE


def test_a_page_of_an_enterprise_needs_few_queries(app: Flask, chain: Chain) -> None:
    offer_to(app, "karel")
    for who, path, most in (
        ("nadia", f"/managers/{NETJES}", 13),
        ("hilde", "/managers/", 15),
        ("hilde", f"/managers/register/{NETJES}", 16),
    ):
        client = signed_in_client(app, who)
        with counted_queries(app) as statements:
            client.get(path)
        assert 0 < len(statements) <= most


@contextmanager
def counted_queries(app: Flask) -> Iterator[list[str]]:
    """The SELECT statements that are run."""
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        if arguments[2].lstrip().upper().startswith("SELECT"):
            statements.append(arguments[2])

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


# --- the first page ----------------------------------------------------------------------------------------


def test_the_first_page_says_which_enterprises_one_represents_and_why(app: Flask, chain: Chain) -> None:
    page = text_of(signed_in_client(app, "hilde").get("/managers/"))
    assert "You hold the function of managing director from 15 March 2016, without end." in page
    assert "You have no role in an enterprise." in page


def test_the_first_page_shows_roles_and_offers_of_the_person_alone(app: Flask, chain: Chain) -> None:
    offer_to(app, "karel")
    nadia, karel, noah = (text_of(signed_in_client(app, who).get("/managers/")) for who in ("nadia", "karel", "noah"))
    assert "main access manager 2 March 2026, 09:00" in nadia
    assert "Offers that wait for your answer" not in nadia
    assert "Offered by Nadia El Amrani on 2 March 2026, 09:00. You can answer until 1 April 2026, 10:00." in karel
    assert "Netjes Thuis" not in noah


def test_a_claim_that_counts_no_more_says_so(app: Flask, chain: Chain) -> None:
    do(app, "nadia", Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR, enterprise=NETJES)
    nadia = signed_in_client(app, "nadia")
    assert "does not count now" not in text_of(nadia.get("/managers/"))
    do(app, "nadia", Action.END_APPOINTMENT, appointment=chain.appointment, without_successor=True)
    assert "main local administrator does not count now" in text_of(nadia.get("/managers/"))
    assert "does not count now" in text_of(nadia.get(f"/managers/{NETJES}"))


def test_what_the_register_does_not_answer_is_called_unknown_and_not_no(app: Flask, chain: Chain) -> None:
    fall_silent(product_of(app).world, NETJES)
    hilde = signed_in_client(app, "hilde")
    assert "Unknown at the moment" in text_of(hilde.get("/managers/"))
    card = text_of(hilde.get(f"/managers/register/{NETJES}"))
    assert "So it is unknown who represents it: that is not the same as nobody." in card
    assert "Karel De Smedt" not in card
    assert hilde.get(f"/managers/{NETJES}").status_code == 404


# --- the public register -----------------------------------------------------------------------------------


def zonnebloem(app: Flask) -> str:
    """An enterprise in which each function comes to something else."""
    number, holding = "1999000447", "1999000546"
    add_people(app, "pieter", "sophie")
    add_enterprise(app, number, "Zonnebloem Thuishulp")
    add_enterprise(app, holding, "Holding Noord")
    functions: dict[str, dict[str, Any]] = {
        "director": {"code": "director", "holder": "pieter"},
        "permanent": {"code": "director", "holder": "karel", "held_by": holding},
        "founder": {"code": "founder", "holder": "hilde"},
        "over": {"code": "director", "holder": "hilde", "last": date(2020, 6, 30)},
        "nobody": {"code": "liquidator", "holder": None, "held_by": holding, "first": date(2026, 2, 1)},
        "trustee": {"code": "trustee", "holder": "sophie", "first": date(2026, 2, 2)},
        "foreign": {"code": "provisional_administrator", "holder": None, "holder_name": "Murphy, John"},
    }
    for id_, values in functions.items():
        add_fact(app, "function", **{"id": id_, "enterprise": number, "first": SINCE, **values})
    return number


def test_the_card_explains_for_each_function_why_its_holder_represents_or_not(app: Flask, chain: Chain) -> None:
    page = text_of(anonymous_client(app).get(f"/managers/register/{zonnebloem(app)}"))
    set_aside = "is set aside while this office is held: provisional administrator, liquidator, trustee in bankruptcy."
    assert f"No The function of director {set_aside}" in page
    assert "No The function of founder never represents the enterprise." in page
    assert "No The function of director ended on 30 June 2020." in page
    assert "No The enterprise that holds the function names no permanent representative." in page
    assert "No The register has no national number for the holder, who cannot sign in here." in page
    assert "Yes The function of trustee in bankruptcy represents, and its period includes today." in page
    assert "permanent representative: Karel De Smedt" in page
    assert "And you?" not in page


def test_the_card_tells_whoever_is_signed_in_whether_they_represent_and_why(app: Flask, chain: Chain) -> None:
    number = zonnebloem(app)
    told = {
        who: text_of(signed_in_client(app, who).get(f"/managers/register/{number}"))
        for who in ("sophie", "pieter", "hilde", "noah")
    }
    assert "You are a legal representative You hold the function of trustee in bankruptcy" in told["sophie"]
    assert "You are not a legal representative The function of director is set aside" in told["pieter"]
    assert "You are not a legal representative The function of founder never represents" in told["hilde"]
    assert "You are not a legal representative The register names you in no function" in told["noah"]


def test_the_card_shows_names_seat_recognitions_and_units(app: Flask, chain: Chain) -> None:
    add_fact(app, "denomination", entity=NETJES, language="2", type_code="002", name="NT")
    add_fact(
        app, "address", entity=NETJES, type_code="REGO", zipcode="9999", municipality_nl="Voorbeelddorp",
        municipality_fr="Village-Exemple", street_nl="Wasbordstraat", house_number="12",
    )  # fmt: skip
    add_fact(app, "suspension", id="s", recognition="V99902", first=date(2026, 1, 1), last=date(2026, 6, 30))
    add_fact(app, "code", category="TypeOfEnterprise", code="2", language="EN", description="Legal person")
    page = text_of(anonymous_client(app).get(f"/managers/register/{NETJES}"))
    assert "Netjes Thuis NT (002)" in page
    assert "Kind Legal person" in page
    assert "Seat Wasbordstraat 12, 9999 Voorbeelddorp" in page
    assert "V99901 since 1 January 2017 no" in page
    assert "V99902 since 1 July 2021 from 1 January 2026 to 30 June 2026" in page
    assert "8.999.000.103" in page
    french = anonymous_client(app, "fr").get(f"/managers/register/{NETJES}")
    assert "Wasbordstraat 12, 9999 Village-Exemple" in text_of(french)


def test_a_search_finds_by_number_in_any_form_and_by_a_part_of_the_name(app: Flask, chain: Chain) -> None:
    nobody = anonymous_client(app)
    for written in ("1999.000.150", "BE 1999 000 150", "1999000150"):
        answer = nobody.get("/managers/register", query_string={"q": written})
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/managers/register/{NETJES}")
    assert "Found 1 enterprise Netjes Thuis" in text_of(nobody.get("/managers/register?q=THUIS"))
    assert "No enterprise with that number or name" in text_of(nobody.get("/managers/register?q=Nobody"))
    assert "No enterprise with that number or name" in text_of(nobody.get(f"/managers/register?q={ABSENT}"))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("1999.000.151", "The number holds a typing error: its last two digits do not fit the others."),
        ("1999.000", "The number has too few or too many digits."),
        ("9999.000.150", "A number of this kind does not begin with that digit."),
        ("n", "Write at least two letters of the name."),
        ("", "Write an enterprise number, or the beginning of a name."),
        ("   ", "Write at least two letters of the name."),
        ("Netjes\u202eThuis", "The text holds characters that cannot be seen. Type it instead of pasting it."),
    ],
)
def test_a_search_for_what_cannot_be_found_says_which_mistake_it_is(
    app: Flask, chain: Chain, typed: str, told: str
) -> None:
    answer = anonymous_client(app).get("/managers/register", query_string={"q": typed})
    assert answer.status_code == 422
    assert told in text_of(answer)


def test_a_national_number_in_the_search_leaves_the_address_at_once(app: Flask, chain: Chain) -> None:
    nobody = anonymous_client(app)
    answer = nobody.get("/managers/register", query_string={"q": PEOPLE["hilde"][2]})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/managers/register")
    page = nobody.get("/managers/register").get_data(as_text=True)
    assert "That was the number of a person." in page
    assert PEOPLE["hilde"][2] not in page


# --- appointing: the story ---------------------------------------------------------------------------------


def test_a_main_access_manager_is_replaced_accepts_and_lays_the_role_down(app: Flask, chain: Chain) -> None:
    hilde, karel, nadia = (signed_in_client(app, who) for who in ("hilde", "karel", "nadia"))
    check = fill_in(hilde, APPOINT_MAIN, somebody("karel", replaces="y", present=present_main(chain)))
    answers = text_of(hilde.get(check))
    assert "Karel Edit Given name Family name De Smedt Edit Family name National number ••.••.••-•••.93" in answers
    assert "Replaces Nadia El Amrani" in answers
    assert PEOPLE["karel"][2] not in hilde.get(check).get_data(as_text=True)

    offered = post(hilde, check)
    assert offered.status_code == 303
    assert "You offered a role" in text_of(hilde.get(offered.headers["Location"]))
    offer = in_netjes(app, Role.MAIN_ACCESS_MANAGER, "karel")[0]
    assert state_of(app, Role.MAIN_ACCESS_MANAGER, "karel") is AppointmentState.PENDING
    assert state_of(app, Role.MAIN_ACCESS_MANAGER, "nadia") is AppointmentState.ACTIVE

    page = text_of(karel.get(f"/managers/offers/{offer.id}"))
    assert "Offered by Hilde Vermeulen" in page
    assert "E-mail address karel@example.be Telephone number +32 2 555 01 23" in page
    assert post(karel, f"/managers/offers/{offer.id}/accept").headers["Location"] == f"/managers/{NETJES}"
    assert state_of(app, Role.MAIN_ACCESS_MANAGER, "karel") is AppointmentState.ACTIVE
    assert state_of(app, Role.MAIN_ACCESS_MANAGER, "nadia") is AppointmentState.ENDED
    assert nadia.get(f"/managers/{NETJES}").status_code == 404

    end = f"/managers/appointments/{offer.id}/end"
    assert "There is no successor" in text_of(karel.get(end))
    assert post(karel, end, {"without_successor": "y"}).status_code == 303
    assert state_of(app, Role.MAIN_ACCESS_MANAGER, "karel") is AppointmentState.ENDED


def test_a_representative_appoints_themself_by_one_button(app: Flask, chain: Chain) -> None:
    hilde = signed_in_client(app, "hilde")
    fields = {"myself": "y", "replaces": "y", "present": present_main(chain)}
    check = fill_in(hilde, APPOINT_MAIN, fields)
    own = "Hilde Edit Given name Family name Vermeulen Edit Family name National number ••.••.••-•••.46"
    assert own in text_of(hilde.get(check))
    assert post(hilde, check).status_code == 303
    assert state_of(app, Role.MAIN_ACCESS_MANAGER, "hilde") is AppointmentState.ACTIVE
    with product_of(app).world.store.reading() as seen:
        assert contact_of(seen, "hilde") is None


def test_whoever_appoints_themself_is_never_somebody_else_whatever_is_filled_in(app: Flask, chain: Chain) -> None:
    hilde = signed_in_client(app, "hilde")
    fields = somebody("karel", myself="y", replaces="y", present=present_main(chain), number="not a number")
    assert appoint(hilde, APPOINT_MAIN, fields).status_code == 303
    assert state_of(app, Role.MAIN_ACCESS_MANAGER, "hilde") is AppointmentState.ACTIVE
    assert in_netjes(app, Role.MAIN_ACCESS_MANAGER, "karel") == []


def test_an_access_manager_is_offered_a_domain(app: Flask, chain: Chain) -> None:
    nadia = signed_in_client(app, "nadia")
    path = f"/managers/{NETJES}/appoint/access_manager"
    assert appoint(nadia, path, somebody("noah", domain="economy", employee=None)).status_code == 303
    assert in_netjes(app, Role.ACCESS_MANAGER, "noah")[0].domain is Domain.ECONOMY
    wrong = post(nadia, path, somebody("noah", domain="everything", employee=None))
    assert wrong.status_code == 422


def test_a_local_administrator_is_offered_by_a_main_local_administrator(app: Flask, chain: Chain) -> None:
    path = f"/managers/{NETJES}/appoint/local_administrator"
    nadia = signed_in_client(app, "nadia")
    assert nadia.get(path).status_code == 404
    do(app, "nadia", Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR, enterprise=NETJES)
    assert appoint(nadia, path, somebody("ines", employee=None)).status_code == 303
    assert state_of(app, Role.LOCAL_ADMINISTRATOR, "ines") is AppointmentState.PENDING


def test_an_offer_is_refused(app: Flask, chain: Chain) -> None:
    offer = offer_to(app, "noah")
    noah = signed_in_client(app, "noah")
    assert noah.get(f"/managers/{NETJES}").status_code == 200
    assert post(noah, f"/managers/offers/{offer}/refuse").headers["Location"] == "/managers/"
    assert state_of(app, Role.CO_MAIN_ACCESS_MANAGER, "noah") is AppointmentState.REFUSED
    assert noah.get(f"/managers/{NETJES}").status_code == 404


def test_an_offer_is_withdrawn_by_whoever_could_make_it(app: Flask, chain: Chain) -> None:
    offer = offer_to(app, "noah")
    nadia = signed_in_client(app, "nadia")
    assert "Withdraw the offer" in text_of(nadia.get(f"/managers/offers/{offer}"))
    assert "Accept" not in text_of(nadia.get(f"/managers/offers/{offer}"))
    assert post(nadia, f"/managers/appointments/{offer}/end").headers["Location"] == f"/managers/{NETJES}"
    assert state_of(app, Role.CO_MAIN_ACCESS_MANAGER, "noah") is AppointmentState.WITHDRAWN


def test_offers_are_listed_only_for_those_to_whom_their_page_opens(app: Flask, chain: Chain) -> None:
    ines = identity_of("ines")
    do(app, "nadia", Action.APPOINT_ACCESS_MANAGER, enterprise=NETJES, domain=Domain.ECONOMY, identity=ines)
    offer = offer_to(app, "noah")
    listed = {
        who: offer in signed_in_client(app, who).get(f"/managers/{NETJES}").get_data(as_text=True)
        for who in ("hilde", "nadia", "ines", "noah")
    }
    opens = {
        who: signed_in_client(app, who).get(f"/managers/offers/{offer}").status_code == 200
        for who in ("hilde", "nadia", "ines", "noah")
    }
    assert listed == opens == {"hilde": False, "nadia": True, "ines": False, "noah": True}


# --- appointing: refusals and mistakes ----------------------------------------------------------------------


def test_the_main_role_is_not_offered_while_somebody_has_it_and_is_not_replaced(app: Flask, chain: Chain) -> None:
    hilde = signed_in_client(app, "hilde")
    present = present_main(chain)
    refused = appoint(hilde, APPOINT_MAIN, somebody("karel", present=present))
    assert refused.status_code == 403
    assert "APPOINT-3" in text_of(refused)
    assert appoint(hilde, APPOINT_MAIN, somebody("karel", present=present, replaces="y")).status_code == 303


def test_a_co_main_access_manager_is_an_employee_or_a_representative(app: Flask, chain: Chain) -> None:
    nadia = signed_in_client(app, "nadia")
    refused = appoint(nadia, APPOINT_CO_MAIN, somebody("noah", employee="no"))
    assert refused.status_code == 403
    assert "APPOINT-2" in text_of(refused)
    assert appoint(nadia, APPOINT_CO_MAIN, somebody("karel", employee="no")).status_code == 303
    assert appoint(nadia, APPOINT_CO_MAIN, somebody("noah", employee="yes")).status_code == 303


def test_a_wrong_name_and_an_unknown_number_get_the_very_same_page(app: Flask, chain: Chain) -> None:
    nadia = signed_in_client(app, "nadia")
    wrong_name = appoint(nadia, APPOINT_CO_MAIN, somebody("noah", family="Dubois"))
    unknown = appoint(nadia, APPOINT_CO_MAIN, somebody("noah", number=UNKNOWN_NUMBER))
    assert wrong_name.status_code == unknown.status_code == 403
    assert "PERSON-2" in text_of(wrong_name)
    assert apart_from(wrong_name.get_data(as_text=True)) == apart_from(unknown.get_data(as_text=True))
    assert appoint(nadia, APPOINT_CO_MAIN, somebody("noah", family="PÉETERS")).status_code == 303


def test_after_ten_people_who_were_not_found_looking_up_stops_for_an_hour(app: Flask, chain: Chain) -> None:
    nadia = signed_in_client(app, "nadia")
    check = fill_in(nadia, APPOINT_CO_MAIN, somebody("noah", family="Dubois"))
    assert [post(nadia, check).status_code for _ in range(10)] == [403] * 10
    right = fill_in(nadia, APPOINT_CO_MAIN, somebody("noah"))
    assert post(nadia, right).status_code == 429
    assert in_netjes(app, Role.CO_MAIN_ACCESS_MANAGER, "noah") == []
    advance(app, "2026-03-02T10:05")
    assert post(nadia, right).status_code == 303


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"number": "72.03.14-000.47"}, "The number holds a typing error: its last two digits do not fit the others."),
        ({"number": "72.13.14-000.46"}, "The first six digits of the number are not a day of birth."),
        ({"number": "72.03.14"}, "The number has too few or too many digits."),
        ({"number": "number"}, "Write the number with digits only; dots, dashes and spaces do not matter."),
        ({"number": ""}, "Write the national number, or the BIS number, of the person."),
        ({"given": "  "}, "Write the given name of the person."),
        ({"family": None}, "Write the family name of the person."),
        ({"family": "Pee\u202eters"}, "The text holds characters that cannot be seen."),
        ({"email": ""}, "Write the e-mail address of the person."),
        ({"email": "noah@example"}, "Write an e-mail address, such as name@example.be."),
        ({"phone": "call me"}, "Write a telephone number with digits, such as +32 2 555 01 23."),
        ({"employee": "perhaps"}, "Choose yes or no."),
    ],
)
def test_a_mistake_in_the_form_is_told_at_its_field_and_nothing_typed_is_lost(
    app: Flask, chain: Chain, changed: dict[str, Any], told: str
) -> None:
    nadia = signed_in_client(app, "nadia")
    answer = post(nadia, APPOINT_CO_MAIN, somebody("noah", **changed))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert text_of(answer).count(told) == 2
    assert "Not a valid choice" not in page
    assert 'class="error-summary"' in page
    shown = re.findall(r'<input [^>]*name="(number|given|family|email|phone)"', page)
    kept = {name: value for name, value in somebody("noah").items() if name in shown and name not in changed}
    assert [value for value in kept.values() if f'value="{value}"' not in page] == []
    assert in_netjes(app, Role.CO_MAIN_ACCESS_MANAGER, "noah") == []


def test_answers_can_be_changed_without_typing_all_again_but_the_number(app: Flask, chain: Chain) -> None:
    nadia = signed_in_client(app, "nadia")
    check = fill_in(nadia, APPOINT_CO_MAIN, somebody("noah"))
    who, reach = (nadia.get(f"{check}/{step}").get_data(as_text=True) for step in ("who", "reach"))
    assert 'value="Peeters"' in who
    assert 'value="noah@example.be"' in reach
    assert PEOPLE["noah"][2] not in who
    assert "••.••.••-•••.61 is kept. Leave this empty to keep it." in who
    assert post(nadia, f"{check}/who", {"number": "", "given": "Noah", "family": "Peeters"}).location == check
    assert "Given name Noah" in text_of(nadia.get(check))


def test_a_form_that_is_sent_twice_is_done_once(app: Flask, chain: Chain) -> None:
    nadia = signed_in_client(app, "nadia")
    check = fill_in(nadia, APPOINT_CO_MAIN, somebody("noah"))
    assert [post(nadia, check).status_code for _ in range(3)] == [303, 409, 409]
    assert len(in_netjes(app, Role.CO_MAIN_ACCESS_MANAGER, "noah")) == 1


def test_a_draft_does_for_its_own_person_role_and_enterprise_alone(app: Flask, chain: Chain) -> None:
    nadia, hilde = signed_in_client(app, "nadia"), signed_in_client(app, "hilde")
    check = fill_in(nadia, APPOINT_CO_MAIN, somebody("noah"))
    draft = check.rsplit("/", 1)[1]
    assert nadia.get(f"/managers/{NETJES}/appoint/access_manager/{draft}").status_code == 409
    assert post(nadia, f"/managers/{NETJES}/appoint/access_manager/{draft}").status_code == 409
    assert post(nadia, f"/managers/{PROPRE}/appoint/co_main_access_manager/{draft}").status_code == 409
    assert post(hilde, check).status_code == 409


def test_a_form_without_a_token_does_nothing(app: Flask, chain: Chain) -> None:
    offer = offer_to(app, "noah")
    noah = signed_in_client(app, "noah")
    for path in (f"/managers/offers/{offer}/accept", f"/managers/offers/{offer}/refuse",
                 f"/managers/appointments/{offer}/end"):  # fmt: skip
        assert noah.post(path).status_code == 400
    nadia = signed_in_client(app, "nadia")
    check = fill_in(nadia, APPOINT_CO_MAIN, somebody("ines"))
    assert [nadia.post(path).status_code for path in (APPOINT_CO_MAIN, check)] == [400, 400]
    assert state_of(app, Role.CO_MAIN_ACCESS_MANAGER, "noah") is AppointmentState.PENDING


def test_nobody_replaces_a_main_access_manager_whom_their_page_did_not_name(app: Flask, chain: Chain) -> None:
    hilde = signed_in_client(app, "hilde")
    check = fill_in(hilde, APPOINT_MAIN, somebody("noah", replaces="y", present=present_main(chain)))
    himself = identity_of("karel")
    do(app, "karel", Action.APPOINT_MAIN_ACCESS_MANAGER, enterprise=NETJES, replaces=True, identity=himself)
    assert post(hilde, check).status_code == 409
    assert state_of(app, Role.MAIN_ACCESS_MANAGER, "karel") is AppointmentState.ACTIVE
    assert in_netjes(app, Role.MAIN_ACCESS_MANAGER, "noah") == []


def test_whether_somebody_appointed_meanwhile_is_replaced_is_asked_before_anything_is_done(
    app: Flask, chain: Chain
) -> None:
    do(app, "nadia", Action.END_APPOINTMENT, appointment=chain.appointment, without_successor=True)
    hilde = signed_in_client(app, "hilde")
    check = fill_in(hilde, APPOINT_MAIN, somebody("noah"))
    do(app, "karel", Action.APPOINT_MAIN_ACCESS_MANAGER, enterprise=NETJES, identity=identity_of("karel"))
    asked = post(hilde, check)
    assert (asked.status_code, asked.location) == (303, f"{check}/replaces")
    assert "This person replaces Karel De Smedt, the present main access manager" in text_of(hilde.get(asked.location))
    assert in_netjes(app, Role.MAIN_ACCESS_MANAGER, "noah") == []


def test_whoever_represents_no_more_when_they_confirm_is_refused(app: Flask, chain: Chain) -> None:
    hilde = signed_in_client(app, "hilde")
    check = fill_in(hilde, APPOINT_MAIN, somebody("noah", replaces="y", present=present_main(chain)))
    end_function(product_of(app).world, NETJES, FunctionCode.MANAGING_DIRECTOR, "hilde", START.date() - timedelta(1))
    refused = post(hilde, check)
    assert refused.status_code == 403
    assert "APPOINT-1" in text_of(refused)
    assert "Nadia" not in text_of(refused)


def test_a_weak_key_is_refused_and_what_was_filled_in_waits_for_a_stronger_one(app: Flask, chain: Chain) -> None:
    weak = signed_in_client(app, "nadia", Key.APP)
    check = fill_in(weak, APPOINT_CO_MAIN, somebody("noah"))
    refused = post(weak, check)
    assert refused.status_code == 403
    assert "KEY-1" in text_of(refused)
    assert "Sign in with a stronger key" in text_of(refused)
    assert post(signed_in_client(app, "nadia", Key.ITSME), check).status_code == 303


# --- answering and ending: refusals ------------------------------------------------------------------------


def test_an_offer_can_be_answered_to_the_last_moment_of_thirty_days_and_not_after(app: Flask, chain: Chain) -> None:
    first, second = offer_to(app, "noah"), offer_to(app, "ines")
    advance(app, "2026-04-01T09:59")
    assert post(signed_in_client(app, "noah"), f"/managers/offers/{first}/accept").status_code == 303
    advance(app, "2026-04-01T10:01")
    ines = signed_in_client(app, "ines")
    assert "There is nothing to answer any more." in text_of(ines.get(f"/managers/offers/{second}"))
    refused = post(ines, f"/managers/offers/{second}/accept")
    assert refused.status_code == 403
    assert "ACCEPT-2" in text_of(refused)


def test_an_offer_says_what_stands_in_the_way_when_its_maker_could_not_make_it_now(app: Flask, chain: Chain) -> None:
    offer = offer_to(app, "noah")
    noah = signed_in_client(app, "noah")
    assert "It cannot be accepted now" not in text_of(noah.get(f"/managers/offers/{offer}"))
    do(app, "hilde", Action.END_APPOINTMENT, appointment=chain.appointment, without_successor=True)
    assert "ACCEPT-3 Whoever made the offer could not make it now." in text_of(noah.get(f"/managers/offers/{offer}"))
    refused = post(noah, f"/managers/offers/{offer}/accept")
    assert refused.status_code == 403
    assert "ACCEPT-3" in text_of(refused)


def test_accepting_twice_says_that_it_is_answered(app: Flask, chain: Chain) -> None:
    offer = offer_to(app, "noah")
    noah = signed_in_client(app, "noah")
    assert [post(noah, f"/managers/offers/{offer}/accept").status_code for _ in range(2)] == [303, 403]
    assert state_of(app, Role.CO_MAIN_ACCESS_MANAGER, "noah") is AppointmentState.ACTIVE


def test_only_the_appointee_answers(app: Flask, chain: Chain) -> None:
    offer = offer_to(app, "noah")
    for who in ("nadia", "hilde", "ines", "mila"):
        client = signed_in_client(app, who)
        answers = [post(client, f"/managers/offers/{offer}/{answer}").status_code for answer in ("accept", "refuse")]
        assert answers == [404, 404]
    assert state_of(app, Role.CO_MAIN_ACCESS_MANAGER, "noah") is AppointmentState.PENDING


def test_the_main_role_ends_only_with_the_word_that_there_is_no_successor(app: Flask, chain: Chain) -> None:
    end = f"/managers/appointments/{chain.appointment}/end"
    for who in ("nadia", "hilde"):
        refused = post(signed_in_client(app, who), end)
        assert refused.status_code == 403
        assert "END-3" in text_of(refused)
    assert post(signed_in_client(app, "nadia"), end, {"without_successor": "y"}).headers["Location"] == "/managers/"
    again = post(signed_in_client(app, "nadia"), end, {"without_successor": "y"})
    assert again.status_code == 403
    assert "END-4" in text_of(again)
    assert "It is over already" in text_of(signed_in_client(app, "hilde").get(end))


# --- contact data -------------------------------------------------------------------------------------------


def test_contact_data_are_kept_sealed_stand_in_no_entry_and_are_not_replaced_by_others(
    app: Flask, chain: Chain, tmp_path: Path
) -> None:
    nadia = signed_in_client(app, "nadia")
    appoint(nadia, APPOINT_CO_MAIN, somebody("noah", email="canary@example.be", phone="+32 2 555 99 87"))
    appoint(nadia, APPOINT_CO_MAIN, somebody("noah", email="elsewhere@example.be"))
    with product_of(app).world.store.reading() as seen:
        assert contact_of(seen, "noah") == Contact("canary@example.be", "+32 2 555 99 87")
        leaves = [row.leaf for row in seen.lists.entries(subject="noah")]
    assert sum(b'"type":"contact.changed"' in leaf for leaf in leaves) == 1
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"canary@example.be" not in stored
    assert b"555 99 87" not in stored


def test_contact_data_are_shown_to_nobody_but_the_person(app: Flask, chain: Chain) -> None:
    nadia = signed_in_client(app, "nadia")
    appoint(nadia, APPOINT_CO_MAIN, somebody("noah"))
    offer = in_netjes(app, Role.CO_MAIN_ACCESS_MANAGER, "noah")[0].id
    shown = {
        who: "noah@example.be" in text_of(signed_in_client(app, who).get(f"/managers/offers/{offer}"))
        for who in ("nadia", "noah")
    }
    assert shown == {"nadia": False, "noah": True}


def test_nothing_is_kept_of_an_offer_that_was_refused(app: Flask, chain: Chain) -> None:
    nadia = signed_in_client(app, "nadia")
    assert appoint(nadia, APPOINT_CO_MAIN, somebody("noah", employee="no")).status_code == 403
    with product_of(app).world.store.reading() as seen:
        assert contact_of(seen, "noah") is None
