"""The Merkle tree: the known answers of RFC 6962's test data, and promises for every size up to 300."""

from hashlib import sha256
from itertools import pairwise

import pytest

from accessmgr.core.ledger.tree import (
    EMPTY,
    Frontier,
    Nodes,
    WrongProof,
    appended,
    check_consistency,
    check_inclusion,
    consistency,
    inclusion,
    leaf_hash,
    root,
)

KNOWN_LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
KNOWN_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SIZES = range(1, 301)


def stored(leaves: list[bytes]) -> dict[tuple[int, int], bytes]:
    """The nodes of a tree, appended one leaf at a time."""
    nodes: dict[tuple[int, int], bytes] = {}
    for size, leaf in enumerate(leaves):
        for level, index, hash_ in appended(size, leaf_hash(leaf), lambda *place: nodes[place]):
            assert (level, index) not in nodes
            nodes[level, index] = hash_
    return nodes


def reader(leaves: list[bytes]) -> Nodes:
    """A reader of the nodes of a tree."""
    nodes = stored(leaves)
    return lambda *place: nodes[place]


KNOWN = reader(KNOWN_LEAVES)
LEAVES = [f"leaf {number}".encode() for number in range(300)]
NODES = reader(LEAVES)


def by_definition(leaves: list[bytes]) -> bytes:
    """The root as RFC 9162, 2.1.1 defines it."""
    if len(leaves) < 2:
        return sha256(b"\x00" + leaves[0]).digest() if leaves else sha256().digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01" + by_definition(leaves[:half]) + by_definition(leaves[half:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_the_roots_of_the_known_trees_are_the_known_ones(size: int) -> None:
    assert root(size, KNOWN).hex() == KNOWN_ROOTS[size]
    frontier = Frontier()
    for leaf in KNOWN_LEAVES[:size]:
        frontier.add(leaf_hash(leaf))
    assert frontier.root().hex() == KNOWN_ROOTS[size]


@pytest.mark.parametrize(
    ("sequence", "size", "path"),
    [
        (0, 1, []),
        (
            0,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
        (
            1,
            5,
            [
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ],
)
def test_known_proofs_of_inclusion(sequence: int, size: int, path: list[str]) -> None:
    assert [hash_.hex() for hash_ in inclusion(sequence, size, KNOWN)] == path


@pytest.mark.parametrize(
    ("first", "second", "path"),
    [
        (1, 1, []),
        (
            1,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            [
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ],
)
def test_known_proofs_of_consistency(first: int, second: int, path: list[str]) -> None:
    assert [hash_.hex() for hash_ in consistency(first, second, KNOWN)] == path


def test_the_proofs_of_rfc_9162_section_2_1_5_are_the_ones_in_its_picture() -> None:
    a, b, c, d, e, f = (by_definition(LEAVES[at : at + 1]) for at in range(6))
    g, h, i = by_definition(LEAVES[0:2]), by_definition(LEAVES[2:4]), by_definition(LEAVES[4:6])
    j, k, ell = by_definition(LEAVES[6:7]), by_definition(LEAVES[0:4]), by_definition(LEAVES[4:7])
    included = {0: [b, h, ell], 3: [c, g, ell], 4: [f, j, k], 6: [i, k]}
    extended = {3: [c, d, g, ell], 4: [ell], 6: [i, j, k]}
    assert len({a, b, c, d, e, f, g, h, i, j, k, ell}) == 12
    assert {sequence: inclusion(sequence, 7, NODES) for sequence in included} == included
    assert {first: consistency(first, 7, NODES) for first in extended} == extended


def test_every_way_to_the_root_gives_the_defined_one() -> None:
    frontier = Frontier()
    wrong = []
    for size in SIZES:
        frontier.add(leaf_hash(LEAVES[size - 1]))
        if {root(size, NODES), frontier.root()} != {by_definition(LEAVES[:size])}:
            wrong.append(size)
    assert wrong == []


def test_a_tree_stores_fewer_than_two_nodes_a_leaf() -> None:
    sizes = [len(stored(LEAVES[:size])) for size in (1, 2, 3, 4, 256, 300)]
    assert sizes == [1, 3, 4, 7, 511, 596]


def test_every_leaf_of_every_tree_is_proved() -> None:
    for size in SIZES:
        whole = root(size, NODES)
        for sequence in range(size):
            check_inclusion(sequence, size, leaf_hash(LEAVES[sequence]), inclusion(sequence, size, NODES), whole)


def test_every_tree_is_shown_to_extend_every_smaller_one() -> None:
    for second in SIZES:
        for first in range(1, second + 1):
            path = consistency(first, second, NODES)
            check_consistency(first, second, path, root(first, NODES), root(second, NODES))


def spoilt(path: list[bytes]) -> list[list[bytes]]:
    """Proofs that differ from a right one by one hash: changed, left out, doubled, or two of them swapped."""
    ways = [[*path[:at], sha256(hash_).digest(), *path[at + 1 :]] for at, hash_ in enumerate(path)]
    ways += [path[:at] + path[at + 1 :] for at in range(len(path))]
    ways += [[*path[: at + 1], *path[at:]] for at in range(len(path))]
    ways += [[*path[:at], b, a, *path[at + 2 :]] for at, (a, b) in enumerate(pairwise(path))]
    return [*ways, [*path, EMPTY]]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 64, 65])
def test_a_spoilt_proof_of_inclusion_proves_nothing(size: int) -> None:
    for sequence in range(size):
        leaf, whole = leaf_hash(LEAVES[sequence]), root(size, NODES)
        for path in spoilt(inclusion(sequence, size, NODES)):
            with pytest.raises(WrongProof):
                check_inclusion(sequence, size, leaf, path, whole)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 33])
def test_a_spoilt_proof_of_consistency_proves_nothing(size: int) -> None:
    for first in range(1, size + 1):
        old, new = root(first, NODES), root(size, NODES)
        for path in spoilt(consistency(first, size, NODES)):
            with pytest.raises(WrongProof):
                check_consistency(first, size, path, old, new)


def test_a_proof_is_good_for_one_place_one_leaf_and_one_root() -> None:
    path, leaf, whole = inclusion(5, 13, NODES), leaf_hash(LEAVES[5]), root(13, NODES)
    for sequence, other_leaf, other_root in [(4, leaf, whole), (5, leaf_hash(LEAVES[4]), whole), (5, leaf, EMPTY)]:
        with pytest.raises(WrongProof):
            check_inclusion(sequence, 13, other_leaf, path, other_root)


@pytest.mark.parametrize(("sequence", "size"), [(0, 0), (-1, 3), (3, 3)])
def test_there_is_no_proof_of_a_leaf_beyond_the_tree(sequence: int, size: int) -> None:
    with pytest.raises(ValueError, match="no entry"):
        inclusion(sequence, size, NODES)
    with pytest.raises(WrongProof, match="no entry"):
        check_inclusion(sequence, size, EMPTY, [], EMPTY)


@pytest.mark.parametrize(("first", "second"), [(0, 3), (-1, 3), (4, 3)])
def test_there_is_no_proof_between_sizes_that_are_not_in_order(first: int, second: int) -> None:
    with pytest.raises(ValueError, match="no proof"):
        consistency(first, second, NODES)
    with pytest.raises(WrongProof, match="no proof"):
        check_consistency(first, second, [], EMPTY, EMPTY)
