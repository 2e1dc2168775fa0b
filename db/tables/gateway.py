"""The gateway's own tables, in schema `gateway`: what the contract asks for and the center does not store.

`customer_id` leads every key that grows with the customers, so that the tables can be spread by it one day.
Every reference into the center's tables cascades, so that the center's own deletes keep working.
"""

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Table,
    Time,
    text,
)

from db.tables.center import metadata, package_purchases, service_usage

SCHEMA = "gateway"

_customer = "customers.customer_id"


def _owner() -> Column[int]:
    """Return the leading column of a key: whose row it is."""
    return Column(
        "customer_id",
        Integer,
        ForeignKey(_customer, ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )


service_code = Table(
    "service_code",
    metadata,
    Column(
        "service_type_id",
        Integer,
        ForeignKey("service_types.service_type_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("code", String(20), nullable=False),
    schema=SCHEMA,
)

session_detail = Table(
    "session_detail",
    metadata,
    _owner(),
    Column(
        "usage_id",
        Integer,
        ForeignKey("service_usage.usage_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
    Column("status", String(20), nullable=False, server_default="completed"),
    Column("start_time", Time),
    Column("duration_minutes", Integer),
    Column("satisfaction_rating", SmallInteger),
    Column("staff_id", Integer, ForeignKey("users.user_id", ondelete="SET NULL")),
    Column(
        "purchase_id", Integer, ForeignKey("package_purchases.purchase_id", ondelete="SET NULL"), index=True
    ),
    Column("source", String(20), nullable=False, server_default="gateway"),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    CheckConstraint("satisfaction_rating BETWEEN 1 AND 5", name="session_detail_satisfaction_rating"),
    CheckConstraint(
        "status IN ('completed', 'scheduled', 'cancelled', 'no_show')", name="session_detail_status"
    ),
    schema=SCHEMA,
)

package_breakdown = Table(
    "package_breakdown",
    metadata,
    _owner(),
    Column(
        "purchase_id",
        Integer,
        ForeignKey("package_purchases.purchase_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
    Column("service_code", String(20), primary_key=True),
    Column("total_sessions", Integer, nullable=False),
    Column("used_sessions", Integer, nullable=False, server_default="0"),
    schema=SCHEMA,
)

health_observation = Table(
    "health_observation",
    metadata,
    _owner(),
    Column("metric", String(40), primary_key=True),
    Column("observed_on", Date, primary_key=True),
    Column("source", String(20), primary_key=True),
    Column("value", Double, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    schema=SCHEMA,
)

customer_summary = Table(
    "customer_summary",
    metadata,
    _owner(),
    Column("first_visit_on", Date),
    Column("last_visit_on", Date),
    Column("total_visits", Integer, nullable=False),
    Column("average_interval_days", Integer),
    Column("total_revenue", Numeric(14, 0), nullable=False),
    Column("average_satisfaction", Numeric(3, 2)),
    Column(
        "services",
        Integer,
        nullable=False,
        comment="Bits of the services used: 1 brain, 2 pulse, 4 lymph, 8 red, 16 ai_bike, 32 other",
    ),
    Column(
        "package_ends_on",
        Date,
        comment="Latest expiry of a package that still has sessions; null when none has",
    ),
    Column(
        "last_package_ends_on",
        Date,
        comment="Latest expiry of any package; null when none was ever bought",
    ),
    Column("risk_level", String(20)),
    Column("computed_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    schema=SCHEMA,
)

population_quantiles = Table(
    "population_quantiles",
    metadata,
    Column("measure", String(40), primary_key=True),
    Column("customers", Integer, nullable=False),
    Column("quantiles", ARRAY(Double), nullable=False),
    Column("as_of", Date, nullable=False),
    Column("computed_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    schema=SCHEMA,
)

_usage = service_usage.c
_purchase = package_purchases.c

# what the gateway's reads need on the center's tables
Index(
    "gateway_service_usage_by_customer",
    _usage.customer_id,
    _usage.service_date.desc(),
    _usage.usage_id.desc(),
)
Index("gateway_package_purchases_by_customer", _purchase.customer_id, _purchase.expiry_date)
