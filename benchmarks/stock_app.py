"""The stock peer: Strawberry's own ASGI app, its DataLoaders and SQLAlchemy, as their documents show them.

It answers `DETAIL` (benchmarks/scenarios.py) over the gateway's own rows, with neither tokens nor masking nor
limits. It selects by SQLAlchemy Core, which is lighter than its ORM.
"""

import os
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import create_async_engine
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.types import Info

from db.tables import center, gateway
from db.urls import sqlalchemy_url

_engine = create_async_engine(sqlalchemy_url(os.environ["DATABASE_URL"]), pool_size=10, max_overflow=0)

Rows = list[sa.RowMapping]


async def _select(statement: sa.Select[Any]) -> Sequence[sa.RowMapping]:
    async with _engine.connect() as connection:
        return (await connection.execute(statement)).mappings().all()


def _grouped(keys: Sequence[int], rows: Sequence[sa.RowMapping], key: str) -> list[Rows]:
    by_key: defaultdict[int, Rows] = defaultdict(list)
    for row in rows:
        by_key[row[key]].append(row)
    return [by_key[wanted] for wanted in keys]


async def _customers(ids: list[int]) -> list[Rows]:
    customer, summary = center.customers.c, gateway.customer_summary.c
    columns = (*center.customers.c, summary.risk_level)
    joined = center.customers.outerjoin(gateway.customer_summary, customer.customer_id == summary.customer_id)
    statement = sa.select(*columns).select_from(joined).where(customer.customer_id.in_(ids))
    return _grouped(ids, await _select(statement), "customer_id")


def _sessions(first: int) -> Callable[[list[int]], Awaitable[list[Rows]]]:
    async def load(ids: list[int]) -> list[Rows]:
        usage, detail = center.service_usage.c, gateway.session_detail.c
        newest = sa.func.row_number().over(
            partition_by=usage.customer_id, order_by=(usage.service_date.desc(), usage.usage_id.desc())
        )
        ranked = (
            sa.select(
                usage.customer_id,
                usage.usage_id,
                usage.service_date,
                usage.session_details,
                detail.status,
                detail.satisfaction_rating,
                gateway.service_code.c.code,
                center.service_types.c.service_name,
                sa.func.coalesce(detail.duration_minutes, center.service_types.c.default_duration).label(
                    "duration_minutes"
                ),
                center.users.c.name.label("staff_name"),
                center.packages.c.package_name,
                newest.label("place"),
            )
            .select_from(center.service_usage)
            .outerjoin(gateway.session_detail, detail.usage_id == usage.usage_id)
            .outerjoin(center.service_types)
            .outerjoin(gateway.service_code)
            .outerjoin(center.users, center.users.c.user_id == detail.staff_id)
            .outerjoin(center.package_purchases, center.package_purchases.c.purchase_id == detail.purchase_id)
            .outerjoin(center.packages, center.packages.c.package_id == center.package_purchases.c.package_id)
            .where(usage.customer_id.in_(ids))
            .subquery()
        )
        statement = sa.select(ranked).where(ranked.c.place <= first).order_by(ranked.c.place)
        return _grouped(ids, await _select(statement), "customer_id")

    return load


async def _packages(ids: list[int]) -> list[Rows]:
    purchase = center.package_purchases
    statement = (
        sa.select(*purchase.c, center.packages.c.package_name)
        .join(center.packages)
        .where(purchase.c.customer_id.in_(ids))
        .order_by(purchase.c.expiry_date, purchase.c.purchase_id)
    )
    return _grouped(ids, await _select(statement), "customer_id")


async def _package_services(ids: list[int]) -> list[Rows]:
    breakdown = gateway.package_breakdown
    statement = sa.select(breakdown).where(breakdown.c.purchase_id.in_(ids))
    return _grouped(ids, await _select(statement), "purchase_id")


async def _preferences(ids: list[int]) -> list[Rows]:
    preferences = center.customer_preferences
    statement = sa.select(preferences).where(preferences.c.customer_id.in_(ids))
    return _grouped(ids, await _select(statement), "customer_id")


@strawberry.type
class ServiceSession:
    """One session."""

    session_id: int
    service_date: date
    service: str | None
    service_name: str | None
    status: str
    duration_minutes: int | None
    satisfaction_rating: int | None
    session_notes: str | None
    staff_name: str | None
    package_name: str | None


@strawberry.type
class ServiceHistory:
    """A page of sessions."""

    nodes: list[ServiceSession]


@strawberry.type
class PackageService:
    """A package's sessions of one service."""

    service: str
    total: int
    used: int
    remaining: int


