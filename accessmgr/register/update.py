"""Brings an update in: what changed in the register since an earlier extract."""

from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path

from accessmgr.register.import_ import (
    MAX_GONE,
    MAX_REJECTS,
    Imported,
    Limits,
    OutdatedExtract,
    RegisterSink,
    refuse_older,
    take,
)
from accessmgr.register.reader import Extract


def update_extract(
    source: Path,
    sink: RegisterSink,
    *,
    local_forms: Collection[str],
    max_rejects: float = MAX_REJECTS,
    max_gone: float = MAX_GONE,
    progress: Callable[[str, int], None] = lambda file, rows: None,
) -> Imported:
    """Bring an update in, all or nothing; a second time changes nothing.

    It need not be the very next one: what is published does not say that every number exists.
    The parameters are those of `import_extract`.

    :raise UnreadableExtract: it is not in the published form
    :raise ExtractRefused: it is outdated or implausible, there is nothing to update, or too many rows are wrong
    """
    with closing(Extract(source, frozenset(local_forms), "update", sink.known_entities())) as extract:
        last = sink.last_import()
        if extract.meta.kind != "update":
            raise OutdatedExtract("the extract is a full one, and an update is asked for")
        if last is None:
            raise OutdatedExtract("there is nothing to update: no full extract has been imported")
        refuse_older(extract.meta, last)
        if extract.meta.number == last[0] and last[2] != "update":
            raise OutdatedExtract(f"extract {last[0]} has been imported as a full one")
        return take(extract, sink, Limits(max_rejects, max_gone), progress)
