"""Reports of an enterprise for those who manage its users: who has which right, on a page and as a file."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain
from typing import IO, Any

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from accessmgr.core.model import Grant
from accessmgr.usecases import reports
from accessmgr.usecases.grant_lists import Sought
from accessmgr.usecases.reports import Order, Report
from accessmgr.usecases.world import Look
from accessmgr.web import downloads, drafts
from accessmgr.web.current import look, world
from accessmgr.web.fields import DayField, PlainStringField
from accessmgr.web.format import context, language, right_name
from accessmgr.web.sheets import Cell, Table, csv_lines, write_xlsx
from accessmgr.web.users_area import Standing, bp, grant_state, managed

NAME = "report"
IN_ADDRESS = ("right", "context", "before", "unused", "sort")
DELIMITER = ";"


class ReportForm(FlaskForm):
    """Which rights to show. The name of a person is sent as a form, for it never stands in an address."""

    right = SelectField(_("Right"), [Optional()])
    context = PlainStringField(_("Context, such as the number of a recognition"), longest=60)
    name = PlainStringField(_("Name of the person, or part of it"), longest=100)
    before = DayField(_("Ends before"))
    unused = DayField(_("Not used since"))
    sort = RadioField(
        _("Sorted by"),
        choices=[SelectChoice(Order.NAME.value, _("name")), SelectChoice(Order.END.value, _("last day"))],
    )

    def __init__(self, given: Mapping[str, str] | None = None) -> None:
        asked = {"formdata": MultiDict({"sort": Order.NAME.value, **given})} if given is not None else {}
        super().__init__(**asked, meta={} if given is None else {"csrf": False})
        self.right.choices = [
            ("", gettext("all rights")),
            *((code, right_name(code)) for code in world().policy.rights),
        ]

    @property
    def address(self) -> dict[str, str]:
        """What of it stands in an address."""
        given = {
            "right": self.right.data,
            "context": self.context.data,
            "before": self.before.data and self.before.data.isoformat(),
            "unused": self.unused.data and self.unused.data.isoformat(),
            "sort": self.sort.data if self.sort.data != Order.NAME else "",
        }
        return {name: value for name, value in given.items() if value}

    def report(self, here: Standing) -> Report:
        """What is asked, of the enterprise where the person stands."""
        right, named = world().policy.rights.get(self.right.data or ""), self.context.data
        sought = Sought(
            here.facts.ask.enterprise or "",
            here.facts.today,
            here.facts.at,
            right=self.right.data or None,
            context=(right.context(named) if right else _bare(named)) if named else None,
            name=self.name.data or "",
            ends_before=self.before.data,
        )
        return Report(sought, Order(self.sort.data), self.unused.data)


@bp.get("/<enterprise:number>/reports")
def report(number: str) -> ResponseReturnValue:
    """Who has which right here, of the rights that are not over."""
    with look() as seen:
        here = managed(number)
        form = _asked(number)
        asked = form.report(here)
        part = reports.page(seen, asked, request.args.get("after"))
        return _page(seen, number, form, part=part, stand=here, counted=reports.count(seen, asked))


@bp.post("/<enterprise:number>/reports")
def ask_report(number: str) -> ResponseReturnValue:
    """Keep the name, if one is sought, and show the report."""
    managed(number)
    form = ReportForm()
    if not form.validate():
        with look() as seen:
            return _page(seen, number, form), 422
    address: dict[str, Any] = form.address
    if form.name.data:
        address["name"] = drafts.put(NAME, {"name": form.name.data})
    return redirect(url_for("users.report", number=number, **address), code=303)


@bp.get("/<enterprise:number>/reports/rights.<kind>")
def report_file(number: str, kind: str) -> ResponseReturnValue:
    """The whole report as a file for spreadsheets."""
    if kind not in downloads.TYPES:
        abort(404)
    with look() as seen:
        here = managed(number)
        asked = _asked(number).report(here)
        table = Table(_head(), _rows(seen, asked))

        def write(file: IO[bytes]) -> None:
            if kind == "xlsx":
                write_xlsx(table, file)
            else:
                file.writelines(csv_lines(table, DELIMITER))

        name = f"rights-{number}-{here.facts.today.isoformat()}.{kind}"
        answer: Response = downloads.made(name, downloads.TYPES[kind], write)
    return answer


def _asked(number: str) -> ReportForm:
    """What the address asks for. A wrong one is answered with the form."""
    given = {name: request.args[name] for name in IN_ADDRESS if request.args.get(name)}
    if kept := request.args.get("name"):
        given["name"] = str(drafts.get(NAME, kept)["name"])
    form = ReportForm(given)
    if not form.validate():
        with look() as seen:
            abort(make_response(_page(seen, number, form), 422))
    return form


def _page(seen: Look, number: str, form: ReportForm, **found: Any) -> str:
    part: reports.Part | None = found.get("part")
    people = {person for grant in part.grants for person in (grant.holder, grant.by)} if part else set()
    return render_template(
        "users/report.html",
        number=number,
        name=seen.lists.enterprise_names([number], language())[number],
        form=form,
        people=seen.lists.names(people),
        asked={**form.address, **({"name": request.args["name"]} if request.args.get("name") else {})},
        state=lambda grant: grant_state(grant, found["stand"].facts.at, found["stand"].facts.today),
        **found,
    )


def _head() -> tuple[str, ...]:
    return (
        gettext("Family name"),
        gettext("Given name"),
        gettext("Right"),
        gettext("Contexts"),
        gettext("First day"),
        gettext("Last day"),
        gettext("Granted by"),
    )


def _rows(seen: Look, asked: Report) -> Iterator[tuple[Cell, ...]]:
    return chain.from_iterable(_lines(seen, grants) for grants in reports.whole(seen, asked))


def _lines(seen: Look, grants: tuple[Grant, ...]) -> Iterator[tuple[Cell, ...]]:
    people = seen.lists.names(person for grant in grants for person in (grant.holder, grant.by))
    for grant in grants:
        holder, right = people[grant.holder], world().policy.rights.get(grant.right)
        yield (
            holder.family or holder.name,
            holder.given,
            right_name(grant.right),
            ", ".join(context(value, right) for value in grant.contexts),
            grant.period.first.isoformat(),
            _day(grant.period.last),
            people[grant.by].name if grant.by in people else "",
        )


def _day(last: date | None) -> str:
    return last.isoformat() if last else ""


def _bare(text: str) -> str:
    """A number without its dots and spaces; the code of a profile as it is."""
    digits = "".join(character for character in text if character not in ". -")
    return digits if any(character.isdigit() for character in digits) else text
