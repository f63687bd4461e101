"""Statements that were compiled once, for every engine of the process: tests make hundreds, which ask the same."""

from typing import Any

from sqlalchemy import Connection, Engine, event


class Compiled(dict[Any, Any]):
    """What SQLAlchemy compiled, by the kind of dialect rather than by the dialect of one engine."""

    def get(self, key: Any, default: Any = None) -> Any:
        """What was compiled for a statement."""
        return super().get(_of_kind(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(_of_kind(key), compiled)


def _of_kind(key: Any) -> Any:
    dialect, *statement = key
    return (dialect.name, dialect.driver, *statement)


_COMPILED = Compiled()


def share() -> None:
    """From now on, engines share what they compile."""
    event.listen(Engine, "engine_connect", _take)


def _take(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_COMPILED)
