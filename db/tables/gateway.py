"""The gateway's own tables, in schema `gateway`: what the contract asks for and the center does not store.

`customer_id` leads every key that grows with the customers, so that the tables can be spread by it one day.
Every reference into the center's tables cascades, so that the center's own deletes keep working.
"""

from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
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
    Text,
    Time,
    func,
    literal_column,
    text,
)

from db.tables.center import customers, metadata, package_purchases, service_usage

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
    Column(
        "name",
        String(50, collation="C"),
        nullable=False,
        server_default="",
        comment="As in customers, here to sort by",
    ),
    Column(
        "name_key",
        Text(collation="C"),
        nullable=False,
        server_default="",
        comment="The name as NFKC in small letters without spaces",
    ),
    Column(
        "phone_digits",
        Text(collation="C"),
        nullable=False,
        server_default="",
        comment="The digits of the phone; empty without one",
    ),
    Column(
        "membership_level",
        String(20),
        comment="In the contract's words: basic, premium, vip or other; null where the center gave none",
    ),
    schema=SCHEMA,
)

customer_count = Table(
    "customer_count",
    metadata,
    Column("services", Integer, nullable=False),
    Column("membership_level", String(20)),
    Column("risk_level", String(20)),
    Column("had_package", Boolean, nullable=False),
    Column("customers", Integer, nullable=False, comment="To be added up; negative where some went"),
    comment="How many customers there are of each kind, to be added up",
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

_summary = customer_summary.c

LAST_VISIT_OR_NEVER = func.coalesce(_summary.last_visit_on, literal_column("'0001-01-01'::date", Date))
"""The day of the last visit, the year 1 for who never came: a key without nulls, as cursors need one."""

_FILTERED = (
    "services",
    "membership_level",
    "risk_level",
    "package_ends_on",
    "last_package_ends_on",
    "last_visit_on",
    "name_key",
    "phone_digits",
)


def _walked_by(name: str, *keys: ColumnElement[Any]) -> None:
    """Add an index that holds all that is filtered by, so that a search walks it and reads no table."""
    own = {getattr(key, "key", None) for key in keys}
    Index(
        f"ix_gateway_customer_summary_{name}",
        *keys,
        _summary.customer_id,
        postgresql_include=[column for column in _FILTERED if column not in own],
    )


_walked_by("last_visit", LAST_VISIT_OR_NEVER)
_walked_by("total_visits", _summary.total_visits)
_walked_by("total_revenue", _summary.total_revenue)
_walked_by("name", _summary.name)
_walked_by("risk", _summary.risk_level, LAST_VISIT_OR_NEVER)
_walked_by("package", _summary.package_ends_on)

Index(
    "gateway_customers_by_gram",
    func.gateway.search_grams(customers.c.name, customers.c.phone),
    postgresql_using="gin",
    postgresql_with={"gin_pending_list_limit": 256},
)
