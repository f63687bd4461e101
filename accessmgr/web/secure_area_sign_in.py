"""How people sign in to the secure area: through the provider, as at any application; and how they leave it.

The area has a session of its own, of at most two hours. It ends with the sign-in that it came from: at once in this
browser, as the same frame shows who is signed in; and wherever it is, by a logout token of the provider.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from accessmgr.core.numbers import EnterpriseNumber, InvalidNumber
from accessmgr.usecases.means import keys_named
from accessmgr.web.current import product, signed_in, world
from accessmgr.web.relying_party import Begun, NotSignedIn, RelyingParty

EXTENSION = "accessmgr.secure_area"
AREA = "secure_area"
"""Where the session of the cookie notes the session of the area."""
BEGUN = "secure_area_begun"
MOST_BEGUN = 3
"""How many sign-ins one browser may have begun, as in several tabs."""

bp = Blueprint("secure_area", __name__, url_prefix="/secure-area")

WITHOUT_SIGN_IN = frozenset(
    f"secure_area.{name}" for name in ("callback", "leave", "sign_out", "signed_out", "backchannel_logout")
)


def relying_party() -> RelyingParty:
    """The secure area as an application of the provider."""
    return cast(RelyingParty, current_app.extensions[EXTENSION])


@bp.errorhandler(NotSignedIn)
def not_signed_in(reason: NotSignedIn) -> ResponseReturnValue:
    """Tell that the sign-in failed, and what to do; nothing of the answer is shown."""
    current_app.logger.warning("nobody was signed in to the secure area: %s", reason)
    return render_template("secure_area/not_signed_in.html", reason=str(reason)), 400


@bp.before_request
def sign_in_first() -> ResponseReturnValue | None:
    """Send whoever is not signed in to the area to the provider, and back to where they wanted to go."""
    if request.endpoint in WITHOUT_SIGN_IN:
        return None
    claims = _claims()
    if claims is not None:
        g.area_claims = claims
        return None
    address, begun = relying_party().begin(_wanted())
    session[BEGUN] = [asdict(begun), *session.get(BEGUN, [])][:MOST_BEGUN]
    return redirect(address, code=302 if request.method in ("GET", "HEAD") else 303)


@bp.get("/callback")
def callback() -> ResponseReturnValue:
    """The answer of the provider."""
    answer = request.args.to_dict()
    if len(answer) != len(list(request.args.items(multi=True))):
        raise NotSignedIn("twice")
    claims = relying_party().finish(begun := _begun(answer.get("state")), answer)
    same_browser = current_user.is_authenticated and current_user.person == claims["sub"]
    if not same_browser or signed_in().key not in keys_named([claims["acr"]]):
        raise NotSignedIn("session")
    begin_area(claims)
    return redirect(begun.back, code=302)


@bp.post("/leave")
def leave() -> ResponseReturnValue:
    """Leave the area alone; whoever comes back is signed in by the provider without a question."""
    end_area()
    return redirect(url_for(".signed_out"), code=303)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Leave the area, and sign out at the provider too."""
    party = relying_party()
    end_area()
    back = party.redirect_uri.removesuffix(url_for(".callback")) + url_for(".signed_out")
    fields = urlencode({"client_id": party.client_id, "post_logout_redirect_uri": back})
    return redirect(f"{party.logout_address}?{fields}", code=303)


@bp.get("/signed-out")
def signed_out() -> ResponseReturnValue:
    """Where people are after they left."""
    return render_template("secure_area/signed_out.html")


@bp.post("/backchannel-logout")
def backchannel_logout() -> ResponseReturnValue:
    """Told by the provider that a sign-in has ended: so does the session of the area that came from it."""
    try:
        person, sid = relying_party().ended(request.form.get("logout_token", ""))
    except NotSignedIn as reason:
        current_app.logger.warning("a logout token was refused: %s", reason)
        return {"error": "invalid_request"}, 400
    product().sessions.take_draft(_kept_under(sid), person)
    return Response(status=200)


def begin_area(claims: Mapping[str, Any]) -> None:
    """Begin a session of the area for the person of an ID token, who is signed in in this browser."""
    session[AREA] = begun_area(claims, signed_in().session)


def begun_area(claims: Mapping[str, Any], sign_in: str) -> dict[str, str]:
    """Keep the claims of a session of the area, sealed; gives what the cookie notes of it."""
    kept = product().sessions
    kept.take_draft(_kept_under(claims["sid"]), claims["sub"])
    kept.keep_draft(_kept_under(claims["sid"]), claims["sub"], json.dumps(dict(claims)))
    return {"sid": claims["sid"], "session": sign_in}


def end_area() -> None:
    """End the session of the area in this browser."""
    noted = session.pop(AREA, None)
    if noted is not None and current_user.is_authenticated:
        product().sessions.take_draft(_kept_under(noted["sid"]), signed_in().person)


def _claims() -> dict[str, Any] | None:
    """The claims of the area's session, None if there is none, or it came from another sign-in than the present."""
    noted = session.get(AREA)
    if noted is None or not current_user.is_authenticated or noted["session"] != signed_in().session:
        return None
    kept = product().sessions.draft(_kept_under(noted["sid"]), signed_in().person)
    return None if kept is None else cast(dict[str, Any], json.loads(kept))


def _kept_under(sid: str) -> str:
    return f"secure-area:{sid}"


def _begun(state: str | None) -> Begun:
    """The sign-in that was begun in this browser with that state; it is good for one answer.

    :raise NotSignedIn: there is none
    """
    all_begun = [Begun(**each) for each in session.get(BEGUN, [])]
    found = next(
        (each for each in all_begun if secrets.compare_digest(each.state.encode(), (state or "").encode())), None
    )
    if found is None:
        raise NotSignedIn("state")
    session[BEGUN] = [asdict(each) for each in all_begun if each is not found]
    return found


def _wanted() -> str:
    """The page to go on to after signing in: the one asked for, or the one that the form to enter leads to."""
    if request.method in ("GET", "HEAD"):
        return request.full_path.rstrip("?")
    number, right, context = (request.form.get(name, "").strip() for name in ("enterprise", "right", "context"))
    try:
        digits = EnterpriseNumber.parse(number).digits
    except InvalidNumber:
        return url_for(".home")
    if right not in world().policy.rights or not context or not context.isprintable() or "/" in context:
        return url_for(".home")
    return url_for(".area", number=digits, right=right, context=context)
