"""All tables. A state row has a recorded period in history sizes, and most have a valid period in days.

A row is known at history size k when `recorded_from <= k < recorded_to`. The world that was always
known (a scenario's, a seed's) has `recorded_from` 0; what entry number s brings has s + 1. A change
closes the row's recorded period and adds a row; triggers (`triggers.py`) refuse any other change.
"""

from datetime import UTC, date, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from accessmgr.core.days import rfc3339

OPEN = 2**62
"""The end of a recorded period that has not ended."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """A moment in UTC: a timestamp with time zone in PostgreSQL, RFC 3339 text with six decimals in SQLite."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if dialect.name == "postgresql" else String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else rfc3339(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return (value if isinstance(value, datetime) else datetime.fromisoformat(value)).astimezone(UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")
Contexts = JSON().with_variant(JSONB(), "postgresql")


class Base(DeclarativeBase):
    """What every table shares: the naming of constraints, and the types of columns."""

    metadata = MetaData(naming_convention=NAMING)


Base.registry.update_type_annotation_map({datetime: Moment(), str: Text()})
db = SQLAlchemy(model_class=Base)


class Versioned:
    """A state row, with the period of history sizes in which it was what the system knew."""

    row: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    recorded_from: Mapped[int] = mapped_column(BigInteger, default=0)
    recorded_to: Mapped[int] = mapped_column(BigInteger, default=OPEN)


# --- the history ------------------------------------------------------------------------------------------


class LogHead(db.Model):  # type: ignore[name-defined]
    """One row: the size of the history, the moment of its last entry, and the digest of the policy in force.

    Whoever writes locks it first.
    """

    __tablename__ = "log_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[datetime | None]
    policy: Mapped[str | None]


class Entry(db.Model):  # type: ignore[name-defined]
    """An entry of the history: `leaf` is its canonical form, the other columns repeat parts for look-ups."""

    __tablename__ = "entry"
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime] = mapped_column(index=True)
    type: Mapped[str]
    actor: Mapped[str]
    leaf: Mapped[bytes]


class EntrySubject(db.Model):  # type: ignore[name-defined]
    """Whom and what an entry is about: an enterprise number, or the id of a person or thing."""

    __tablename__ = "entry_subject"
    subject: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class LedgerNode(db.Model):  # type: ignore[name-defined]
    """The root of a full subtree of the history's Merkle tree, from leaves (level 0) upwards."""

    __tablename__ = "ledger_node"
    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes]


class LogOrigin(db.Model):  # type: ignore[name-defined]
    """The name of the history, in one row: made with it, and never changed."""

    __tablename__ = "log_origin"
    origin: Mapped[str] = mapped_column(primary_key=True)


class Checkpoint(db.Model):  # type: ignore[name-defined]
    """A signed note over the first `size` entries."""

    __tablename__ = "checkpoint"
    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    note: Mapped[str]


class Cosignature(db.Model):  # type: ignore[name-defined]
    """The signature line of a witness under the checkpoint over the first `size` entries."""

    __tablename__ = "cosignature"
    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    witness: Mapped[str] = mapped_column(primary_key=True)
    line: Mapped[str]


class PolicyInForce(db.Model):  # type: ignore[name-defined]
    """The rights, settings and applications by which decisions were made from history size `since` on.

    `content` is their canonical form and `digest` its SHA-256, which each decision in the history repeats.
    """

    __tablename__ = "policy_in_force"
    since: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    digest: Mapped[str]
    content: Mapped[str]


class AskedDecision(db.Model):  # type: ignore[name-defined]
    """A decision that was only asked about. `batch` is the entry that holds the digest of its batch, in order."""

    __tablename__ = "asked_decision"
    batch: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    line: Mapped[bytes]


class Note(db.Model):  # type: ignore[name-defined]
    """Free text that goes with an entry (a reason, a purpose), sealed for the person who wrote it."""

    __tablename__ = "note"
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    author: Mapped[str]
    sealed: Mapped[bytes]


# --- people -----------------------------------------------------------------------------------------------


LISTED = text("coalesce(enterprise, '')")
"""The enterprise in indexes of long lists (`known.listed`)."""


class Person(Versioned, db.Model):  # type: ignore[name-defined]
    """A known person by an opaque random id, with names and the language in which to write to them."""

    __tablename__ = "person"
    __table_args__ = (
        Index(None, "id", "recorded_to", unique=True),
        Index("ix_person_by_name", text("coalesce(family, '')"), "given", "id", "recorded_to"),
    )
    id: Mapped[str]
    given: Mapped[str]
    family: Mapped[str]
    language: Mapped[str | None]


