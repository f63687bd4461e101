"""The authorization endpoint: who is it, in what capacity do they come, and the code that says so.

A request that waits for somebody stands under a ticket, and every step reads it again in full: what was right when
it came may not be any more.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accessmgr.core.model import Key
from accessmgr.oidc import answers, jose, own_client
from accessmgr.oidc.provider import Provider, SignedIn, provider
from accessmgr.oidc.requests import AuthRequest, Faulty, NoWayBack, Prompt, read
from accessmgr.usecases.capacities import Capacity, entitlements, organisations
from accessmgr.usecases.perform import Refused, new_id
from accessmgr.usecases.relying_parties import Level
from accessmgr.usecases.tokens import Family, new_text
from accessmgr.usecases.world import Unknown

ASKED_BY = "asked_by"
"""Where the session of the cookie notes which request somebody signs in for: its address here, and its client's."""
LANGUAGES = ("fr", "nl", "de", "en")

bp = Blueprint("oidc_auth", __name__, url_prefix="/op/v1/auth")


class Choose(Exception):
    """The person must choose the capacity in which they come."""

    def __init__(self, options: tuple[Capacity, ...]) -> None:
        super().__init__("choose")
        self.options = options


@bp.errorhandler(NoWayBack)
def no_way_back(reason: NoWayBack) -> ResponseReturnValue:
    """There is nowhere to answer to."""
    return answers.no_way_back(reason)


@bp.errorhandler(Faulty)
def faulty(fault: Faulty) -> ResponseReturnValue:
    """The client is told what is wrong."""
    return answers.refused(provider(), fault)


@bp.get("")
def authorize() -> ResponseReturnValue:
    """An authorization request."""
    op = provider()
    since = op.now()
    asked = read(op, request.args.items(multi=True))
    if asked.hint.persona is not None:
        _become(op, asked)
    return _go_on(op, asked, since, None)


@bp.post("")
def authorize_by_post() -> ResponseReturnValue:
    """An authorization request in a form of the client's: answered by the same request as a link.

    So it needs no cookie, which a browser does not send along with a form of another site.
    """
    fields = [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]
    return redirect(f"{url_for('.authorize')}?{urlencode(fields)}", code=303)


@bp.get("/<ticket>")
def resume(ticket: str) -> ResponseReturnValue:
    """A request that waited, taken up again."""
    return _resumed(ticket, None)


@bp.post("/<ticket>")
def choose(ticket: str) -> ResponseReturnValue:
    """The capacity that the person chose."""
    return _resumed(ticket, request.form.get("capacity", ""))


def _resumed(ticket: str, chosen: str | None) -> ResponseReturnValue:
    op = provider()
    waiting = op.tokens.request(ticket, op.now())
    if waiting is None:
        raise NoWayBack("the request was answered already, or waited too long")
    asked = read(op, waiting.fields.items())
    return _go_on(op, asked, waiting.since, chosen, ticket)


def _become(op: Provider, asked: AuthRequest) -> None:
    """Sign a persona in without pages, in simulation; the rules decide as for anybody."""
    found = op.pages.persona(asked.hint.persona or "")
    if found is None:
        raise Faulty(asked.way, "invalid_request", "login_hint names no persona")
    person, usual = found
    key = asked.hint.key or usual
    if not op.would_sign_in(person, key, asked.client.id, asked.asked).decision.allowed:
        _sign_in(op, asked, person, key)
    op.pages.enter(person, key)


