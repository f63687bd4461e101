"""The history: entries with their proofs, checkpoints, exports, and the cases for which auditors read."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import Field

from accessmgr.api.call import Call
from accessmgr.api.endpoints import Example, Part, Plain, Writes
from accessmgr.api.reading import EVERYTHING, MYSELF, of_enterprise, of_oneself, opened
from accessmgr.api.schemas import Enterprise, Name, Page, PageQuery, Sent, Told, Words, Written, written
from accessmgr.core.actions import Action
from accessmgr.core.ledger import tree
from accessmgr.core.ledger.bundle import encoded, proof
from accessmgr.core.ledger.note import Checkpoint
from accessmgr.usecases import proofs
from accessmgr.usecases.perform import Refused
from accessmgr.usecases.traces import Wanted
from accessmgr.usecases.world import Look, Unknown

part = Part("history", "Entries of the history, with proofs that anybody can check, and exports.")

CaseWord = Field(None, max_length=500, description="The word of an auditor's open case")


class EntryTold(Told):
    """An entry as it is kept, and what its author wrote with it, if anything."""

    entry: dict[str, Any]
    note: str | None = None


class Entries(Page[EntryTold]):
    """A page of entries, the newest first."""


class EntriesQuery(PageQuery):
    """Which entries: those about an enterprise, or those about oneself."""

    enterprise: Enterprise | None = None
    type: str | None = Field(None, pattern=r"^[a-z_]{1,40}\.[a-z_]{1,40}$", description="As `right.granted`")
    case: str | None = CaseWord


class CaseQuery(Sent):
    """An auditor's open case."""

    case: str | None = CaseWord


class SizesQuery(Sent):
    """Two sizes of the history."""

    first: int = Field(ge=1, le=2**53 - 1)
    second: int = Field(ge=1, le=2**53 - 1)


class CaseWish(Sent):
    """For what an auditor reads: about an enterprise, about everything (neither), or about themself."""

    enterprise: Enterprise | None = None
    myself: bool = False
    case: Name
    purpose: Words


class CaseOpened(Written):
    """The word to send as `case`, for two hours."""

    case: str


class InclusionProof(Told):
    """The proof that an entry is in the history (`docs/history-format.md`)."""

    kind: str
    sequence: int
    tree_size: int
    entry: dict[str, Any]
    leaf_hash: str
    hashes: list[str]
    root_hash: str
    checkpoint: str


class ConsistencyProof(Told):
    """The proof that one size of the history extends another."""

    kind: str
    first: int
    second: int
    hashes: list[str]
    first_root: str
    second_root: str
    checkpoint: str


class CheckpointTold(Told):
    """The newest checkpoint, with the lines of its witnesses, and the key by which it is verified."""

    checkpoint: str
    verifier_key: str


class Export(Sent):
    """What is taken away: the entries about an enterprise, as a bundle with proofs; auditors say for what."""

    enterprise: Enterprise
    purpose: Words | None = None


@part.get("/history/entries", "history.read", example=Example(query={"enterprise": "1999000150", "limit": "5"}))
def listed(call: Call, query: EntriesQuery) -> Entries:
    """Entries about an enterprise, or about oneself."""
    position = call.position(query.cursor)
    with call.world.store.reading() as look:
        if query.enterprise is not None:
            of_enterprise(call, look, query.enterprise, query.case)
        else:
            of_oneself(call, look, query.case)
        wanted = Wanted(
            [query.enterprise or call.person],
            [query.type] if query.type else [],
            before=int(position) if position is not None else None,
        )
        found = look.lists.wanted(wanted, query.limit + 1)
        page = found[: query.limit]
        rest = str(page[-1].sequence) if len(found) > query.limit else None
        return Entries(items=_told(look, [row.leaf for row in page]), next=call.cursor(rest))


@part.get("/history/entries/{sequence}", "history.read", example=Example(path={"sequence": "{entry}"}))
def one(call: Call, sequence: str, query: CaseQuery) -> EntryTold:
    """One entry: of an enterprise whose history one may read, or about oneself."""
    with call.world.store.reading() as look:
        return _told(look, [_entry(call, look, int(sequence), query.case)])[0]


