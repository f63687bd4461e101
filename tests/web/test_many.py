"""Many rights ticked in a list: extended or revoked with a preview, line by line, once."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from accessmgr.core.model import Grant, Key
from tests.web.building import NETJES, PROPRE, START, add_fact, product_of, token_of
from tests.web.test_bulk import confirm, grants_of, outcomes
from tests.web.users_cast import ABSENT, Cast, cast

GRANTS = f"/users/{NETJES}/grants"


@pytest.fixture
def the(tmp_path: Path) -> Cast:
    """Netjes Thuis, where Inès holds a right until 1 March 2027, and Pieter one until 20 March 2026."""
    built = cast(tmp_path)
    add_grant(built, "g-pieter", "pieter", "energy_audit", "8999000103", last=date(2026, 3, 20))
    return built


def add_grant(the: Cast, id_: str, holder: str, right: str, context: str, **values: Any) -> None:
    """A right that somebody has, as if it had been granted."""
    usual = {
        "enterprise": NETJES,
        "first": date(2026, 3, 2),
        "last": date(2026, 12, 31),
        "relation": "w",
        "by": "nadia",
    }
    add_fact(
        the.app,
        "right_grant",
        **{"id": id_, "holder": holder, "right": right, "contexts": [context], **usual, **values},
    )


def send(client: FlaskClient, ids: Iterable[str], do: str = "revoke_grant", path: str = GRANTS, **fields: str) -> Any:
    """Send the list with rows ticked."""
    form = MultiDict([("grant", each) for each in ids])
    form.update({"csrf_token": token_of(client.get("/about").text), "do": do, "which": "ticked", **fields})
    return client.post(path, data=form)


def previewed(client: FlaskClient, *ids: str, **fields: str) -> str:
    """The address of the preview that the list leads to."""
    answer = send(client, ids, **fields)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def grant_of(the: Cast, id_: str) -> Grant:
    with product_of(the.app).world.store.reading() as look:
        (found,) = look.lists.grants(id_=id_)
        return found


def in_the_list(page: str) -> list[str]:
    """The people in the rows of the list, each with whether the row is ticked."""
    rows = re.findall(r"<tr>\s*<td class=\"tick\">(.*?)</tr>", page, re.DOTALL)
    return [f"{re.findall('people/([a-z]+)', row)[0]}{' ticked' * (' checked' in row)}" for row in rows]


def test_the_list_shows_what_is_not_over_and_what_ends_first_comes_first(the: Cast) -> None:
    add_grant(the, "g-over", "nadia", "subsidy_desk", "reader", first=date(2025, 1, 1), last=date(2026, 3, 1))
    add_grant(the, "g-revoked", "sophie", "subsidy_desk", "reader", revoked_at=START)
    add_grant(the, "g-later", "emma", "subsidy_desk", "reader", first=date(2026, 4, 1))
    page = the.client("nadia").get(GRANTS).text
    assert in_the_list(page) == ["pieter", "emma", "ines"]
    assert "ends in 18 days" in page
    assert page.count("ends in") == 1


@pytest.mark.parametrize(
    ("query", "people"),
    [
        ("right=energy_audit", ["pieter"]),
        ("right=energy_audit&context=8.999.000.103", ["pieter"]),
        ("context=V99901", ["ines"]),
        ("context=V9990", []),
        ("ends_before=2026-03-21", ["pieter"]),
        ("ends_before=2026-03-20", []),
        ("state=in_force", ["pieter", "ines"]),
        ("person=ines", ["ines"]),
    ],
)
def test_the_list_can_be_narrowed(the: Cast, query: str, people: list[str]) -> None:
    add_grant(the, "g-later", "emma", "subsidy_desk", "reader", first=date(2026, 4, 1), last=date(2028, 1, 1))
    page = the.client("nadia").get(f"{GRANTS}?{query}").text
    assert in_the_list(page) == people


@pytest.mark.parametrize("query", ["right=none", "ends_before=31/02/2026", "state=over"])
def test_a_filter_that_is_none_is_an_error_at_its_field(the: Cast, query: str) -> None:
    answer = the.client("nadia").get(f"{GRANTS}?{query}")
    assert (answer.status_code, "Please correct what is marked below" in answer.text) == (422, True)


def test_a_page_holds_fifty_rights_and_leads_to_the_next(the: Cast) -> None:
    for index in range(60):
        add_grant(the, f"g{index:02}", "ines", "subsidy_desk", f"c{index}", last=date(2026, 6, 1))
    nadia = the.client("nadia")
    first = nadia.get(GRANTS).text
    assert len(in_the_list(first)) == 50
    (address,) = re.findall(r'href="([^"]+after=[^"]+)">Next rights', first)
    second = nadia.get(address.replace("&amp;", "&")).text
    assert len(in_the_list(second)) == 12
    assert "Next rights" not in second
    assert "All 62 rights of this list, on every page" in first


def test_all_on_a_page_are_ticked_by_a_second_button_and_no_script(the: Cast) -> None:
    nadia = the.client("nadia")
    assert in_the_list(nadia.get(GRANTS).text) == ["pieter", "ines"]
    assert in_the_list(nadia.get(f"{GRANTS}?tick=page").text) == ["pieter ticked", "ines ticked"]


def test_many_are_revoked_after_a_preview_that_says_who_loses_what(the: Cast) -> None:
    nadia = the.client("nadia")
    preview_at = previewed(nadia, the.chain.grant, "g-pieter", reason="They left")
    preview = nadia.get(preview_at).text
    assert outcomes(preview)[:2] == [("would be done", []), ("would be done", [])]
    told = preview[preview.index("What follows from it") :]
    assert re.findall(r'<th scope="row">([^<]+)</th>', told) == ["Inès Dubois", "Pieter Jacobs"]
    assert "They left" in told
    assert grant_of(the, "g-pieter").revoked_at is None
    result = nadia.get(confirm(nadia, preview_at, "each").location).text
    assert outcomes(result) == [("done", []), ("done", [])]
    assert [grant_of(the, each).revoked_at is None for each in (the.chain.grant, "g-pieter")] == [False, False]


def test_words_of_the_revocation_are_kept_with_every_entry(the: Cast) -> None:
    nadia = the.client("nadia")
    done = confirm(nadia, previewed(nadia, the.chain.grant, "g-pieter", reason="They left"), "each")
    entries = [int(each) for each in re.findall(r'href="/history/entries/(\d+)"', nadia.get(done.location).text)]
    with product_of(the.app).world.store.reading() as look:
        assert look.notes(entries) == dict.fromkeys(entries, "They left")
    assert len(entries) == 2


def test_many_are_extended_and_what_the_rules_refuse_is_left(the: Cast) -> None:
    nadia = the.client("nadia")
    preview_at = previewed(nadia, the.chain.grant, "g-pieter", do="extend_grant", last="2028-01-01")
    preview = nadia.get(preview_at).text
    assert outcomes(preview)[:2] == [("would be done", []), ("refused", ["GRANT-8"])]
    assert "the others are done" in preview
    result = nadia.get(confirm(nadia, preview_at, "each").location).text
    assert outcomes(result) == [("done", []), ("refused", ["GRANT-8"])]
    assert str(grant_of(the, the.chain.grant).period.last) == "2028-01-01"
    assert str(grant_of(the, "g-pieter").period.last) == "2026-03-20"


def test_all_that_the_filter_shows_need_no_tick(the: Cast) -> None:
    nadia = the.client("nadia")
    answer = send(nadia, [], path=f"{GRANTS}?right=energy_audit", which="all")
    assert outcomes(nadia.get(answer.location).text)[0] == ("would be done", [])
    confirm(nadia, answer.location, "each")
    assert grant_of(the, "g-pieter").revoked_at is not None
    assert grant_of(the, the.chain.grant).revoked_at is None


def test_what_was_confirmed_is_done_once(the: Cast) -> None:
    nadia = the.client("nadia")
    preview_at = previewed(nadia, "g-pieter")
    assert confirm(nadia, preview_at, "each").status_code == 303
    assert (confirm(nadia, preview_at, "each").status_code, nadia.get(preview_at).status_code) == (409, 409)


def test_a_right_of_another_enterprise_is_as_one_that_does_not_exist(the: Cast) -> None:
    add_grant(the, "g-propre", "emma", "subsidy_desk", "reader", enterprise=PROPRE)
    nadia = the.client("nadia")
    for sent in ("g-propre", "no-such-grant", "../x"):
        preview = nadia.get(previewed(nadia, sent)).text
        assert outcomes(preview) == [("not found here", [])]
        assert "Emma" not in preview
        assert "there is nothing to confirm" in preview
    done = confirm(nadia, previewed(nadia, "g-propre"), "each")
    assert outcomes(nadia.get(done.location).text) == [("not found here", [])]
    assert grant_of(the, "g-propre").revoked_at is None


def test_a_right_ticked_twice_is_one_line(the: Cast) -> None:
    nadia = the.client("nadia")
    assert len(outcomes(nadia.get(previewed(nadia, "no-such", "no-such")).text)) == 1


@pytest.mark.parametrize(
    ("ids", "fields", "says"),
    [
        ([], {}, "Tick at least one right, or choose all of them."),
        (["g-pieter"], {"do": "extend_grant"}, "Give the new last day."),
        (["g-pieter"], {"do": "extend_grant", "last": "31/02/2026"}, "Choose a day that exists"),
        (["g-pieter"], {"do": "link_person"}, "Choose what to do with the rights."),
        (["g-pieter"], {"which": "some"}, "Choose one of the two."),
        ([f"g{index}" for index in range(1001)], {}, "At most 1000 rows are taken at once."),
    ],
)
def test_each_mistake_is_told_and_what_was_ticked_is_kept(
    the: Cast, ids: list[str], fields: dict[str, str], says: str
) -> None:
    answer = send(the.client("nadia"), ids, **fields)
    assert (answer.status_code, says in answer.text) == (422, True)
    assert in_the_list(answer.text) == ["pieter" + " ticked" * ("g-pieter" in ids), "ines"]


def test_all_of_none_is_told(the: Cast) -> None:
    answer = send(the.client("nadia"), [], path=f"{GRANTS}?right=subsidy_desk", which="all")
    assert answer.status_code == 422


@pytest.mark.parametrize("who", ["ines", "noah", "mila"])
def test_who_manages_nobody_finds_no_such_list(the: Cast, who: str) -> None:
    client = the.client(who)
    assert client.get(GRANTS).status_code == 404
    assert send(client, [the.chain.grant]).status_code == 404


def test_a_person_of_elsewhere_in_the_address_is_as_one_that_does_not_exist(the: Cast) -> None:
    nadia = the.client("nadia")
    assert [nadia.get(f"{GRANTS}?person={who}").status_code for who in ("noah", "nobody")] == [404, 404]
    assert nadia.get(f"/users/{ABSENT}/grants").status_code == 404


def test_only_what_one_may_do_something_with_has_a_box(the: Cast) -> None:
    page = the.client("pieter").get(GRANTS).text
    rows = re.findall(r"<tr>\s*<td class=\"tick\">(.*?)</td>", page, re.DOTALL)
    assert ["checkbox" in each for each in rows] == [True, False]


def test_a_weak_key_does_nothing_and_the_preview_says_why(the: Cast) -> None:
    nadia = the.client("nadia", Key.SMS)
    preview_at = previewed(nadia, the.chain.grant)
    assert outcomes(nadia.get(preview_at).text) == [("refused", ["KEY-2"])]
    confirm(nadia, preview_at, "each")
    assert [each.revoked_at for each in grants_of(the, "ines")] == [None]


def test_somebody_who_may_not_read_the_history_gets_the_number_of_an_entry_without_a_link(the: Cast) -> None:
    pieter = the.client("pieter")
    done = confirm(pieter, previewed(pieter, "g-pieter"), "each")
    page = pieter.get(done.location).text
    assert outcomes(page) == [("done", [])]
    assert re.findall(r"/history/entries/\d+", page) == []
    assert len(re.findall(r'<span class="number">\d+</span>', page)) == 1
