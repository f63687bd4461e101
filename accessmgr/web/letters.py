"""Notices in words: for the page of a person, and as a letter in the language of its person."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from accessmgr.usecases.contacts import contact_of
from accessmgr.usecases.notices import Kind, Notice
from accessmgr.usecases.notifying import Letter
from accessmgr.web import format as form
from accessmgr.web.current import look, product


@dataclass(frozen=True)
class Words:
    """What a kind of notice says: its title, a sentence, and the page to go on to."""

    title: object
    sentence: object
    path: str


@dataclass(frozen=True)
class Told:
    """A notice in words, with the address of the page to go on to."""

    title: str
    sentence: str
    path: str


BY_KIND: Mapping[Kind, Words] = {
    Kind.OFFERED: Words(
        later("You are offered a role in %(enterprise)s"),
        later("You are offered the role of %(role)s in %(enterprise)s. It counts once you have accepted it."),
        "/managers/offers/%(thing)s",
    ),
    Kind.ACCEPTED: Words(
        later("Your offer in %(enterprise)s was accepted"),
        later("The role of %(role)s in %(enterprise)s, which you offered, was accepted and counts from now on."),
        "/managers/%(enterprise_number)s",
    ),
    Kind.DECLINED: Words(
        later("Your offer in %(enterprise)s was refused"),
        later("The role of %(role)s in %(enterprise)s, which you offered, was refused."),
        "/managers/%(enterprise_number)s",
    ),
    Kind.REPLACED: Words(
        later("Somebody else has your role in %(enterprise)s now"),
        later("Your role of %(role)s in %(enterprise)s has ended, because somebody else accepted it."),
        "/history/",
    ),
    Kind.ROLE_ENDED: Words(
        later("A role in %(enterprise)s has ended"),
        later("The role of %(role)s in %(enterprise)s, which concerns you, has ended."),
        "/history/",
    ),
    Kind.LINKED: Words(
        later("You are linked to %(enterprise)s"),
        later("You now have a work relation with %(enterprise)s. With it you can be given rights there."),
        "/users/",
    ),
    Kind.UNLINKED: Words(
        later("Your work relation with %(enterprise)s ends"),
        later("Your work relation with %(enterprise)s ends on %(last)s, and your rights there with it."),
        "/history/",
    ),
    Kind.GRANTED: Words(
        later("You have a right in %(enterprise)s"),
        later("You were given the right “%(right)s” (%(contexts)s) in %(enterprise)s. Its last day: %(last)s."),
        "/secure-area/",
    ),
    Kind.CHANGED: Words(
        later("Your right in %(enterprise)s has another last day"),
        later("Your right “%(right)s” (%(contexts)s) in %(enterprise)s now has this last day: %(last)s."),
        "/secure-area/",
    ),
    Kind.ENDING: Words(
        later("Your right in %(enterprise)s ends soon"),
        later(
            "Your right “%(right)s” (%(contexts)s) in %(enterprise)s ends after %(last)s. "
            "If you still need it, ask the access manager to extend it."
        ),
        "/users/",
    ),
    Kind.ENDED: Words(
        later("Your right in %(enterprise)s has ended"),
        later("Your right “%(right)s” (%(contexts)s) in %(enterprise)s ended; its last day was %(last)s."),
        "/users/",
    ),
    Kind.REVOKED: Words(
        later("Your right in %(enterprise)s was revoked"),
        later("Your right “%(right)s” (%(contexts)s) in %(enterprise)s was revoked, and no longer opens anything."),
        "/history/",
    ),
    Kind.REQUESTED: Words(
        later("A request waits for you in %(enterprise)s"),
        later("Somebody asks for the right “%(right)s” (%(contexts)s) in %(enterprise)s. You can approve or refuse."),
        "/users/%(enterprise_number)s",
    ),
    Kind.APPROVED: Words(
        later("Your request in %(enterprise)s was approved"),
        later("You asked for the right “%(right)s” (%(contexts)s) in %(enterprise)s, and have it. Last day: %(last)s."),
        "/secure-area/",
    ),
    Kind.REFUSED: Words(
        later("Your request in %(enterprise)s was refused"),
        later("You asked for the right “%(right)s” (%(contexts)s) in %(enterprise)s. The request was refused."),
        "/users/",
    ),
    Kind.REPRESENTATION_LOST: Words(
        later("The register changed who represents %(enterprise)s"),
        later("A function in %(enterprise)s has ended in the register, so somebody may no longer represent it."),
        "/managers/register/%(enterprise_number)s",
    ),
    Kind.LOOKED_AT: Words(
        later("An auditor looked at the history of %(enterprise)s"),
        later("An auditor looked at the history of %(enterprise)s, with a purpose that is on record."),
        "/history/",
    ),
    Kind.REVIEW_OPENED: Words(
        later("The rights in %(enterprise)s are being reviewed"),
        later(
            "A review of the rights in %(enterprise)s was opened. For each right, say until %(last)s whether it is "
            "still needed. What nobody confirms may end after that day."
        ),
        "/users/%(enterprise_number)s/reviews/%(thing)s",
    ),
    Kind.REVIEW_WAITS: Words(
        later("Rights in %(enterprise)s still wait for your review"),
        later(
            "The review of the rights in %(enterprise)s ends on %(last)s, and some rights wait for an answer. "
            "What nobody confirms may end after that day."
        ),
        "/users/%(enterprise_number)s/reviews/%(thing)s",
    ),
    Kind.REVIEW_CLOSED: Words(
        later("The review of the rights in %(enterprise)s is closed"),
        later("The review of the rights in %(enterprise)s is closed. Its result can be read and taken along."),
        "/users/%(enterprise_number)s/reviews/%(thing)s",
    ),
}


def told(notice: Notice, enterprises: Mapping[str, str]) -> Told:
    """A notice in the language of the request.

    :param enterprises: the names of enterprises in that language, by number
    """
    number = notice.enterprise or ""
    values = {
        "enterprise": enterprises.get(number, form.number(number)),
        "enterprise_number": number,
        "role": form.role(notice.role),
        "right": form.right_name(notice.right) if notice.right else "",
        "contexts": ", ".join(map(form.number, notice.contexts)),
        "last": form.day(notice.last) or _("none, it goes on"),
        "thing": notice.thing or "",
    }
    words = BY_KIND[notice.kind]
    return Told(str(words.title) % values, str(words.sentence) % values, words.path % values)


def letter_of(app: Flask, base_url: str, notice: Notice, address: str) -> Letter:
    """The letter that tells a person of a notice, in the language that they use here; English if that is not known."""
    with app.test_request_context(base_url=base_url):
        app.preprocess_request()
        with look() as seen:
            person = seen.lists.names([notice.person])[notice.person]
            contact = contact_of(seen, notice.person)
            language = (contact and contact.language) or seen.lists.language_of(notice.person) or "en"
            names = seen.lists.enterprise_names([notice.enterprise], language) if notice.enterprise else {}
        with force_locale(language):
            words = told(notice, names)
            lines = [
                _("Dear %(name)s,", name=person.name),
                words.sentence,
                _("Go on here: %(address)s", address=f"{base_url}{words.path}"),
                _("This letter was written by a program. Nobody reads answers to it."),
            ]
            if product().simulation:
                lines.append(_("This is a simulation: people and enterprises are made up."))
            return Letter(notice.id, address, words.title, "\n\n".join(lines) + "\n")
