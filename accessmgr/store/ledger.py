"""The tree over the history, kept in its table as the history grows: roots, proofs and signed checkpoints from it."""

import secrets
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Protocol

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from accessmgr.core.events import What
from accessmgr.core.ledger import tree
from accessmgr.core.ledger.note import Checkpoint, VerifierKey, signature_line
from accessmgr.store import tables
from accessmgr.usecases.unrecorded import Unrecorded

entry_t = tables.Entry.__table__
node_t = tables.LedgerNode.__table__
origin_t = tables.LogOrigin.__table__
checkpoint_t = tables.Checkpoint.__table__
cosignature_t = tables.Cosignature.__table__

SIGNED_EVERY = 256
"""After so many entries a checkpoint is made, whatever they are."""

SIGNED_AT_ONCE = frozenset(
    {
        What.APPOINTMENT_OFFERED,
        What.APPOINTMENT_ACCEPTED,
        What.APPOINTMENT_REFUSED,
        What.APPOINTMENT_WITHDRAWN,
        What.APPOINTMENT_ENDED,
        What.ROLE_CLAIMED,
    }
)
"""Types of entries with which a checkpoint is made: those that make or end who may appoint others."""

BATCH = 1000


class BrokenHistory(Unrecorded):
    """The history in the database is not what was signed or stored before: nothing is put on top of it."""


