"""An application that signs people in by mozilla-django-oidc; run as a module with the issuer, it prints its address.

It is set up as the library's own guide says, with PKCE on. Its pages are in django_pages.py.
"""

import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

PAGES = "tests.foreign_clients.django_pages"


class Quiet(WSGIRequestHandler):
    """Requests without a line each."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def configure(issuer: str) -> None:
    """Set up Django for a provider."""
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        AUTHENTICATION_BACKENDS=[f"{PAGES}.Backend"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "mozilla_django_oidc",
        ],
        LOGIN_URL="/sign-in",
        LOGIN_REDIRECT_URL="/",
        LOGIN_REDIRECT_URL_FAILURE="/signed-out",
        LOGOUT_REDIRECT_URL="/signed-out",
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "mozilla_django_oidc.middleware.SessionRefresh",
        ],
        OIDC_EXEMPT_URLS=["/sign-in", "/stale"],
        OIDC_OP_AUTHORIZATION_ENDPOINT=f"{issuer}/v1/auth",
        OIDC_OP_JWKS_ENDPOINT=f"{issuer}/v1/keys",
        OIDC_OP_LOGOUT_URL_METHOD=f"{PAGES}.sign_out_address",
        OIDC_OP_TOKEN_ENDPOINT=f"{issuer}/v1/token",
        OIDC_OP_USER_ENDPOINT=f"{issuer}/v1/userinfo",
        OIDC_RP_CLIENT_ID="demo-confidential",
        OIDC_RP_CLIENT_SECRET="demo-secret",
        OIDC_RP_SCOPES="openid profile vo dienstencheques",
        OIDC_RP_SIGN_ALGO="RS256",
        OIDC_STORE_ID_TOKEN=True,
        OIDC_USE_PKCE=True,
        PROVIDER=issuer,
        ROOT_URLCONF=PAGES,
        SECRET_KEY="signs nothing that outlives a test",
        USE_TZ=True,
    )
    django.setup()


if __name__ == "__main__":
    configure(sys.argv[1])
    call_command("migrate", verbosity=0)
    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()
