"""The statements of a search, built with SQLAlchemy Core, and compiled once for each combination."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from db.engine import PlannedAnew
from db.search.filters import CustomerSort
from db.search.words import (
    NAME,
    NAME_OR_END_OF_PHONE,
    NAME_OR_PHONE,
    NAME_OR_WHOLE_PHONE,
    PHONE_ENDING,
    TEXT_CONDITIONS,
)
from db.tables import center, gateway

Condition = sa.ColumnElement[bool]
Query = sa.Select[*tuple[Any, ...]]
Statement = tuple[PlannedAnew, dict[str, object]]

_summary = gateway.customer_summary.c
_counted = gateway.customer_count.c
_DIALECT = PGDialect_psycopg(paramstyle="pyformat")
_COMBINATIONS = 1024  # statements kept; there are more combinations of filters than anybody uses


def _value(name: str, kind: sa.types.TypeEngine[Any]) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=kind)


_SORT_KEYS: Mapping[CustomerSort, sa.ColumnElement[Any]] = {
    CustomerSort.NAME: _summary.name,
    CustomerSort.LAST_VISIT: gateway.LAST_VISIT_OR_NEVER,
    CustomerSort.TOTAL_VISITS: _summary.total_visits,
    CustomerSort.REVENUE: _summary.total_revenue,
}

_in_name: Condition = _summary.name_key.like(_value("name_pattern", sa.Text()))
_in_phone: Condition = _summary.phone_digits.like(_value("phone_pattern", sa.Text()))
_searched_digits = _value("phone_digits", sa.Text())
_is_phone: Condition = _summary.phone_digits == _searched_digits
_ends_phone: Condition = sa.func.right(_summary.phone_digits, PHONE_ENDING) == _searched_digits
_came: Condition = _summary.last_visit_on.is_not(None)
_usable: Condition = _summary.package_ends_on >= _value("today", sa.Date())

_CONDITIONS: Mapping[str, Condition] = {
    NAME: _in_name,
    NAME_OR_PHONE: sa.or_(_in_name, _in_phone),
    NAME_OR_WHOLE_PHONE: sa.or_(_in_name, _is_phone),
    NAME_OR_END_OF_PHONE: sa.or_(_in_name, _ends_phone),
    "services": _summary.services.bitwise_and(_value("service_bits", sa.Integer())) != 0,
    "active": _usable,
    "expiring": sa.and_(_usable, _summary.package_ends_on <= _value("expiring_until", sa.Date())),
    "expired": sa.and_(
        _summary.last_package_ends_on.is_not(None), sa.not_(sa.func.coalesce(_usable, sa.false()))
    ),
    "membership": _summary.membership_level == _value("membership_level", sa.Text()),
    "risk": _summary.risk_level == _value("risk_level", sa.Text()),
    "from": sa.and_(_came, _value("last_visit_from", sa.Date()) <= gateway.LAST_VISIT_OR_NEVER),
    "to": sa.and_(_came, _value("last_visit_to", sa.Date()) >= gateway.LAST_VISIT_OR_NEVER),
}

_COUNTED: Mapping[str, Condition] = {
    "services": _counted.services.bitwise_and(_value("service_bits", sa.Integer())) != 0,
    "expired": _counted.had_package,
    "membership": _counted.membership_level == _value("membership_level", sa.Text()),
    "risk": _counted.risk_level == _value("risk_level", sa.Text()),
}
"""The conditions that customers are counted by ahead; who has an expired package once had one."""

COUNTED_AHEAD = frozenset(_COUNTED)
"""The names of these conditions."""

_words = ARRAY(sa.Text())
_grams = sa.func.gateway.search_grams(center.customers.c.name, center.customers.c.phone, type_=_words)
_names: Condition = _grams.contains(_value("name_grams", _words))
_phones: Condition = _grams.contains(_value("phone_grams", _words))


@dataclass(frozen=True, slots=True)
class Shape:
    """What makes the statement of one list differ from another; everything else is a parameter.

    With `by_grams` those who may match the text are looked up first, else the list is walked and compared.
    """

    conditions: frozenset[str]
    by_grams: bool
    sort: CustomerSort
    backwards: bool = False
    anchored: bool = False


@lru_cache(_COMBINATIONS)
def list_statement(shape: Shape) -> Statement:
    """Return the statement of a stretch of a list: sort keys and customers, in the list's direction."""
    key, ascending = _SORT_KEYS[shape.sort], (shape.sort is CustomerSort.NAME) is not shape.backwards
    query = (
        _matching(sa.select(key, _summary.customer_id), shape.conditions, by_grams=shape.by_grams)
        .order_by(*(column.asc() if ascending else column.desc() for column in (key, _summary.customer_id)))
        .limit(_value("size", sa.BigInteger()))
        .offset(_value("skipped", sa.BigInteger()))
    )
    if shape.anchored:
        here = sa.tuple_(key, _summary.customer_id)
        place = sa.tuple_(_value("anchor_key", key.type), _value("anchor", sa.Integer()))
        query = query.where(here > place if ascending else here < place)
    return _compiled(query)


