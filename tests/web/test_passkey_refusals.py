"""What a passkey must answer to: each thing spoilt alone, beside a sign-in that goes well."""

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from accessmgr.core.model import Key
from tests.web.building import add_people, anonymous_client, built_app, post, product_of, signed_in_client
from tests.web.soft_device import SoftDevice


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = built_app(tmp_path, base_url="http://localhost")
    add_people(app, "hilde", keys=(Key.ITSME,))
    return app


@pytest.fixture
def device(app: Flask) -> SoftDevice:
    """A device with a passkey of Hilde."""
    device = SoftDevice()
    assert added(app, device).status_code == 303
    return device


def options_of(page: str) -> dict[str, Any]:
    found = re.search(r'data-options="([^"]*)"', page)
    assert found is not None, "the page asks for no passkey"
    options: dict[str, Any] = json.loads(html.unescape(found[1]))
    return options


def added(app: Flask, device: SoftDevice) -> Any:
    client = signed_in_client(app, "hilde")
    answer = device.make(options_of(client.get("/me/passkeys/add").text))
    return post(client, "/me/passkeys/add", {"name": "laptop", "answer": answer})


def sent(client: FlaskClient, answer: str) -> int:
    status: int = post(client, "/sign-in/passkey", {"answer": answer}).status_code
    return status


def signed_in(app: Flask, device: SoftDevice) -> int:
    client = anonymous_client(app)
    return sent(client, device.prove(options_of(client.get("/sign-in/passkey").text)))


def test_a_passkey_signs_in_and_the_use_is_noted(app: Flask, device: SoftDevice) -> None:
    assert signed_in(app, device) == 303
    kept = product_of(app).passkeys.of("hilde")[0]
    assert (kept.name, kept.counter) == ("laptop", 1)
    assert kept.used_at is not None


SPOILT: dict[str, Callable[[SoftDevice], SoftDevice]] = {
    "another origin": lambda device: replace(device, origin="http://localhost:1"),
    "a name below ours": lambda device: replace(device, origin="http://evil.localhost"),
    "another product's name": lambda device: replace(device, rp_id="evil.example"),
    "a person whom the device did not verify": lambda device: replace(device, verifies=False),
    "another credential": lambda device: replace(device, credential=b"another"),
    "another handle": lambda device: replace(device, handle=b"another"),
    "no handle": lambda device: replace(device, handle=b""),
    "another secret": lambda device: replace(device, key=SoftDevice().key),
    "a counter that stands still": lambda device: replace(device, counter=4),
    "a counter that went back": lambda device: replace(device, counter=2),
}


@pytest.mark.parametrize("what", SPOILT)
def test_what_a_passkey_must_answer_to_is_checked(app: Flask, device: SoftDevice, what: str) -> None:
    device.counter = 4
    assert signed_in(app, device) == 303
    assert signed_in(app, SPOILT[what](device)) == 422
    assert signed_in(app, device) == 303


def test_a_device_that_does_not_count_may_go_on_without(app: Flask, device: SoftDevice) -> None:
    for _time in range(2):
        device.counter = -1
        assert signed_in(app, device) == 303


def test_a_challenge_is_good_once_even_with_the_cookie_of_before(app: Flask, device: SoftDevice) -> None:
    client = anonymous_client(app)
    answer = device.prove(options_of(client.get("/sign-in/passkey").text))
    before = client.get_cookie("accessmgr")
    assert before is not None
    assert sent(client, answer) == 303
    replayed = anonymous_client(app)
    replayed.set_cookie("accessmgr", before.value)
    assert sent(replayed, answer) == 422


def test_a_challenge_is_good_for_five_minutes(app: Flask, device: SoftDevice) -> None:
    for seconds, status in ((299, 303), (302, 422)):
        client = anonymous_client(app)
        answer = device.prove(options_of(client.get("/sign-in/passkey").text))
        with client.session_transaction() as session:
            session["passkey_proof"] = {**session["passkey_proof"], "at": session["passkey_proof"]["at"] - seconds}
        assert sent(client, answer) == status


def test_a_challenge_of_another_browser_is_no_good(app: Flask, device: SoftDevice) -> None:
    here, there = anonymous_client(app), anonymous_client(app)
    there.get("/sign-in/passkey")
    answer = device.prove(options_of(here.get("/sign-in/passkey").text))
    assert sent(there, answer) == 422
    assert sent(here, answer) == 303


def test_the_challenge_of_a_new_passkey_is_no_good_for_a_sign_in(app: Flask, device: SoftDevice) -> None:
    client = signed_in_client(app, "hilde")
    asked = options_of(client.get("/me/passkeys/add").text)
    assert sent(client, device.prove(asked)) == 422


@pytest.mark.parametrize(
    "what", ["another origin", "another product's name", "a person whom the device did not verify"]
)
def test_a_new_passkey_must_answer_to_the_same(app: Flask, what: str) -> None:
    assert added(app, SPOILT[what](SoftDevice())).status_code == 422
    assert added(app, SoftDevice()).status_code == 303


def test_a_credential_is_kept_once(app: Flask, device: SoftDevice) -> None:
    assert added(app, device).status_code == 422
    assert len(product_of(app).passkeys.of("hilde")) == 1


def test_all_passkeys_of_a_person_share_a_handle_that_says_nothing(app: Flask, device: SoftDevice) -> None:
    other = SoftDevice(credential=b"of the other device")
    assert added(app, other).status_code == 303
    assert other.handle == device.handle
    assert len(device.handle) == 32
    assert b"hilde" not in device.handle.lower()


def test_the_history_tells_of_a_passkey_without_its_name(app: Flask, device: SoftDevice) -> None:
    client, kept = signed_in_client(app, "hilde"), product_of(app).passkeys.of("hilde")[0]
    assert post(client, f"/me/passkeys/{kept.id}/remove").status_code == 303
    with product_of(app).world.store.reading() as seen:
        leaves = [json.loads(row.leaf) for row in seen.lists.entries()]
        assert Key.PASSKEY in seen.keys_of("hilde")
    told = [(leaf["type"], leaf["actor"]) for leaf in reversed(leaves[:3])]
    assert told == [("passkey.added", "hilde"), ("digital_key.activated", "hilde"), ("passkey.removed", "hilde")]
    assert "laptop" not in json.dumps(leaves)
    assert signed_in(app, device) == 422


def test_a_passkey_of_somebody_else_is_as_absent(app: Flask, device: SoftDevice) -> None:
    add_people(app, "noah")
    client, kept = signed_in_client(app, "noah"), product_of(app).passkeys.of("hilde")[0]
    assert client.get(f"/me/passkeys/{kept.id}").status_code == 404
    assert post(client, f"/me/passkeys/{kept.id}", {"name": "mine"}).status_code == 404
    assert post(client, f"/me/passkeys/{kept.id}/remove").status_code == 404
    own = signed_in_client(app, "hilde")
    assert post(own, f"/me/passkeys/{kept.id}", {"name": ""}).status_code == 422
    assert post(own, f"/me/passkeys/{kept.id}", {"name": "old"}).status_code == 303
    assert product_of(app).passkeys.of("hilde")[0].name == "old"
