"""The forms of the simulator: the clock, and each change that can be pushed into the register."""

from collections.abc import Callable, Iterator
from datetime import datetime, time
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField, ValidationError
from wtforms.validators import InputRequired, Optional

from accessmgr.core.days import Period, moment
from accessmgr.core.model import FunctionCode
from accessmgr.usecases import register
from accessmgr.usecases.lists import EnterpriseCard
from accessmgr.usecases.world import World
from accessmgr.web import format as filters
from accessmgr.web.fields import ClockField, DayField
from accessmgr.web.personas import Persona

NEEDED = _("Choose a day.")


class ClockForm(FlaskForm):
    """A day and a time in Brussels to set the clock to."""

    day = DayField(_("Day"), [InputRequired(NEEDED)])
    time = ClockField(_("Time in Brussels"), [Optional()], default=time(9))

    def moment(self) -> datetime:
        """The moment chosen.

        :raise ValueError: the clock in Brussels never showed it
        """
        wall = datetime.combine(self.day.chosen, self.time.data or time(9))
        return moment(wall.isoformat(timespec="minutes"))


class ChangeForm(FlaskForm):
    """One change in the register of an enterprise: `offer` fills the choices, `push` makes the change."""

    title: Any
    button: Any

    push: Callable[[World, str], None]
    """Makes the change in the enterprise with that number; raises `Unknown` if there is nothing to change."""

    def offer(self, card: EnterpriseCard, people: list[Persona]) -> None:
        """Fill the choices from what the register holds; a form without choices needs nothing."""


class EndFunction(ChangeForm):
    """A function ends."""

    title, button = _("End a function"), _("End it")
    function = SelectField(_("Function"))
    day = DayField(_("Last day"), [InputRequired(NEEDED)])

    def offer(self, card: EnterpriseCard, people: list[Persona]) -> None:
        """The functions that somebody holds."""
        self.function.choices = [
            (
                f"{held.function.code}:{held.function.holder}",
                f"{filters.function(held.function.code)}{_(':')} {held.holder}",
            )
            for held in card.functions
            if held.function.holder and held.function.period.last is None
        ]

    def push(self, world: World, enterprise: str) -> None:
        """End it."""
        code, _colon, person = self.function.data.partition(":")
        register.end_function(world, enterprise, FunctionCode(code), person, self.day.chosen)


class StartFunction(ChangeForm):
    """Somebody begins a function."""

    title, button = _("Start a function"), _("Start it")
    function = SelectField(_("Function"))
    person = SelectField(_("Person"))
    day = DayField(_("First day"), [InputRequired(NEEDED)])

    def offer(self, card: EnterpriseCard, people: list[Persona]) -> None:
        """All functions, and the people of the demo world."""
        self.function.choices = [(str(code), filters.function(code)) for code in FunctionCode]
        self.person.choices = [(persona.person, persona.name) for persona in people]

    def push(self, world: World, enterprise: str) -> None:
        """Start it."""
        code = FunctionCode(self.function.data)
        register.start_function(world, enterprise, code, Period(self.day.chosen, None), person=self.person.data)


class SuspendRecognition(ChangeForm):
    """A recognition is suspended."""

    title, button = _("Suspend a recognition"), _("Suspend it")
    recognition = SelectField(_("Recognition"))
    day = DayField(_("First day"), [InputRequired(NEEDED)])
    last_day = DayField(_("Last day"), [Optional()])

    def offer(self, card: EnterpriseCard, people: list[Persona]) -> None:
        """The recognitions that have not ended."""
        self.recognition.choices = [row.id for row in card.recognitions if row.last is None]

    def validate_last_day(self, field: DayField) -> None:
        """The last day is not before the first."""
        if field.data and self.day.data and field.data < self.day.data:
            raise ValidationError(_("The last day lies before the first."))

    def push(self, world: World, enterprise: str) -> None:
        """Suspend it."""
        register.suspend_recognition(world, self.recognition.data, self.day.chosen, self.last_day.data)


class EndRecognition(ChangeForm):
    """A recognition ends."""

    title, button = _("End a recognition"), _("End it")
    recognition = SelectField(_("Recognition"))
    day = DayField(_("Last day"), [InputRequired(NEEDED)])

    def offer(self, card: EnterpriseCard, people: list[Persona]) -> None:
        """The recognitions that have not ended."""
        self.recognition.choices = [row.id for row in card.recognitions if row.last is None]

    def push(self, world: World, enterprise: str) -> None:
        """End it."""
        register.end_recognition(world, self.recognition.data, self.day.chosen)


class CloseEnterprise(ChangeForm):
    """The enterprise is closed."""

    title, button = _("Close the enterprise"), _("Close it")
    day = DayField(_("Last day"), [InputRequired(NEEDED)])

    def push(self, world: World, enterprise: str) -> None:
        """Close it."""
        register.close_enterprise(world, enterprise, self.day.chosen)


class FallSilent(ChangeForm):
    """The register stops answering about the enterprise."""

    title, button = _("Let the register give no answer about this enterprise"), _("No answer from now on")

    def push(self, world: World, enterprise: str) -> None:
        """Stop answering."""
        register.fall_silent(world, enterprise)


class AnswerAgain(ChangeForm):
    """The register answers about the enterprise again."""

    title, button = _("Let the register answer again"), _("Answers from now on")

    def push(self, world: World, enterprise: str) -> None:
        """Answer."""
        register.answer_again(world, enterprise)


CHANGES: dict[str, type[ChangeForm]] = {
    "end-function": EndFunction,
    "start-function": StartFunction,
    "suspend-recognition": SuspendRecognition,
    "end-recognition": EndRecognition,
    "close": CloseEnterprise,
    "no-answer": FallSilent,
    "answer": AnswerAgain,
}
"""Every change by the name it has in addresses."""


class DeathForm(FlaskForm):
    """The register records a death."""

    person = SelectField(_("Person"), [InputRequired(_("Choose one of the people in the list."))])
    day = DayField(_("Day of death"), [InputRequired(NEEDED)])

    def offer(self, people: list[Persona]) -> None:
        """The people of the demo world."""
        self.person.choices = [(persona.person, persona.name) for persona in people]


def forms_for(card: EnterpriseCard, people: list[Persona], sent: str | None = None) -> Iterator[tuple[str, ChangeForm]]:
    """The form of each change, by name; the one that was sent holds what was typed."""
    for name, kind in CHANGES.items():
        form = kind(prefix=name) if name == sent else kind(formdata=None, prefix=name)
        form.offer(card, people)
        yield name, form
