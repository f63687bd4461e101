"""What follows from the end of a role, in words."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from accessmgr.core.model import Role

Consequence = tuple[object, str | None]
"""A sentence, and the id of the rule that it rests on, if there is one."""

_OF_A_MANAGER: tuple[Consequence, ...] = (
    (
        _(
            "If the person is main local administrator through this role, that role stops counting too, unless they "
            "have another one that carries it."
        ),
        None,
    ),
    (
        _(
            "Appointments that the person made stay; offers that still wait cannot be accepted, because whoever made "
            "an offer must still be able to make it."
        ),
        "ACCEPT-3",
    ),
)

WHAT_FOLLOWS: Mapping[Role, tuple[Consequence, ...]] = {
    Role.MAIN_ACCESS_MANAGER: (
        (
            _(
                "Nobody can appoint co-main access managers until a legal representative appoints a new main access "
                "manager. Co-main access managers stay, and can still appoint access managers for domains."
            ),
            None,
        ),
        *_OF_A_MANAGER,
    ),
    Role.CO_MAIN_ACCESS_MANAGER: _OF_A_MANAGER,
    Role.ACCESS_MANAGER: _OF_A_MANAGER,
    Role.MAIN_LOCAL_ADMINISTRATOR: ((_("Local administrators whom the person appointed stay."), None),),
    Role.LOCAL_ADMINISTRATOR: (),
}
"""What follows from ending an active appointment to each role, besides what follows from ending any."""
