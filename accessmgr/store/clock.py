"""Clocks: the real one, and the simulator's, which the database keeps for all processes."""

from datetime import UTC, datetime

from sqlalchemy import Engine, select

from accessmgr.store import tables
from accessmgr.store.engine import begin, lock_head
from accessmgr.store.prepared import Prepared

clock_t = tables.SimulatorClock.__table__

_SET_TO = Prepared(select(clock_t.c.simulated, clock_t.c.real))


class RealClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)


class SimulatedClock:
    """A clock that was set once, runs on from there, and can be set forwards."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def now(self) -> datetime:
        """The simulated moment; the real one until the clock is set."""
        with begin(self.engine, writing=False) as connection:
            row = _SET_TO.first(connection, {})
        present = datetime.now(UTC)
        return present if row is None else row[0] + (present - row[1])

    def set(self, moment: datetime) -> None:
        """Let the clock show a moment.

        :raise ValueError: it shows a later one already
        """
        with begin(self.engine, writing=True) as connection, connection.begin():
            lock_head(connection)
            row = _SET_TO.first(connection, {})
            present = datetime.now(UTC)
            if row is not None and moment < row[0] + (present - row[1]):
                raise ValueError("the clock only goes forwards")
            values = {"simulated": moment, "real": present}
            if row is None:
                connection.execute(clock_t.insert().values(id=1, **values))
            else:
                connection.execute(clock_t.update().values(values))