def _go_on(
    op: Provider, asked: AuthRequest, since: datetime, chosen: str | None, ticket: str | None = None
) -> ResponseReturnValue:
    """The next step of a request that came at a moment: sign in, choose, or answer."""
    who = op.pages.signed_in()
    if who is None or not _will_do(op, asked, who, since):
        if Prompt.NONE in asked.prompt:
            raise Faulty(asked.way, "login_required", "nobody is signed in as this request needs it")
        return _to_sign_in(op, asked, ticket or _kept(op, asked, since))
    try:
        capacity = _capacity(op, asked, who, chosen)
    except Choose as choice:
        if Prompt.NONE in asked.prompt:
            raise Faulty(asked.way, "account_selection_required", "the person must choose a capacity") from None
        return _choice_page(op, asked, ticket or _kept(op, asked, since), choice.options)
    _sign_in(op, asked, who.person, who.key)
    if ticket is not None:
        op.tokens.drop_request(ticket)
    return answers.granted(op, asked.way, _code(op, asked, who, capacity))


def _will_do(op: Provider, asked: AuthRequest, who: SignedIn, since: datetime) -> bool:
    """Whether the sign-in that there is serves the request: recent enough, with an accepted key, of whom it hints."""
    fresh = who.since >= since
    if Prompt.LOGIN in asked.prompt and not fresh:
        return False
    if asked.max_age is not None and not fresh and (op.now() - who.since).total_seconds() > asked.max_age:
        return False
    if asked.id_token_hint is not None and _hinted(op, asked) != who.person:
        return False
    considered = op.would_sign_in(who.person, who.key, asked.client.id, asked.asked)
    return considered.decision.because != ("SIGNIN-3",)


def _hinted(op: Provider, asked: AuthRequest) -> str | None:
    try:
        claims = jose.read_own(op.keys, asked.id_token_hint or "")
    except jose.Unverified:
        raise Faulty(asked.way, "invalid_request", "id_token_hint is not one of this provider") from None
    own = claims.get("iss") == op.issuer and claims.get("aud") == asked.client.id
    return str(claims.get("sub")) if own else None


def _sign_in(op: Provider, asked: AuthRequest, person: str, key: Key) -> None:
    """Record that the person signs in to the client, or refuses to let them: either stands in the history."""
    try:
        op.sign_in(person, key, asked.client.id, asked.asked)
    except (Refused, Unknown):
        raise Faulty(asked.way, "access_denied", "the rules do not let this person sign in so") from None


def _capacity(op: Provider, asked: AuthRequest, who: SignedIn, chosen: str | None) -> Capacity | None:
    """The capacity in which the person comes; None for somebody without any organisation.

    :raise Choose: there are several, and nothing tells which
    :raise Faulty: the one hinted at is not theirs
    """
    options = _options(op, asked, who)
    if asked.hint.group is not None:
        options = tuple(option for option in options if _is_hinted(option, asked))
        if not options:
            raise Faulty(asked.way, "access_denied", "the capacity of login_hint is not one of this person")
    else:
        options = _useful(op, asked, who, options)
    by_code = {option.code: option for option in options}
    if chosen in by_code:
        return by_code[chosen]
    if Prompt.SELECT_ACCOUNT in asked.prompt and options:
        raise Choose(options)
    if len(options) <= 1:
        return options[0] if options else None
    remembered = None if asked.hint.switch else _remembered(op, asked, who)
    if remembered in options:
        return remembered
    raise Choose(options)


def _options(op: Provider, asked: AuthRequest, who: SignedIn) -> tuple[Capacity, ...]:
    with op.world.store.reading() as look:
        own = organisations(look, who.person, op.world.clock.now())
    if asked.client.level is Level.ORGANISATION:
        return own
    return tuple(Capacity(group) for group in sorted({option.target_group for option in own}))


def _is_hinted(option: Capacity, asked: AuthRequest) -> bool:
    if option.target_group != asked.hint.group:
        return False
    return asked.hint.organisation in (None, option.enterprise)


def _useful(op: Provider, asked: AuthRequest, who: SignedIn, options: tuple[Capacity, ...]) -> tuple[Capacity, ...]:
    """Of several organisations, those for which the person may do something in the application, if there are any."""
    applications = frozenset(asked.scope) & frozenset(op.applications.values())
    numbers = [option.enterprise for option in options if option.enterprise is not None]
    if len(options) <= 1 or not applications or not numbers:
        return options
    with op.world.store.reading() as look:
        held = entitlements(op.world, look, who.person, who.key, applications, numbers)
    entitled = {each.enterprise for each in held}
    return tuple(option for option in options if option.enterprise in entitled) or options


