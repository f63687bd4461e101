"""The modules of the back-channel logout OP plan: one test each, named after its module."""

from dataclasses import replace
from datetime import timedelta

from joserfc import jws

from accessmgr.oidc.back_channel import EVENT, send_due
from accessmgr.usecases.relying_parties import Mode
from tests.oidc.building import AFTERWARDS
from tests.oidc.conformance.plans import Result, Rp, discovery, module
from tests.oidc.receiver import a_receiver


@module("oidcc-backchannel-logout-discovery-endpoint-verification")
def test_oidcc_backchannel_logout_discovery_endpoint_verification(op: Rp, mode: Mode) -> None:
    told = discovery(op)
    assert told["backchannel_logout_supported"] is True
    assert told["backchannel_logout_session_supported"] is True
    assert told["end_session_endpoint"] == "http://127.0.0.1:8000/op/v1/logout"


@module("oidcc-backchannel-rp-initiated-logout", Result.STRICT)
def test_oidcc_backchannel_rp_initiated_logout(op: Rp, mode: Mode) -> None:
    with a_receiver() as receiver:
        listens = replace(op.client, id="listens", backchannel_logout_uri=receiver.address)
        op.world.add(listens)
        client = replace(op, client=listens)
        hint = client.flow()["id_token"]
        back = client.logs_out(id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS, state="s")
        op.world.clock.moment += timedelta(hours=1)
        send_due(op.world.provider)
    signed_in, told = client.verified(hint), client.verified(receiver.tokens[0])
    assert back.location == f"{AFTERWARDS}?state=s"
    assert client.error(prompt="none") == "login_required"
    assert jws.extract_compact(receiver.tokens[0].encode()).headers()["alg"] == "RS256"
    assert [told[name] for name in ("iss", "aud", "sub", "sid")] == [
        signed_in[name] for name in ("iss", "aud", "sub", "sid")
    ]
    assert (told["events"], len(told["jti"]) > 0, "nonce" in told) == ({EVENT: {}}, True, False)
