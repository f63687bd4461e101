"""Streams of security events, and what waits in them."""

import sqlalchemy as sa
from alembic import op

from accessmgr.store.tables import Moment

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_stream",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=True),
        sa.Column("authorization", sa.LargeBinary(), nullable=True),
        sa.Column("requested", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", Moment(), nullable=True),
        sa.Column("due_at", Moment(), nullable=True),
        sa.Column("taken_until", Moment(), nullable=True),
        sa.Column("verified_at", Moment(), nullable=True),
        sa.Column("made_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_stream")),
    )
    op.create_index(op.f("ix_event_stream_client"), "event_stream", ["client"], unique=False)
    op.create_table(
        "waiting_signal",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("txn", sa.Text(), nullable=True),
        sa.Column("made_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_waiting_signal")),
    )
    op.create_index(op.f("ix_waiting_signal_stream_number"), "waiting_signal", ["stream", "number"], unique=False)
    op.create_index(op.f("ix_waiting_signal_id"), "waiting_signal", ["id"], unique=True)