@strawberry.type
class PackagePurchase:
    """One package."""

    purchase_id: int
    package_name: str
    purchase_date: date
    expiry_date: date
    total_sessions: int
    used_sessions: int
    remaining_sessions: int
    price_paid: int

    @strawberry.field
    async def services(self, info: Info) -> list[PackageService]:
        """Return its sessions by service."""
        return [
            PackageService(
                service=row["service_code"].upper(),
                total=row["total_sessions"],
                used=row["used_sessions"],
                remaining=max(0, row["total_sessions"] - row["used_sessions"]),
            )
            for row in await info.context["package_services"].load(self.purchase_id)
        ]


@strawberry.type
class Preferences:
    """What a customer prefers."""

    preferred_services: list[str]
    preferred_time: str | None
    preferred_intensity: str | None
    health_interests: list[str]
    communication_preference: str | None
    marketing_consent: bool | None


@strawberry.type
class Customer:
    """One customer."""

    customer_id: int
    name: str
    phone: str | None
    email: str | None
    birth_year: int | None
    gender: str | None
    address: str | None
    emergency_contact: str | None
    occupation: str | None
    region: str | None
    referral_source: str | None
    membership_label: str | None
    first_visit_date: date | None
    last_visit_date: date | None
    total_visits: int
    average_visit_interval: int | None
    total_revenue: int
    average_satisfaction: float | None
    risk_level: str | None
    health_goals: str | None
    health_concerns: str | None
    notes: str | None
    assigned_staff: str | None
    created_at: datetime | None
    updated_at: datetime | None

    @strawberry.field
    async def service_history(self, first: int = 20) -> ServiceHistory:
        """Return the newest sessions."""
        loader = DataLoader(load_fn=_sessions(first))
        return ServiceHistory(
            nodes=[
                ServiceSession(
                    session_id=row["usage_id"],
                    service_date=row["service_date"],
                    service=row["code"],
                    service_name=row["service_name"],
                    status=row["status"] or "completed",
                    duration_minutes=row["duration_minutes"],
                    satisfaction_rating=row["satisfaction_rating"],
                    session_notes=row["session_details"],
                    staff_name=row["staff_name"],
                    package_name=row["package_name"],
                )
                for row in await loader.load(self.customer_id)
            ]
        )

    @strawberry.field
    async def packages(self, info: Info) -> list[PackagePurchase]:
        """Return every package."""
        names = [field.python_name for field in _PACKAGE_FIELDS if field.base_resolver is None]
        return [
            PackagePurchase(**{name: row[name] for name in names})
            for row in await info.context["packages"].load(self.customer_id)
        ]

    @strawberry.field
    async def preferences(self, info: Info) -> Preferences | None:
        """Return the preferences."""
        rows = await info.context["preferences"].load(self.customer_id)
        if not rows:
            return None
        row = rows[0]
        return Preferences(
            preferred_services=row["preferred_services"] or [],
            preferred_time=row["preferred_time"],
            preferred_intensity=row["preferred_intensity"],
            health_interests=row["health_interests"] or [],
            communication_preference=row["communication_preference"],
            marketing_consent=row["marketing_consent"],
        )


_PACKAGE_FIELDS = PackagePurchase.__strawberry_definition__.fields  # type: ignore[attr-defined]
_CUSTOMER_FIELDS = Customer.__strawberry_definition__.fields  # type: ignore[attr-defined]
_STORED = [
    field.python_name
    for field in _CUSTOMER_FIELDS
    if field.base_resolver is None and field.python_name != "membership_label"
]


@strawberry.type
class Query:
    """What can be asked."""

    @strawberry.field
    async def customer(self, info: Info, id: strawberry.ID) -> Customer | None:  # noqa: A002
        """Return one customer."""
        rows = await info.context["customers"].load(int(id))
        if not rows:
            return None
        stored = {name: rows[0][name] for name in _STORED}
        label = rows[0]["membership_level"]
        return Customer(**stored, membership_label=None if label is None else str(label))


class _App(GraphQL[dict[str, object], None]):
    async def get_context(self, request: object, response: object) -> dict[str, object]:
        """Make the loaders of one request."""
        return {
            "request": request,
            "response": response,
            "customers": DataLoader(load_fn=_customers),
            "packages": DataLoader(load_fn=_packages),
            "package_services": DataLoader(load_fn=_package_services),
            "preferences": DataLoader(load_fn=_preferences),
        }


app = _App(strawberry.Schema(query=Query))
