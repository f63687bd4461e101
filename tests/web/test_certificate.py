"""The certificate of a grant: what it says, to whom, and that its file proves it."""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from accessmgr.core.actions import Action
from tests.web.building import NETJES, PROPRE, Chain, advance, built_app, demo_chain, do, post, signed_in_client
from tests.web.test_history_exports import verified


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return built_app(tmp_path)


@pytest.fixture
def chain(app: Flask) -> Chain:
    return demo_chain(app)


def path_of(chain: Chain) -> str:
    return f"/history/{NETJES}/grants/{chain.grant}/certificate"


def shown(page: Any) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)))


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the form that takes the file."""
    form = page.partition('action="/history/export"')[2].partition("</form>")[0]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def downloaded(app: Flask, person: str, page: str) -> bytes:
    """The file that goes with a certificate."""
    fields = {**fields_of(page), "format": "jsonl"}
    fields.pop("csrf_token")
    with post(signed_in_client(app, person), "/history/export", fields) as answer:
        assert answer.status_code == 200
        content: bytes = answer.get_data()
    return content


def test_it_tells_who_holds_what_by_which_chain_and_who_made_each_link(app: Flask, chain: Chain) -> None:
    page = shown(signed_in_client(app, "nadia").get(path_of(chain)))

    for told in (
        "Inès Dubois holds this right: Service vouchers for recognised enterprises.",
        "every link holds",
        "from 2 March 2026 to 1 March 2027",
        "Legal representative Hilde Vermeulen holds 2",
        "Manager Nadia El Amrani holds 8 9",
        "Hilde Vermeulen as legal representative offered a role main access manager Nadia El Amrani APPOINT-1",
        "Nadia El Amrani as person to whom the role was offered accepted a role main access manager ACCEPT-1",
        "Nadia El Amrani as user manager linked a person to the enterprise",
        "11 2 March 2026, 09:00 Nadia El Amrani as manager who may grant the right granted a right",
        "As it was 2 March 2026, 09:00",
        "no proof covers them",
        "127.0.0.1/history/key",
        "Simulation:",
    ):
        assert told in page


def test_the_key_itself_is_not_on_it_and_its_name_and_the_checkpoint_are(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "nadia")
    page, key = shown(client.get(path_of(chain))), client.get("/history/key").get_data(as_text=True).strip()
    name, _hash, public = key.split("+", 2)

    assert f"The key is named {name}." in page
    assert public not in page
    assert re.search(rf"{re.escape(name)} 12 [A-Za-z0-9+/]{{43}}= — {re.escape(name)} ", page) is not None


def test_its_file_is_the_one_of_the_digest_and_is_verified_by_the_verifier_that_stands_alone(
    app: Flask, chain: Chain, tmp_path: Path
) -> None:
    page = signed_in_client(app, "nadia").get(path_of(chain)).get_data(as_text=True)
    content = downloaded(app, "nadia", page)

    assert hashlib.sha256(content).hexdigest() in page
    assert verified(app, tmp_path, content) == "VALID 8"


def test_of_a_changed_file_the_verifier_says_so(app: Flask, chain: Chain, tmp_path: Path) -> None:
    page = signed_in_client(app, "nadia").get(path_of(chain)).get_data(as_text=True)
    content = downloaded(app, "nadia", page)
    at = content.index(b'"recorded_at":"2026') + len('"recorded_at":"202')
    changed = content[:at] + b"5" + content[at + 1 :]

    assert verified(app, tmp_path, changed) == "TAMPERED at 0"


def test_its_file_stays_the_same_whatever_happens_after(app: Flask, chain: Chain) -> None:
    page = signed_in_client(app, "nadia").get(path_of(chain)).get_data(as_text=True)
    first = downloaded(app, "nadia", page)
    advance(app, "2026-04-02T09:00")
    do(app, "nadia", Action.REVOKE_GRANT, grant=chain.grant)

    assert downloaded(app, "nadia", page) == first


def test_it_tells_that_a_right_was_revoked_and_what_was_known_before(app: Flask, chain: Chain) -> None:
    advance(app, "2026-04-02T09:00")
    do(app, "nadia", Action.REVOKE_GRANT, grant=chain.grant)
    client = signed_in_client(app, "nadia")
    now, before = shown(client.get(path_of(chain))), shown(client.get(f"{path_of(chain)}?on=2026-03-03"))

    assert "Revoked: 2 April 2026, 09:00." in now
    assert "it does not open the door" in now
    assert "every link holds" in before


def test_an_auditor_gets_it_with_a_purpose(app: Flask, chain: Chain, tmp_path: Path) -> None:
    client = signed_in_client(app, "mila")
    assert client.get(path_of(chain)).status_code == 403

    post(client, "/history/", {"enterprise": NETJES, "purpose": "a complaint", "case": "2026/17"})
    page = client.get(path_of(chain)).get_data(as_text=True)
    assert 'name="purpose"' in page
    fields = {**fields_of(page), "format": "jsonl", "purpose": "a complaint"}
    fields.pop("csrf_token")
    with post(client, "/history/export", fields) as answer:
        assert verified(app, tmp_path, answer.get_data()) == "VALID 8"


def test_the_holder_sees_it_and_takes_nothing(app: Flask, chain: Chain) -> None:
    page = signed_in_client(app, "ines").get(path_of(chain))

    assert page.status_code == 200
    assert "Take this with you" not in shown(page)


def test_for_everybody_else_it_does_not_exist(app: Flask, chain: Chain) -> None:
    client = signed_in_client(app, "noah")
    foreign = client.get(path_of(chain))
    absent = client.get(f"/history/{NETJES}/grants/none/certificate")

    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert shown(foreign) == shown(absent)


@pytest.mark.parametrize(
    "path", [f"/history/{NETJES}/grants/none/certificate", f"/history/{PROPRE}/grants/x/certificate"]
)
def test_a_manager_gets_none_of_a_grant_that_is_not_there(app: Flask, chain: Chain, path: str) -> None:
    assert signed_in_client(app, "nadia").get(path).status_code == 404
