"""The page that draws the chain of a whole enterprise: what it shows, to whom, on which day, and without scripts."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from accessmgr.core.actions import Action
from tests.web.building import NETJES, PROPRE, add_fact, advance, do, post
from tests.web.test_users_queries import link_forty, queries
from tests.web.users_cast import TODAY, Cast, cast

DRAWING = f"/history/{NETJES}/drawing"
FOR_USER_MANAGERS = f"/users/{NETJES}/drawing"
GROUP = "energy_audit.yyy.8999000103"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Cast:
    """Netjes Thuis with forty people more than in the cast; no test changes it."""
    the = cast(tmp_path_factory.mktemp("many"))
    link_forty(the)
    return the


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Cast:
    """The cast as it is; no test changes it."""
    return cast(tmp_path_factory.mktemp("few"))


def page(the: Cast, who: str, path: str) -> str:
    answer = the.client(who).get(path)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def picture(html: str) -> str:
    """The drawing, as it stands in the page; nothing if there is none."""
    return "".join(re.findall(r'<svg class="whole-drawing.*?</svg>', html, re.DOTALL))


def drawn(html: str) -> list[str]:
    """The knots of the drawing, as they stand in it."""
    return re.findall(r'data-knot="([^"]+)"', picture(html))


def listed(html: str) -> list[str]:
    """The knots of the list."""
    return re.findall(r'<li data-knot="([^"]+)"', html)


def shown(html: str) -> str:
    """What the list says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html[html.index('class="whole-list"') :]))


def knot(html: str, knot_id: str) -> str:
    """The box of a knot, as it is drawn."""
    found = re.search(rf'<g class="([^"]+)" data-knot="{re.escape(knot_id)}">', html)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("path", [DRAWING, f"{DRAWING}?on=2027-03-02", f"{DRAWING}?on=2026-03-01&known=2026-03-01"])
def test_the_list_names_every_box_of_the_drawing(few: Cast, path: str) -> None:
    html = page(few, "main manager", path)
    assert len(drawn(html)) >= 3
    assert sorted(drawn(html)) == sorted(listed(html))
    assert len(set(drawn(html))) == len(drawn(html))


def test_the_list_names_every_group_of_the_drawing(many: Cast) -> None:
    html = page(many, "main manager", DRAWING)
    assert f"g:{GROUP}" in drawn(html)
    assert sorted(drawn(html)) == sorted(listed(html))


def test_the_title_and_description_of_the_drawing_name_its_boxes_and_their_state(few: Cast) -> None:
    html = page(few, "main manager", DRAWING)
    description = re.search(r'<desc id="whole-desc">(.*?)</desc>', html, re.DOTALL)
    assert description is not None
    assert "Every link that is drawn holds." in description[1]
    assert "Inès Dubois, employee, holds" in description[1]
    assert "Nadia El Amrani, main access manager, holds" in description[1]
    assert '<title id="whole-title">How access hangs together in Netjes Thuis: 2 March 2026</title>' in html


def test_who_made_what_stands_in_the_list(few: Cast) -> None:
    text = shown(page(few, "main manager", DRAWING))
    assert "main access manager, since 2 March 2026; appointed by Hilde Vermeulen" in text
    assert "linked by Nadia El Amrani; granted by Nadia El Amrani" in text


def test_what_is_revoked_is_broken_with_sign_word_day_and_rule(tmp_path: Path) -> None:
    the = cast(tmp_path)
    assert "✕" not in picture(page(the, "main manager", DRAWING))
    advance(the.app, "2026-04-10T09:00")
    do(the.app, "nadia", Action.REVOKE_GRANT, grant=the.chain.grant)
    html = page(the, "main manager", DRAWING)
    assert '<text class="word bad"' in picture(html)
    assert "✕ V99901: broken" in picture(html)
    assert 'class="join bad"' in html
    assert "It was revoked on 10 April 2026." in html
    assert 'href="/rules/ENTER-1"' in html
    the_day_before = page(the, "main manager", f"{DRAWING}?on=2026-04-09")
    assert 'class="join bad"' not in the_day_before
    assert "Every link that is drawn holds." in the_day_before


