"""Signing out at the provider: single sign-on ends, and the sign-in at the client that asks; the others go on.

ACM asks for no hint: who the client is suffices. A client that wants the standard's way has people asked first,
unless its hint names the sign-in that ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from authlib.common.urls import add_params_to_uri
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accessmgr.oidc import answers, jose
from accessmgr.oidc.provider import Provider, SignedIn, json_values, provider
from accessmgr.oidc.requests import NoWayBack
from accessmgr.usecases.relying_parties import Client

bp = Blueprint("oidc_logout", __name__, url_prefix="/op/v1/logout")


@dataclass(frozen=True)
class Leaving:
    """A request to sign out that is in order. `hinted` is the session that its hint names."""

    client: Client | None
    uri: str | None
    state: str | None
    hinted: str | None
    switch: bool
    fields: Mapping[str, str]


@bp.errorhandler(NoWayBack)
def no_way_back(reason: NoWayBack) -> ResponseReturnValue:
    """The request names an address that is not registered, or no client: nothing was ended."""
    return answers.no_way_back(reason)


@bp.get("")
def logout() -> ResponseReturnValue:
    """Sign out, and go back to the client if it gives an address."""
    op = provider()
    leaving = _read(op, list(request.args.items(multi=True)))
    who = op.pages.signed_in()
    if who is not None and leaving.client is not None and leaving.client.strict and leaving.hinted != who.sid:
        if leaving.uri:
            answers.allow_form_to(leaving.uri)
        return render_template("oidc/sign_out.html", fields=leaving.fields, client=leaving.client)
    return _left(op, leaving, who)


@bp.post("")
def logout_by_post() -> ResponseReturnValue:
    """The same in a form of the client's, which comes without cookies from another site: answered by a link."""
    return redirect(f"{url_for('.logout')}?{urlencode(_fields())}", code=303)


@bp.post("/confirmed")
def confirmed() -> ResponseReturnValue:
    """The person agreed to sign out."""
    op = provider()
    return _left(op, _read(op, _fields()), op.pages.signed_in())


def _fields() -> list[tuple[str, str]]:
    return [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]


def _read(op: Provider, pairs: list[tuple[str, str]]) -> Leaving:
    """The request in its fields.

    :raise NoWayBack: something in it is not registered, or not of this provider
    """
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise NoWayBack("a parameter stands twice")
    hint = _hint(op, fields.get("id_token_hint"))
    client = op.clients.find(fields["client_id"]) if "client_id" in fields else None
    if "client_id" in fields and client is None:
        raise NoWayBack("the client is not registered")
    of_hint = op.clients.find(str(hint.get("aud"))) if hint else None
    if client is not None and hint and of_hint != client:
        raise NoWayBack("id_token_hint was issued to another client")
    if client is None and of_hint is not None and of_hint.strict:
        client = of_hint
    uri = fields.get("post_logout_redirect_uri")
    if uri is not None and client is None:
        raise NoWayBack("post_logout_redirect_uri needs client_id")
    if uri is not None and client is not None and not client.returns_to(uri, simulation=op.simulation):
        raise NoWayBack("post_logout_redirect_uri is not registered for this client")
    if "switch" in fields and client is None:
        raise NoWayBack("switch needs client_id")
    sid = hint.get("sid")
    hinted = sid if isinstance(sid, str) else None
    return Leaving(client, uri, fields.get("state"), hinted, "switch" in fields, fields)


def _hint(op: Provider, text: str | None) -> Mapping[str, object]:
    """The claims of the hint; a token of this provider counts even when it has expired."""
    if text is None:
        return {}
    try:
        claims = jose.read_own(op.keys, text)
    except jose.Unverified as fault:
        raise NoWayBack("id_token_hint is not one of this provider") from fault
    if claims.get("iss") != op.issuer:
        raise NoWayBack("id_token_hint is not one of this provider")
    return claims


def _left(op: Provider, leaving: Leaving, who: SignedIn | None) -> ResponseReturnValue:
    """End what is to be ended. To switch identity, only the client's own sign-in ends, and single sign-on stays."""
    if who is not None:
        if not leaving.switch:
            op.pages.leave()  # first, while every sign-in stands of which clients are told
        if leaving.client is not None:
            for family in op.tokens.families(who.session_hash, leaving.client.id):
                op.tokens.revoke(family.id, op.now())
    if leaving.uri is None:
        return render_template("oidc/signed_out.html", client=leaving.client)
    address = add_params_to_uri(leaving.uri, list(json_values({"state": leaving.state}).items()))
    return redirect(address, code=302 if request.method == "GET" else 303)
