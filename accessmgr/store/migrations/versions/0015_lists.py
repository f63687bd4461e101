"""Indexes for the pages of long lists: people by name, grants by their end, requests by when they were made."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

LISTED = sa.text("coalesce(enterprise, '')")
"""The enterprise in words that only statements for lists use."""


def upgrade() -> None:
    op.create_index("ix_person_by_name", "person", [sa.text("coalesce(family, '')"), "given", "id", "recorded_to"])
    op.create_index(
        "ix_right_grant_by_end",
        "right_grant",
        [LISTED, "recorded_to", "last", "id", "right", "first", "revoked_at"],
    )
    op.create_index(
        "ix_right_request_by_moment",
        "right_request",
        [LISTED, "recorded_to", sa.text("made_at DESC"), "id", "right", "requester"],
    )
