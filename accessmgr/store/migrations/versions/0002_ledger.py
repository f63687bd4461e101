"""The Merkle tree over the history, its name and its checkpoints; the tree over the entries that are there is built."""

import sqlalchemy as sa
from alembic import op

from accessmgr.core.ledger.tree import Frontier, leaf_hash
from accessmgr.store import triggers
from accessmgr.store.tables import LEDGER

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BATCH = 1000


def upgrade() -> None:
    op.create_table(
        "checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoint")),
    )
    node = op.create_table(
        "ledger_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_ledger_node")),
    )
    op.create_table(
        "log_origin",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_log_origin")),
    )
    _build(op.get_bind(), node)
    triggers.install(op.get_bind(), LEDGER)


def _build(connection: sa.Connection, node: sa.Table) -> None:
    entry = sa.table("entry", sa.column("sequence"), sa.column("leaf"))
    tree = Frontier()
    while True:
        found = sa.select(entry.c.leaf).where(entry.c.sequence >= tree.size).order_by(entry.c.sequence).limit(BATCH)
        rows = [
            {"level": level, "index": index, "hash": hash_}
            for (leaf,) in connection.execute(found)
            for level, index, hash_ in tree.add(leaf_hash(bytes(leaf)))
        ]
        if not rows:
            return
        connection.execute(node.insert(), rows)
