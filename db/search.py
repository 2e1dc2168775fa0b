"""Find customers: by words, services, packages, membership, risk and visit dates; by page or by cursor.

The statements are built with SQLAlchemy Core, since filters combine freely, once for each combination, and
run by psycopg like every other read. They return numbers only; what is shown comes through the loaders.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, cast
from unicodedata import normalize

import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from db.engine import Reader
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
    had a package and has none to use today. The visit dates are inclusive. Without `phone_parts` digits find
    a phone by its last four or as a whole, and by nothing in between.
    """

    text: str | None = None
    services: tuple[ServiceCode, ...] | None = None
    package_status: PackageStatus | None = None
    membership_level: MembershipLevel | None = None
    risk_level: RiskLevel | None = None
    last_visit_from: date | None = None
    last_visit_to: date | None = None
    phone_parts: bool = True


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
_PHONE_ENDING = 4  # digits, which a masked phone shows
_COMBINATIONS = 1024  # statements kept; there are more combinations of filters than anybody uses

_SORT_KEYS: Mapping[CustomerSort, sa.ColumnElement[Any]] = {
    CustomerSort.NAME: _customer.name.collate("C"),
    CustomerSort.LAST_VISIT: sa.func.coalesce(_summary.last_visit_on, _NEVER),
    CustomerSort.TOTAL_VISITS: sa.func.coalesce(_summary.total_visits, 0),
    CustomerSort.REVENUE: sa.func.coalesce(_summary.total_revenue, 0),
}

_name_key = sa.func.lower(sa.func.replace(sa.func.normalize(_customer.name, sa.text("NFKC")), " ", ""))
_phone_digits = sa.func.regexp_replace(_customer.phone, r"\D", "", "g")
_in_name: Condition = _name_key.like(sa.bindparam("name_pattern", type_=sa.Text))
_in_phone: Condition = _phone_digits.like(sa.bindparam("phone_pattern", type_=sa.Text))
_searched_digits = sa.bindparam("phone_digits", type_=sa.Text)
_is_phone: Condition = _phone_digits == _searched_digits
_ends_phone: Condition = sa.func.right(_phone_digits, _PHONE_ENDING) == _searched_digits
_today = sa.bindparam("today", type_=sa.Date)
_usable: Condition = _summary.package_ends_on >= _today
_label = sa.cast(_customer.membership_level, sa.Text)
_labels = sa.bindparam("labels", type_=sa.ARRAY(sa.Text))

_CONDITIONS: Mapping[str, Condition] = {
    "name": _in_name,
    "name or phone": sa.or_(_in_name, _in_phone),
    "name or whole phone": sa.or_(_in_name, _is_phone),
    "name or end of phone": sa.or_(_in_name, _ends_phone),
    "services": _summary.services.bitwise_and(sa.bindparam("service_bits", type_=sa.Integer)) != 0,
    "active": _usable,
    "expiring": sa.and_(_usable, _summary.package_ends_on <= sa.bindparam("expiring_until", type_=sa.Date)),
    "expired": sa.and_(
        _summary.last_package_ends_on.is_not(None), sa.not_(sa.func.coalesce(_usable, sa.false()))
    ),
    "membership": _label == sa.any_(_labels),
    "unknown membership": _label != sa.all_(_labels),
    "risk": _summary.risk_level == sa.bindparam("risk_level", type_=sa.Text),
    "from": _summary.last_visit_on >= sa.bindparam("last_visit_from", type_=sa.Date),
    "to": _summary.last_visit_on <= sa.bindparam("last_visit_to", type_=sa.Date),
}


@dataclass(frozen=True, slots=True)
class _Shape:
    """What makes one statement differ from another; everything else is a parameter."""

    conditions: frozenset[str]
    sort: CustomerSort
    backwards: bool = False
    anchored: bool = False


async def count_customers(reader: Reader, wanted: CustomerFilter, today: date) -> int:
    """Return how many customers match."""
    chosen = _chosen(wanted, today)
    text, constants = _count_statement(frozenset(chosen))
    rows = await reader.fetch(text, {**constants, **_values(chosen)})
    return rows[0][0]


async def customer_page(  # noqa: PLR0913 - a page has that many sides
    reader: Reader, wanted: CustomerFilter, sort: CustomerSort, *, page: int, size: int, today: date
) -> list[int]:
    """Return the customers of page `page`, counted from 1."""
    chosen = _chosen(wanted, today)
    text, constants = _list_statement(_Shape(frozenset(chosen), sort))
    place = {"size": size, "skipped": (page - 1) * size}
    return [row[0] for row in await reader.fetch(text, {**constants, **_values(chosen), **place})]


