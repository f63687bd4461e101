"""What goes wrong, as pages: one handler for refusals, one for everything else."""

from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from accessmgr.calls import problems
from accessmgr.core.model import Key
from accessmgr.usecases.perform import Refused, TooManyLookups
from accessmgr.usecases.unrecorded import Unrecorded
from accessmgr.usecases.world import Conflict, Unknown
from accessmgr.web import drafts

FOR_PROGRAMS = ("/api/", "/access/")
"""What lies below these paths is for programs, and so is what is told of a path or method that there is not."""


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(Refused, refused)
    app.register_error_handler(Unknown, unknown)
    app.register_error_handler(Conflict, conflict)
    app.register_error_handler(Unrecorded, unrecorded)
    app.register_error_handler(TooManyLookups, too_many_lookups)
    app.register_error_handler(CSRFError, stale_form)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, fault)


def refused(refusal: Refused) -> ResponseReturnValue:
    """Tell why, by which rules, on which facts, and who can mend it; offer a stronger key if that would help."""
    done = refusal.done
    stronger = {finding.rule.id for finding in done.told if finding.rule.id.startswith("KEY-")}
    if stronger and request.method == "POST":
        drafts.keep_to_resend(request.path, request.form.items(multi=True))
    return render_template("refused.html", done=done, stronger=bool(stronger), keys=Key), 403


def unknown(_: Unknown) -> ResponseReturnValue:
    """The same answer for what does not exist and for what is not theirs."""
    return _page(404)


def conflict(_: Conflict) -> ResponseReturnValue:
    """Somebody changed the same thing meanwhile."""
    return _page(409)


def unrecorded(broken: Unrecorded) -> ResponseReturnValue:
    """The history cannot be written, so nothing was done."""
    current_app.logger.error("nothing is recorded: %s", broken)
    return _page(503)


def too_many_lookups(_: TooManyLookups) -> ResponseReturnValue:
    """Looking people up has stopped for an hour."""
    return _page(429)


def stale_form(_: CSRFError) -> ResponseReturnValue:
    """The form is too old, or comes from elsewhere: nothing was done."""
    return _page(400)


def http_error(error: HTTPException) -> ResponseReturnValue:
    """Any other error of HTTP."""
    if error.code is None or error.code < 400:
        return error.get_response()
    if request.path.startswith(FOR_PROGRAMS):
        return problems.http_error(error)
    body, status = _page(error.code)
    headers = [header for header in error.get_headers() if header[0] == "Allow"]
    return body, status, headers


def fault(error: Exception) -> ResponseReturnValue:
    """A fault of ours: said without any detail, and logged."""
    current_app.logger.error("a fault in %s", request.endpoint, exc_info=error)
    try:
        return _page(InternalServerError.code)
    except Exception:  # what failed may be what every page needs: then one without it
        g.bare = True
        return _page(InternalServerError.code)


def _page(status: int) -> tuple[str, int]:
    return render_template("error.html", status=status), status
