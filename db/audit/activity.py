"""What each actor did in a month, summed up by day: all that the monthly report is made of."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString
from zoneinfo import ZoneInfo

import psycopg

from db.urls import libpq_url

BULK_CUSTOMERS = 50
"""A record about as many customers, or more, is a bulk read."""

NIGHT = (22, 6)
"""The hours in Asia/Seoul from which and until which it is night."""

_SEOUL = ZoneInfo("Asia/Seoul")


@dataclass(frozen=True, slots=True)
class DayOfActivity:
    """An actor's records of one day in Asia/Seoul, of one task and outcome.

    `customers` adds up the customers of each record, so that one looked at twice counts twice. `night` and
    `bulk` say how many of the records were written at night, and were about 50 customers or more; `largest`
    is the most customers of one record. `address` is told only of what was not answered with "OK".
    """

    on: date
    actor: str | None
    role: str | None
    task: str
    outcome: str
    address: str | None
    records: int
    customers: int
    night: int
    bulk: int
    largest: int


_ACTIVITY: LiteralString = """
SELECT (at AT TIME ZONE 'Asia/Seoul')::date, actor, role, task, outcome,
       CASE WHEN outcome NOT IN ('OK', 'STARTED') THEN address END,
       count(*), sum(cardinality(customers)),
       count(*) FILTER (WHERE extract(hour FROM at AT TIME ZONE 'Asia/Seoul') >= %(night_from)s
                           OR extract(hour FROM at AT TIME ZONE 'Asia/Seoul') < %(night_until)s),
       count(*) FILTER (WHERE cardinality(customers) >= %(bulk)s), max(cardinality(customers))
  FROM gateway.audit_record
 WHERE at >= %(since)s AND at < %(until)s
 GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2 NULLS FIRST, 3, 4, 5, 6
"""


def activity_of_month(url: str, month: date) -> list[DayOfActivity]:
    """Return the activity of a calendar month in Asia/Seoul, named by any of its days."""
    first = month.replace(day=1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    parameters = {
        "since": datetime(first.year, first.month, 1, tzinfo=_SEOUL),
        "until": datetime(following.year, following.month, 1, tzinfo=_SEOUL),
        "night_from": NIGHT[0],
        "night_until": NIGHT[1],
        "bulk": BULK_CUSTOMERS,
    }
    with psycopg.connect(libpq_url(url)) as connection:
        return [DayOfActivity(*row) for row in connection.execute(_ACTIVITY, parameters)]
