"""The totals that operators count (`usecases.counting.Counts`), and what waits in the queues."""

from typing import Any

from sqlalchemy import Engine, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from accessmgr.store import count_tables, notice_tables, stream_tables, tables, token_tables
from accessmgr.store.engine import begin
from accessmgr.usecases.counting import Counted, Standing, Totals

total_t = count_tables.Total.__table__
import_t = tables.RegisterImport.__table__
head_t = tables.LogHead.__table__
checkpoint_t = tables.Checkpoint.__table__
QUEUES = {
    "letters": select(func.count()).where(notice_tables.Notice.__table__.c.due_at.is_not(None)),
    "sign_outs": select(func.count()).where(token_tables.LogoutMessage.__table__.c.due_at.is_not(None)),
    "streams": select(func.count()).select_from(stream_tables.WaitingSignal.__table__),
}
"""What waits to be sent, by queue: an index holds what is due."""
REACHED = "reached"


class StoredCounts:
    """The table of totals."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def reached(self) -> int:
        """How many entries of the history are counted."""
        with begin(self.engine, writing=False) as connection:
            return connection.execute(select(total_t.c.count).where(total_t.c.name == REACHED)).scalar() or 0

    def add(self, before: int, after: int, totals: Totals) -> bool:
        """Note how many entries are counted now, with what they add; False if somebody else counted them."""
        insert: Any = (sqlite if self.engine.dialect.name == "sqlite" else postgresql).insert(total_t)
        row = {"name": REACHED, "label": "", "outcome": "", "count": 0}
        adding = insert.on_conflict_do_update(
            index_elements=[total_t.c.name, total_t.c.label, total_t.c.outcome],
            set_={"count": total_t.c.count + insert.excluded.count},
        )
        moving = update(total_t).where(total_t.c.name == REACHED, total_t.c.count == before).values(count=after)
        with begin(self.engine, writing=True) as connection, connection.begin():
            connection.execute(insert.on_conflict_do_nothing(), row)
            if connection.execute(moving).rowcount != 1:
                return False
            connection.execute(
                adding,
                [
                    {"name": name, "label": label, "outcome": outcome, "count": count}
                    for (name, (label, outcome)), count in sorted(totals.items())
                ],
            )
        return True

    def standing(self) -> Standing:
        """How long the history is, what was imported last, and what waits."""
        newest = select(import_t.c.extract_number, import_t.c.snapshot).order_by(import_t.c.sequence.desc()).limit(1)
        with begin(self.engine, writing=False) as connection:
            extract = connection.execute(newest).first()
            return Standing(
                entries=connection.execute(select(head_t.c.size)).scalar_one(),
                signed=connection.execute(select(func.max(checkpoint_t.c.size))).scalar() or 0,
                extract=extract.extract_number if extract else None,
                snapshot=extract.snapshot if extract else None,
                waiting={name: connection.execute(queue).scalar_one() for name, queue in QUEUES.items()},
            )

    def totals(self) -> Totals:
        """Everything counted so far."""
        with begin(self.engine, writing=False) as connection:
            found = connection.execute(select(total_t).where(total_t.c.name != REACHED)).all()
        return {(Counted(name), (label, outcome)): count for name, label, outcome, count in found}
