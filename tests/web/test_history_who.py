"""Who could enter on a day and who gave them that; timelines of people and of rights; the case of an auditor."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from accessmgr.core.actions import Action
from accessmgr.core.days import Period
from accessmgr.core.model import Key
from tests.web.building import (
    NETJES,
    PROPRE,
    Chain,
    add_enterprise,
    advance,
    anonymous_client,
    built_app,
    demo_chain,
    do,
    post,
    product_of,
    signed_in_client,
)

HISTORY = f"/history/{NETJES}"
WHO = f"{HISTORY}/who"
CASE = {"enterprise": NETJES, "case": "2026/14", "purpose": "a complaint"}
INES_ENTERS = "Inès Dubois: Service vouchers for recognised enterprises, V99901"
NOBODY = "Nobody could enter then."


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = built_app(tmp_path)
    add_enterprise(app, PROPRE, "Propre & Net")
    return app


@pytest.fixture
def chain(app: Flask) -> Chain:
    """The demo chain, in which the right was revoked on 4 May 2026 at ten."""
    chain = demo_chain(app)
    do(app, "ines", Action.ENTER_SECURE_AREA, enterprise=NETJES, right="service_vouchers", contexts=("V99901",))
    advance(app, "2026-05-04T10:00")
    do(app, "nadia", Action.REVOKE_GRANT, grant=chain.grant)
    advance(app, "2026-05-10T09:00")
    return chain


def shown(page: Any) -> str:
    """What a page says, without its markup and what can be chosen in it."""
    text = re.sub(r"<(select|svg)\b.*?</\1>", " ", page.get_data(as_text=True), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def size(app: Flask) -> int:
    with product_of(app).world.store.reading() as seen:
        return seen.size()


@pytest.mark.parametrize(
    ("asked", "found", "missing"),
    [
        ("on=2026-03-01", NOBODY, INES_ENTERS),
        ("on=2026-03-02", INES_ENTERS, NOBODY),
        ("on=2026-05-03", INES_ENTERS, NOBODY),
        ("on=2026-05-04T09:59", INES_ENTERS, NOBODY),
        ("on=2026-05-05", NOBODY, INES_ENTERS),
        ("on=2026-05-05&known=2026-05-03", INES_ENTERS, NOBODY),
        ("on=2026-05-03&known=2026-03-01", NOBODY, INES_ENTERS),
        ("on=2026-05-03&right=energy_audit", NOBODY, INES_ENTERS),
        ("on=2026-05-03&right=service_vouchers", INES_ENTERS, NOBODY),
        ("on=2026-05-03&person=ines", INES_ENTERS, NOBODY),
        ("on=2026-05-03&person=nadia", NOBODY, INES_ENTERS),
    ],
)
def test_the_page_shows_who_could_enter_on_the_day_asked(
    app: Flask, chain: Chain, asked: str, found: str, missing: str
) -> None:
    page = shown(signed_in_client(app, "nadia").get(f"{WHO}?{asked}"))

    assert found in page
    assert missing not in page


def test_each_link_says_who_made_it_and_in_which_capacity(app: Flask, chain: Chain) -> None:
    page = shown(signed_in_client(app, "nadia").get(f"{WHO}?on=2026-05-03"))

    for told in (
        "Hilde Vermeulen as legal representative – offered a role (Nadia El Amrani) APPOINT-1",
        "Nadia El Amrani as person to whom the role was offered – accepted a role ACCEPT-1",
        "Nadia El Amrani as user manager – linked a person to the enterprise (Inès Dubois) LINK-1",
        "Nadia El Amrani as manager who may grant the right – granted a right (Inès Dubois) GRANT-1",
    ):
        assert told in page


def test_each_link_leads_to_its_entries(app: Flask, chain: Chain) -> None:
    with product_of(app).world.store.reading() as seen:
        granted = min(row.sequence for row in seen.lists.entries(subject=chain.grant))
    client = signed_in_client(app, "nadia")
    page = client.get(f"{WHO}?on=2026-05-03").get_data(as_text=True)

    assert f'href="/history/entries/{granted}"' in page
    assert client.get(f"/history/entries/{granted}").status_code == 200


def test_who_lost_it_during_the_day_is_shown_too(app: Flask, chain: Chain) -> None:
    page = shown(signed_in_client(app, "nadia").get(f"{WHO}?on=2026-05-04"))

    before, _heading, after = page.partition("Earlier on that day, and no more at that moment")
    assert NOBODY in before
    assert INES_ENTERS in after
    assert "It was revoked on 4 May 2026." in after


def test_one_goes_from_day_to_day(app: Flask, chain: Chain) -> None:
    page = signed_in_client(app, "nadia").get(f"{WHO}?on=2026-05-03&right=service_vouchers").get_data(as_text=True)

    days = re.findall(r'href="/history/1999000150/who\?(?:right=service_vouchers&amp;)?on=([0-9-]+)', page)
    assert days == ["2026-05-02", "2026-05-04"]


def test_a_wrong_day_is_told(app: Flask, chain: Chain) -> None:
    page = signed_in_client(app, "nadia").get(f"{WHO}?on=2026-02-30")

    assert page.status_code == 422
    assert "Choose a day that exists" in shown(page)


def test_more_ways_than_a_page_holds_stand_on_the_next_one(app: Flask, chain: Chain) -> None:
    units = [f"89990{n:05d}" for n in range(21)]
    with product_of(app).world.store.writing() as tx:
        for unit in units:
            tx.add_fact("establishment", id=unit, enterprise=NETJES, first=date(2016, 4, 1))
        tx.append("register.changed", product_of(app).world.clock.now(), subjects=[NETJES])
    period = Period(date(2026, 5, 10), date(2026, 6, 10))
    wish: dict[str, Any] = {"enterprise": NETJES, "right": "energy_audit", "person": "ines", "period": period}
    do(app, "nadia", Action.GRANT_RIGHT, contexts=tuple(units), **wish)
    client = signed_in_client(app, "nadia")
    first = client.get(f"{WHO}?on=2026-05-11").get_data(as_text=True)
    more = re.search(r'href="([^"]+)">Show more', first)
    assert more is not None
    second = client.get(more[1].replace("&amp;", "&")).get_data(as_text=True)

    assert (first.count(">could enter<"), second.count(">could enter<")) == (20, 1)


@pytest.mark.parametrize("person", ["ines", "noah"])
def test_for_everybody_else_nothing_is_there(app: Flask, chain: Chain, person: str) -> None:
    client = signed_in_client(app, person)
    foreign, absent = client.get(WHO), client.get("/history/1999000348/who")

    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert shown(foreign) == shown(absent)


def test_the_representative_sees_it_and_a_weak_key_does_not(app: Flask, chain: Chain) -> None:
    assert signed_in_client(app, "hilde").get(WHO).status_code == 200
    assert signed_in_client(app, "hilde", Key.SMS).get(WHO).status_code == 403


# --- the case of an auditor -----------------------------------------------------------------------------------


def test_an_auditor_comes_to_the_page_asked_for_after_giving_case_and_purpose(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "mila")
    asked = client.get(f"{WHO}?on=2026-05-03")
    wanted = re.search(r'name="next" value="([^"]+)"', asked.get_data(as_text=True))
    assert wanted is not None
    answer = post(client, "/history/", {**CASE, "next": wanted[1].replace("&amp;", "&")})

    assert asked.status_code == 403
    assert INES_ENTERS not in shown(asked)
    assert answer.headers["Location"] == f"{WHO}?on=2026-05-03"
    assert INES_ENTERS in shown(client.get(answer.headers["Location"]))


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "/sign-in", "/users/", ""])
def test_the_form_leads_nowhere_but_into_the_history(app: Flask, chain: Chain, elsewhere: str) -> None:
    answer = post(signed_in_client(app, "mila"), "/history/", {**CASE, "next": elsewhere})

    assert answer.headers["Location"] == HISTORY


@pytest.mark.parametrize("path", ["/history/", "/history/me"])
def test_a_case_number_is_needed(app: Flask, chain: Chain, path: str) -> None:
    before = size(app)
    answer = post(signed_in_client(app, "mila"), path, {**CASE, "case": " "})

    assert answer.status_code == 422
    assert "Write the number of the case that you work on." in shown(answer)
    assert size(app) == before


def test_the_case_is_shown_while_the_auditor_works_until_they_close_it(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "mila")
    post(client, "/history/", CASE)
    working = shown(client.get(WHO))
    with client.session_transaction() as session:
        kept = str(dict(session))
    closed = post(client, "/history/close")

    assert "Case 2026/14 · a complaint" in working
    assert "2026/14" not in kept
    assert (closed.status_code, closed.headers["Location"]) == (303, "/history/")
    assert "Case 2026/14" not in shown(client.get("/history/"))
    assert client.get(WHO).status_code == 403


def test_the_enterprise_sees_that_an_auditor_looked_when_and_for_which_case(app: Flask, chain: Chain) -> None:
    before = shown(signed_in_client(app, "nadia").get(HISTORY))
    post(signed_in_client(app, "mila"), "/history/", CASE)
    page = shown(signed_in_client(app, "nadia").get(HISTORY))

    assert "An auditor looked at this history" not in before
    assert "An auditor looked at this history on 10 May 2026, 09:00" in page
    assert "Mila Desmet – Case 2026/14 · a complaint" in page


def test_an_auditor_finds_an_enterprise_by_its_name_and_nobody_else_searches(app: Flask, chain: Chain) -> None:
    found = signed_in_client(app, "mila").get("/history/?q=propre").get_data(as_text=True)
    nothing = shown(signed_in_client(app, "mila").get("/history/?q=nowhere"))
    others = signed_in_client(app, "noah").get("/history/?q=propre").get_data(as_text=True)

    assert f"/history/{PROPRE}/who" in found
    assert "The register has no enterprise with such a name." in nothing
    assert PROPRE not in others


# --- timelines ------------------------------------------------------------------------------------------------


def test_the_timeline_of_a_right_holds_its_chain_its_changes_and_what_rested_on_it(app: Flask, chain: Chain) -> None:
    page = signed_in_client(app, "nadia").get(f"{HISTORY}/grants/{chain.grant}")
    happened = shown(page).partition("What happened to it")[2]

    places = [
        happened.index(told)
        for told in (
            "revoked a right",
            "entered the secure area",
            "granted a right",
            "linked a person to the enterprise",
            "accepted a role",
            "offered a role",
        )
    ]
    assert places == sorted(places)
    assert f'href="{HISTORY}/grants/{chain.grant}/certificate"' in page.get_data(as_text=True)


def test_the_timeline_of_a_right_leaves_out_what_rested_on_another(app: Flask, chain: Chain) -> None:
    period = Period(date(2026, 5, 10), date(2026, 6, 10))
    wish: dict[str, Any] = {"enterprise": NETJES, "right": "energy_audit", "contexts": ("8999000103",)}
    other = do(app, "nadia", Action.GRANT_RIGHT, person="ines", period=period, **wish).events[-1].row.id
    client = signed_in_client(app, "nadia")
    before = shown(client.get(f"{HISTORY}/grants/{other}"))
    do(app, "ines", Action.ENTER_SECURE_AREA, **wish)
    after = shown(client.get(f"{HISTORY}/grants/{other}"))

    assert "entered the secure area" not in before
    assert "entered the secure area" in after
    assert shown(client.get(f"{HISTORY}/grants/{chain.grant}")).count("entered the secure area") == 1


def test_a_right_is_shown_to_its_holder_and_to_readers_of_its_enterprise(app: Flask, chain: Chain) -> None:
    path = f"{HISTORY}/grants/{chain.grant}"
    answers = {who: signed_in_client(app, who).get(path).status_code for who in ("nadia", "ines", "noah", "mila")}

    assert answers == {"nadia": 200, "ines": 200, "noah": 404, "mila": 403}
    assert signed_in_client(app, "nadia").get(f"{HISTORY}/grants/none").status_code == 404
    assert signed_in_client(app, "karel").get(f"/history/{PROPRE}/grants/{chain.grant}").status_code == 404


def test_the_timeline_of_a_person_lists_their_rights(app: Flask, chain: Chain) -> None:
    page = signed_in_client(app, "nadia").get(f"{HISTORY}/people/ines").get_data(as_text=True)

    assert f'href="{HISTORY}/grants/{chain.grant}"' in page
    assert signed_in_client(app, "nadia").get(f"{HISTORY}/people/noah").status_code == 404
    assert signed_in_client(app, "nadia").get(f"{HISTORY}/people/nobody").status_code == 404


def test_only_an_auditor_reads_about_a_person_in_all_enterprises(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "mila")
    before = client.get("/history/people/ines").status_code
    post(client, "/history/questions", {"case": "2026/14", "purpose": "a complaint"})
    page = shown(client.get("/history/people/ines"))

    assert before == 403
    assert "What is about Inès Dubois" in page
    assert "granted a right" in page
    assert signed_in_client(app, "nadia").get("/history/people/ines").status_code == 404
    assert signed_in_client(app, "ines").get("/history/people/ines").headers["Location"] == "/history/me"


def test_entries_of_one_type_can_be_chosen(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "nadia")
    revoked = shown(client.get(f"{HISTORY}?type=grant.revoked"))
    unknown = shown(client.get(f"{HISTORY}?type=none"))

    assert "revoked a right" in revoked
    assert "granted a right" not in revoked
    assert "granted a right" in unknown


def test_one_learns_where_one_could_enter_oneself(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "ines")

    assert INES_ENTERS in shown(client.get("/history/me/who?on=2026-05-03"))
    assert "You could enter nowhere then." in shown(client.get("/history/me/who?on=2026-05-05"))
    assert "You could enter nowhere then." in shown(signed_in_client(app, "noah").get("/history/me/who?on=2026-05-03"))


def dead_ends(client: FlaskClient, path: str) -> tuple[int, list[str]]:
    """How many links a page has to entries and to people in the history, and those that lead nowhere."""
    page = client.get(path).get_data(as_text=True)
    links = sorted(set(re.findall(r'href="(/history/(?:entries/\d+|\d+/people/\w+))"', page)))
    return len(links), [link for link in links if client.get(link).status_code != 200]


@pytest.mark.parametrize(
    ("who", "path", "links"),
    [
        ("ines", "/history/me/who?on=2026-05-03", 3),
        ("ines", f"{HISTORY}/grants/GRANT", 4),
        ("nadia", f"{WHO}?on=2026-05-03", 5),
        ("nadia", HISTORY, 9),
        ("nadia", f"{HISTORY}/grants/GRANT", 9),
        ("mila", "/history/people/ines", 5),
        ("mila", "/history/sample?seed=dice&count=5", 5),
    ],
)
def test_no_link_to_an_entry_or_a_person_leads_to_a_page_that_is_not_for_the_reader(
    app: Flask, chain: Chain, who: str, path: str, links: int
) -> None:
    client = signed_in_client(app, who)
    if who == "mila":
        post(client, "/history/questions", {"case": "2026/14", "purpose": "a complaint"})

    assert dead_ends(client, path.replace("GRANT", chain.grant)) == (links, [])


def test_who_gave_a_purpose_for_one_enterprise_opens_no_entry_of_another(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "mila")
    post(client, "/history/", {"enterprise": PROPRE, "case": "2026/14", "purpose": "a complaint"})
    there = re.findall(r'href="(/history/entries/\d+)"', signed_in_client(app, "nadia").get(HISTORY).text)

    assert {client.get(link).status_code for link in there} == {404}


def test_nobody_asks_without_signing_in(app: Flask, chain: Chain) -> None:
    client = anonymous_client(app)
    paths = (
        WHO,
        "/history/me/who",
        f"{HISTORY}/people/ines",
        f"{HISTORY}/grants/{chain.grant}",
        "/history/people/ines",
    )

    assert [client.get(path).status_code for path in paths] == [302] * 5
