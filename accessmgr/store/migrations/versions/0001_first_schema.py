"""The first schema: history, people, register, chain and what goes with them, with the triggers that guard it."""

import sqlalchemy as sa
from alembic import op

from accessmgr.store import triggers
from accessmgr.store.tables import Contexts, Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LATER = {"checkpoint", "ledger_node", "log_origin", "cosignature", "policy_in_force", "asked_decision"}
"""Tables that came with a later revision."""


def upgrade() -> None:
    op.create_table(
        "address",
        sa.Column("entity", sa.String(length=10), nullable=False),
        sa.Column("type_code", sa.Text(), nullable=False),
        sa.Column("country_nl", sa.Text(), nullable=True),
        sa.Column("country_fr", sa.Text(), nullable=True),
        sa.Column("zipcode", sa.Text(), nullable=True),
        sa.Column("municipality_nl", sa.Text(), nullable=True),
        sa.Column("municipality_fr", sa.Text(), nullable=True),
        sa.Column("street_nl", sa.Text(), nullable=True),
        sa.Column("street_fr", sa.Text(), nullable=True),
        sa.Column("house_number", sa.Text(), nullable=True),
        sa.Column("box", sa.Text(), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.Column("struck_off", sa.Date(), nullable=True),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_address")),
    )
    op.create_index(op.f("ix_address_entity_recorded_to"), "address", ["entity", "recorded_to"], unique=False)
    op.create_table(
        "appointment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.String(length=10), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("offered_at", Moment(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("employee", sa.Boolean(), nullable=False),
        sa.Column("accepted_at", Moment(), nullable=True),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_appointment")),
    )
    op.create_index(
        op.f("ix_appointment_enterprise_recorded_to"), "appointment", ["enterprise", "recorded_to"], unique=False
    )
    op.create_index(op.f("ix_appointment_holder_recorded_to"), "appointment", ["holder", "recorded_to"], unique=False)
    op.create_index(op.f("ix_appointment_id_recorded_to"), "appointment", ["id", "recorded_to"], unique=True)
    op.create_index(
        "uq_one_claim",
        "appointment",
        ["enterprise", "holder"],
        unique=True,
        sqlite_where=sa.text(
            "role = 'main_local_administrator' AND recorded_to = 4611686018427387904 AND closed_at IS NULL"
        ),
        postgresql_where=sa.text(
            "role = 'main_local_administrator' AND recorded_to = 4611686018427387904 AND closed_at IS NULL"
        ),
    )
    op.create_index(
        "uq_one_main_access_manager",
        "appointment",
        ["enterprise"],
        unique=True,
        sqlite_where=sa.text(
            "role = 'main_access_manager' AND recorded_to = 4611686018427387904 AND accepted_at IS NOT NULL AND closed_at IS NULL"
        ),
        postgresql_where=sa.text(
            "role = 'main_access_manager' AND recorded_to = 4611686018427387904 AND accepted_at IS NOT NULL AND closed_at IS NULL"
        ),
    )
    op.create_table(
        "auditor",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_auditor")),
    )
    op.create_index(op.f("ix_auditor_id_recorded_to"), "auditor", ["id", "recorded_to"], unique=True)
    op.create_table(
        "code",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_code")),
    )
    op.create_index(
        op.f("ix_code_category_code_language_recorded_to"),
        "code",
        ["category", "code", "language", "recorded_to"],
        unique=True,
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_id_recorded_to"), "contact", ["id", "recorded_to"], unique=True)
    op.create_table(
        "death",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_death")),
    )
    op.create_index(op.f("ix_death_id_recorded_to"), "death", ["id", "recorded_to"], unique=True)
    op.create_table(
        "denomination",
        sa.Column("entity", sa.String(length=10), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("type_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_denomination")),
    )
    op.create_index(op.f("ix_denomination_entity_recorded_to"), "denomination", ["entity", "recorded_to"], unique=False)
    op.create_table(
        "digital_key",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_digital_key")),
    )
    op.create_index(
        op.f("ix_digital_key_person_key_recorded_to"), "digital_key", ["person", "key", "recorded_to"], unique=True
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    op.create_table(
        "enterprise",
        sa.Column("id", sa.String(length=10), nullable=False),
        sa.Column("target_group", sa.Text(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("type_code", sa.Text(), nullable=True),
        sa.Column("form_code", sa.Text(), nullable=True),
        sa.Column("situation_code", sa.Text(), nullable=True),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_enterprise")),
    )
    op.create_index(op.f("ix_enterprise_id_recorded_to"), "enterprise", ["id", "recorded_to"], unique=True)
    op.create_table(
        "entry",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_entry")),
    )
    op.create_index(op.f("ix_entry_recorded_at"), "entry", ["recorded_at"], unique=False)
    op.create_table(
        "entry_subject",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("subject", "sequence", name=op.f("pk_entry_subject")),
    )
    op.create_table(
        "establishment",
        sa.Column("id", sa.String(length=10), nullable=False),
        sa.Column("enterprise", sa.String(length=10), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_establishment")),
    )
    op.create_index(
        op.f("ix_establishment_enterprise_recorded_to"), "establishment", ["enterprise", "recorded_to"], unique=False
    )
    op.create_index(op.f("ix_establishment_id_recorded_to"), "establishment", ["id", "recorded_to"], unique=True)
    op.create_table(
        "establishment_move",
        sa.Column("establishment", sa.String(length=10), nullable=False),
        sa.Column("enterprise", sa.String(length=10), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_establishment_move")),
    )
    op.create_index(
        op.f("ix_establishment_move_enterprise_recorded_to"),
        "establishment_move",
        ["enterprise", "recorded_to"],
        unique=False,
    )
    op.create_index(
        op.f("ix_establishment_move_establishment_recorded_to"),
        "establishment_move",
        ["establishment", "recorded_to"],
        unique=False,
    )
    op.create_table(
        "failed_lookup",
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_failed_lookup")),
    )
    op.create_index(op.f("ix_failed_lookup_actor_at"), "failed_lookup", ["actor", "at"], unique=False)
    op.create_table(
        "function",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.String(length=10), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("held_by", sa.String(length=10), nullable=True),
        sa.Column("holder_name", sa.Text(), nullable=True),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_function")),
    )
    op.create_index(op.f("ix_function_enterprise_recorded_to"), "function", ["enterprise", "recorded_to"], unique=False)
    op.create_index(op.f("ix_function_holder_recorded_to"), "function", ["holder", "recorded_to"], unique=False)
    op.create_index(op.f("ix_function_id_recorded_to"), "function", ["id", "recorded_to"], unique=True)
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_log_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )
    op.create_table(
        "national_number",
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("index_key_id", sa.Text(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_national_number")),
    )
    op.create_index(
        op.f("ix_national_number_index_key_id_number_index"),
        "national_number",
        ["index_key_id", "number_index"],
        unique=True,
    )
    op.create_index(op.f("ix_national_number_person_key_id"), "national_number", ["person", "key_id"], unique=True)
    op.create_table(
        "note",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_note")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_person")),
    )
    op.create_index(op.f("ix_person_id_recorded_to"), "person", ["id", "recorded_to"], unique=True)
    op.create_table(
        "persona",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_persona")),
    )
    op.create_table(
        "recognition",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.String(length=10), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_recognition")),
    )
    op.create_index(
        op.f("ix_recognition_enterprise_recorded_to"), "recognition", ["enterprise", "recorded_to"], unique=False
    )
    op.create_index(op.f("ix_recognition_id_recorded_to"), "recognition", ["id", "recorded_to"], unique=True)
    op.create_table(
        "register_import",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("extract_number", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_register_import")),
    )
    op.create_table(
        "right_grant",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.String(length=10), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("right", sa.Text(), nullable=False),
        sa.Column("contexts", Contexts, nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_right_grant")),
    )
    op.create_index(
        op.f("ix_right_grant_enterprise_holder_recorded_to"),
        "right_grant",
        ["enterprise", "holder", "recorded_to"],
        unique=False,
    )
    op.create_index(op.f("ix_right_grant_holder_recorded_to"), "right_grant", ["holder", "recorded_to"], unique=False)
    op.create_index(op.f("ix_right_grant_id_recorded_to"), "right_grant", ["id", "recorded_to"], unique=True)
    op.create_index(
        op.f("ix_right_grant_relation_recorded_to"), "right_grant", ["relation", "recorded_to"], unique=False
    )
    op.create_table(
        "right_request",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.String(length=10), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("right", sa.Text(), nullable=False),
        sa.Column("contexts", Contexts, nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_right_request")),
    )
    op.create_index(
        op.f("ix_right_request_enterprise_requester_recorded_to"),
        "right_request",
        ["enterprise", "requester", "recorded_to"],
        unique=False,
    )
    op.create_index(op.f("ix_right_request_id_recorded_to"), "right_request", ["id", "recorded_to"], unique=True)
    op.create_index(
        op.f("ix_right_request_requester_recorded_to"), "right_request", ["requester", "recorded_to"], unique=False
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_person"), "session", ["person"], unique=False)
    op.create_table(
        "silence",
        sa.Column("id", sa.String(length=10), nullable=False),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_silence")),
    )
    op.create_index(op.f("ix_silence_id_recorded_to"), "silence", ["id", "recorded_to"], unique=True)
    op.create_table(
        "simulator_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("simulated", Moment(), nullable=False),
        sa.Column("real", Moment(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_simulator_clock_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulator_clock")),
    )
    op.create_table(
        "suspension",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("recognition", sa.Text(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_suspension")),
    )
    op.create_index(op.f("ix_suspension_id_recorded_to"), "suspension", ["id", "recorded_to"], unique=True)
    op.create_index(
        op.f("ix_suspension_recognition_recorded_to"), "suspension", ["recognition", "recorded_to"], unique=False
    )
    op.create_table(
        "totp",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_totp")),
    )
    op.create_table(
        "work_relation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.String(length=10), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("user_type", sa.Text(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_work_relation")),
    )
    op.create_index(
        op.f("ix_work_relation_enterprise_person_recorded_to"),
        "work_relation",
        ["enterprise", "person", "recorded_to"],
        unique=False,
    )
    op.create_index(op.f("ix_work_relation_id_recorded_to"), "work_relation", ["id", "recorded_to"], unique=True)
    op.create_index(
        op.f("ix_work_relation_person_recorded_to"), "work_relation", ["person", "recorded_to"], unique=False
    )
    op.bulk_insert(
        sa.table("log_head", sa.column("id"), sa.column("size"), sa.column("recorded_at")),
        [{"id": 1, "size": 0, "recorded_at": None}],
    )
    triggers.install(op.get_bind(), [table for table in triggers.WATCHED if table.name not in LATER])