class Signer(Protocol):
    """The key of the history."""

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature of a message."""

    def public_key(self) -> bytes:
        """The public key."""

    def signers(self) -> tuple[tuple[bytes, Callable[[bytes], bytes]], ...]:
        """Each key that signs checkpoints, as its public key and what signs: while keys rotate, both."""


class StoredLedger:
    """The ledger in one transaction. Only who writes may append, sign or name it.

    :param host: where the product is reached, for the name of a new history
    """

    def __init__(self, connection: Connection, signer: Signer, host: str) -> None:
        self.connection = connection
        self.signer = signer
        self.host = host
        self.signed: str | None = None
        """The last checkpoint that was made through this."""

    def node(self, level: int, index: int) -> bytes:
        """The root of a full subtree.

        :raise BrokenHistory: it is missing
        """
        hash_ = self.connection.execute(_node(), {"level": level, "index": index}).scalar()
        if hash_ is None:
            raise BrokenHistory(f"the tree of the history has no node `{index}` at level {level}")
        return bytes(hash_)

    def append(self, sequence: int, leaf: bytes) -> None:
        """Add the leaf of an entry to the tree: as many nodes as it completes, two on average."""
        if sequence == 0:
            self.name()
        new = tree.appended(sequence, tree.leaf_hash(leaf), self.node)
        rows = [{"level": level, "index": index, "hash": hash_} for level, index, hash_ in new]
        self.connection.execute(node_t.insert(), rows)

    def root(self, size: int) -> bytes:
        """The root over the first entries."""
        return tree.root(size, self.node)

    def origin(self) -> str | None:
        """The name of the history, None if it has none yet."""
        return self.connection.execute(_origin()).scalar()

    def name(self) -> str:
        """The name of the history, which is made now if it has none yet."""
        origin = self.origin()
        if origin is None:
            origin = f"{self.host}/history/{secrets.token_hex(4)}"
            self.connection.execute(origin_t.insert().values(origin=origin))
        return origin

    def verifier_key(self) -> VerifierKey | None:
        """The key by which outsiders verify checkpoints, None if the history has no name yet."""
        origin = self.origin()
        return None if origin is None else VerifierKey(origin, self.signer.public_key())

    def sign(self, size: int) -> str:
        """The newest checkpoint, made now if there is none yet over this many entries, which is all there are.

        :raise BrokenHistory: the last checkpoint is not of this key, or the tree does not extend it
        """
        newest = self.newest()
        if newest is not None:
            last = Checkpoint.parse(newest)
            if last.size == size:
                return newest
            self._check_extends(last, size)
        note = self._note(size)
        self.connection.execute(checkpoint_t.insert().values(size=size, note=note))
        self.signed = note
        return note

    def over(self, size: int) -> str:
        """A checkpoint over exactly the first entries, of which the newest covers as many or more.

        It says nothing that does not follow from the newest, so it is not kept, and what follows is measured by the
        newest as before.

        :raise BrokenHistory: none covers so many, the newest is not of this key, or the tree does not extend it
        """
        newest = self.newest()
        last = None if newest is None else Checkpoint.parse(newest)
        if last is None or last.size < size:
            raise BrokenHistory(f"no checkpoint covers the first `{size}` entries")
        self._check_extends(last, last.size)
        return self._note(size)

    def newest(self) -> str | None:
        """The newest checkpoint, None if none was made yet."""
        return self.connection.execute(_newest()).scalar()

    def at(self, size: int) -> str | None:
        """The checkpoint over exactly the first entries, None if none was made."""
        return self.connection.execute(select(checkpoint_t.c.note).where(checkpoint_t.c.size == size)).scalar()

    def witnessed(self, note: str) -> str:
        """A checkpoint with the lines of the witnesses that signed it."""
        lines = select(cosignature_t.c.line).where(cosignature_t.c.size == Checkpoint.parse(note).size)
        return note + "".join(self.connection.execute(lines.order_by(cosignature_t.c.witness)).scalars())

    def inclusion(self, sequence: int, size: int) -> list[bytes]:
        """The proof that an entry is among the first ones."""
        return self._at_once(lambda nodes: tree.inclusion(sequence, size, nodes))

    def consistency(self, first: int, second: int) -> list[bytes]:
        """The proof that the first entries stayed the first when others came."""
        return self._at_once(lambda nodes: tree.consistency(first, second, nodes))

    def leaves(self, size: int, after: int = -1) -> Iterator[bytes]:
        """The bytes of the first entries, or of those of them after one, the oldest first, a batch in memory."""
        while True:
            batch = self.connection.execute(_leaves(), {"after": after, "size": size}).all()
            if not batch:
                return
            yield from (bytes(leaf) for _, leaf in batch)
            after = batch[-1][0]

    def nodes(self) -> int:
        """How many nodes are stored."""
        return int(self.connection.execute(select(func.count()).select_from(node_t)).scalar_one())

    def _note(self, size: int) -> str:
        """The signed note over the first entries."""
        name = self.name()
        checkpoint = Checkpoint(name, size, self.root(size))
        (first, sign), *others = self.signer.signers()
        note = checkpoint.signed(VerifierKey(name, first), sign)
        return note + "".join(signature_line(VerifierKey(name, key), sign(checkpoint.body)) for key, sign in others)

    def _at_once(self, proof: Callable[[tree.Nodes], list[bytes]]) -> list[bytes]:
        """A proof whose nodes, of which there are some more the longer the history is, are read by one query.

        :raise BrokenHistory: one is missing
        """
        wanted: list[tuple[int, int]] = []

        def note(level: int, index: int) -> bytes:
            wanted.append((level, index))
            return tree.EMPTY

        proof(note)
        named = enumerate(wanted)
        places = {name: value for at, (a, b) in named for name, value in ((f"level_{at}", a), (f"index_{at}", b))}
        rows = self.connection.execute(_nodes(len(wanted)), places) if wanted else ()
        found = {(level, index): bytes(hash_) for level, index, hash_ in rows}
        return proof(lambda *place: found.get(place) or self.node(*place))

    def _check_extends(self, last: Checkpoint, size: int) -> None:
        key = VerifierKey(self.name(), self.signer.public_key())
        if key.id not in {id_ for name, id_, _ in last.signatures if name == key.name}:
            raise BrokenHistory("the last checkpoint of the history is signed by another key")
        if last.size > size or self.root(last.size) != last.root:
            raise BrokenHistory(f"the history does not extend its last checkpoint, over {last.size} entries")


def signs(type_: str, size: int) -> bool:
    """Whether a checkpoint is made with an entry of that type, which brings the history to that size."""
    return type_ in SIGNED_AT_ONCE or size % SIGNED_EVERY == 0


@cache
def _node() -> Any:
    return select(node_t.c.hash).where(node_t.c.level == bindparam("level"), node_t.c.index == bindparam("index"))


@cache
def _nodes(count: int) -> Any:
    """So many nodes by level and index: SQLite finds each by the key, which for pairs in a list it would not use."""
    places = (
        and_(node_t.c.level == bindparam(f"level_{at}"), node_t.c.index == bindparam(f"index_{at}"))
        for at in range(count)
    )
    return select(node_t.c.level, node_t.c.index, node_t.c.hash).where(or_(*places))


@cache
def _origin() -> Any:
    return select(origin_t.c.origin)


@cache
def _newest() -> Any:
    return select(checkpoint_t.c.note).order_by(checkpoint_t.c.size.desc()).limit(1)


@cache
def _leaves() -> Any:
    found = select(entry_t.c.sequence, entry_t.c.leaf)
    found = found.where(entry_t.c.sequence > bindparam("after"), entry_t.c.sequence < bindparam("size"))
    return found.order_by(entry_t.c.sequence).limit(BATCH)
