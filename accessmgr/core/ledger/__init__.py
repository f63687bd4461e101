"""The ledger: entries in one canonical form, as leaves of a Merkle tree with signed checkpoints.

`form` gives the bytes of an entry, `tree` hashes and proofs, `note` signed checkpoints, `export` the verdict on a
whole log. All of it is pure; signing and verifying are handed in. `docs/history-format.md` says the same in words.
"""

from accessmgr.core.ledger.form import LARGEST, canonical

__all__ = ["LARGEST", "canonical"]
