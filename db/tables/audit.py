"""The disclosure audit's tables, in schema `gateway`: the records, by month, and the heads of their chains.

What the columns hold is told in `db/audit`. The months are partitions that `gateway.ensure_audit_partitions`
makes ahead; they are no models of their own.
"""

import re

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.center import metadata
from db.tables.gateway import SCHEMA

_PARTITION = re.compile(r"audit_record_\d{4}_\d{2}")

audit_record = Table(
    "audit_record",
    metadata,
    Column("chain", Uuid, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), primary_key=True),
    Column("actor", Text),
    Column("role", Text),
    Column("address", Text),
    Column("user_agent", Text),
    Column("door", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("operation", Text),
    Column("document_hash", Text),
    Column("outcome", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column(
        "customers", ARRAY(Integer), nullable=False, comment="Everybody in the disclosures, once, in order"
    ),
    Column(
        "disclosures",
        JSONB,
        nullable=False,
        comment="A list of objects: customers, and the field classes returned, masked and denied of them",
    ),
    Column("previous", LargeBinary, nullable=False, comment="The hash before this one in the chain"),
    Column("hash", LargeBinary, nullable=False, comment="SHA-256 of the previous hash and this row"),
    schema=SCHEMA,
    postgresql_partition_by="RANGE (at)",
)

Index("ix_gateway_audit_record_at", audit_record.c.at, audit_record.c.chain, audit_record.c.seq)
Index("ix_gateway_audit_record_actor_at", audit_record.c.actor, audit_record.c.at)
Index(
    "ix_gateway_audit_record_customers",
    audit_record.c.customers,
    postgresql_using="gin",
    postgresql_with={"gin_pending_list_limit": 256},
)

audit_chain = Table(
    "audit_chain",
    metadata,
    Column("chain", Uuid, primary_key=True),
    Column("seq", BigInteger, nullable=False, comment="The number of the last record"),
    Column("hash", LargeBinary, nullable=False, comment="The hash of the last record"),
    Column("at", DateTime(timezone=True), nullable=False, comment="The time of the last record"),
    Column(
        "purged_seq",
        BigInteger,
        nullable=False,
        server_default=text("0"),
        comment="The last record that a purge removed; 0 where nothing was",
    ),
    Column("purged_hash", LargeBinary, comment="The hash of the last record that a purge removed"),
    schema=SCHEMA,
)


def is_modelled(name: str | None, kind: str, _parents: object) -> bool:
    """Alembic's `include_name`: leave the months out of a comparison of the database with the models."""
    return kind != "table" or _PARTITION.fullmatch(name or "") is None
