"""The pages of the OpenID provider, as part of the tour through all pages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from accessmgr.usecases.relying_parties import Mode
from tests.oidc.building import APP, CALLBACK, provider_of
from tests.web.building import START

if TYPE_CHECKING:
    from tests.web.all_pages import Tour

ASKED = {
    "client_id": "app",
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": "openid vo",
    "code_challenge": "x" * 43,
    "code_challenge_method": "S256",
}


def provider_pages(tour: Tour) -> None:
    """See every page of the provider; Karel comes to it for two enterprises."""
    for client in (APP, replace(APP, id="strict", mode=Mode.STRICT)):
        provider_of(tour.cast.app).clients.add(client, START)
    asked = f"/op/v1/auth?{urlencode(ASKED)}"
    tour.see("provider, no way back", "ines", "/op/v1/auth", 400)
    sign_in = tour.client("anonymous").get(asked).location
    tour.see("provider, sign-in", "anonymous", sign_in)
    tour.see("provider, answer as a form", "ines", f"{asked}&response_mode=form_post")
    tour.see("provider, choice", "karel", asked)
    tour.see("provider, choice after signing in", "karel", parse_qs(urlsplit(sign_in).query)["next"][0])
    tour.see("provider, sign out?", "karel", "/op/v1/logout?client_id=strict")
    tour.see("provider, clients", "anonymous", "/op/clients")
    tour.see("provider, client", "anonymous", "/op/clients/app")
    tour.see("provider, strict client", "anonymous", "/op/clients/strict")
    tour.see("provider, the product's own client", "anonymous", "/op/clients/secure-area")
    tour.see("provider, signed out", "anonymous", "/op/v1/logout")
