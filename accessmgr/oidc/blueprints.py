"""The routes of the provider, and which of them take forms from elsewhere."""

from flask import Flask
from flask_wtf import CSRFProtect

from accessmgr.oidc import authorization, client_pages, endpoints, logout
from accessmgr.oidc.provider import EXTENSION, Provider

OPEN_ENDPOINTS = frozenset(
    {
        "oidc.configuration",
        "oidc.keys",
        "oidc.token",
        "oidc.introspect",
        "oidc.userinfo",
        "oidc.revoke",
        "oidc_auth.authorize",
        "oidc_auth.authorize_by_post",
        "oidc_auth.resume",
        "oidc_auth.choose",
        "oidc_logout.logout",
        "oidc_logout.logout_by_post",
        "oidc_logout.confirmed",
        "oidc_clients.clients",
        "oidc_clients.client",
    }
)
"""The routes that need no sign-in: all, for signing in is what they are for, or what they tell is in simulation."""

WITHOUT_COOKIE = (
    endpoints.token,
    endpoints.introspect,
    endpoints.userinfo,
    endpoints.revoke,
    authorization.authorize_by_post,
    logout.logout_by_post,
)
"""Forms that need no token of ours: they take no cookie, or do nothing but lead to a link."""


def register(app: Flask, csrf: CSRFProtect, provider: Provider) -> None:
    """Let the application be an OpenID provider."""
    app.extensions[EXTENSION] = provider
    for view in WITHOUT_COOKIE:
        csrf.exempt(view)
    for blueprint in (endpoints.bp, authorization.bp, logout.bp):
        app.register_blueprint(blueprint)
    if provider.simulation:
        app.register_blueprint(client_pages.bp)
