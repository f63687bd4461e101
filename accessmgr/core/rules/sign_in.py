"""SIGNIN: who may sign in at the sign-in page, for an application, with which digital key."""

from accessmgr.core.rules.stating import OURS, Action, Facts, Mender, _, forbid, permit

SIGN_IN = (Action.SIGN_IN,)


def key_is_activated(facts: Facts) -> bool:
    return facts.ask.key is not None and facts.actor.keys is not None and facts.ask.key in facts.actor.keys


def actor_is_deceased(facts: Facts) -> bool:
    return facts.actor.deceased is not None and facts.actor.deceased <= facts.today


def key_is_not_accepted(facts: Facts) -> bool:
    not_registered = facts.allowed_keys is not None and facts.ask.key not in facts.allowed_keys
    not_asked_for = bool(facts.ask.acr_values) and facts.ask.key not in facts.ask.acr_values
    return not_registered or not_asked_for


RULES = (
    permit(
        "SIGNIN-1",
        SIGN_IN,
        says=_("The digital key used is one that the person has activated."),
        mend=_("Sign in with a digital key that you have activated, or activate this one first."),
        menders=(Mender.ACTOR,),
        source=("S0", "C1"),
        when=key_is_activated,
    ),
    forbid(
        "SIGNIN-2",
        SIGN_IN,
        says=_("The register records the death of the person, today or earlier."),
        mend=_("If this is a mistake, have the register corrected."),
        menders=(Mender.REGISTER,),
        source=(OURS,),
        when=actor_is_deceased,
    ),
    forbid(
        "SIGNIN-3",
        SIGN_IN,
        says=_("The digital key used is not one that the application accepts, or not one that it asked for."),
        mend=_("Choose one of the digital keys that the application accepts."),
        menders=(Mender.ACTOR,),
        source=("A6",),
        when=key_is_not_accepted,
    ),
)
