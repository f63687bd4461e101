"""Security headers on every response, errors included.

A view whose form leads elsewhere names the origins in `g.form_action`.
"""

import secrets

from flask import Flask, Response, g, request

from accessmgr.web.assets import FOR_GOOD, kept_for_good


def init_app(app: Flask, *, secure: bool) -> None:
    """Give each request a nonce, and each response its headers."""

    def nonce() -> str:
        if "nonce" not in g:
            g.nonce = secrets.token_urlsafe(16)
        return str(g.nonce)

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        form_action = " ".join(("'self'", *g.get("form_action", ())))
        headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src 'nonce-{nonce()}'; style-src 'nonce-{nonce()}'; "
            f"img-src 'self' data:; connect-src 'self'; form-action {form_action}; "
            "frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
        )
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        headers["Cache-Control"] = FOR_GOOD if kept_for_good(response) else "no-store"
        headers.add("Vary", "Cookie")
        if secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if response.location and response.location.startswith(request.host_url):  # a host is whatever a request says
            response.location = f"/{response.location.removeprefix(request.host_url).lstrip('/')}"
        return response

    app.jinja_env.globals["nonce"] = nonce
