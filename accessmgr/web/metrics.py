"""What Prometheus scrapes: totals that every process tells alike, and how things stand now. No personal data."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import cast

from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from accessmgr.usecases.counting import Counted, Counts, Standing, Totals
from accessmgr.web.current import product

EXTENSION = "accessmgr.metrics"
TOTALS = {
    Counted.ENTRIES: ("entries", "Entries of the history", ("type",)),
    Counted.DECISIONS: ("decisions", "Decisions on record", ("action", "outcome")),
    Counted.REFUSALS: ("refusals", "Refusals on record, by each rule that they are because of", ("rule",)),
    Counted.SIGN_INS: ("sign_ins", "Sign-ins", ("key", "outcome")),
    Counted.ASKED: ("decisions_asked", "Decisions that were only asked about", ()),
}

bp = Blueprint("metrics", __name__)


@dataclass(frozen=True)
class Metrics:
    """Where the figures come from, and the token for reading them; without one they are told in simulation only."""

    counts: Counts
    token: str


@bp.get("/metrics")
def scrape() -> ResponseReturnValue:
    """The figures, as Prometheus reads them."""
    metrics = cast(Metrics, current_app.extensions[EXTENSION])
    if not (metrics.token or product().simulation):
        abort(404)
    sent = request.headers.get("Authorization", "")
    if metrics.token and not secrets.compare_digest(sent.encode(), f"Bearer {metrics.token}".encode()):
        return Response("the token is missing or wrong\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(metrics.counts.totals(), metrics.counts.standing(), is_read_only=product().trouble()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Figures(Collector):
    """Figures read from the database, in the words of Prometheus."""

    def __init__(self, totals: Totals, standing: Standing, *, is_read_only: object) -> None:
        self.totals, self.standing, self.is_read_only = totals, standing, is_read_only is not None

    def collect(self) -> Iterable[Metric]:
        """Every figure."""
        for counted, (name, says, labels) in TOTALS.items():
            family = CounterMetricFamily(f"accessmgr_{name}", says, labels=labels)
            for (what, label), count in sorted(self.totals.items()):
                if what is counted:
                    family.add_metric(label[: len(labels)], count)
            yield family
        now = self.standing
        yield GaugeMetricFamily("accessmgr_history_entries", "Length of the history", now.entries)
        yield GaugeMetricFamily("accessmgr_history_signed", "Entries under the newest checkpoint", now.signed)
        yield GaugeMetricFamily("accessmgr_read_only", "1 if nothing can be written", int(self.is_read_only))
        waiting = GaugeMetricFamily("accessmgr_waiting", "What waits to be sent", labels=("queue",))
        for queue, count in sorted(now.waiting.items()):
            waiting.add_metric((queue,), count)
        yield waiting
        if now.extract is not None and now.snapshot is not None:
            day = datetime.combine(now.snapshot, time(), UTC).timestamp()
            yield GaugeMetricFamily("accessmgr_register_extract", "Number of the last extract imported", now.extract)
            yield GaugeMetricFamily("accessmgr_register_snapshot_timestamp_seconds", "The day that it shows", day)
