"""Answers to calls that are to be done once, kept for a day."""

import sqlalchemy as sa
from alembic import op

from accessmgr.store.tables import Moment

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_answer",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_answer")),
    )
    op.create_index(op.f("ix_kept_answer_made_at"), "kept_answer", ["made_at"], unique=False)
    op.create_index(op.f("ix_kept_answer_person"), "kept_answer", ["person"], unique=False)