async def customer_slice(
    reader: Reader, wanted: CustomerFilter, sort: CustomerSort, stretch: Slice, today: date
) -> list[int]:
    """Return a stretch of the list in its own order, found by key and not by counting."""
    chosen = _chosen(wanted, today)
    anchored = stretch.anchor is not None
    shape = _Shape(frozenset(chosen), sort, backwards=stretch.backwards, anchored=anchored)
    text, constants = _list_statement(shape)
    place = {"size": stretch.limit, "skipped": 0, "anchor": stretch.anchor}
    rows = await reader.fetch(text, {**constants, **_values(chosen), **place})
    ids = [row[0] for row in rows]
    return ids[::-1] if stretch.backwards else ids


@lru_cache(_COMBINATIONS)
def _count_statement(conditions: frozenset[str]) -> tuple[sql.SQL, dict[str, object]]:
    query = sa.select(sa.func.count()).select_from(_people)
    return _compiled(query.where(*(_CONDITIONS[name] for name in sorted(conditions))))


@lru_cache(_COMBINATIONS)
def _list_statement(shape: _Shape) -> tuple[sql.SQL, dict[str, object]]:
    key, ascending = _SORT_KEYS[shape.sort], (shape.sort is CustomerSort.NAME) is not shape.backwards
    query = (
        sa.select(_customer.customer_id)
        .select_from(_people)
        .where(*(_CONDITIONS[name] for name in sorted(shape.conditions)))
        .order_by(*(column.asc() if ascending else column.desc() for column in (key, _customer.customer_id)))
        .limit(sa.bindparam("size", type_=sa.BigInteger))
        .offset(sa.bindparam("skipped", type_=sa.BigInteger))
    )
    return _compiled(query.where(_beyond_anchor(key, ascending=ascending)) if shape.anchored else query)


def _compiled(query: sa.Select[Any]) -> tuple[sql.SQL, dict[str, object]]:
    """Return a statement's text and the parameters in it that never change."""
    compiled = query.compile(dialect=_DIALECT)
    constants = {name: value for name, value in compiled.params.items() if value is not None}
    # the text is SQLAlchemy's own; every value in it is a bound parameter
    return sql.SQL(cast("Any", str(compiled))), constants


def _beyond_anchor(key: sa.ColumnElement[Any], *, ascending: bool) -> Condition:
    place = (
        sa.select(key, _customer.customer_id)
        .select_from(_people)
        .where(_customer.customer_id == sa.bindparam("anchor", type_=sa.Integer))
        .correlate(None)
        .scalar_subquery()
    )
    here = sa.tuple_(key, _customer.customer_id)
    return here > place if ascending else here < place


def _chosen(wanted: CustomerFilter, today: date) -> dict[str, dict[str, object]]:
    """Return the conditions that a filter means, each with its values."""
    chosen: dict[str, dict[str, object]] = {}
    if wanted.text:
        name, values = _text_condition(wanted.text, phone_parts=wanted.phone_parts)
        chosen[name] = values
    if wanted.services:
        chosen["services"] = {"service_bits": sum(SERVICE_BITS[code] for code in set(wanted.services))}
    if wanted.package_status:
        until = today + timedelta(days=EXPIRING_DAYS)
        chosen[str(wanted.package_status)] = {"today": today, "expiring_until": until}
    if wanted.membership_level is MembershipLevel.OTHER:
        chosen["unknown membership"] = {"labels": sorted(MEMBERSHIP_LABELS)}
    elif wanted.membership_level:
        chosen["membership"] = {"labels": _labels_of(wanted.membership_level)}
    if wanted.risk_level:
        chosen["risk"] = {"risk_level": str(wanted.risk_level)}
    if wanted.last_visit_from:
        chosen["from"] = {"last_visit_from": wanted.last_visit_from}
    if wanted.last_visit_to:
        chosen["to"] = {"last_visit_to": wanted.last_visit_to}
    return chosen


def _text_condition(text: str, *, phone_parts: bool) -> tuple[str, dict[str, object]]:
    """Match a part of the name, spaces aside, or of the phone number, whatever stands between its digits."""
    key = normalize("NFKC", text).replace(" ", "").lower()
    digits = key.replace("-", "")
    values: dict[str, object] = {"name_pattern": f"%{_literally(key)}%"}
    if not (digits.isascii() and digits.isdigit() and len(digits) >= _MEANS_PHONE):
        return "name", values
    if phone_parts:
        return "name or phone", {**values, "phone_pattern": f"%{digits}%"}
    ending = len(digits) == _PHONE_ENDING
    return "name or end of phone" if ending else "name or whole phone", {**values, "phone_digits": digits}


def _literally(text: str) -> str:
    """Escape what LIKE takes for a wildcard."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _labels_of(level: MembershipLevel) -> list[str]:
    return sorted(label for label, known in MEMBERSHIP_LABELS.items() if known is level)


def _values(chosen: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    return {name: value for values in chosen.values() for name, value in values.items()}
