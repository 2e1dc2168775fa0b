"""Ways to answer one search, a page and the total: the gateway's, and what anybody would write first."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import psycopg
from psycopg import sql

from benchmarks.search_center import TODAY
from db.engine import Reader
from db.search import CustomerFilter, CustomerSort, count_customers, customer_page, prepare_search
from db.search.filters import conditions_of
from db.vocabulary import MEMBERSHIP_LABELS

SIZE = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """One search: its name, its filter, and what it is sorted by."""

    name: str
    wanted: CustomerFilter
    sort: CustomerSort


@dataclass(frozen=True, slots=True)
class Answer:
    """The total, and the customers of a page."""

    total: int
    ids: list[int]


class Way(Protocol):
    """A way to answer a search."""

    async def __call__(self, asked: Asked, page: int) -> Answer:
        """Return the page and the total, neither out of a cache."""
        ...


def gateways(reader: Reader) -> Way:
    """Return the gateway's way, without its memory for totals."""

    async def answer(asked: Asked, page: int) -> Answer:
        search = await prepare_search(reader, asked.wanted, TODAY)
        total = await count_customers(reader, search)
        return Answer(
            total, await customer_page(reader, search, asked.sort, page=page, size=SIZE, total=total)
        )

    return answer


_PEOPLE = "FROM public.customers c LEFT JOIN gateway.customer_summary s USING (customer_id)"
_NAME = "lower(replace(normalize(c.name, NFKC), ' ', ''))"
_PHONE = r"regexp_replace(c.phone, '\D', '', 'g')"
_CONDITIONS: Mapping[str, str] = {
    "name": f"{_NAME} LIKE %(name_pattern)s",
    "name or phone": f"({_NAME} LIKE %(name_pattern)s OR {_PHONE} LIKE %(phone_pattern)s)",
    "name or end of phone": f"({_NAME} LIKE %(name_pattern)s OR right({_PHONE}, 4) = %(phone_digits)s)",
    "services": "s.services & %(service_bits)s <> 0",
    "active": "s.package_ends_on >= %(today)s",
    "expiring": "s.package_ends_on BETWEEN %(today)s AND %(expiring_until)s",
    "expired": ("s.last_package_ends_on IS NOT NULL AND NOT coalesce(s.package_ends_on >= %(today)s, false)"),
    "membership": "c.membership_level::text = ANY (%(labels)s)",
    "risk": "s.risk_level = %(risk_level)s",
    "from": "s.last_visit_on >= %(last_visit_from)s",
    "to": "s.last_visit_on <= %(last_visit_to)s",
}
_ORDERS: Mapping[CustomerSort, str] = {
    CustomerSort.NAME: 'c.name COLLATE "C", c.customer_id',
    CustomerSort.LAST_VISIT: "coalesce(s.last_visit_on, '0001-01-01') DESC, c.customer_id DESC",
    CustomerSort.TOTAL_VISITS: "coalesce(s.total_visits, 0) DESC, c.customer_id DESC",
    CustomerSort.REVENUE: "coalesce(s.total_revenue, 0) DESC, c.customer_id DESC",
}


def naive(connection: psycopg.AsyncConnection[Any], conditions: Mapping[str, str] = _CONDITIONS) -> Way:
    """Return the plain way: LIKE on what is computed for each row, OFFSET, and a count of the same."""

    async def answer(asked: Asked, page: int) -> Answer:
        chosen = conditions_of(asked.wanted, TODAY)
        values = {name: value for each in chosen.values() for name, value in each.items()}
        level = asked.wanted.membership_level
        values["labels"] = [label for label, known in MEMBERSHIP_LABELS.items() if known is level]
        where = f"WHERE {' AND '.join(conditions[name] for name in chosen) or 'true'}"
        counted = await connection.execute(sql.SQL(f"SELECT count(*) {_PEOPLE} {where}"), values)  # type: ignore[arg-type]
        ((total,),) = await counted.fetchall()
        found = await connection.execute(
            sql.SQL(  # type: ignore[arg-type]
                f"SELECT c.customer_id {_PEOPLE} {where} ORDER BY {_ORDERS[asked.sort]} "
                f"LIMIT {SIZE} OFFSET {(page - 1) * SIZE}"
            ),
            values,
        )
        return Answer(total, [row[0] for row in await found.fetchall()])

    return answer


_BY_TRIGRAMS = {
    **_CONDITIONS,
    "name": "c.name LIKE %(name_pattern)s",
    "name or phone": "(c.name LIKE %(name_pattern)s OR c.phone LIKE %(phone_pattern)s)",
    "name or end of phone": "(c.name LIKE %(name_pattern)s OR c.phone LIKE '%%' || %(phone_digits)s)",
}


async def by_trigrams(connection: psycopg.AsyncConnection[Any]) -> Way | None:
    """Return the plain way with pg_trgm's indexes on names and phones; None where the server has none."""
    try:
        await connection.execute("CREATE EXTENSION pg_trgm")
    except (psycopg.errors.FeatureNotSupported, psycopg.errors.UndefinedFile):
        return None
    for column in ("name", "phone"):
        await connection.execute(
            sql.SQL("CREATE INDEX ON public.customers USING gin ({} gin_trgm_ops)").format(
                sql.Identifier(column)
            )
        )
    await connection.execute("ANALYZE public.customers")
    return naive(connection, _BY_TRIGRAMS)


def for_staff(wanted: CustomerFilter) -> CustomerFilter:
    """Return the filter as somebody may use it who sees phones masked."""
    return replace(wanted, phone_parts=False)
