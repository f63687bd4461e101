"""All blueprints, one a path."""

from flask import Flask

from accessmgr.web import (
    certificate,
    help,
    history,
    history_access,
    history_compare,
    history_drawing,
    history_exports,
    history_questions,
    history_timelines,
    history_what_if,
    history_who,
    managers,
    me,
    notices,
    passkeys,
    rules,
    secure_area,
    sign_in,
    simulator,
    start,
    tour,
    users,
)


def register(app: Flask, *, simulation: bool) -> None:
    """Register every blueprint; the simulator's only in simulation."""
    pages = (
        start.bp,
        sign_in.bp,
        managers.bp,
        users.bp,
        secure_area.bp,
        history.bp,
        rules.bp,
        notices.bp,
        me.bp,
        passkeys.bp,
        help.bp,
    )
    workbench = (
        history_access.bp,
        history_who.bp,
        history_drawing.bp,
        history_timelines.bp,
        history_compare.bp,
        history_what_if.bp,
    )
    for blueprint in (*pages, *workbench, history_exports.bp, history_questions.bp, certificate.bp):
        app.register_blueprint(blueprint)
    if simulation:
        app.register_blueprint(simulator.bp)
        app.register_blueprint(tour.bp)
        app.register_blueprint(notices.letters_bp)