def test_a_suspended_recognition_breaks_the_box_of_the_context(tmp_path: Path) -> None:
    the = cast(tmp_path)
    add_fact(the.app, "suspension", id="s1", recognition="V99901", first=date(2026, 4, 1))
    assert knot(page(the, "main manager", f"{DRAWING}?on=2026-03-31"), "r:service_vouchers:V99901") == "knot ok"
    after = page(the, "main manager", f"{DRAWING}?on=2026-04-01")
    assert knot(after, "r:service_vouchers:V99901") == "knot bad"
    assert 'href="/rules/ENTER-4"' in after


def test_one_goes_through_the_days_by_links_and_by_a_form_without_any_script(few: Cast) -> None:
    html = page(few, "main manager", f"{DRAWING}?on=2026-05-03&zoom=150")
    earlier, later = (f"/history/{NETJES}/drawing?on=2026-05-0{day}&amp;zoom=150" for day in (2, 4))
    assert f'href="{earlier}"' in html
    assert f'href="{later}"' in html
    assert f'href="/history/{NETJES}/drawing?zoom=150">Today</a>' in html
    assert f'href="/history/{NETJES}/drawing?on=2027-03-02&amp;zoom=150">2 March 2027</a>' in html
    form = re.search(r'<form class="days-form".*?</form>', html, re.DOTALL)
    assert form is not None
    assert '<input type="date" id="day-shown" name="on" value="2026-05-03">' in form[0]
    assert '<input type="hidden" name="zoom" value="150">' in form[0]
    assert len(re.findall(r"<script", html)) == len(re.findall(r'<script nonce="[^"]+" src="/static/', html)) == 1


def test_links_take_over_nothing_else_from_the_address(few: Cast) -> None:
    html = page(few, "main manager", f"{DRAWING}?zoom=150&_external=1&_scheme=javascript&endpoint=x&number=1&x=y")
    links = [*re.findall(r'href="([^"]*zoom=[^"]*)"', html)]
    assert links != []
    assert [link for link in links if not link.startswith(f"{DRAWING}?")] == []
    assert [link for link in links if "x=y" in link] == []


def test_the_slider_has_the_days_on_which_something_changed(few: Cast) -> None:
    html = page(few, "main manager", DRAWING)
    slider = re.search(r"<template data-slider.*?</template>", html, re.DOTALL)
    assert slider is not None
    days = re.findall(r">([^<>]+)</a>", slider[0])
    assert days[0] == "15 March 2016"
    assert days[-1] == "2 March 2027"
    assert "1 January 2026" not in days
    assert days[int(re.findall(r'data-index="(\d+)"', slider[0])[0])] == "2 March 2026"
    assert 'data-label="Day"' in slider[0]


def test_the_drawing_is_as_large_as_the_address_says(few: Cast) -> None:
    usual, larger = (page(few, "main manager", f"{DRAWING}{asked}") for asked in ("", "?zoom=200"))
    box = re.search(r'viewBox="0 0 (\d+) (\d+)" width="(\d+)" height="(\d+)"', larger)
    assert box is not None
    assert [int(part) for part in box.groups()[2:]] == [2 * int(part) for part in box.groups()[:2]]
    assert re.search(r'viewBox="[^"]+" role="group"', usual) is not None
    assert "zoom=150" in usual
    assert "zoom=75" in usual
    assert 'class="whole-drawing fit"' in page(few, "main manager", f"{DRAWING}?zoom=fit")
    assert re.search(r'viewBox="[^"]+" role="group"', page(few, "main manager", f"{DRAWING}?zoom=9999")) is not None


def test_only_the_list_is_shown_if_the_address_asks_for_it(few: Cast) -> None:
    html = page(few, "main manager", f"{DRAWING}?view=list")
    assert drawn(html) == []
    assert "p:ines" in listed(html)
    assert f'href="/history/{NETJES}/drawing">Show the drawing too</a>' in html


def test_many_people_stand_in_groups_that_open(many: Cast) -> None:
    html = page(many, "main manager", DRAWING)
    assert "40 people with Energy audit in 8.999.000.103" in html
    assert "p:p00" not in drawn(html)
    opened = page(many, "main manager", f"{DRAWING}?group={GROUP}")
    people = [each for each in drawn(opened) if each.startswith("p:")]
    assert len(people) == 40
    assert "p:ines" not in people
    assert f'<a href="/history/{NETJES}/drawing?group={GROUP}" aria-label="40 people' in html


