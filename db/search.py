"""Find customers: by words, services, packages, membership, risk and visit dates; by page or by cursor.

The statements are built with SQLAlchemy Core, since filters combine freely, and run by psycopg like every
other read. They return numbers only; what is shown of a customer comes through the loaders.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, cast
from unicodedata import normalize

import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from db.engine import Reader, Row
from db.tables import center, gateway
from db.vocabulary import (
    EXPIRING_DAYS,
    MEMBERSHIP_LABELS,
    SERVICE_BITS,
    MembershipLevel,
    PackageStatus,
    RiskLevel,
    ServiceCode,
)

Condition = sa.ColumnElement[bool]


class CustomerSort(StrEnum):
    """What a list of customers is sorted by: names upwards, everything else downwards."""

    NAME = "name"
    LAST_VISIT = "last_visit"
    TOTAL_VISITS = "total_visits"
    REVENUE = "revenue"


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """Which customers; None does not filter. `text` is part of a name, or digits of a phone number.

    `services` keeps who used any of them. ACTIVE packages include the EXPIRING ones; EXPIRED keeps who once
    had a package and has none to use today. The visit dates are inclusive.
    """

    text: str | None = None
    services: tuple[ServiceCode, ...] | None = None
    package_status: PackageStatus | None = None
    membership_level: MembershipLevel | None = None
    risk_level: RiskLevel | None = None
    last_visit_from: date | None = None
    last_visit_to: date | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """A stretch of a sorted list: `limit` customers after, or else before, the anchor customer."""

    limit: int
    anchor: int | None
    backwards: bool


_customer = center.customers.c
_summary = gateway.customer_summary.c
_people = center.customers.outerjoin(gateway.customer_summary, _customer.customer_id == _summary.customer_id)
_DIALECT = PGDialect_psycopg(paramstyle="pyformat")
_NEVER = sa.literal_column("date '0001-01-01'", sa.Date)
_MEANS_PHONE = 3  # digits; fewer say nothing

_SORT_KEYS: dict[CustomerSort, sa.ColumnElement[Any]] = {
    CustomerSort.NAME: _customer.name.collate("C"),
    CustomerSort.LAST_VISIT: sa.func.coalesce(_summary.last_visit_on, _NEVER),
    CustomerSort.TOTAL_VISITS: sa.func.coalesce(_summary.total_visits, 0),
    CustomerSort.REVENUE: sa.func.coalesce(_summary.total_revenue, 0),
}


async def count_customers(reader: Reader, wanted: CustomerFilter, today: date) -> int:
    """Return how many customers match."""
    query = sa.select(sa.func.count()).select_from(_people).where(*_conditions(wanted, today))
    rows = await _run(reader, query)
    return rows[0][0]


async def customer_page(  # noqa: PLR0913 - a page has that many sides
    reader: Reader, wanted: CustomerFilter, sort: CustomerSort, *, page: int, size: int, today: date
) -> list[int]:
    """Return the customers of page `page`, counted from 1."""
    query = (
        sa.select(_customer.customer_id)
        .select_from(_people)
        .where(*_conditions(wanted, today))
        .order_by(*_order(sort, backwards=False))
        .limit(size)
        .offset((page - 1) * size)
    )
    return [row[0] for row in await _run(reader, query)]


async def customer_slice(
    reader: Reader, wanted: CustomerFilter, sort: CustomerSort, stretch: Slice, today: date
) -> list[int]:
    """Return a stretch of the list in its own order, found by key and not by counting."""
    conditions = _conditions(wanted, today)
    if stretch.anchor is not None:
        conditions.append(_beyond(sort, stretch.anchor, backwards=stretch.backwards))
    query = (
        sa.select(_customer.customer_id)
        .select_from(_people)
        .where(*conditions)
        .order_by(*_order(sort, backwards=stretch.backwards))
        .limit(stretch.limit)
    )
    ids = [row[0] for row in await _run(reader, query)]
    return ids[::-1] if stretch.backwards else ids


async def _run(reader: Reader, query: sa.Select[Any]) -> Sequence[Row]:
    compiled = query.compile(dialect=_DIALECT)
    # the text is SQLAlchemy's own; every value in it is a bound parameter
    return await reader.fetch(sql.SQL(cast("Any", str(compiled))), compiled.params)


def _order(sort: CustomerSort, *, backwards: bool) -> list[sa.UnaryExpression[Any]]:
    ascending = (sort is CustomerSort.NAME) is not backwards
    columns = (_SORT_KEYS[sort], _customer.customer_id)
    return [column.asc() if ascending else column.desc() for column in columns]


def _beyond(sort: CustomerSort, anchor: int, *, backwards: bool) -> Condition:
    key = sa.tuple_(_SORT_KEYS[sort], _customer.customer_id)
    place = (
        sa.select(_SORT_KEYS[sort], _customer.customer_id)
        .select_from(_people)
        .where(_customer.customer_id == anchor)
        .correlate(None)
        .scalar_subquery()
    )
    ascending = (sort is CustomerSort.NAME) is not backwards
    return key > place if ascending else key < place


def _conditions(wanted: CustomerFilter, today: date) -> list[Condition]:
    conditions: list[Condition] = []
    if wanted.text:
        conditions.append(_matches_text(wanted.text))
    if wanted.services:
        bits = sum(SERVICE_BITS[code] for code in set(wanted.services))
        conditions.append(_summary.services.bitwise_and(bits) != 0)
    if wanted.package_status:
        conditions.append(_has_package(wanted.package_status, today))
    if wanted.membership_level:
        conditions.append(_has_membership(wanted.membership_level))
    if wanted.risk_level:
        conditions.append(_summary.risk_level == str(wanted.risk_level))
    if wanted.last_visit_from:
        conditions.append(_summary.last_visit_on >= wanted.last_visit_from)
    if wanted.last_visit_to:
        conditions.append(_summary.last_visit_on <= wanted.last_visit_to)
    return conditions


def _matches_text(text: str) -> Condition:
    """Match a part of the name, spaces aside, or of the phone number, whatever stands between its digits."""
    key = normalize("NFKC", text).replace(" ", "").lower()
    name = sa.func.lower(sa.func.replace(sa.func.normalize(_customer.name, sa.text("NFKC")), " ", ""))
    in_name = name.contains(key, autoescape=True)
    digits = key.replace("-", "")
    if not digits.isascii() or not digits.isdigit() or len(digits) < _MEANS_PHONE:
        return in_name
    phone = sa.func.regexp_replace(_customer.phone, r"\D", "", "g")
    return sa.or_(in_name, phone.contains(digits))


def _has_package(status: PackageStatus, today: date) -> Condition:
    usable = _summary.package_ends_on >= today
    if status is PackageStatus.EXPIRING:
        return sa.and_(usable, _summary.package_ends_on <= today + timedelta(days=EXPIRING_DAYS))
    if status is PackageStatus.EXPIRED:
        return sa.and_(
            _summary.last_package_ends_on.is_not(None), sa.not_(sa.func.coalesce(usable, sa.false()))
        )
    return usable


def _has_membership(level: MembershipLevel) -> Condition:
    label = sa.cast(_customer.membership_level, sa.Text)
    if level is MembershipLevel.OTHER:
        return label != sa.all_(_text_array(MEMBERSHIP_LABELS))
    return label == sa.any_(_text_array(word for word, known in MEMBERSHIP_LABELS.items() if known is level))


def _text_array(words: Iterable[str]) -> sa.BindParameter[Any]:
    # one parameter, however many words: an IN list would be expanded only by SQLAlchemy's own execution
    return sa.literal(sorted(words), sa.ARRAY(sa.Text))
