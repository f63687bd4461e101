"""Help: what each kind of user does here and what the rules let them do; the words of the product."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from accessmgr.core.actions import Action
from accessmgr.core.decide import Effect, Mender, Rule
from accessmgr.core.parts import Part, permits_of
from accessmgr.core.rules import CATALOGUE
from accessmgr.glossary import Term, glossary, term
from accessmgr.sentences import LANGUAGES
from accessmgr.web.current import world
from accessmgr.web.format import language

bp = Blueprint("help", __name__, url_prefix="/help")

MANAGERS, USERS = ("/managers/", lazy_gettext("Access managers")), ("/users/", lazy_gettext("Users"))
HISTORY, MINE = ("/history/", lazy_gettext("History")), ("/me/", lazy_gettext("My page"))
PLACES: Mapping[Action, tuple[str, object]] = {
    Action.SIGN_IN: ("/sign-in", lazy_gettext("Sign in")),
    Action.APPOINT_MAIN_ACCESS_MANAGER: MANAGERS,
    Action.APPOINT_CO_MAIN_ACCESS_MANAGER: MANAGERS,
    Action.APPOINT_ACCESS_MANAGER: MANAGERS,
    Action.APPOINT_LOCAL_ADMINISTRATOR: MANAGERS,
    Action.ACCEPT_APPOINTMENT: MANAGERS,
    Action.REFUSE_APPOINTMENT: MANAGERS,
    Action.END_APPOINTMENT: MANAGERS,
    Action.CLAIM_MAIN_LOCAL_ADMINISTRATOR: USERS,
    Action.LINK_PERSON: USERS,
    Action.END_WORK_RELATION: USERS,
    Action.GRANT_RIGHT: USERS,
    Action.EXTEND_GRANT: USERS,
    Action.REVOKE_GRANT: USERS,
    Action.REQUEST_RIGHT: ("/users/requests/new", lazy_gettext("Request a right")),
    Action.APPROVE_REQUEST: USERS,
    Action.REFUSE_REQUEST: USERS,
    Action.WITHDRAW_REQUEST: USERS,
    Action.ENTER_SECURE_AREA: ("/secure-area/", lazy_gettext("Secure area")),
    Action.READ_HISTORY: HISTORY,
    Action.EXPORT_HISTORY: HISTORY,
    Action.REVEAL_NUMBER: MINE,
}
"""Where each action begins."""


@dataclass(frozen=True)
class Guide:
    """The help for one part: its address, its steps, and what it is called if that is no word of the glossary."""

    slug: str
    part: Part
    steps: str
    called: object = None

    @property
    def term(self) -> Term | None:
        """The word of the glossary for the part, if it is one."""
        return None if self.called else term(self.part)

    def title(self) -> str:
        """What it is called, in the language of the request."""
        word = self.term
        called = word.called[language()] if word else str(self.called)
        return called[:1].upper() + called[1:]


@dataclass(frozen=True)
class Deed:
    """An action that a part may do: by which permits, where it begins, and what can stand in its way."""

    action: Action
    permits: tuple[str, ...]
    path: str
    place: object
    obstacles: tuple[Rule, ...]


GUIDES = (
    Guide("legal-representative", Part.LEGAL_REPRESENTATIVE, "represent"),
    Guide("main-access-manager", Part.MAIN_ACCESS_MANAGER, "manage"),
    Guide("co-main-access-manager", Part.CO_MAIN_ACCESS_MANAGER, "manage"),
    Guide("access-manager", Part.ACCESS_MANAGER, "manage"),
    Guide("main-local-administrator", Part.MAIN_LOCAL_ADMINISTRATOR, "manage"),
    Guide("local-administrator", Part.LOCAL_ADMINISTRATOR, "manage"),
    Guide("user", Part.USER, "work", lazy_gettext("somebody who works for an enterprise")),
    Guide("auditor", Part.AUDITOR, "audit", lazy_gettext("auditor")),
    Guide("integrator", Part.NONE, "integrate", lazy_gettext("somebody who connects an application")),
)


@bp.get("/")
def home() -> ResponseReturnValue:
    """What each kind of user does here."""
    return render_template("help/home.html", guides=GUIDES)


@bp.get("/glossary")
def words() -> ResponseReturnValue:
    """The words, in the order of the language of the request, with what they are called in the others."""
    own = language()
    terms = sorted(glossary(), key=lambda term: term.called[own].casefold())
    return render_template("help/glossary.html", terms=terms, others=[code for code in LANGUAGES if code != own])


@bp.get("/<guide>")
def role(guide: str) -> ResponseReturnValue:
    """What one part may do, where, and what can stand in the way: all as the rules say it."""
    found = next((each for each in GUIDES if each.slug == guide), None)
    if found is None:
        abort(404)
    deeds = _deeds(found.part)
    common = _common(deeds)
    return render_template(
        "help/role.html", guide=found, deeds=deeds, common=common, rights=_rights(found.part), nobody=Mender.NOBODY
    )


def _deeds(part: Part) -> list[Deed]:
    """What the part may do; for a role, only what not everybody may do."""
    rights = world().policy.rights.values()
    permitted = permits_of(part, CATALOGUE, rights)
    if part is Part.NONE:
        permitted = {action: permits_of(Part.USER, CATALOGUE, rights)[action] for action in FOR_APPLICATIONS}
    elif part is not Part.USER:
        everybody = permits_of(Part.NONE, CATALOGUE, rights)
        permitted = {
            action: more
            for action, ids in permitted.items()
            if (more := tuple(id_ for id_ in ids if id_ not in everybody.get(action, ())))
        }
    return [Deed(action, ids, *PLACES[action], _obstacles(action)) for action, ids in permitted.items()]


FOR_APPLICATIONS = (Action.SIGN_IN, Action.ENTER_SECURE_AREA)
"""What an application meets of the rules: what lets its users in."""


def _obstacles(action: Action) -> tuple[Rule, ...]:
    return tuple(rule for rule in CATALOGUE if rule.effect is Effect.FORBID and action in rule.actions)


def _common(deeds: list[Deed]) -> list[Rule]:
    """The obstacles that most of the actions share, to be told once."""
    return [
        rule for rule in CATALOGUE if len(deeds) > 3 and sum(rule in deed.obstacles for deed in deeds) * 2 > len(deeds)
    ]


def _rights(part: Part) -> list[str]:
    """The codes of the rights that the part may give."""
    rights = world().policy.rights
    return [code for code in rights if Action.GRANT_RIGHT in permits_of(part, CATALOGUE, [rights[code]])]
