"""What is read through the API: enterprises and people, checks, reports, and the history for those who may."""

import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from accessmgr.core.actions import Action
from accessmgr.core.ledger.form import canonical
from accessmgr.core.ledger.note import Checkpoint
from accessmgr.core.ledger.tree import check_inclusion, leaf_hash
from accessmgr.core.model import Key
from accessmgr.usecases import proofs
from tests.api.building import Desk, a_desk, keyed, token_of, told
from tests.web.building import NETJES, PEOPLE, do

ENTER = {"action": "enter_secure_area", "enterprise": NETJES, "right": "service_vouchers", "contexts": ["V99901"]}
CLAIM = {"enterprise": NETJES}
CASE = {"enterprise": NETJES, "case": "2026/14", "purpose": "Yearly sample"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return a_desk(tmp_path)


def test_each_sees_the_enterprises_to_which_they_are_tied(desk: Desk) -> None:
    told_of = {who: told(desk.get(who, "/enterprises"), 200)["items"] for who in ("hilde", "nadia", "noah")}
    assert told_of == {
        "hilde": [{"number": NETJES, "name": "Netjes Thuis", "represents": True, "roles": []}],
        "nadia": [{"number": NETJES, "name": "Netjes Thuis", "represents": False, "roles": ["main_access_manager"]}],
        "noah": [],
    }


def test_what_one_may_do_in_an_enterprise_is_what_permits_say(desk: Desk) -> None:
    nadia, ines = (told(desk.get(who, f"/enterprises/{NETJES}"), 200) for who in ("nadia", "ines"))
    assert (nadia["manages_users"], ines["manages_users"]) == (True, False)
    assert ("link_person" in nadia["may"], ines["may"]) == (True, [])
    assert desk.get("noah", f"/enterprises/{NETJES}").data == desk.get("noah", "/enterprises/1999000348").data


def test_people_are_listed_and_found_for_managers_alone(desk: Desk) -> None:
    listed = told(desk.get("nadia", f"/enterprises/{NETJES}/people"), 200)
    assert listed == {"items": [{"id": "ines", "given": "Inès", "family": "Dubois"}]}
    found = [desk.post("nadia", f"/enterprises/{NETJES}/people/search", {"name": name}) for name in ("dub", "xyz")]
    assert [len(told(answer, 200)["items"]) for answer in found] == [1, 0]
    assert desk.get("ines", f"/enterprises/{NETJES}/people").status_code == 404


def test_a_number_is_shown_to_its_person_once_and_is_not_kept(desk: Desk) -> None:
    key, before = keyed(), desk.size()
    shown = desk.post("ines", "/people/ines/number", {}, key)
    assert (told(shown, 200)["number"], desk.size()) == (PEOPLE["ines"][2], before + 1)
    again = desk.post("ines", "/people/ines/number", {}, key)
    assert (again.status_code, desk.size()) == (409, before + 1)
    assert desk.post("nadia", "/people/ines/number", {"reason": "Because"}).status_code == 404
    assert told(desk.post("mila", "/people/ines/number", {}), 403)["because"] == ["NUMBER-1", "NUMBER-2"]


def test_the_register_is_searched_and_shown(desk: Desk) -> None:
    assert told(desk.get("noah", "/register", name="netj"), 200) == {
        "items": [{"number": NETJES, "name": "Netjes Thuis"}]
    }
    card = told(desk.get("noah", f"/register/{NETJES}"), 200)
    functions = sorted((each["code"], each["holder"], each["standing"]) for each in card["functions"])
    assert functions == [
        ("director", "Karel De Smedt", "represents"),
        ("managing_director", "Hilde Vermeulen", "represents"),
    ]
    assert desk.get("noah", "/register/1999000348").status_code == 404


def test_a_check_tells_what_would_be_decided_and_why(desk: Desk) -> None:
    own = told(desk.post("ines", "/check", ENTER), 200)
    assert (own["allowed"], own["because"], own["token"]) == (True, ["ENTER-1"], str(desk.size()))
    assert [step["link"] for step in own["why"]["chain"]][-1] == "context"
    wrong = told(desk.post("ines", "/check", {**ENTER, "contexts": ["V99902"]}), 200)
    assert (wrong["allowed"], wrong["because"]) == (False, ["ENTER-1"])
    assert set(wrong["why"]["reason_user"]) == {"en", "fr", "nl", "de"}


def test_a_manager_checks_who_enters_and_nobody_else_does(desk: Desk) -> None:
    of_ines = {**ENTER, "who": "ines", "key": "itsme"}
    assert told(desk.post("nadia", "/check", of_ines), 200)["allowed"] is True
    assert told(desk.post("nadia", "/check", {**ENTER, "who": "ines"}), 200)["allowed"] is False
    assert desk.post("noah", "/check", of_ines).status_code == 404
    assert desk.post("nadia", "/check", {**of_ines, "who": "noah"}).status_code == 404
    assert desk.post("nadia", "/check", {"action": "read_history", "who": "ines"}).status_code == 422


def test_a_check_about_another_moment_is_answered_as_of_then(desk: Desk) -> None:
    later = told(desk.post("ines", "/check", {**ENTER, "on": "2027-03-02T12:00"}), 200)
    assert (later["allowed"], later["because"]) == (False, ["ENTER-1"])


def test_managers_read_the_history_of_their_enterprise_and_people_their_own(desk: Desk) -> None:
    of_netjes = told(desk.get("nadia", "/history/entries", enterprise=NETJES, type="right.granted"), 200)["items"]
    own = told(desk.get("ines", "/history/entries", limit=1), 200)
    assert [each["entry"]["type"] for each in of_netjes] == ["right.granted"]
    assert (len(own["items"]), "next" in own) == (1, True)
    sequence = of_netjes[0]["entry"]["sequence"]
    assert told(desk.get("ines", f"/history/entries/{sequence}"), 200)["entry"] == of_netjes[0]["entry"]
    absent = desk.get("noah", "/history/entries/9999")
    assert (desk.get("noah", f"/history/entries/{sequence}").data, absent.status_code) == (absent.data, 404)
    assert desk.get("noah", "/history/entries", enterprise=NETJES).status_code == 404


def test_pages_of_the_history_follow_each_other_to_its_beginning(desk: Desk) -> None:
    found: list[int] = []
    page = told(desk.get("nadia", "/history/entries", enterprise=NETJES, limit=3), 200)
    found += [each["entry"]["sequence"] for each in page["items"]]
    while "next" in page:
        page = told(desk.get("nadia", "/history/entries", enterprise=NETJES, limit=3, cursor=page["next"]), 200)
        found += [each["entry"]["sequence"] for each in page["items"]]
    whole = told(desk.get("nadia", "/history/entries", enterprise=NETJES), 200)["items"]
    assert found == [each["entry"]["sequence"] for each in whole]


def test_the_proof_of_an_entry_can_be_checked_by_anybody(desk: Desk) -> None:
    given = told(desk.get("nadia", "/history/entries/11/proof"), 200)
    note = Checkpoint.parse(given["checkpoint"])
    hashes = [b64decode(each) for each in given["hashes"]]
    check_inclusion(11, note.size, leaf_hash(canonical(given["entry"])), hashes, note.root)
    assert given["tree_size"] == note.size


def test_an_auditor_reads_within_a_case_of_their_own(desk: Desk) -> None:
    bare = told(desk.get("mila", "/history/entries", enterprise=NETJES), 403)
    assert (bare["because"], "sequence" in bare) == (["HISTORY-4"], False)
    before = desk.size()
    opened = told(desk.post("mila", "/history/cases", CASE), 201)
    assert (opened["sequence"], desk.size()) == (before, before + 1)
    read = told(desk.get("mila", "/history/entries", enterprise=NETJES, case=opened["case"]), 200)
    assert read["items"][0] == {"entry": read["items"][0]["entry"], "note": "2026/14 · Yearly sample"}
    assert desk.get("mila", "/history/entries", enterprise="1999000249", case=opened["case"]).status_code == 403
    assert desk.get("mila", "/history/entries", case=opened["case"]).status_code == 403
    assert desk.post("ines", "/history/cases", CASE).status_code == 404


def test_reading_with_too_weak_a_key_is_refused_on_record(desk: Desk) -> None:
    desk.tokens["nadia"] = token_of(desk.world.provider, "nadia", key=Key.SMS)
    before = desk.size()
    for path in ("/history/entries", "/reports/who"):
        assert told(desk.get("nadia", path, enterprise=NETJES), 403)["because"] == ["KEY-2"]
    assert desk.size() == before + 2
    assert told(desk.get("mila", "/history/entries", enterprise=NETJES), 403)["because"] == ["HISTORY-4"]
    assert desk.size() == before + 2


def test_an_export_is_a_bundle_and_on_record(desk: Desk) -> None:
    before = desk.size()
    answer = desk.post("nadia", "/history/export", {"enterprise": NETJES})
    lines: list[dict[str, Any]] = [json.loads(line) for line in answer.data.splitlines()]
    assert (answer.status_code, answer.content_type, desk.size()) == (200, "application/jsonl", before + 1)
    assert (lines[-1]["kind"], lines[-1]["entries"], lines[0]["kind"]) == ("bundle", len(lines) - 1, "inclusion")
    assert desk.post("noah", "/history/export", {"enterprise": NETJES}).status_code == 404


def test_an_export_in_the_making_holds_up_nobody_who_writes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    make, written = proofs.bundle, list[bool]()

    def while_others_write(*given: Any) -> Iterator[bytes]:
        writer = Thread(target=do, args=(desk.world.app, "nadia", Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR), kwargs=CLAIM)
        writer.start()
        writer.join(10)
        written.append(not writer.is_alive())
        yield from make(*given)

    monkeypatch.setattr(proofs, "bundle", while_others_write)
    exporting = keyed()
    answers = [desk.post("nadia", "/history/export", {"enterprise": NETJES}, exporting) for _ in range(2)]
    assert ([answer.status_code for answer in answers], written) == ([200, 409], [True])


def test_reports_tell_who_could_enter_and_answer_saved_questions(desk: Desk) -> None:
    (entrance,) = told(desk.get("nadia", "/reports/who", enterprise=NETJES), 200)["items"]
    assert (entrance["person"], entrance["context"], entrance["because"]) == ("ines", "V99901", ["ENTER-1"])
    then = told(desk.get("nadia", "/reports/who", enterprise=NETJES, on="2027-06-01T12:00"), 200)
    assert then == {"items": []}
    unused = told(desk.get("nadia", "/reports/questions/unused", enterprise=NETJES), 200)
    assert unused == {"items": []}
    assert desk.get("nadia", "/reports/questions/none", enterprise=NETJES).status_code == 404
    assert desk.get("ines", "/reports/who", enterprise=NETJES).status_code == 404
    assert desk.get("nadia", "/reports/questions/unused").status_code == 404


def test_two_moments_are_compared(desk: Desk) -> None:
    moments: dict[str, Any] = {"first": "2026-03-01T12:00", "second": "2026-03-03T12:00"}
    (difference,) = told(desk.get("nadia", "/reports/compare", enterprise=NETJES, **moments), 200)["items"]
    assert (difference["person"], difference["context"], difference["gained"]) == ("ines", "V99901", True)
    backwards: dict[str, Any] = {"first": moments["second"], "second": moments["first"]}
    assert desk.get("nadia", "/reports/compare", enterprise=NETJES, **backwards).status_code == 422
    assert desk.get("ines", "/reports/compare", enterprise=NETJES, **moments).status_code == 404
