"""Streams are managed as the Shared Signals Framework says, each client its own, and tokens can be fetched."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accessmgr.core.actions import Action
from accessmgr.usecases.relying_parties import SIGNALS
from accessmgr.usecases.streams import CLAIMS_CHANGE, SESSION_REVOKED, VERIFICATION
from tests.oidc.building import SECRET, World, a_world, hashed, json_of
from tests.signals.building import BASE, SERVICE, STATUS, STREAM, VERIFY, Service, an_inbox, transmitter_of, verified
from tests.signals.test_sent import give, revoke, send
from tests.web.building import do

OTHER = replace(SERVICE, id="other", secret=hashed(SECRET))
PUSH, POLL = "urn:ietf:rfc:8935", "urn:ietf:rfc:8936"
SENT = {"method": PUSH, "endpoint_url": "https://service.example/events"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path, SERVICE, OTHER)


@pytest.fixture
def service(world: World) -> Service:
    return Service(world)


def test_the_metadata_lead_to_everything(world: World) -> None:
    assert json_of(world.app.test_client().get("/.well-known/ssf-configuration")) == {
        "spec_version": "1_0",
        "issuer": BASE,
        "jwks_uri": f"{BASE}/op/v1/keys",
        "delivery_methods_supported": [PUSH, POLL],
        "configuration_endpoint": f"{BASE}{STREAM}",
        "status_endpoint": f"{BASE}{STATUS}",
        "verification_endpoint": f"{BASE}{VERIFY}",
        "authorization_schemes": [{"spec_urn": "urn:ietf:rfc:6749"}],
        "default_subjects": "ALL",
    }


def test_a_stream_is_made_read_changed_and_removed(service: Service) -> None:
    wish = {"delivery": SENT, "events_requested": [CLAIMS_CHANGE, "urn:other"], "description": "Ours"}
    made = service.call("POST", STREAM, wish)
    stream = json_of(made)["stream_id"]
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    assert json_of(made) == {
        "stream_id": stream,
        "iss": BASE,
        "aud": "app",
        "events_supported": [SESSION_REVOKED, CLAIMS_CHANGE],
        "events_requested": [CLAIMS_CHANGE, "urn:other"],
        "events_delivered": [CLAIMS_CHANGE],
        "delivery": SENT,
        "min_verification_interval": 2,
        "description": "Ours",
    }
    assert service.call("GET", STREAM).get_json() == [json_of(made)]
    assert service.call("GET", STREAM, stream_id=stream).get_json() == json_of(made)

    patched = json_of(service.call("PATCH", STREAM, {"stream_id": stream, "events_requested": [SESSION_REVOKED]}))
    assert (patched["events_delivered"], patched["delivery"], patched["description"]) == (
        [SESSION_REVOKED],
        SENT,
        "Ours",
    )
    put = json_of(service.call("PUT", STREAM, {"stream_id": stream, "delivery": {"method": POLL}}))
    assert put["delivery"] == {"method": POLL, "endpoint_url": f"{BASE}/ssf/v1/poll/{stream}"}
    assert put["events_delivered"] == [SESSION_REVOKED, CLAIMS_CHANGE]
    assert "description" not in put

    assert service.call("DELETE", STREAM, stream_id=stream).status_code == 204
    assert service.call("GET", STREAM, stream_id=stream).status_code == 404
    assert service.call("GET", STREAM).get_json() == []


def test_the_header_that_a_receiver_wants_goes_with_each_token_and_is_not_told(world: World, service: Service) -> None:
    with an_inbox() as inbox:
        delivery = {"method": PUSH, "endpoint_url": inbox.address, "authorization_header": "Bearer of-the-receiver"}
        made = service.call("POST", STREAM, {"delivery": delivery})
        assert service.call("POST", VERIFY, {"stream_id": json_of(made)["stream_id"]}).status_code == 204
        assert send(world) == 1
    assert json_of(made)["delivery"] == {"method": PUSH, "endpoint_url": inbox.address}
    assert inbox.headers[0]["Authorization"] == "Bearer of-the-receiver"


@pytest.mark.parametrize(
    "delivery",
    [
        {"method": "urn:ietf:rfc:8888", "endpoint_url": "https://service.example/events"},
        {"endpoint_url": "https://service.example/events"},
        {"method": PUSH},
        {"method": PUSH, "endpoint_url": "http://service.example/events"},
        {"method": PUSH, "endpoint_url": "http://127.0.0.1.example/events"},
        {"method": PUSH, "endpoint_url": "https://user@service.example/events"},
        {"method": PUSH, "endpoint_url": "file:///etc/passwd"},
        {"method": PUSH, "endpoint_url": "/events"},
        {"method": PUSH, "endpoint_url": 1},
        {**SENT, "authorization_header": "Bearer\r\nHost: elsewhere"},
        "push",
    ],
)
def test_a_delivery_that_would_not_be_safe_is_refused(service: Service, delivery: Any) -> None:
    assert service.call("POST", STREAM, {"delivery": SENT}).status_code == 201
    wrong = service.call("POST", STREAM, {"delivery": delivery})

    assert wrong.status_code == 400
    assert json_of(wrong)["errors"][0]["pointer"].startswith("#/delivery")


def test_outside_simulation_tokens_go_by_tls_alone(world: World, service: Service) -> None:
    with an_inbox() as inbox:
        on_this_machine = {"delivery": {"method": PUSH, "endpoint_url": inbox.address}}
        assert service.call("POST", STREAM, on_this_machine).status_code == 201
        real = replace(transmitter_of(world), simulation=False)
        world.app.extensions["accessmgr.signals"] = real
        assert service.call("POST", STREAM, on_this_machine).status_code == 400
        assert service.call("POST", STREAM, {"delivery": SENT}).status_code == 201


@pytest.mark.parametrize("name", ["iss", "aud", "events_supported", "min_verification_interval"])
def test_what_the_transmitter_sets_is_not_the_receivers(service: Service, name: str) -> None:
    stream = service.stream()
    same = json_of(service.call("GET", STREAM, stream_id=stream))[name]
    assert service.call("PATCH", STREAM, {"stream_id": stream, name: same}).status_code == 200
    assert service.call("PATCH", STREAM, {"stream_id": stream, name: "another"}).status_code == 400


def test_streams_of_others_do_not_exist(world: World, service: Service) -> None:
    stream, stranger = service.stream(), Service(world, OTHER)
    calls: list[tuple[str, str, Any, dict[str, str]]] = [
        ("GET", STREAM, None, {"stream_id": stream}),
        ("PATCH", STREAM, {"stream_id": stream}, {}),
        ("PUT", STREAM, {"stream_id": stream}, {}),
        ("GET", STATUS, None, {"stream_id": stream}),
        ("POST", STATUS, {"stream_id": stream, "status": "enabled"}, {}),
        ("POST", VERIFY, {"stream_id": stream}, {}),
        ("POST", f"/ssf/v1/poll/{stream}", {}, {}),
        ("DELETE", STREAM, None, {"stream_id": stream}),
    ]
    strange = [stranger.call(method, path, body, **query).status_code for method, path, body, query in calls]
    own = [service.call(method, path, body, **query).status_code for method, path, body, query in calls]

    assert strange == [404] * 8
    assert own == [200, 200, 200, 200, 200, 204, 200, 204]


def test_a_token_without_the_scope_is_not_enough(world: World, service: Service) -> None:
    stream = service.stream()
    poor, nobody = Service(world, scope="authzen"), Service(world, token="none")
    for method, path, body in (("POST", STREAM, {}), ("GET", STREAM, None), ("POST", f"/ssf/v1/poll/{stream}", {})):
        assert service.call(method, path, body).status_code in (200, 201)
        refused = poor.call(method, path, body)
        assert refused.status_code == 403
        assert refused.headers["WWW-Authenticate"].endswith(f'error="insufficient_scope", scope="{SIGNALS}"')
        assert nobody.call(method, path, body).status_code == 401


def test_a_client_has_at_most_ten_streams(world: World, service: Service) -> None:
    for _ in range(10):
        service.stream()
    assert service.call("POST", STREAM, {"delivery": {"method": POLL}}).status_code == 409
    Service(world, OTHER).stream()


# --- status and verification ------------------------------------------------------------------------------


def test_a_paused_stream_holds_what_comes(world: World, service: Service) -> None:
    stream = service.stream()
    paused = service.call("POST", STATUS, {"stream_id": stream, "status": "paused", "reason": "Moving"})
    assert json_of(paused) == {"stream_id": stream, "status": "paused", "reason": "Moving"}
    revoke(world)
    assert service.fetch(stream) == {"sets": {}, "moreAvailable": False}
    service.call("POST", STATUS, {"stream_id": stream, "status": "enabled"})

    assert len(service.fetch(stream)["sets"]) == 1


def test_a_disabled_stream_holds_nothing(world: World, service: Service) -> None:
    stream = service.stream()
    service.call("POST", STATUS, {"stream_id": stream, "status": "disabled"})
    revoke(world)
    service.call("POST", STATUS, {"stream_id": stream, "status": "enabled"})
    assert service.fetch(stream)["sets"] == {}
    give(world, "ines")

    assert len(service.fetch(stream)["sets"]) == 1


@pytest.mark.parametrize("wrong", [{"status": "on"}, {}, {"status": "enabled", "reason": 1}])
def test_a_status_that_there_is_not_is_refused(service: Service, wrong: dict[str, Any]) -> None:
    stream = service.stream()
    assert service.call("POST", STATUS, {"stream_id": stream, "status": "enabled"}).status_code == 200
    assert service.call("POST", STATUS, {"stream_id": stream, **wrong}).status_code == 400


def test_a_verification_event_brings_back_the_state(world: World, service: Service) -> None:
    stream = service.stream()
    assert service.call("POST", VERIFY, {"stream_id": stream, "state": "of the receiver"}).status_code == 204
    (token,) = service.fetch(stream)["sets"].values()

    told = verified(world, token)
    assert told["sub_id"] == {"format": "opaque", "id": stream}
    assert told["events"] == {VERIFICATION: {"state": "of the receiver"}}


def test_verification_is_not_asked_for_all_the_time(world: World) -> None:
    world.app.extensions["accessmgr.signals"] = transmitter_of(world)
    service = Service(world)
    stream = service.stream()
    assert service.call("POST", VERIFY, {"stream_id": stream}).status_code == 204
    again = service.call("POST", VERIFY, {"stream_id": stream})
    assert (again.status_code, again.headers["Retry-After"]) == (429, "2")
    world.clock.advance(seconds=2)
    assert service.call("POST", VERIFY, {"stream_id": stream}).status_code == 204


# --- fetching ---------------------------------------------------------------------------------------------


def test_what_is_fetched_waits_until_it_is_acknowledged(world: World, service: Service) -> None:
    stream = service.stream()
    revoke(world)
    give(world, "ines")
    first = service.fetch(stream, maxEvents=1, returnImmediately=True)
    assert (len(first["sets"]), first["moreAvailable"]) == (1, True)
    assert list(service.fetch(stream, maxEvents=1)["sets"]) == list(first["sets"])
    then = service.fetch(stream, ack=list(first["sets"]))
    assert (len(then["sets"]), then["moreAvailable"]) == (1, False)
    (token,) = then["sets"].values()
    assert verified(world, token)["jti"] == next(iter(then["sets"]))

    wrong = {jti: {"err": "invalid_key", "description": "x"} for jti in then["sets"]}
    assert service.fetch(stream, setErrs=wrong, maxEvents=0) == {"sets": {}, "moreAvailable": False}


def test_a_fetched_stream_is_not_sent_and_a_sent_one_not_fetched(world: World, service: Service) -> None:
    fetched, sent = service.stream(), json_of(service.call("POST", STREAM, {"delivery": SENT}))["stream_id"]
    assert service.call("POST", f"/ssf/v1/poll/{fetched}", {}).status_code == 200
    assert service.call("POST", f"/ssf/v1/poll/{sent}", {}).status_code == 400
    assert service.call("DELETE", STREAM, stream_id=sent).status_code == 204
    revoke(world)

    assert send(world) == 0


@pytest.mark.parametrize(
    "wrong", [{"ack": "one"}, {"ack": [1]}, {"setErrs": []}, {"maxEvents": -1}, {"maxEvents": "1"}]
)
def test_a_malformed_request_is_refused(service: Service, wrong: dict[str, Any]) -> None:
    path = f"/ssf/v1/poll/{service.stream()}"
    assert service.call("POST", path, {"ack": ["one\x00"], "setErrs": {}, "maxEvents": 1}).status_code == 200
    assert service.call("POST", path, wrong).status_code == 400


def test_a_refused_action_is_no_event(world: World, service: Service) -> None:
    stream = service.stream()
    with pytest.raises(Exception, match="GRANT"):
        do(world.app, "noah", Action.GRANT_RIGHT, enterprise="1999000150", person="ines", right="service_vouchers")

    assert service.fetch(stream)["sets"] == {}