class PersonKey(db.Model):  # type: ignore[name-defined]
    """The key under which all that is secret of a person is sealed, wrapped under the data key `key_id` of the ring.

    To delete the row is to destroy the key.
    """

    __tablename__ = "person_key"
    __table_args__ = (Index(None, "key_id"),)
    person: Mapped[str] = mapped_column(primary_key=True)
    key_id: Mapped[str]
    wrapped: Mapped[bytes]


class NationalNumber(db.Model):  # type: ignore[name-defined]
    """A national number, sealed for its person, with its keyed index. A rotation keeps two rows a person."""

    __tablename__ = "national_number"
    __table_args__ = (
        Index(None, "index_key_id", "number_index", unique=True),
        Index(None, "person", "index_key_id", unique=True),
    )
    row: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    person: Mapped[str]
    nonce: Mapped[bytes]
    ciphertext: Mapped[bytes]
    index_key_id: Mapped[str]
    number_index: Mapped[bytes]


class Contact(Versioned, db.Model):  # type: ignore[name-defined]
    """E-mail address and telephone number of a person, sealed for them."""

    __tablename__ = "contact"
    __table_args__ = (Index(None, "id", "recorded_to", unique=True),)
    id: Mapped[str]
    sealed: Mapped[bytes]


class Death(Versioned, db.Model):  # type: ignore[name-defined]
    """The day of death that the register records for a person."""

    __tablename__ = "death"
    __table_args__ = (Index(None, "id", "recorded_to", unique=True),)
    id: Mapped[str]
    day: Mapped[date]


class Auditor(Versioned, db.Model):  # type: ignore[name-defined]
    """A person whom an operator made auditor."""

    __tablename__ = "auditor"
    __table_args__ = (Index(None, "id", "recorded_to", unique=True),)
    id: Mapped[str]


class DigitalKey(Versioned, db.Model):  # type: ignore[name-defined]
    """A digital key that a person has activated."""

    __tablename__ = "digital_key"
    __table_args__ = (Index(None, "person", "key", "recorded_to", unique=True),)
    person: Mapped[str]
    key: Mapped[str]


class Persona(db.Model):  # type: ignore[name-defined]
    """A fictional person of a simulated world, by short name."""

    __tablename__ = "persona"
    name: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str]


class Totp(db.Model):  # type: ignore[name-defined]
    """The secret of a person's security-code app, sealed, and the last time step that was used."""

    __tablename__ = "totp"
    person: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]
    last_step: Mapped[int] = mapped_column(BigInteger)


# --- the register -----------------------------------------------------------------------------------------


class Enterprise(Versioned, db.Model):  # type: ignore[name-defined]
    """An enterprise of the register. `entry` is the history entry that it came with, -1 if none."""

    __tablename__ = "enterprise"
    __table_args__ = (Index(None, "id", "recorded_to", unique=True),)
    id: Mapped[str] = mapped_column(String(10))
    target_group: Mapped[str]
    first: Mapped[date]
    last: Mapped[date | None]
    type_code: Mapped[str | None]
    form_code: Mapped[str | None]
    situation_code: Mapped[str | None]


class Denomination(Versioned, db.Model):  # type: ignore[name-defined]
    """A name of an enterprise or establishment, in a language (code of the register), of a type."""

    __tablename__ = "denomination"
    __table_args__ = (Index(None, "entity", "recorded_to"),)
    entity: Mapped[str] = mapped_column(String(10))
    language: Mapped[str]
    type_code: Mapped[str]
    name: Mapped[str]


class Address(Versioned, db.Model):  # type: ignore[name-defined]
    """An address of an enterprise or establishment."""

    __tablename__ = "address"
    __table_args__ = (Index(None, "entity", "recorded_to"),)
    entity: Mapped[str] = mapped_column(String(10))
    type_code: Mapped[str]
    country_nl: Mapped[str | None]
    country_fr: Mapped[str | None]
    zipcode: Mapped[str | None]
    municipality_nl: Mapped[str | None]
    municipality_fr: Mapped[str | None]
    street_nl: Mapped[str | None]
    street_fr: Mapped[str | None]
    house_number: Mapped[str | None]
    box: Mapped[str | None]
    extra: Mapped[str | None]
    struck_off: Mapped[date | None]


class Code(Versioned, db.Model):  # type: ignore[name-defined]
    """What a code of the register means, in a language."""

    __tablename__ = "code"
    __table_args__ = (Index(None, "category", "code", "language", "recorded_to", unique=True),)
    category: Mapped[str]
    code: Mapped[str]
    language: Mapped[str]
    description: Mapped[str]


