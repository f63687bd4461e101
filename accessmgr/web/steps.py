"""Jobs that are done in steps: a page for each question, kept while one goes, checked, and then done once.

A job is a path and a list of steps. Its first page is at the path; once something is kept, its pages are below it: the
answers to check at `path/draft`, each step at `path/draft/step`. What was typed is kept as it was typed, sealed, and
read by the forms of the steps each time, so that an answer that no longer fits is asked for again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from flask import abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField

from accessmgr.core.numbers import NationalNumber
from accessmgr.web import drafts
from accessmgr.web.fields import NationalNumberField

Typed = MultiDict[str, str]
BACK = "back"
"""The button that goes back a step, and keeps what was typed, right or wrong."""


def always(_typed: Typed) -> bool:
    """Every job has this step."""
    return True


@dataclass(frozen=True)
class Step:
    """One page of a job: the questions of a form, which is made from what was typed or from what to begin with.

    `label` says in a word or two what it asks for, `title` asks it.
    `notes` are sentences above the questions; `beside` names a template to go below them.
    """

    name: str
    label: str
    title: str
    form: Callable[..., FlaskForm]
    begin_with: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()
    beside: str | None = None
    applies: Callable[[Typed], bool] = always

    def read(self, typed: Typed) -> FlaskForm:
        """The form with what was typed."""
        return self.form(formdata=typed, meta={"csrf": False})

    def fresh(self) -> FlaskForm:
        """The form before anything was typed."""
        return self.form(formdata=None, data=self.begin_with, meta={"csrf": False})

    def is_answered(self, typed: Typed) -> bool:
        """Whether all its questions have answers that are right."""
        return self.was_typed(typed) and bool(self.read(typed).validate())

    def was_typed(self, typed: Typed) -> bool:
        """Whether anything was sent of it."""
        return any(name in typed for name in self.names)

    @property
    def names(self) -> list[str]:
        """The names of its fields, as they are sent."""
        return [each.name for each in self.fresh() if each.name != "csrf_token"]


@dataclass(frozen=True)
class Job:
    """Something that is done in steps: what for, where, and what it is called; `leave` is where to go without it.

    `given` are answers that the address of the first page holds.
    """

    purpose: str
    path: str
    title: str
    steps: Sequence[Step]
    leave: str
    trail: Sequence[tuple[str, str]] = ()
    given: Mapping[str, str] = field(default_factory=dict)

    def applying(self, typed: Typed) -> list[Step]:
        """The steps that it has, after what was typed."""
        return [step for step in self.steps if step.applies(typed)]

    def first_open(self, typed: Typed) -> Step | None:
        """The first step that is not answered, None if all are."""
        return next((step for step in self.applying(typed) if not step.is_answered(typed)), None)

    def address(self, draft: str | None, step: str | None = None) -> str:
        """Where a step of it is, or its answers to check."""
        return "/".join(filter(None, (self.path, draft, step)))


def ask(job: Job, draft: str | None = None, name: str | None = None) -> ResponseReturnValue:
    """The page of a step, or where its answers lead: to the next open step, or to all answers to check.

    A form that answers later steps too is taken at its word.
    """
    typed = _kept(job, draft) if draft else MultiDict(job.given)
    step = _step(job, typed, name)
    if request.method != "POST":
        return _page(job, draft, step, typed, wrong=draft is None and bool(job.given))
    if BACK in request.form:
        _take(job, typed, step)
        kept = drafts.keep_unfinished(draft, job.purpose, job.path, dict(typed.lists()))
        return redirect(job.address(kept, _before(job, typed, step)), code=303)
    for each in job.steps[job.steps.index(step) :]:
        if each is step or each.was_typed(request.form):
            _take(job, typed, each)
    if not step.is_answered(typed):
        return _page(job, draft, step, typed, wrong=True)
    kept = drafts.keep_unfinished(draft, job.purpose, job.path, dict(typed.lists()))
    following = job.first_open(typed)
    if following is not None and following.was_typed(request.form):
        return _page(job, kept, following, typed, wrong=True)
    return redirect(job.address(kept, following.name if following else None), code=303)


def answers(job: Job, draft: str) -> dict[str, FlaskForm]:
    """The answered forms by the names of their steps; whoever has not answered all is sent to what is open."""
    typed = _kept(job, draft)
    still = job.first_open(typed)
    if still is not None:
        abort(redirect(job.address(draft, still.name), code=303))
    read = {step.name: step.read(typed) for step in job.applying(typed)}
    return {name: form for name, form in read.items() if form.validate()}


@contextmanager
def once(job: Job, draft: str) -> Iterator[dict[str, FlaskForm]]:
    """The answers, for the one action that comes of them: refused, they wait again; sent again, there is a 409."""
    answered = answers(job, draft)
    with drafts.once(job.purpose, draft):
        yield answered


def check_page(job: Job, draft: str, rows: Sequence[tuple[str, object, str]], **given: Any) -> str:
    """The answers to check: each with its label and the name of the step that changes it."""
    steps = job.applying(_kept(job, draft))
    changes = {step.name: job.address(draft, step.name) for step in steps}
    here = {"job": job, "draft": draft, "rows": rows, "changes": changes, "labels": _labels(steps)}
    return render_template("steps/check.html", back=list(changes.values())[-1], **here, **given)


def _labels(steps: Sequence[Step]) -> list[str]:
    return [*(step.label for step in steps), _("Check")]


def named(purpose: str, draft: str | None, name: str) -> str:
    """What one question of a job is answered with so far: in the draft, else in address or form.

    For jobs in which the questions of later steps follow from it.
    """
    if draft:
        return _typed(purpose, draft).get(name, "")
    return request.args.get(name) or request.form.get(name, "")


def _kept(job: Job, draft: str) -> Typed:
    return _typed(job.purpose, draft)


def _typed(purpose: str, draft: str) -> Typed:
    return MultiDict(cast(Mapping[str, list[str]], drafts.get(purpose, draft)))


def _step(job: Job, typed: Typed, name: str | None) -> Step:
    steps = job.applying(typed)
    if name is None:
        return job.first_open(typed) or steps[-1]
    found = next((step for step in steps if step.name == name), None)
    if found is None:
        abort(404)
    return found


def _take(job: Job, typed: Typed, step: Step) -> None:
    """Take over what was sent of a step; a number that is kept already need not be typed again."""
    sealed = {each.name for each in step.fresh() if isinstance(each, NationalNumberField)}
    for name in step.names:
        if name in sealed and name in typed and not request.form.get(name, "").strip():
            continue
        if name in job.given and name not in request.form:
            continue
        typed.setlist(name, request.form.getlist(name))


def _before(job: Job, typed: Typed, step: Step) -> str:
    steps = job.applying(typed)
    return steps[max(0, steps.index(step) - 1)].name


def _page(job: Job, draft: str | None, step: Step, typed: Typed, *, wrong: bool) -> ResponseReturnValue:
    steps = job.applying(typed)
    form = step.read(typed) if step.was_typed(typed) else step.fresh()
    if wrong and (request.method == "POST" or step.was_typed(typed)):
        form.validate()
    for each in form:
        if isinstance(each, HiddenField) and each.name in step.begin_with:
            each.data = step.begin_with[each.name]
        if isinstance(each, NationalNumberField) and not request.form.get(each.name, "").strip():
            _hide(each)
    page = render_template(
        "steps/step.html",
        job=job,
        step=step,
        form=form,
        labels=_labels(steps),
        place=steps.index(step),
        draft=draft,
        action=job.address(draft, step.name) if draft else request.full_path.rstrip("?"),
        is_first=steps[0] is step,
    )
    return page, 422 if wrong and form.errors else 200


def _hide(kept: NationalNumberField) -> None:
    """A number that is kept is told masked, and never put into the page again."""
    if isinstance(kept.data, NationalNumber):
        says = _("%(masked)s is kept. Leave this empty to keep it.", masked=kept.data.masked)
        kept.description = says
    kept.raw_data = []
