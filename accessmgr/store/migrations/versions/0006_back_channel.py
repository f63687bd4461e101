"""Telling clients that a sign-in has ended: who wants it, what claims rest on, and the messages that wait."""

import sqlalchemy as sa
from alembic import op

from accessmgr.store.tables import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("token_family", sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "claim_ground",
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("last", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("family", "thing", name=op.f("pk_claim_ground")),
    )
    op.create_index(op.f("ix_claim_ground_thing"), "claim_ground", ["thing"], unique=False)
    op.create_index(op.f("ix_claim_ground_last"), "claim_ground", ["last"], unique=False)
    op.create_table(
        "logout_message",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logout_message")),
    )
    op.create_index(op.f("ix_logout_message_due_at"), "logout_message", ["due_at"], unique=False)
    op.create_index(op.f("ix_logout_message_made_at"), "logout_message", ["made_at"], unique=False)
    op.create_index(op.f("ix_logout_message_person"), "logout_message", ["person"], unique=False)