@pytest.mark.parametrize("asked", ["group=none", "group=energy_audit.yyx.8999000103"])
def test_a_group_that_there_is_not_is_absent(few: Cast, asked: str) -> None:
    assert few.client("main manager").get(f"{DRAWING}?{asked}").status_code == 404


@pytest.mark.parametrize(
    ("who", "history", "users"),
    [
        ("main manager", 200, 200),
        ("co-main manager", 200, 200),
        ("legal representative", 200, 200),
        ("local administrator", 404, 200),
        ("employee", 404, 404),
        ("outsider", 404, 404),
        ("auditor", 403, 404),
    ],
)
def test_who_reads_the_history_or_manages_users_sees_the_drawing(few: Cast, who: str, history: int, users: int) -> None:
    client = few.client(who)
    assert client.get(DRAWING).status_code == history
    assert client.get(FOR_USER_MANAGERS).status_code == users


def test_an_auditor_sees_it_after_giving_a_purpose(few: Cast) -> None:
    client = few.client("auditor")
    case = {"enterprise": NETJES, "case": "2026/14", "purpose": "a complaint", "next": DRAWING}
    assert post(client, "/history/", case).location == DRAWING
    assert client.get(DRAWING).status_code == 200
    assert client.get(f"/history/{PROPRE}/drawing").status_code == 403


def test_a_manager_of_one_enterprise_does_not_see_that_of_another(few: Cast) -> None:
    client = few.client("main manager")
    assert client.get(DRAWING).status_code == 200
    assert client.get(f"/history/{PROPRE}/drawing").status_code == 404
    assert client.get(f"/users/{PROPRE}/drawing").status_code == 404


def test_the_drawing_of_one_enterprise_names_nobody_of_another(few: Cast) -> None:
    html = page(few, "main manager", DRAWING)
    assert "Inès Dubois" in html
    assert "Emma Claes" not in html


def test_an_offer_that_waits_is_not_drawn(tmp_path: Path) -> None:
    the = cast(tmp_path)
    do(the.app, "nadia", Action.APPOINT_CO_MAIN_ACCESS_MANAGER, enterprise=NETJES, person="noah", employee=True)
    assert "Noah Peeters" not in page(the, "main manager", DRAWING)


def test_a_page_takes_as_many_queries_for_forty_people_as_for_two(few: Cast, many: Cast) -> None:
    opened = f"{DRAWING}?group={GROUP}"
    assert queries(few, "main manager", DRAWING) <= 18
    assert queries(many, "main manager", DRAWING) <= 20
    assert queries(many, "main manager", opened) == queries(few, "main manager", opened) <= 18


def test_on_paper_the_page_says_enterprise_day_moment_and_checkpoint(few: Cast) -> None:
    html = page(few, "main manager", f"{DRAWING}?on=2026-05-03&known=2026-03-02T12:00")
    paper = re.search(r'<p class="paper-only">(.*?)</p>', html, re.DOTALL)
    assert paper is not None
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", paper[1])).strip()
    assert text.startswith("Situation on 3 May 2026. As it was known on ")
    assert re.search(r"Checkpoint of the history: \d+ entries, root [0-9a-f]{64}$", text) is not None


def test_the_pages_of_an_enterprise_lead_to_its_drawing(few: Cast) -> None:
    assert f'href="{DRAWING}"' in page(few, "main manager", f"/managers/{NETJES}")
    assert f'href="{DRAWING}"' in page(few, "main manager", f"/history/{NETJES}")
    assert f'href="{FOR_USER_MANAGERS}"' in page(few, "local administrator", f"/users/{NETJES}")
    assert f'href="{FOR_USER_MANAGERS}"' in page(few, "local administrator", f"/managers/{NETJES}")


@pytest.mark.parametrize(("days", "there"), [(30, True), (31, False)])
def test_who_is_linked_no_more_is_drawn_for_thirty_days(tmp_path: Path, days: int, there: bool) -> None:
    the = cast(tmp_path)
    last = TODAY + timedelta(days=5)
    add_fact(
        the.app,
        "work_relation",
        id="w-noah",
        enterprise=NETJES,
        person="noah",
        user_type="external",
        first=TODAY,
        last=last,
        by="nadia",
    )
    html = page(the, "main manager", f"{DRAWING}?on={(last + timedelta(days=days)).isoformat()}")
    assert ("p:noah" in drawn(html)) is there
