"""What if: the preview on every page that ends something, and the page on which readers of the history ask."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from accessmgr.core.actions import Action
from accessmgr.core.model import Key
from tests.web.building import NETJES, Chain, built_app, demo_chain, do, identity_of, post, product_of, signed_in_client
from tests.web.test_managers import somebody, text_of

VOUCHERS = "Service vouchers for recognised enterprises"
INES_ENTERS = f"Inès Dubois enter the secure area: {VOUCHERS}, V99901"
UNTIL = "1 March 2027"
WHAT_IF = f"/history/{NETJES}/what-if"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application in whose demo chain the tests of this module change nothing."""
    return built_app(tmp_path_factory.mktemp("what_if"))


@pytest.fixture(scope="module")
def chain(app: Flask) -> Chain:
    """The ids of the demo chain."""
    return demo_chain(app)


def page(app: Flask, person: str, path: str, status: int = 200) -> str:
    answer = signed_in_client(app, person).get(path)
    assert answer.status_code == status
    return text_of(answer)


def size(app: Flask) -> int:
    with product_of(app).world.store.reading() as look:
        return look.size()


# --- previews ---------------------------------------------------------------------------------------------


def test_before_a_right_is_revoked_the_page_says_who_can_no_longer_enter(app: Flask, chain: Chain) -> None:
    told = page(app, "nadia", f"/users/grants/{chain.grant}/revoke")
    assert f"{INES_ENTERS} loses from 2 March 2026 to {UNTIL} ENTER-1" in told


def test_who_renounces_a_right_reads_the_same(app: Flask, chain: Chain) -> None:
    assert INES_ENTERS in page(app, "ines", f"/users/grants/{chain.grant}/revoke")


def test_before_a_work_relation_ends_the_page_says_what_ends_with_it(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "nadia")
    kept = post(client, f"/users/relations/{chain.relation}/end", {"last": "2026-05-31"})
    told = text_of(client.get(kept.headers["Location"]))
    assert f"{INES_ENTERS} loses from 1 June 2026 to {UNTIL} ENTER-2" in told
    assert f"The right {VOUCHERS} of Inès Dubois ends on 31 May 2026." in told


def test_before_the_only_manager_goes_the_page_says_what_nobody_does_any_more(app: Flask, chain: Chain) -> None:
    told = page(app, "nadia", f"/managers/appointments/{chain.appointment}/end")
    assert "Nadia El Amrani appoint an access manager appoint a co-main access manager" in told
    assert "grant a right: Subsidy desk link a person to the enterprise read the history" in told
    assert "loses from 2 March 2026, without end" in told


def test_a_key_that_is_too_weak_is_told_instead(app: Flask, chain: Chain) -> None:
    answer = signed_in_client(app, "nadia", Key.SMS).get(f"/users/grants/{chain.grant}/revoke")
    assert "Nothing would change, because the rules refuse it as things are now: KEY-2" in text_of(answer)


def test_an_earlier_last_day_is_shown_before_it_is_set(tmp_path: Path) -> None:
    app = built_app(tmp_path)
    chain = demo_chain(app)
    client = signed_in_client(app, "nadia")
    path = f"/users/grants/{chain.grant}/extend"
    fields = {"last": "2026-06-30", "was": "2027-03-01"}
    shown = post(client, path, fields)
    assert f"{INES_ENTERS} loses from 1 July 2026 to {UNTIL} ENTER-1" in text_of(shown)
    assert 'name="checked" value="2026-06-30"' in shown.text
    another = post(client, path, {**fields, "last": "2026-07-31", "checked": "2026-06-30"})
    assert 'name="checked" value="2026-07-31"' in another.text
    done = post(client, path, {**fields, "checked": "2026-06-30"})
    assert done.status_code == 303
    with product_of(app).world.store.reading() as look:
        (grant,) = look.lists.grants(id_=chain.grant)
    assert grant.period.last == date(2026, 6, 30)


def test_who_replaces_a_manager_reads_what_that_one_loses(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "hilde")
    fields = somebody("karel", replaces="y", present=chain.appointment)
    kept = post(client, f"/managers/{NETJES}/appoint/main_access_manager", fields)
    assert kept.status_code == 303
    told = text_of(client.get(kept.headers["Location"]))
    assert "What Nadia El Amrani loses when the offer is accepted" in told
    assert "Nadia El Amrani appoint an access manager" in told


def test_who_accepts_the_main_role_reads_what_they_gain_and_who_loses_it(tmp_path: Path) -> None:
    app = built_app(tmp_path)
    demo_chain(app)
    given: dict[str, Any] = {"enterprise": NETJES, "employee": True, "replaces": True, "identity": identity_of("karel")}
    offer = do(app, "hilde", Action.APPOINT_MAIN_ACCESS_MANAGER, **given).events[-1].row.id
    told = page(app, "karel", f"/managers/offers/{offer}")
    assert "Karel De Smedt appoint an access manager" in told
    assert "gains from 2 March 2026, without end" in told
    assert "Nadia El Amrani appoint an access manager" in told
    assert "accept a role" not in told
    do(app, "karel", Action.ACCEPT_APPOINTMENT, appointment=offer)
    assert "What changes if you accept" not in page(app, "karel", f"/managers/offers/{offer}")


