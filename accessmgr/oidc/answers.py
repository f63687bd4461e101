"""Answers of the authorization endpoint: in the query, in the fragment, or as a form; and its error pages."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from authlib.common.urls import add_params_to_uri
from flask import g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accessmgr.oidc.provider import Provider, json_values
from accessmgr.oidc.requests import Faulty, NoWayBack, ResponseMode, Way


def granted(provider: Provider, way: Way, code: str) -> ResponseReturnValue:
    """Send a code."""
    return _sent(provider, way, {"code": code})


def refused(provider: Provider, fault: Faulty) -> ResponseReturnValue:
    """Send an error of the standard."""
    return _sent(provider, fault.way, {"error": fault.error, "error_description": fault.description})


def no_way_back(reason: NoWayBack) -> ResponseReturnValue:
    """Say on a page that there is nowhere to answer to."""
    return render_template("oidc/no_way_back.html", reason=str(reason)), 400


def allow_form_to(uri: str) -> None:
    """Let forms of this page lead to the origin of a registered address: a browser holds even redirects to that."""
    parts = urlsplit(uri)
    web = parts.scheme in ("http", "https")
    g.form_action = (f"{parts.scheme}://{parts.netloc}" if web else f"{parts.scheme}:",)


def _sent(provider: Provider, way: Way, parameters: Mapping[str, str]) -> ResponseReturnValue:
    fields = json_values({**parameters, "state": way.state, "iss": provider.issuer})
    if way.mode is ResponseMode.FORM_POST:
        allow_form_to(way.redirect_uri)
        return render_template("oidc/form_post.html", uri=way.redirect_uri, fields=fields, client=way.client)
    address = add_params_to_uri(way.redirect_uri, list(fields.items()), way.mode is ResponseMode.FRAGMENT)
    return redirect(address, code=302 if request.method == "GET" else 303)