@lru_cache(_COMBINATIONS)
def count_statement(conditions: frozenset[str], *, by_grams: bool) -> Statement:
    """Return the statement that counts the rows of all who match."""
    return _compiled(_matching(sa.select(sa.func.count()), conditions, by_grams=by_grams))


@lru_cache(_COMBINATIONS)
def counted_statement(conditions: frozenset[str]) -> Statement:
    """Return the statement that adds up what is counted ahead; all conditions are in `COUNTED_AHEAD`."""
    total: sa.ColumnElement[Any] = (
        sa.select(sa.func.coalesce(sa.func.sum(_counted.customers), 0))
        .where(*(_COUNTED[name] for name in sorted(conditions)))
        .scalar_subquery()
    )
    if "expired" in conditions:
        usable = (conditions - {"expired"}) | {"active"}
        total -= _matching(sa.select(sa.func.count()), usable, by_grams=False).scalar_subquery()
    return _compiled(sa.select(sa.cast(total, sa.BigInteger)))


@lru_cache(_COMBINATIONS)
def gram_count_statement(condition: str) -> Statement:
    """Return the statement that counts those whose grams hold those of the text."""
    return _compiled(sa.select(sa.func.count()).select_from(center.customers).where(_by_grams(condition)))


@lru_cache(_COMBINATIONS)
def estimate_statement(condition: str) -> Statement:
    """Return the statement that asks the planner how many have these grams, and how many there are."""
    everybody = sa.select(center.customers.c.customer_id)
    text, constants = _compiled(sa.union_all(everybody.where(_by_grams(condition)), everybody))
    return PlannedAnew(cast("Any", f"EXPLAIN (FORMAT JSON) {text.as_string()}")), constants


def _matching(query: Query, conditions: frozenset[str], *, by_grams: bool) -> Query:
    found = query.select_from(gateway.customer_summary).where(
        *(_CONDITIONS[name] for name in sorted(conditions))
    )
    if not by_grams:
        return found
    (text,) = conditions & TEXT_CONDITIONS
    hits = (
        sa.select(center.customers.c.customer_id)
        .where(_by_grams(text))
        .cte("hits")
        .prefix_with("MATERIALIZED")
    )
    return found.join(hits, hits.c.customer_id == _summary.customer_id)


def _by_grams(condition: str) -> Condition:
    return _names if condition == NAME else sa.or_(_names, _phones)


def _compiled(query: Query | sa.CompoundSelect[*tuple[Any, ...]]) -> Statement:
    """Return a statement's text and the parameters in it that never change."""
    compiled = query.compile(dialect=_DIALECT)
    constants = {name: value for name, value in compiled.params.items() if value is not None}
    # the text is SQLAlchemy's own; every value in it is a bound parameter
    return PlannedAnew(cast("Any", str(compiled))), constants
