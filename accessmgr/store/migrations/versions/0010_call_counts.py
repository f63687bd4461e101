"""How many calls each client has made in the present window."""

import sqlalchemy as sa
from alembic import op

from accessmgr.store.tables import Moment

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_count",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("client", name=op.f("pk_call_count")),
    )
