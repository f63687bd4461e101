"""Co-signatures of witnesses, the policies that were in force, and the log of decisions that were only asked about."""

import sqlalchemy as sa
from alembic import op

from accessmgr.store import triggers
from accessmgr.store.tables import WITNESSED

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cosignature",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", "witness", name=op.f("pk_cosignature")),
    )
    op.create_table(
        "policy_in_force",
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("since", name=op.f("pk_policy_in_force")),
    )
    op.create_table(
        "asked_decision",
        sa.Column("batch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("batch", "position", name=op.f("pk_asked_decision")),
    )
    op.add_column("log_head", sa.Column("policy", sa.Text(), nullable=True))
    triggers.install(op.get_bind(), WITNESSED)
