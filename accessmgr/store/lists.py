"""The lists and cards for pages, as known now or at a size of the history; the queries stand in modules of their own.

Whether somebody may see a list is decided by the catalogue before it is asked for; nothing here decides.
"""

from accessmgr.store.chain_lists import ChainLists
from accessmgr.store.drawn_lists import StoreDrawnLists
from accessmgr.store.evidence import StoreEvidence
from accessmgr.store.grant_lists import StoreGrantLists
from accessmgr.store.history_lists import HistoryLists
from accessmgr.store.own_lists import StoreOwnLists
from accessmgr.store.own_record import StoreOwnRecord
from accessmgr.store.register_lists import RegisterLists
from accessmgr.store.search_lists import SearchLists
from accessmgr.store.traces import StoreTraces


class StoreLists(
    RegisterLists,
    StoreGrantLists,
    StoreOwnLists,
    StoreOwnRecord,
    StoreDrawnLists,
    ChainLists,
    HistoryLists,
    StoreTraces,
    StoreEvidence,
    SearchLists,
):
    """Lists and cards within one look (`usecases.lists.Lists`), all as known at one size of the history."""
