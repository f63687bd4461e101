"""The modules of the RP-initiated logout OP plan: one test each, named after its module.

The plan sends `id_token_hint` and no `client_id`, where ACM wants `client_id`; so what goes back needs a strict client.
"""

from joserfc import jws, jwt
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from accessmgr.usecases.relying_parties import Mode
from tests.oidc.building import AFTERWARDS
from tests.oidc.conformance.plans import Result, Rp, discovery, module
from tests.oidc.conformance.test_basic import unsigned

STATE = "state of the logout"


def is_signed_out(op: Rp) -> bool:
    """Whether nobody is signed in at the provider any more."""
    return "error=login_required" in op.ask(op.browser, prompt="none").location


def shows_signed_out(answer: TestResponse) -> bool:
    """Whether it is the page that says so."""
    return answer.status_code == 200 and "You are signed out" in answer.get_data(as_text=True)


def stays(answer: TestResponse) -> bool:
    """Whether it is an error page, or a question to the person: nobody is sent back."""
    asks = answer.status_code == 200 and "Do you want to sign out?" in answer.get_data(as_text=True)
    return "Location" not in answer.headers and (asks or answer.status_code == 400)


@module("oidcc-rp-initiated-logout-discovery-endpoint-verification")
def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(op: Rp, mode: Mode) -> None:
    assert discovery(op)["end_session_endpoint"] == "http://127.0.0.1:8000/op/v1/logout"


@module("oidcc-rp-initiated-logout", Result.STRICT)
def test_oidcc_rp_initiated_logout(op: Rp, mode: Mode) -> None:
    hint = op.flow()["id_token"]
    answer = op.logs_out(id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS, state=STATE)
    assert answer.location == f"{AFTERWARDS}?state=state+of+the+logout"
    assert is_signed_out(op)


@module("oidcc-rp-initiated-logout-bad-post-logout-redirect-uri")
def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(op: Rp, mode: Mode) -> None:
    hint = op.flow()["id_token"]
    answer = op.logs_out(id_token_hint=hint, post_logout_redirect_uri="https://evil.example/bye", state=STATE)
    assert (answer.status_code, stays(answer)) == (400, True)


@module("oidcc-rp-initiated-logout-modified-id-token-hint")
def test_oidcc_rp_initiated_logout_modified_id_token_hint(op: Rp, mode: Mode) -> None:
    claims = op.flow_claims()
    answer = op.logs_out(id_token_hint=unsigned(**claims), post_logout_redirect_uri=AFTERWARDS, state=STATE)
    assert stays(answer)


@module("oidcc-rp-initiated-logout-no-id-token-hint", Result.STRICT)
def test_oidcc_rp_initiated_logout_no_id_token_hint(op: Rp, mode: Mode) -> None:
    op.flow()
    for more in ({}, {"client_id": "app"}):
        answer = op.logs_out(post_logout_redirect_uri=AFTERWARDS, state=STATE, **more)
        assert stays(answer)


@module("oidcc-rp-initiated-logout-no-params")
def test_oidcc_rp_initiated_logout_no_params(op: Rp, mode: Mode) -> None:
    op.flow()
    assert shows_signed_out(op.logs_out())
    assert is_signed_out(op)


@module("oidcc-rp-initiated-logout-no-post-logout-redirect-uri")
def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(op: Rp, mode: Mode) -> None:
    assert shows_signed_out(op.logs_out(id_token_hint=op.flow()["id_token"], state=STATE))
    assert is_signed_out(op)


@module("oidcc-rp-initiated-logout-no-state", Result.STRICT)
def test_oidcc_rp_initiated_logout_no_state(op: Rp, mode: Mode) -> None:
    answer = op.logs_out(id_token_hint=op.flow()["id_token"], post_logout_redirect_uri=AFTERWARDS)
    assert answer.location == AFTERWARDS
    assert is_signed_out(op)


@module("oidcc-rp-initiated-logout-only-state")
def test_oidcc_rp_initiated_logout_only_state(op: Rp, mode: Mode) -> None:
    op.flow()
    assert shows_signed_out(op.logs_out(state=STATE))
    assert is_signed_out(op)


@module("oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri")
def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(op: Rp, mode: Mode) -> None:
    hint = op.flow()["id_token"]
    answer = op.logs_out(id_token_hint=hint, post_logout_redirect_uri=f"{AFTERWARDS}?foo=bar", state=STATE)
    assert (answer.status_code, stays(answer)) == (400, True)


@module("oidcc-rp-initiated-logout-bad-id-token-hint")
def test_oidcc_rp_initiated_logout_bad_id_token_hint(op: Rp, mode: Mode) -> None:
    token = op.flow()["id_token"]
    header = {"alg": "RS256", "kid": jws.extract_compact(token.encode()).headers()["kid"]}
    forged = jwt.encode(header, op.verified(token), RSAKey.generate_key(2048))
    answer = op.logs_out(id_token_hint=forged, post_logout_redirect_uri=AFTERWARDS, state=STATE)
    assert (answer.status_code, stays(answer)) == (400, True)
