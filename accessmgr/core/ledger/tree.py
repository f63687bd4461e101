"""The Merkle tree of RFC 9162, section 2.1: hashes, roots and proofs, over nodes that are stored once and for all.

A node (level, index) is the root of the full subtree over leaves `index << level` to `(index + 1 << level) - 1`. It
never changes, whatever is appended; the root at any size and every proof are made of a few of them.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

Nodes = Callable[[int, int], bytes]
"""Reads the hash of the full subtree at a level and index."""

EMPTY = sha256(b"").digest()
"""The root of the tree without leaves."""


class WrongProof(ValueError):
    """A proof that does not prove what it says."""


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an interior node."""
    return sha256(b"\x01" + left + right).digest()


def appended(size: int, leaf: bytes, nodes: Nodes) -> list[tuple[int, int, bytes]]:
    """The nodes that one more leaf completes in a tree of `size` leaves: its own hash, then those above it.

    :param leaf: the hash of the new leaf
    """
    level, index, hash_ = 0, size, leaf
    new = [(level, index, hash_)]
    while index % 2:
        hash_ = node_hash(nodes(level, index - 1), hash_)
        level, index = level + 1, index // 2
        new.append((level, index, hash_))
    return new


def root(size: int, nodes: Nodes) -> bytes:
    """The root of the tree over the first `size` leaves."""
    return _hash_of(0, size, nodes) if size else EMPTY


def inclusion(sequence: int, size: int, nodes: Nodes) -> list[bytes]:
    """The proof that a leaf is in the tree of `size` leaves (RFC 9162, 2.1.3.1).

    :raise ValueError: the tree has no such leaf
    """
    if not 0 <= sequence < size:
        raise ValueError(f"no entry `{sequence}` among the first {size}")
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if sequence < middle:
            path.append(_hash_of(middle, end, nodes))
            end = middle
        else:
            path.append(_hash_of(begin, middle, nodes))
            begin = middle
    return path[::-1]


def consistency(first: int, second: int, nodes: Nodes) -> list[bytes]:
    """The proof that the tree of `second` leaves extends that of `first` leaves (RFC 9162, 2.1.4.1).

    :raise ValueError: not 0 < first <= second
    """
    if not 0 < first <= second:
        raise ValueError(f"no proof from size `{first}` to size `{second}`")
    path: list[bytes] = []
    begin, end = 0, second
    while end > first:
        middle = begin + _split(end - begin)
        if first <= middle:
            path.append(_hash_of(middle, end, nodes))
            end = middle
        else:
            path.append(_hash_of(begin, middle, nodes))
            begin = middle
    return [*([_hash_of(begin, end, nodes)] if begin else []), *path[::-1]]


def check_inclusion(sequence: int, size: int, leaf: bytes, path: Sequence[bytes], claimed: bytes) -> None:
    """Check a proof of inclusion (RFC 9162, 2.1.3.2).

    :param leaf: the hash of the leaf

    :raise WrongProof: the leaf is not shown to be in the tree with the claimed root
    """
    if not 0 <= sequence < size:
        raise WrongProof(f"no entry `{sequence}` among the first {size}")
    place, last, hash_ = sequence, size - 1, leaf
    for step in path:
        if last == 0:
            raise WrongProof("the proof has a hash too many")
        if place % 2 or place == last:
            hash_ = node_hash(step, hash_)
            while place and not place % 2:
                place, last = place >> 1, last >> 1
        else:
            hash_ = node_hash(hash_, step)
        place, last = place >> 1, last >> 1
    if last:
        raise WrongProof("the proof has a hash too few")
    if hash_ != claimed:
        raise WrongProof("the proof leads to another root")


def check_consistency(first: int, second: int, path: Sequence[bytes], old: bytes, new: bytes) -> None:
    """Check a proof of consistency (RFC 9162, 2.1.4.2).

    :raise WrongProof: the tree with root `new` is not shown to extend the one with root `old`
    """
    if not 0 < first <= second:
        raise WrongProof(f"no proof from size `{first}` to size `{second}`")
    if first == second:
        if path or old != new:
            raise WrongProof("one size has one root, and needs no hashes")
        return
    place, last = first - 1, second - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    steps = [old, *path] if first & (first - 1) == 0 else list(path)
    if not steps:
        raise WrongProof("the proof has a hash too few")
    was = is_now = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise WrongProof("the proof has a hash too many")
        if place % 2 or place == last:
            was, is_now = node_hash(step, was), node_hash(step, is_now)
            while place and not place % 2:
                place, last = place >> 1, last >> 1
        else:
            is_now = node_hash(is_now, step)
        place, last = place >> 1, last >> 1
    if last:
        raise WrongProof("the proof has a hash too few")
    if was != old or is_now != new:
        raise WrongProof("the proof leads to another root")


class Frontier:
    """The tree of leaves seen so far, in as many hashes as its size has binary ones: for reading a log once."""

    def __init__(self) -> None:
        self.size = 0
        self._full: list[bytes] = []

    def add(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Append a leaf, given by its hash; gives the nodes that it completes."""
        new = appended(self.size, leaf, lambda level, index: self._full.pop())
        self._full.append(new[-1][2])
        self.size += 1
        return new

    def root(self) -> bytes:
        """The root of the tree."""
        return _folded(self._full) if self._full else EMPTY


def _hash_of(begin: int, end: int, nodes: Nodes) -> bytes:
    """The hash over a range of leaves that begins where a subtree does: full subtrees, the largest first."""
    full = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        full.append(nodes(level, begin >> level))
        begin += 1 << level
    return _folded(full)


def _folded(full: Iterable[bytes]) -> bytes:
    *rest, hash_ = full
    for left in reversed(rest):
        hash_ = node_hash(left, hash_)
    return hash_


def _split(size: int) -> int:
    """The largest power of two smaller than the size."""
    return 1 << (size - 1).bit_length() - 1
