"""Reviews of the grants of an enterprise, with what was answered for each."""

import sqlalchemy as sa
from alembic import op

from accessmgr.store.tables import Moment

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.String(length=10), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("ends", sa.Boolean(), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    op.create_index(op.f("ix_review_enterprise_opened"), "review", ["enterprise", "opened"], unique=False)
    op.create_index(op.f("ix_review_closed_last_day"), "review", ["closed", "last_day"], unique=False)
    op.create_table(
        "reviewed_grant",
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("grant", sa.Text(), nullable=False),
        sa.Column("used", sa.Date(), nullable=True),
        sa.Column("was", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("entry", sa.BigInteger(), nullable=True),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("review", "position", name=op.f("pk_reviewed_grant")),
    )
    op.create_index(op.f("ix_reviewed_grant_review_grant"), "reviewed_grant", ["review", "grant"], unique=True)
