"""The story of the first-run tour, chapter by chapter, and how far the world shows that it was played.

It is played in an enterprise of the demo world in which nobody was ever appointed. What was done is read from the
history about it, so the tour keeps nothing of its own.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from accessmgr.core.actions import Action
from accessmgr.core.events import What
from accessmgr.usecases.register import CHANGED
from accessmgr.usecases.world import Look

ENTERPRISE = "1999000249"
"""Propre & Net, whose manager is Sophie, with the recognition V99903."""
FIRST = "sophie"
PLAYED_WITH = frozenset({FIRST, "nadia", "ines", "mila"})
"""The people without whom the tour cannot be played."""

LATEST = 300
"""How many of the latest entries about the enterprise are looked at: a tour makes about a dozen."""

Words = object
"""A message that is said in the language of the request."""


@dataclass(frozen=True)
class Notice:
    """Something to notice, with the rules that it follows from."""

    words: Words
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """A chapter: who to be, where, what to do and what to notice; entries of the types `happened` show it done.

    `about` is the short name of the person whose number and name the forms ask for, None if they ask for nobody's.
    """

    title: Words
    story: Words
    who: str | None
    path: str
    place: Words
    steps: tuple[Words, ...]
    notices: tuple[Notice, ...]
    happened: tuple[str, ...]
    action: Action | None = None
    about: str | None = None


CHAPTERS = (
    Chapter(
        title=_("The register says who may begin"),
        story=_(
            "Sophie manages Propre & Net, a small cleaning firm in Brussels. Nobody there can enter the secure area "
            "yet. It all begins in the business register: whoever represents the enterprise today may make the first "
            "step."
        ),
        who=FIRST,
        path=f"/managers/register/{ENTERPRISE}",
        place=_("The card of Propre & Net in the register"),
        steps=(
            _("Be Sophie. One button signs you in with her digital key."),
            _("Read the card: find her function, and the line that says that she represents the enterprise."),
        ),
        notices=(
            Notice(_("Her function counts on this very day. When it ends, so does her say."), ("APPOINT-1",)),
            Notice(
                _("To represent an enterprise does not open its secure area. That needs a right of one’s own."),
                ("ENTER-1",),
            ),
        ),
        happened=(What.PERSON_SIGNED_IN,),
    ),
    Chapter(
        title=_("Sophie appoints Nadia"),
        story=_(
            "Sophie would rather clean than click. She asks Nadia, whom she knows from Netjes Thuis, to look after the "
            "accesses of Propre & Net as its main access manager."
        ),
        who=FIRST,
        path=f"/managers/{ENTERPRISE}",
        place=_("The managers of Propre & Net"),
        steps=(
            _("Choose to appoint a main access manager."),
            _(
                "Fill in Nadia’s number and name as they stand below, an e-mail address and a phone number, and say "
                "that she works there."
            ),
            _("Check your answers, and send the offer."),
        ),
        notices=(
            Notice(_("Number and name must belong to the same person: a wrong one finds nobody."), ("PERSON-2",)),
            Notice(_("A legal representative needs a strong key for this: eID or itsme."), ("KEY-1",)),
            Notice(_("It is an offer. Nadia is nothing here until she says yes."), ("APPOINT-1", "ACCEPT-1")),
        ),
        happened=(What.APPOINTMENT_OFFERED,),
        about="nadia",
    ),
    Chapter(
        title=_("Nadia accepts"),
        story=_(
            "Nadia finds the offer on her start page. Nobody gets a role behind their back: it counts from the "
            "moment she says yes, and she may say no."
        ),
        who="nadia",
        path="/managers/",
        place=_("Nadia’s enterprises and offers"),
        steps=(_("Be Nadia, and open the offer of Propre & Net."), _("Read what it means, and accept it.")),
        notices=(
            Notice(
                _("Only Nadia can answer, within 30 days. Then the offer lapses by itself."), ("ACCEPT-1", "ACCEPT-2")
            ),
            Notice(_("She manages two enterprises now. What she does in one never touches the other.")),
        ),
        happened=(What.APPOINTMENT_ACCEPTED,),
    ),
    Chapter(
        title=_("Nadia links Inès"),
        story=_(
            "Inès starts at Propre & Net today. Before she can hold any right there, Nadia says that she works "
            "there, and for how long: a work relation."
        ),
        who="nadia",
        path=f"/users/{ENTERPRISE}",
        place=_("The people of Propre & Net"),
        steps=(
            _("Choose to add a person."),
            _("Fill in Inès’s number and name as they stand below, as an employee from today."),
            _("Check your answers, and link her."),
        ),
        notices=(
            Notice(
                _("There is no list of all people to browse. You find only whom you know by number and name."),
                ("PERSON-2", "LINK-1"),
            ),
            Notice(_("The number is hidden as soon as the person is found, on every page and in every log.")),
        ),
        happened=(What.PERSON_LINKED,),
        about="ines",
    ),
    Chapter(
        title=_("Nadia grants the right"),
        story=_(
            "Inès will look after the service vouchers. Her right is bound to one context, the recognition V99903, "
            "and to a period. No more than she needs."
        ),
        who="nadia",
        path=f"/users/{ENTERPRISE}",
        place=_("The people of Propre & Net"),
        steps=(
            _("Open Inès, and choose to grant a right."),
            _("Choose the service vouchers, then the recognition V99903, from today to the end of the year."),
            _("Check your answers, and grant it."),
        ),
        notices=(
            Notice(
                _("The right fits within the work relation. Ask for a day too many, and you see the refusal."),
                ("GRANT-2",),
            ),
            Notice(_("It is for the recognition of this enterprise, never for that of another."), ("GRANT-5",)),
            Notice(_("Who gave what to whom, and when, stays on record for good.")),
        ),
        happened=(What.RIGHT_GRANTED,),
    ),
    Chapter(
        title=_("Inès enters"),
        story=_(
            "The chain is whole: register, representative, manager, work relation, right. Inès goes to the secure "
            "area, and it opens."
        ),
        who="ines",
        path="/secure-area/",
        place=_("The secure area"),
        steps=(
            _("Be Inès, and choose Propre & Net in the secure area."),
            _("Look at the page that opens: it shows each link of the chain that let you in."),
        ),
        notices=(
            Notice(
                _("The area is an application of its own. It asks the product who Inès is and what she may do there."),
                ("SIGNIN-1",),
            ),
            Notice(
                _("Everything is decided anew on each page: nothing is remembered from yesterday."),
                ("ENTER-1", "ENTER-2", "ENTER-4"),
            ),
        ),
        happened=(What.AREA_ENTERED,),
    ),
    Chapter(
        title=_("Something breaks"),
        story=_(
            "Real life: the government suspends the recognition of Propre & Net. Nobody tells the access managers, and "
            "nobody has to. Play the register, and break the chain."
        ),
        who=None,
        path=f"/simulator/register/{ENTERPRISE}",
        place=_("Propre & Net in the simulated register"),
        steps=(
            _("Choose to suspend a recognition: V99903, from today, without a last day."),
            _("Or break another link, if you like: end the work relation or revoke the right, as Nadia."),
        ),
        notices=(
            Notice(
                _("It counts at once: whether an enterprise is recognised is asked each time."), ("ENTER-3", "ENTER-4")
            ),
            Notice(_("The right itself was not touched. When the suspension ends, it opens the door again.")),
        ),
        happened=(CHANGED, What.RELATION_ENDED, What.GRANT_REVOKED),
    ),
    Chapter(
        title=_("What each page says now"),
        story=_(
            "Inès tries once more, and stands before a closed door. A good refusal is no riddle: it says which rule "
            "decides, on which facts, since when, and who can help."
        ),
        who="ines",
        path="/secure-area/",
        place=_("The secure area"),
        steps=(
            _("Be Inès, and choose Propre & Net once more."),
            _("Read the refusal, and follow the rule that it names."),
            _("Look at her own page too: it says the same, for it asks the same rules."),
        ),
        notices=(
            Notice(_("One engine decides everywhere, so no two pages can disagree."), ("ENTER-3", "ENTER-4")),
            Notice(_("The refusal is on record too. Nothing is ever lost, and nothing happens unseen.")),
        ),
        happened=(What.ACTION_REFUSED,),
        action=Action.ENTER_SECURE_AREA,
    ),
    Chapter(
        title=_("Mila audits and proves"),
        story=_(
            "Months later somebody asks: who could enter, who let them, and was that right? Mila, the auditor, need "
            "not trust anybody’s word. She reads the history, and proves it."
        ),
        who="mila",
        path="/history/",
        place=_("The history"),
        steps=(
            _("Be Mila, enter the number 1999.000.249, a case number of your own and a purpose, and open the history."),
            _("Open an entry: it holds the decision, its rules, and the facts that they read."),
            _("Look who could enter on a day, and download the proofs of what you need."),
        ),
        notices=(
            Notice(
                _("An auditor reads with a purpose, and the reading is itself on record. The enterprise is told."),
                ("HISTORY-1",),
            ),
            Notice(_("Each entry is sealed into a chain of fingerprints. If one letter changes, the proof fails.")),
        ),
        happened=(What.HISTORY_READ,),
    ),
)
"""The chapters in their order; each is done once its entry stands after those of the chapters before it."""


def played(seen: Look, sophie: str) -> int:
    """How many chapters were played, from the first on."""
    about_firm = [json.loads(row.leaf) for row in reversed(seen.lists.entries(subject=ENTERPRISE, limit=LATEST))]
    later = _reached(CHAPTERS[1:], about_firm)
    if later:
        return 1 + later
    return _reached(CHAPTERS[:1], (json.loads(row.leaf) for row in seen.lists.entries(subject=sophie)))


def _reached(chapters: tuple[Chapter, ...], entries: Iterable[dict[str, object]]) -> int:
    """How many of the chapters the entries show done, one after the other."""
    done = 0
    for entry in entries:
        if done < len(chapters) and _shows(entry, chapters[done]):
            done += 1
    return done


def _shows(entry: dict[str, object], chapter: Chapter) -> bool:
    if entry["type"] not in chapter.happened:
        return False
    decision = entry.get("decision")
    return chapter.action is None or (isinstance(decision, dict) and decision["action"] == chapter.action)