class Function(Versioned, db.Model):  # type: ignore[name-defined]
    """A function in an enterprise. `holder_name` is set for a holder without a national number."""

    __tablename__ = "function"
    __table_args__ = (
        Index(None, "id", "recorded_to", unique=True),
        Index(None, "enterprise", "recorded_to"),
        Index(None, "holder", "recorded_to"),
    )
    id: Mapped[str]
    enterprise: Mapped[str] = mapped_column(String(10))
    code: Mapped[str]
    holder: Mapped[str | None]
    held_by: Mapped[str | None] = mapped_column(String(10))
    holder_name: Mapped[str | None]
    first: Mapped[date]
    last: Mapped[date | None]


class Recognition(Versioned, db.Model):  # type: ignore[name-defined]
    """A recognition as service-voucher company; `id` is its number."""

    __tablename__ = "recognition"
    __table_args__ = (
        Index(None, "id", "recorded_to", unique=True),
        Index(None, "enterprise", "recorded_to"),
    )
    id: Mapped[str]
    enterprise: Mapped[str] = mapped_column(String(10))
    first: Mapped[date]
    last: Mapped[date | None]


class Suspension(Versioned, db.Model):  # type: ignore[name-defined]
    """A period in which a recognition is suspended."""

    __tablename__ = "suspension"
    __table_args__ = (
        Index(None, "id", "recorded_to", unique=True),
        Index(None, "recognition", "recorded_to"),
    )
    id: Mapped[str]
    recognition: Mapped[str]
    first: Mapped[date]
    last: Mapped[date | None]


class Establishment(Versioned, db.Model):  # type: ignore[name-defined]
    """An establishment unit; `enterprise` is its first owner, later ones stand in `establishment_move`."""

    __tablename__ = "establishment"
    __table_args__ = (
        Index(None, "id", "recorded_to", unique=True),
        Index(None, "enterprise", "recorded_to"),
    )
    id: Mapped[str] = mapped_column(String(10))
    enterprise: Mapped[str] = mapped_column(String(10))
    first: Mapped[date]
    last: Mapped[date | None]


class EstablishmentMove(Versioned, db.Model):  # type: ignore[name-defined]
    """From `since` on, the establishment belongs to the enterprise, until a later move."""

    __tablename__ = "establishment_move"
    __table_args__ = (
        Index(None, "establishment", "recorded_to"),
        Index(None, "enterprise", "recorded_to"),
    )
    establishment: Mapped[str] = mapped_column(String(10))
    enterprise: Mapped[str] = mapped_column(String(10))
    since: Mapped[date]


class Silence(Versioned, db.Model):  # type: ignore[name-defined]
    """The register has no answer about this enterprise."""

    __tablename__ = "silence"
    __table_args__ = (Index(None, "id", "recorded_to", unique=True),)
    id: Mapped[str] = mapped_column(String(10))


class RegisterImport(db.Model):  # type: ignore[name-defined]
    """An extract that was imported: the entry of the history it made, its number and snapshot day."""

    __tablename__ = "register_import"
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    extract_number: Mapped[int]
    snapshot: Mapped[date]
    kind: Mapped[str]


# --- the chain --------------------------------------------------------------------------------------------

ONE_MAIN = f"role = 'main_access_manager' AND recorded_to = {OPEN} AND accepted_at IS NOT NULL AND closed_at IS NULL"
ONE_CLAIM = f"role = 'main_local_administrator' AND recorded_to = {OPEN} AND closed_at IS NULL"


class Appointment(Versioned, db.Model):  # type: ignore[name-defined]
    """An appointment or a claim. The unique indexes are the last judge when two people act at once."""

    __tablename__ = "appointment"
    __table_args__ = (
        Index(None, "id", "recorded_to", unique=True),
        Index(None, "enterprise", "recorded_to"),
        Index(None, "holder", "recorded_to"),
        Index(
            "uq_one_main_access_manager",
            "enterprise",
            unique=True,
            sqlite_where=text(ONE_MAIN),
            postgresql_where=text(ONE_MAIN),
        ),
        Index(
            "uq_one_claim",
            "enterprise",
            "holder",
            unique=True,
            sqlite_where=text(ONE_CLAIM),
            postgresql_where=text(ONE_CLAIM),
        ),
    )
    id: Mapped[str]
    enterprise: Mapped[str] = mapped_column(String(10))
    role: Mapped[str]
    holder: Mapped[str]
    by: Mapped[str]
    offered_at: Mapped[datetime]
    domain: Mapped[str | None]
    employee: Mapped[bool] = mapped_column(Boolean)
    accepted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class WorkRelation(Versioned, db.Model):  # type: ignore[name-defined]
    """A work relation; a constraint refuses two of one person and enterprise that overlap."""

    __tablename__ = "work_relation"
    __table_args__ = (
        Index(None, "id", "recorded_to", unique=True),
        Index(None, "enterprise", "person", "recorded_to"),
        Index(None, "person", "recorded_to"),
    )
    id: Mapped[str]
    enterprise: Mapped[str] = mapped_column(String(10))
    person: Mapped[str]
    user_type: Mapped[str]
    first: Mapped[date]
    last: Mapped[date | None]
    by: Mapped[str]


