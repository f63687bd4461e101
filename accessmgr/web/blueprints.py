"""All blueprints, one a path."""

from flask import Flask

from accessmgr.web import (
    certificate,
    history,
    history_exports,
    history_questions,
    managers,
    rules,
    secure_area,
    sign_in,
    simulator,
    start,
    users,
)


def register(app: Flask, *, simulation: bool) -> None:
    """Register every blueprint; the simulator's only in simulation."""
    pages = (start.bp, sign_in.bp, managers.bp, users.bp, secure_area.bp, history.bp, rules.bp)
    for blueprint in (*pages, history_exports.bp, history_questions.bp, certificate.bp):
        app.register_blueprint(blueprint)
    if simulation:
        app.register_blueprint(simulator.bp)
