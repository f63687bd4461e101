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
    me_record,
    metrics,
    notices,
    passkeys,
    receipts,
    review_results,
    reviews,
    rules,
    secure_area,
    sign_in,
    simulator,
    start,
    terms,
    tour,
    unfinished,
    users,
)


def register(app: Flask, *, simulation: bool) -> None:
    """Register every blueprint; the simulator's only in simulation."""
    pages = (
        start.bp,
        sign_in.bp,
        managers.bp,
        users.bp,
        reviews.bp,
        review_results.bp,
        secure_area.bp,
        history.bp,
        rules.bp,
        metrics.bp,
        notices.bp,
        me.bp,
        me_record.bp,
        receipts.bp,
        unfinished.bp,
        passkeys.bp,
        help.bp,
        terms.bp,
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
        app.register_blueprint(sign_in.messages_bp)
