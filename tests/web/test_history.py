"""Who reads which entries of the history, for which purpose, and what they see."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from accessmgr.core.actions import Action
from accessmgr.core.decide import Effect
from accessmgr.core.events import What
from accessmgr.core.ledger.note import VerifierKey
from accessmgr.core.model import Key
from accessmgr.core.rules import CATALOGUE
from accessmgr.web.history_entries import CAPACITIES, TYPES
from tests.web.building import (
    NETJES,
    PROPRE,
    Chain,
    add_enterprise,
    anonymous_client,
    area_client,
    built_app,
    demo_chain,
    do,
    post,
    product_of,
    signed_in_client,
)

ABSENT = "1999000348"
HISTORY = f"/history/{NETJES}"
PURPOSE = {"enterprise": "1999.000.150", "purpose": "a complaint", "case": "2026/17"}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = built_app(tmp_path)
    add_enterprise(app, PROPRE, "Propre & Net")
    return app


@pytest.fixture
def chain(app: Flask) -> Chain:
    return demo_chain(app)


def shown(page: Any) -> str:
    """What a page says, without its markup and tokens, and without what can be chosen in it."""
    text = re.sub(r"<select.*?</select>", " ", page.get_data(as_text=True), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def last(app: Flask) -> dict[str, Any]:
    with product_of(app).world.store.reading() as seen:
        entry: dict[str, Any] = json.loads(seen.lists.entries(limit=1)[0].leaf)
    return entry


def size(app: Flask) -> int:
    with product_of(app).world.store.reading() as seen:
        return seen.size()


@pytest.mark.parametrize("person", ["hilde", "karel", "nadia"])
def test_representatives_and_managers_read_the_history_of_their_enterprise(
    app: Flask, chain: Chain, person: str
) -> None:
    page = signed_in_client(app, person).get(HISTORY)

    assert page.status_code == 200
    for told in (
        "Hilde Vermeulen as legal representative offered a role main access manager Nadia El Amrani",
        "Nadia El Amrani as person to whom the role was offered accepted a role main access manager",
        "Nadia El Amrani as user manager linked a person to the enterprise employee; from 2 March 2026, without end "
        "Inès Dubois",
        "Nadia El Amrani as manager who may grant the right granted a right Service vouchers for recognised "
        "enterprises; context: V99901; from 2 March 2026 to 1 March 2027 Inès Dubois",
    ):
        assert told in shown(page)


def test_the_rules_of_each_entry_are_linked(app: Flask, chain: Chain) -> None:
    page = signed_in_client(app, "nadia").get(HISTORY).get_data(as_text=True)

    found = re.findall(r'href="/rules/([A-Z]+-[0-9]+)"', page)
    assert found == ["GRANT-1", "LINK-1", "ACCEPT-1", "APPOINT-1"]


@pytest.mark.parametrize("person", ["ines", "noah"])
def test_for_everybody_else_the_history_of_an_enterprise_does_not_exist(app: Flask, chain: Chain, person: str) -> None:
    client = signed_in_client(app, person)
    foreign, absent = client.get(HISTORY), client.get(f"/history/{ABSENT}")

    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert shown(foreign) == shown(absent)


def test_an_auditor_says_for_which_purpose_before_any_entry_is_shown(app: Flask, chain: Chain) -> None:
    page = signed_in_client(app, "mila").get(HISTORY)

    assert page.status_code == 403
    assert "For which purpose?" in shown(page)
    assert "Nadia" not in shown(page)


def test_the_purpose_is_recorded_and_then_stands_for_that_enterprise(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "mila")
    answer = post(client, "/history/", PURPOSE)
    entry, before = last(app), size(app)

    assert (answer.status_code, answer.headers["Location"]) == (303, HISTORY)
    assert (entry["type"], entry["decision"]["because"]) == ("history.read", ["HISTORY-1"])
    assert "complaint" not in json.dumps(entry)
    assert client.get(HISTORY).status_code == 200
    assert size(app) == before
    assert client.get(f"/history/{PROPRE}").status_code == 403


def test_the_purpose_is_read_by_those_who_manage_the_enterprise(app: Flask, chain: Chain) -> None:
    post(signed_in_client(app, "mila"), "/history/", PURPOSE)
    page = shown(signed_in_client(app, "nadia").get(HISTORY))

    assert "Mila Desmet as auditor looked into the history Reason given: 2026/17 · a complaint" in page


def test_the_words_of_a_purpose_are_in_no_cookie(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "mila")
    post(client, "/history/", PURPOSE)

    with client.session_transaction() as session:
        assert "complaint" not in json.dumps(dict(session))


def test_a_purpose_does_not_outlive_the_sign_in(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "mila")
    post(client, "/history/", PURPOSE)
    with client.session_transaction() as session:
        session["_user_id"] = product_of(app).sessions.begin("mila", Key.ITSME)

    assert client.get(HISTORY).status_code == 403


@pytest.mark.parametrize("purpose", ["", "   "])
def test_an_empty_purpose_is_told_at_its_field(app: Flask, chain: Chain, purpose: str) -> None:
    before = size(app)
    answer = post(signed_in_client(app, "mila"), "/history/", {**PURPOSE, "purpose": purpose})

    assert answer.status_code == 422
    assert "Write for which purpose you look at the history." in shown(answer)
    assert size(app) == before


def test_an_auditor_is_told_that_the_register_has_no_such_enterprise(app: Flask, chain: Chain) -> None:
    answer = post(signed_in_client(app, "mila"), "/history/", {**PURPOSE, "enterprise": ABSENT})

    assert answer.status_code == 422
    assert "The register has no enterprise with this number." in shown(answer)


def test_whoever_is_no_auditor_gains_nothing_by_a_purpose(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "noah")
    foreign, absent = (post(client, "/history/", {**PURPOSE, "enterprise": number}) for number in (NETJES, ABSENT))

    assert (foreign.status_code, absent.status_code) == (403, 403)
    assert shown(foreign) == shown(absent)
    assert client.get(HISTORY).status_code == 404


def test_the_form_for_a_purpose_is_only_offered_to_auditors(app: Flask, chain: Chain) -> None:
    assert "As an auditor" in shown(signed_in_client(app, "mila").get("/history/"))
    assert "As an auditor" not in shown(signed_in_client(app, "nadia").get("/history/"))


def test_the_start_of_the_history_lists_what_one_may_read_and_no_more(app: Flask, chain: Chain) -> None:
    assert HISTORY in signed_in_client(app, "nadia").get("/history/").get_data(as_text=True)
    assert HISTORY not in signed_in_client(app, "ines").get("/history/").get_data(as_text=True)


def test_everyone_reads_the_entries_about_themself(app: Flask, chain: Chain) -> None:
    page = shown(signed_in_client(app, "ines").get("/history/me"))

    assert "granted a right" in page
    assert "linked a person" in page
    assert "offered a role" not in page


def test_an_auditor_gives_a_purpose_to_read_about_themself_too(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "mila")

    assert client.get("/history/me").status_code == 403
    assert post(client, "/history/me", {"purpose": "my own", "case": "2026/18"}).status_code == 303
    assert client.get("/history/me").status_code == 200
    assert client.get(HISTORY).status_code == 403


def test_a_weak_key_is_refused_and_the_refusal_recorded(app: Flask, chain: Chain) -> None:
    page = signed_in_client(app, "nadia", Key.SMS).get(HISTORY)

    assert page.status_code == 403
    assert last(app)["decision"]["because"] == ["KEY-2"]


def test_one_person_can_be_looked_at(app: Flask, chain: Chain) -> None:
    page = shown(signed_in_client(app, "nadia").get(f"{HISTORY}/people/ines"))

    assert "Only what is about Inès Dubois too." in page
    assert "granted a right" in page
    assert "offered a role" not in page


def test_an_entry_is_shown_whole_to_those_who_may_read_it(app: Flask, chain: Chain) -> None:
    with product_of(app).world.store.reading() as seen:
        granted = next(entry for entry in seen.lists.entries(subject=chain.grant))
    address = f"/history/entries/{granted.sequence}"
    by_reader = {
        person: signed_in_client(app, person).get(address).status_code for person in ("nadia", "ines", "noah", "mila")
    }
    page = signed_in_client(app, "ines").get(address).get_data(as_text=True)

    assert by_reader == {"nadia": 200, "ines": 200, "noah": 404, "mila": 404}
    assert "&#34;type&#34;: &#34;right.granted&#34;" in page


def test_an_entry_of_an_enterprise_is_open_to_the_auditor_with_a_purpose(app: Flask, chain: Chain) -> None:
    with product_of(app).world.store.reading() as seen:
        granted = next(entry for entry in seen.lists.entries(subject=chain.grant))
    client = signed_in_client(app, "mila")
    post(client, "/history/", PURPOSE)

    assert client.get(f"/history/entries/{granted.sequence}").status_code == 200


@pytest.mark.parametrize("sequence", ["999999", str(2**63), "-1"])
def test_an_entry_that_does_not_exist_is_no_page(app: Flask, chain: Chain, sequence: str) -> None:
    assert signed_in_client(app, "nadia").get(f"/history/entries/{sequence}").status_code == 404


def test_older_entries_stand_on_the_next_page_and_none_is_lost(app: Flask, chain: Chain) -> None:
    for _ in range(60):
        do(app, "ines", Action.ENTER_SECURE_AREA, enterprise=NETJES, right="service_vouchers", contexts=("V99901",))
    client = signed_in_client(app, "nadia")
    seen: list[int] = []
    address = HISTORY
    while address:
        page = client.get(address).get_data(as_text=True)
        seen += [int(number) for number in re.findall(r"> entry ([0-9]+)</span>", page)]
        older = re.search(r'href="([^"]+)">Older entries', page)
        address = older[1].replace("&amp;", "&") if older else ""

    with product_of(app).world.store.reading() as look:
        all_of_them = [entry.sequence for entry in look.lists.entries(subject=NETJES, limit=1000)]
    assert seen == all_of_them
    assert len(seen) > 60


def test_the_chain_of_a_person_is_drawn_for_those_who_read_the_history(app: Flask, chain: Chain) -> None:
    page = signed_in_client(app, "nadia").get(f"{HISTORY}/chain?person=ines")

    assert page.status_code == 200
    assert "Every link holds: the person may enter." in shown(page)
    assert page.get_data(as_text=True).count('role="img"') == 1


def test_the_chain_of_somebody_without_a_tie_does_not_exist(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "nadia")

    assert client.get(f"{HISTORY}/chain?person=noah").status_code == 404
    assert client.get(f"{HISTORY}/chain?person=nobody").status_code == 404
    assert client.get(f"{HISTORY}?person=%00").status_code == 404
    assert signed_in_client(app, "noah").get(f"{HISTORY}/chain?person=ines").status_code == 404


def test_a_refusal_is_told_with_what_was_asked(app: Flask, chain: Chain) -> None:
    area_client(app, "noah").get(f"/secure-area/{NETJES}/service_vouchers/V99901/")
    page = shown(signed_in_client(app, "nadia").get(HISTORY))

    assert "Noah Peeters asked to: enter the secure area" in page
    assert "refused ENTER-2" in page


def test_nobody_reads_without_signing_in(app: Flask, chain: Chain) -> None:
    client = anonymous_client(app)

    paths = ("/history/", "/history/me", HISTORY, f"{HISTORY}/chain", "/history/entries/1")
    assert [client.get(path).status_code for path in paths] == [302] * 5


def test_each_type_of_entry_and_each_permit_has_its_words() -> None:
    permits = {rule.id for rule in CATALOGUE if rule.effect is Effect.PERMIT}

    assert set(CAPACITIES) == permits
    assert set(What) - set(TYPES) == {What.ACTION_REFUSED}


def test_the_verifier_key_is_for_everyone_and_stays_the_same(app: Flask) -> None:
    first, second = (anonymous_client(app).get("/history/key") for _ in range(2))
    assert (first.status_code, first.mimetype, first.text) == (200, "text/plain", second.text)
    assert VerifierKey.parse(first.text).name.startswith("127.0.0.1/history/")