@part.get("/history/entries/{sequence}/proof", "history.read", example=Example(path={"sequence": "{entry}"}))
def inclusion(call: Call, sequence: str, query: CaseQuery) -> InclusionProof:
    """The proof that an entry is in the history, in the newest checkpoint."""
    number = int(sequence)
    with call.world.store.reading() as look:
        leaf = _entry(call, look, number, query.case)
    note = proofs.checkpoint(call.world, above=number)
    with call.world.store.reading() as look:
        size = Checkpoint.parse(note).size
        hashes = tree.inclusion(number, size, look.ledger.node)
        proved = proof(json.loads(leaf), size, hashes, look.ledger.root(size))
    return InclusionProof(**proved, checkpoint=note)


@part.get("/history/consistency", "history.read", example=Example(query={"first": "3", "second": "7"}))
def consistency(call: Call, query: SizesQuery) -> ConsistencyProof:
    """The proof that one size of the history extends another, up to the newest checkpoint."""
    note = proofs.checkpoint(call.world)
    if not query.first <= query.second <= Checkpoint.parse(note).size:
        raise Unknown("size")
    with call.world.store.reading() as look:
        hashes = tree.consistency(query.first, query.second, look.ledger.node)
        first_root, second_root = (encoded(look.ledger.root(size)) for size in (query.first, query.second))
        told = look.ledger.at(query.second) or note
    return ConsistencyProof(
        kind="consistency",
        first=query.first,
        second=query.second,
        hashes=[encoded(each) for each in hashes],
        first_root=first_root,
        second_root=second_root,
        checkpoint=told,
    )


@part.get("/history/checkpoint", "history.read", example=Example())
def checkpoint(call: Call) -> CheckpointTold:
    """The newest checkpoint, and the key by which it is verified."""
    return CheckpointTold(checkpoint=call.api.checkpoint(), verifier_key=call.api.verifier_key())


@part.post(
    "/history/cases",
    "history.read",
    status=201,
    example=Example({"enterprise": "1999000150", "case": "2026/14", "purpose": "Yearly sample"}, who="mila"),
)
def open_case(call: Call, body: CaseWish) -> CaseOpened:
    """Say for what an auditor reads the history, which is recorded."""
    about: dict[str, Any] = {"person": call.person} if body.myself else {"enterprise": body.enterprise}
    what = MYSELF if body.myself else body.enterprise or EVERYTHING
    call.open_to(Action.READ_HISTORY, **about)
    purpose = bool(body.purpose.strip())
    done = call.act(Action.READ_HISTORY, purpose=purpose, note=f"{body.case} · {body.purpose}", **about)
    return CaseOpened(case=opened(call, what), **written(done))


@part.post(
    "/history/export",
    "history.read",
    media_type="application/jsonl",
    keeps=False,
    writes=Writes.APART,  # nobody who writes waits until the bundle is made
    example=Example({"enterprise": "1999000150"}),
)
def export(call: Call, body: Export) -> Plain:
    """Take the entries about an enterprise away, each with its proof, which is recorded first.

    The answer is a bundle as `docs/history-format.md` describes it: JSON Lines.
    """
    call.open_to(Action.EXPORT_HISTORY, enterprise=body.enterprise)
    purpose = (body.purpose or "").strip()
    done = call.act(Action.EXPORT_HISTORY, enterprise=body.enterprise, purpose=bool(purpose), note=purpose)
    note = proofs.checkpoint(call.world, above=done.sequence or 0)
    with call.world.store.reading() as look:
        sequences = look.lists.sequences(Wanted([body.enterprise]))
        return Plain("application/jsonl", b"".join(proofs.bundle(look, sequences, note)))


def _told(look: Look, leaves: Iterable[bytes]) -> list[EntryTold]:
    entries: Sequence[dict[str, Any]] = [json.loads(leaf) for leaf in leaves]
    notes = look.notes(entry["sequence"] for entry in entries)
    return [EntryTold(entry=entry, note=notes.get(entry["sequence"])) for entry in entries]


def _entry(call: Call, look: Look, sequence: int, case: str | None) -> bytes:
    """The leaf of an entry that the person may read.

    :raise Unknown: there is none
    """
    leaf = look.lists.entry(sequence)
    if leaf is None:
        raise Unknown("entry")
    enterprise = json.loads(leaf)["data"].get("enterprise")
    if enterprise is not None:
        try:
            of_enterprise(call, look, enterprise, case)
        except (Unknown, Refused):
            pass  # it may be about themself
        else:
            return leaf
    if not look.lists.about([sequence], call.person):
        raise Unknown("entry")
    of_oneself(call, look, case)
    return leaf
