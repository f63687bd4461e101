"""The tables of notices (`usecases.notices.Notices`)."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select, update
from sqlalchemy.dialects import postgresql, sqlite

from accessmgr.core.events import plain
from accessmgr.core.model import Role
from accessmgr.store import notice_tables
from accessmgr.store.engine import begin
from accessmgr.usecases.notices import Kind, Notice, Posted, Reached, Stage

notice_t = notice_tables.Notice.__table__
reached_t = notice_tables.NoticesReached.__table__

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
"""How long until the second try; doubled with each further one, up to the longest."""
IN_COLUMNS = ("id", "person", "kind", "made_at")


class StoredNotices:
    """The tables of notices."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def reached(self) -> Reached | None:
        """How far was followed; None before the first time."""
        with begin(self.engine, writing=False) as connection:
            row = connection.execute(select(reached_t.c.seen, reached_t.c.day)).first()
        return None if row is None else Reached(row.seen, row.day)

    def begin(self, reached: Reached) -> None:
        """Follow from there on, unless somebody began already."""
        with begin(self.engine, writing=True) as connection, connection.begin():
            insert = self._insert(reached_t).values(id=1, seen=reached.seen, day=reached.day)
            connection.execute(insert.on_conflict_do_nothing())

    def follow(self, before: Reached, after: Reached, made: Iterable[Notice], at: datetime) -> bool:
        """Note how far was followed, and keep what came of that; all or nothing. False if somebody else did it."""
        moving = update(reached_t).where(reached_t.c.seen == before.seen, reached_t.c.day == before.day)
        rows = [_columns(notice, at) for notice in made]
        with begin(self.engine, writing=True) as connection, connection.begin():
            if connection.execute(moving.values(seen=after.seen, day=after.day)).rowcount != 1:
                return False
            if rows:
                connection.execute(self._insert(notice_t).on_conflict_do_nothing(), rows)
        return True

    def of(self, person: str, limit: int) -> Sequence[Posted]:
        """The newest notices of a person."""
        return self._newest(select(notice_t).where(notice_t.c.person == person), limit)

    def all(self, limit: int) -> Sequence[Posted]:
        """The newest notices of everybody."""
        return self._newest(select(notice_t), limit)

    def take(self, at: datetime, limit: int) -> Sequence[Posted]:
        """Letters that are due, which nobody else gets until they would be due again."""
        due = select(notice_t).where(notice_t.c.due_at <= at).order_by(notice_t.c.due_at, notice_t.c.number)
        with begin(self.engine, writing=False) as connection:
            found = [_posted(row) for row in connection.execute(due.limit(limit))]
        return [posted for posted in found if self._taken(posted, at)]

    def note(self, id_: str, stage: Stage, fault: str | None = None) -> None:
        """Note what became of a letter."""
        values: dict[str, Any] = {"stage": str(stage), "fault": fault}
        with begin(self.engine, writing=True) as connection, connection.begin():
            if stage is not Stage.WAITING:
                values["due_at"] = None
            connection.execute(update(notice_t).where(notice_t.c.id == id_).values(values))

    def _taken(self, posted: Posted, at: datetime) -> bool:
        """Put off what is being tried, so that a sender that stops meanwhile leaves it to the next one."""
        own = update(notice_t).where(notice_t.c.id == posted.notice.id, notice_t.c.due_at == posted.due_at)
        pause: timedelta = min(FIRST_PAUSE * 2 ** min(posted.tries, 20), LONGEST_PAUSE)
        values = {"due_at": at + pause, "tries": posted.tries + 1}
        with begin(self.engine, writing=True) as connection, connection.begin():
            return connection.execute(own.values(values)).rowcount == 1

    def _newest(self, found: Any, limit: int) -> Sequence[Posted]:
        with begin(self.engine, writing=False) as connection:
            return [_posted(row) for row in connection.execute(found.order_by(notice_t.c.number.desc()).limit(limit))]

    def _insert(self, table: Any) -> Any:
        return (sqlite if self.engine.dialect.name == "sqlite" else postgresql).insert(table)


def _columns(notice: Notice, at: datetime) -> dict[str, Any]:
    content = {each.name: getattr(notice, each.name) for each in fields(notice) if each.name not in IN_COLUMNS}
    return {
        **{name: getattr(notice, name) for name in IN_COLUMNS},
        "kind": str(notice.kind),
        "content": json.dumps(plain(content)),
        "stage": str(Stage.WAITING),
        "due_at": at,
        "tries": 0,
    }


def _posted(row: Any) -> Posted:
    told = json.loads(row.content)
    last, role = told.pop("last", None), told.pop("role", None)
    notice = Notice(
        id=row.id,
        person=row.person,
        kind=Kind(row.kind),
        made_at=row.made_at,
        contexts=tuple(told.pop("contexts", ())),
        role=Role(role) if role else None,
        last=date.fromisoformat(last) if last else None,
        **told,
    )
    return Posted(notice=notice, stage=Stage(row.stage), due_at=row.due_at, tries=row.tries, fault=row.fault)
