"""The pages of the Django application, and what the library asks an application to settle.

`/sign-in?login_hint=…` leads to the provider, `/` gives the claims to whoever is signed in, `/stale` lets the sign-in
be as old as one that the library renews, and a form to `/oidc/logout/` signs out here and at the provider.
"""

from typing import Any
from urllib.parse import urlencode

import jwt
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationRequestView


class Backend(OIDCAuthenticationBackend):
    """People are known by `sub`: the provider tells no address of electronic mail."""

    def filter_users_by_claims(self, claims: dict[str, Any]) -> Any:
        """Whoever came before under the same name."""
        return User.objects.filter(username=claims["sub"])

    def create_user(self, claims: dict[str, Any]) -> User:
        """Somebody who comes for the first time."""
        return self.update_user(User(username=claims["sub"]), claims)

    def update_user(self, user: User, claims: dict[str, Any]) -> User:
        """Keep the names as they are told now; beside them, what userinfo held."""
        user.first_name, user.last_name = claims["given_name"], claims["family_name"]
        user.save()
        self.request.session["userinfo"] = claims
        return user

    def get_payload_data(self, token: str, key: Any) -> dict[str, Any]:
        """The verified claims of the ID token, kept for the page."""
        verified: dict[str, Any] = super().get_payload_data(token, key)
        self.request.session["claims"] = verified
        return verified


class SignIn(OIDCAuthenticationRequestView):
    """The way to the provider, with the hint that the address holds."""

    def get_extra_params(self, request: HttpRequest) -> dict[str, str]:
        """Parameters besides the library's own."""
        return request.GET.dict()


def sign_out_address(request: HttpRequest) -> str:
    """Where people go to sign out at the provider."""
    back = request.build_absolute_uri(settings.LOGOUT_REDIRECT_URL)
    fields = {
        "client_id": settings.OIDC_RP_CLIENT_ID,
        "id_token_hint": request.session["oidc_id_token"],
        "post_logout_redirect_uri": back,
        "state": "bye",
    }
    return f"{settings.PROVIDER}/v1/logout?{urlencode(fields)}"


@login_required
def start(request: HttpRequest) -> JsonResponse:
    """What the application knows of the person."""
    return JsonResponse(
        {
            "name": request.user.get_full_name(),
            "header": jwt.get_unverified_header(request.session["oidc_id_token"]),
            "claims": request.session["claims"],
            "userinfo": request.session["userinfo"],
        }
    )


def stale(request: HttpRequest) -> JsonResponse:
    """The sign-in is old: the library renews it at the next page."""
    request.session["oidc_id_token_expiration"] = 0
    return JsonResponse({})


def signed_out(request: HttpRequest) -> JsonResponse:
    """Nobody is signed in here."""
    return JsonResponse({"signed in": request.user.is_authenticated, **request.GET.dict()})


urlpatterns = [
    path("", start),
    path("sign-in", SignIn.as_view()),
    path("stale", stale),
    path("signed-out", signed_out),
    path("oidc/", include("mozilla_django_oidc.urls")),
]
