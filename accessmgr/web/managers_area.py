"""The management of access managers: its blueprint, and what its pages share."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, abort

from accessmgr.core.actions import APPOINTS, Action
from accessmgr.core.days import day_of
from accessmgr.core.model import Appointment
from accessmgr.usecases.appointments import Overview, lapses_at, overview
from accessmgr.usecases.world import Look
from accessmgr.web.current import signed_in, world

bp = Blueprint("managers", __name__, url_prefix="/managers")
bp.add_app_template_global(lapses_at)

ACTION_OF_ROLE: Mapping[str, Action] = {str(role): action for action, role in APPOINTS.items()}
"""The action that offers a role, by the role as it stands in an address."""


def today() -> date:
    """The day by the world's clock, in Brussels."""
    return day_of(world().clock.now())


def overview_of(seen: Look, enterprise: str) -> Overview:
    """The appointments of an enterprise as the person who is signed in may see them."""
    who = signed_in()
    return overview(world(), seen, enterprise, who.person, who.key.level)


def overview_here(seen: Look, enterprise: str) -> Overview:
    """The same for a page about them, which answers 404 if the person may not see it."""
    found = overview_of(seen, enterprise)
    if not found.opens:
        abort(404)
    return found


def overview_to(action: Action, seen: Look, enterprise: str) -> Overview:
    """The same for a page that leads to an action: 404 unless some permit of it holds."""
    found = overview_of(seen, enterprise)
    if action not in found.permitted:
        abort(404)
    return found


def appointment_here(seen: Look, appointment_id: str) -> Appointment:
    """An appointment by its id; 404 if there is none."""
    found = seen.lists.appointments(id_=appointment_id)
    if not found:
        abort(404)
    return found[0]
