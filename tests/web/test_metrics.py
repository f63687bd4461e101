"""What Prometheus scrapes: totals and how things stand, for whoever has the token, and without personal data."""

from pathlib import Path

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from accessmgr.core.actions import Action
from accessmgr.usecases.counting import Counting
from accessmgr.web.metrics import EXTENSION, Metrics
from tests.web.building import anonymous_client, built_app, demo_chain, product_of

TOKEN = "a-token-of-the-test"


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application whose entries are counted."""
    app = built_app(tmp_path)
    demo_chain(app)
    Counting(product_of(app).world, app.extensions[EXTENSION].counts).follow()
    return app


def figures(app: Flask, **headers: str) -> dict[str, dict[tuple[str, ...], float]]:
    """The figures by name and labels."""
    answer = anonymous_client(app).get("/metrics", headers=headers)
    assert answer.status_code == 200
    return {
        family.name: {tuple(sample.labels.values()): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(answer.get_data(as_text=True))
    }


def protect(app: Flask, token: str) -> None:
    app.extensions[EXTENSION] = Metrics(app.extensions[EXTENSION].counts, token)


def test_the_figures_are_in_the_form_that_prometheus_reads(app: Flask) -> None:
    found = figures(app)
    assert found["accessmgr_decisions"][Action.GRANT_RIGHT, "allowed"] == 1
    entries = found["accessmgr_history_entries"][()]
    assert sum(found["accessmgr_entries"].values()) == entries
    assert found["accessmgr_read_only"] == {(): 0}
    assert found["accessmgr_waiting"] == {("letters",): 0, ("sign_outs",): 0, ("streams",): 0}


def test_nobody_without_the_token_reads_them(app: Flask) -> None:
    protect(app, TOKEN)
    client = anonymous_client(app)
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}x"}).status_code == 401
    assert figures(app, Authorization=f"Bearer {TOKEN}")["accessmgr_read_only"] == {(): 0}


def test_outside_simulation_there_is_nothing_without_a_token(app: Flask) -> None:
    object.__setattr__(product_of(app), "simulation", False)
    assert anonymous_client(app).get("/metrics").status_code == 404
    protect(app, TOKEN)
    assert anonymous_client(app).get("/metrics").status_code == 401