# --- the page ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("kind=function&thing=managing_director.hilde&last=2026-03-31",
         "appoint a main access manager grant a right: Subsidy desk read the history loses from 1 April 2026"),
        ("kind=manager&thing={appointment}", "Nadia El Amrani appoint an access manager"),
        ("kind=relation&thing={relation}&last=2026-03-31", f"{INES_ENTERS} loses from 1 April 2026 to {UNTIL}"),
        ("kind=grant&thing={grant}", f"{INES_ENTERS} loses from 2 March 2026 to {UNTIL}"),
        ("kind=grant&thing={grant}&until=2026-03-05", f"{INES_ENTERS} loses from 6 March 2026 to {UNTIL}"),
        ("kind=recognition&thing=V99901&first=2026-03-10&until=2026-03-12",
         f"{INES_ENTERS} loses from 10 March 2026 to 12 March 2026 ENTER-4"),
        ("kind=enterprise&last=2026-03-31", f"{INES_ENTERS} loses from 1 April 2026 to {UNTIL} REG-1"),
        ("kind=death&thing=ines&day=2026-03-31", f"{INES_ENTERS} loses from 31 March 2026 to {UNTIL} PERSON-3"),
        ("kind=right&thing=service_vouchers&max_days=100",
         f"Inès Dubois: {VOUCHERS}, from 2 March 2026 to 1 March 2027 GRANT-8"),
        ("kind=right&thing=service_vouchers&level=500",
         f"{INES_ENTERS} loses from 2 March 2026 to {UNTIL} KEY-3"),
        ("kind=recognition&thing=V99902&first=2026-03-10", "Nobody loses or gains anything"),
    ],
)  # fmt: skip
def test_a_manager_asks_what_if_and_nothing_happens(app: Flask, chain: Chain, query: str, told: str) -> None:
    before = size(app)
    assert told in page(app, "nadia", f"{WHAT_IF}?{query.format(**vars(chain))}")
    assert size(app) == before


def test_the_checkpoint_outside_stays_as_it_was(app: Flask, chain: Chain) -> None:
    store: Any = product_of(app).world.store
    kept = store.outside.path.read_bytes()
    assert "Nadia" in page(app, "nadia", f"{WHAT_IF}?kind=manager&thing={chain.appointment}")
    assert store.outside.path.read_bytes() == kept
    assert store.trouble() is None


@pytest.mark.parametrize("kind", ["function", "manager", "relation", "grant", "recognition", "death", "right"])
def test_each_kind_offers_what_there_is(app: Flask, chain: Chain, kind: str) -> None:
    assert "<option value=" in signed_in_client(app, "nadia").get(f"{WHAT_IF}?kind={kind}").text


@pytest.mark.parametrize(
    "query",
    [
        "kind=enterprise&last=31-02-2027",
        "kind=relation&thing=nothing&last=2026-03-31",
        "kind=recognition&thing=V99901&first=2026-03-10&until=2026-03-09",
        "kind=function&thing=managing_director.hilde&last=2010-01-01",
    ],
)
def test_what_cannot_be_asked_is_said_at_the_form(app: Flask, chain: Chain, query: str) -> None:
    assert "Please correct what is marked below" in page(app, "nadia", f"{WHAT_IF}?{query}", 422)


def test_who_may_not_read_the_history_does_not_ask(app: Flask, chain: Chain) -> None:
    query = f"{WHAT_IF}?kind=grant&thing={chain.grant}"
    assert INES_ENTERS in page(app, "hilde", query)
    for person in ("ines", "noah"):
        assert INES_ENTERS not in page(app, person, query, 404)
    assert "Case number" in page(app, "mila", query, 403)


def test_an_auditor_asks_what_follows_when_somebody_who_may_does_it(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "mila")
    post(client, "/history/", {"enterprise": NETJES, "case": "C-1", "purpose": "An inspection"})
    assert INES_ENTERS in text_of(client.get(f"{WHAT_IF}?kind=grant&thing={chain.grant}"))


def test_of_many_grants_some_are_looked_at_and_the_page_says_of_how_many(tmp_path: Path) -> None:
    app = built_app(tmp_path)
    demo_chain(app)
    with product_of(app).world.store.writing() as tx:
        for at in range(510):
            person = f"p{at:03}"
            tx.add_person(person, "Jan", f"Peeters {person}", None)
            days = {"first": date(2026, 1, 1), "last": date(2026, 12, 31), "by": "nadia", "enterprise": NETJES}
            tx.add_fact("work_relation", id=f"w-{person}", person=person, user_type="employee", **days)
            which = {"holder": person, "right": "energy_audit", "contexts": ["8999000103"], "relation": f"w-{person}"}
            tx.add_fact("right_grant", id=f"g-{person}", **which, **days)
        tx.append("register.changed", product_of(app).world.clock.now())
    told = page(app, "nadia", f"{WHAT_IF}?kind=enterprise&last=2026-06-30")
    assert "Of 511 rights that were ever granted here, the 500 that last longest were looked at." in told
    assert "more lines are not shown" in told
