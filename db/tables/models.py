"""The tables of fitted models, recommendations and the answers to them, in schema `gateway`."""

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.center import metadata
from db.tables.gateway import SCHEMA

fitted_model = Table(
    "fitted_model",
    metadata,
    Column("version", String(40), primary_key=True),
    Column("as_of", Date, nullable=False, comment="The day up to which rows were looked at"),
    Column("data_from", Date),
    Column("data_until", Date),
    Column("customers", Integer, nullable=False, server_default="0"),
    Column(
        "parts",
        JSONB,
        nullable=False,
        server_default="{}",
        comment="The parameters of each model, by its name",
    ),
    Column(
        "churn",
        JSONB,
        Computed("parts -> 'churn'", persisted=True),
        comment="The part that every write of a visit needs: the others are large, and are unpacked together",
    ),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column(
        "published_at",
        DateTime(timezone=True),
        index=True,
        comment="When every part was there; null until then",
    ),
    schema=SCHEMA,
)

package_service = Table(
    "package_service",
    metadata,
    Column(
        "package_id",
        Integer,
        ForeignKey("packages.package_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("service_code", String(20), primary_key=True),
    Column("sessions", Integer, nullable=False),
    CheckConstraint("sessions >= 0", name="package_service_sessions"),
    comment="What a package of the catalogue holds",
    schema=SCHEMA,
)

recommendation = Table(
    "recommendation",
    metadata,
    Column(
        "customer_id",
        Integer,
        ForeignKey("customers.customer_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("recommendation_id", String(40), primary_key=True),
    Column(
        "basis", String(20), nullable=False, comment="Whether health data had a say: full or without_health"
    ),
    Column("kind", String(20), nullable=False),
    Column(
        "subject", String(40), nullable=False, comment="The service's code, the package's number, or weekly"
    ),
    Column("place", SmallInteger, nullable=False, comment="The rank among those of its kind, from 1"),
    Column("confidence", Double, nullable=False),
    Column("prior", Double, nullable=False, comment="The probability before any feedback"),
    Column("goals", ARRAY(Text), nullable=False, server_default="{}"),
    Column("content", JSONB, nullable=False),
    Column("factors", ARRAY(Text), nullable=False, server_default="{}"),
    Column("inputs_version", String(64), nullable=False),
    Column("model_version", String(40), nullable=False),
    Column("generated_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    CheckConstraint("basis IN ('full', 'without_health')", name="recommendation_basis"),
    CheckConstraint("kind IN ('service', 'package', 'schedule')", name="recommendation_kind"),
    Index("ix_gateway_recommendation_current", "customer_id", "basis", "expires_at"),
    schema=SCHEMA,
)

recommendation_feedback = Table(
    "recommendation_feedback",
    metadata,
    Column("customer_id", Integer, primary_key=True, autoincrement=False),
    Column("recommendation_id", String(40), primary_key=True),
    Column("actor", Text, primary_key=True, comment="The subject of the token that told it"),
    Column("action", String(20), nullable=False),
    Column("feedback_score", SmallInteger),
    Column("comment", Text),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    ForeignKeyConstraint(
        ["customer_id", "recommendation_id"],
        ["gateway.recommendation.customer_id", "gateway.recommendation.recommendation_id"],
        ondelete="CASCADE",
    ),
    CheckConstraint("action IN ('accepted', 'rejected', 'deferred')", name="recommendation_feedback_action"),
    CheckConstraint("feedback_score BETWEEN 1 AND 5", name="recommendation_feedback_score"),
    schema=SCHEMA,
)
