"""The sign-in page: choosing a digital key."""

from flask import Blueprint, render_template

bp = Blueprint("sign_in", __name__)


@bp.get("/sign-in")
def choose() -> str:
    """The digital keys to choose from."""
    return render_template("sign_in/choose.html")