def _remembered(op: Provider, asked: AuthRequest, who: SignedIn) -> Capacity | None:
    """The capacity in which the person came to this client before in the same session."""
    for family in op.tokens.families(who.session_hash, asked.client.id)[:1]:
        if family.target_group is not None:
            return Capacity(family.target_group, family.enterprise)
    return None


def _code(op: Provider, asked: AuthRequest, who: SignedIn, capacity: Capacity | None) -> str:
    code = new_text()
    family = Family(
        id=new_id(),
        client=asked.client.id,
        scope=asked.scope,
        begun_at=op.now(),
        person=who.person,
        key=who.key,
        session=who.session_hash,
        sid=who.sid,
        auth_time=who.since,
        target_group=capacity.target_group if capacity else None,
        enterprise=capacity.enterprise if capacity else None,
        acr=asked.names_keys,
        told=asked.client.backchannel_logout_uri is not None,
    )
    uri = asked.way.redirect_uri
    op.tokens.begin(family, code, redirect_uri=uri, challenge=asked.challenge, nonce=asked.nonce)
    return code


def _kept(op: Provider, asked: AuthRequest, since: datetime) -> str:
    ticket = new_text()
    op.tokens.keep_request(ticket, asked.fields, since)
    return ticket


def _to_sign_in(op: Provider, asked: AuthRequest, ticket: str) -> ResponseReturnValue:
    back = url_for(".resume", ticket=ticket)
    session[ASKED_BY] = {"back": back, "uri": asked.way.redirect_uri, "name": asked.client.name}
    answer = redirect(op.pages.sign_in_address(back, asked.accepted), code=302 if request.method == "GET" else 303)
    language = next((one[:2].lower() for one in asked.languages if one[:2].lower() in LANGUAGES), None)
    if language and "language" not in request.cookies:
        answer.set_cookie("language", language, secure=request.is_secure, samesite="Lax")
    return answer


def _choice_page(op: Provider, asked: AuthRequest, ticket: str, options: tuple[Capacity, ...]) -> ResponseReturnValue:
    numbers = [option.enterprise for option in options if option.enterprise is not None]
    language = op.pages.language()
    with op.world.store.reading() as look:
        names = look.lists.enterprise_names(numbers, language)
    answers.allow_form_to(asked.way.redirect_uri)
    back = url_for(".resume", ticket=ticket)
    return render_template(
        "oidc/choose.html",
        options=options,
        names=names,
        client=asked.client,
        ticket=ticket,
        elsewhere=op.pages.sign_in_address(back, asked.accepted),
    )


@bp.app_context_processor
def for_pages() -> dict[str, Any]:
    """What pages of signing in tell: the name of the application that asks, None if none does."""
    return {"asking_application": lambda: client_name((_asked_by() or {}).get("name"))}


@bp.app_template_filter("client_name")
def client_name(name: str | None) -> str | None:
    """The name of a client as it was registered; that of the product's own in the language of the page."""
    return gettext(own_client.NAME) if name == own_client.NAME else name


@bp.after_app_request
def let_sign_in_lead_to_the_client(response: Response) -> Response:
    """A browser holds the redirects after a form to the page's `form-action`: name the client there."""
    asked_by = _asked_by()
    if asked_by is not None:
        answers.allow_form_to(asked_by["uri"])
    return response


def _asked_by() -> dict[str, str] | None:
    """The request for which a page of signing in is shown, None if it is for none."""
    asked_by: dict[str, str] | None = session.get(ASKED_BY)
    if asked_by is None or not (request.endpoint or "").startswith("sign_in."):
        return None
    begun = session.get("begun") or {}
    return asked_by if asked_by["back"] in (request.values.get("next"), begun.get("way", {}).get("next")) else None