class Grant(Versioned, db.Model):  # type: ignore[name-defined]
    """A grant of a right; a constraint refuses a second one with a context and a day in common."""

    __tablename__ = "right_grant"
    __table_args__ = (
        Index(None, "id", "recorded_to", unique=True),
        Index(None, "enterprise", "holder", "recorded_to"),
        Index(None, "holder", "recorded_to"),
        Index(None, "relation", "recorded_to"),
        Index(None, "last", "recorded_to"),
        Index("ix_right_grant_by_end", LISTED, "recorded_to", "last", "id", "right", "first", "revoked_at"),
    )
    id: Mapped[str]
    enterprise: Mapped[str] = mapped_column(String(10))
    holder: Mapped[str]
    right: Mapped[str]
    contexts: Mapped[list[str]] = mapped_column(Contexts)
    first: Mapped[date]
    last: Mapped[date | None]
    relation: Mapped[str]
    by: Mapped[str]
    revoked_at: Mapped[datetime | None]


class Request(Versioned, db.Model):  # type: ignore[name-defined]
    """A request for a right."""

    __tablename__ = "right_request"
    __table_args__ = (
        Index(None, "id", "recorded_to", unique=True),
        Index(None, "enterprise", "requester", "recorded_to"),
        Index(None, "requester", "recorded_to"),
        Index("ix_right_request_by_moment", LISTED, "recorded_to", text("made_at DESC"), "id", "right", "requester"),
    )
    id: Mapped[str]
    enterprise: Mapped[str] = mapped_column(String(10))
    requester: Mapped[str]
    right: Mapped[str]
    contexts: Mapped[list[str]] = mapped_column(Contexts)
    made_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


# --- around the chain -------------------------------------------------------------------------------------


class Session(db.Model):  # type: ignore[name-defined]
    """A signed-in session. `id` is the hash of the random id in the cookie; moments are of the real clock."""

    __tablename__ = "session"
    __table_args__ = (Index(None, "person"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str]
    key: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Draft(db.Model):  # type: ignore[name-defined]
    """A form that waits, sealed for its person, until a real moment; `unfinished` ones are shown, to go on with."""

    __tablename__ = "draft"
    __table_args__ = (Index(None, "person", "unfinished"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str]
    sealed: Mapped[bytes]
    kept_at: Mapped[datetime]
    until: Mapped[datetime]
    unfinished: Mapped[bool]


class FailedLookup(db.Model):  # type: ignore[name-defined]
    """A look-up of a person that found nobody, so that guessing stops."""

    __tablename__ = "failed_lookup"
    __table_args__ = (Index(None, "actor", "at"),)
    row: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    actor: Mapped[str]
    at: Mapped[datetime]


class SimulatorClock(db.Model):  # type: ignore[name-defined]
    """One row: at the real moment `real` the simulated clock showed `simulated`; it runs on from there."""

    __tablename__ = "simulator_clock"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    simulated: Mapped[datetime]
    real: Mapped[datetime]


VERSIONED = tuple(table for table in Base.metadata.sorted_tables if "recorded_to" in table.columns)
"""Every table of state rows."""

LEDGER = (LedgerNode.__table__, LogOrigin.__table__, Checkpoint.__table__)
"""The tree over the history, and what was signed of it."""

WITNESSED = (Cosignature.__table__, PolicyInForce.__table__, AskedDecision.__table__)
"""What stands beside the history: co-signatures, policies, and decisions that were only asked about."""

APPEND_ONLY = (
    Entry.__table__,
    EntrySubject.__table__,
    Note.__table__,
    RegisterImport.__table__,
    *LEDGER,
    *WITNESSED,
)
"""Tables whose rows are never changed."""
