"""A customer's profile and totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import LiteralString

from db import vocabulary
from db.engine import Reader, Row
from db.queries.rows import words
from db.vocabulary import CustomerStatus, Gender, MembershipLevel, RiskLevel, TimeSlot


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer: the profile as the center keeps it, the totals as the gateway computes them.

    Empty text is None. `membership_label` is the center's own word, `membership_level` the contract's.
    Money is in KRW, the interval in days, the satisfaction between 1 and 5 with one decimal.
    """

    customer_id: int
    name: str
    phone: str | None
    email: str | None
    birth_year: int | None
    gender: Gender | None
    address: str | None
    emergency_contact: str | None
    occupation: str | None
    region: str | None
    referral_source: str | None
    membership_label: str | None
    membership_level: MembershipLevel | None
    customer_status: CustomerStatus
    first_visit_date: date | None
    last_visit_date: date | None
    total_visits: int
    average_visit_interval: int | None
    total_revenue: int
    average_satisfaction: float | None
    risk_level: RiskLevel | None
    health_goals: str | None
    health_concerns: str | None
    notes: str | None
    preferred_time_slots: tuple[TimeSlot, ...]
    assigned_staff: str | None
    created_at: datetime | None
    updated_at: datetime | None


_CUSTOMERS_BY_ID: LiteralString = """
SELECT c.customer_id, c.name,
       nullif(btrim(c.phone), ''), nullif(btrim(c.email), ''), c.birth_year, c.gender,
       nullif(btrim(c.address), ''), nullif(btrim(c.emergency_contact), ''),
       nullif(btrim(c.occupation), ''), nullif(btrim(c.region), ''), nullif(btrim(c.referral_source), ''),
       c.membership_level::text,
       CASE WHEN s.last_visit_on >= %(today)s::date - 30 THEN 'active'
            WHEN s.last_visit_on >= %(today)s::date - 90 THEN 'inactive'
            ELSE 'dormant' END,
       coalesce(c.first_visit_date, s.first_visit_on), s.last_visit_on, coalesce(s.total_visits, 0),
       s.average_interval_days, coalesce(s.total_revenue, 0)::bigint,
       round(s.average_satisfaction, 1)::float8, s.risk_level,
       nullif(btrim(c.health_goals), ''), nullif(btrim(c.health_concerns), ''), nullif(btrim(c.notes), ''),
       c.preferred_time_slots, nullif(btrim(c.assigned_staff), ''), c.created_at, c.updated_at
  FROM public.customers c
  LEFT JOIN gateway.customer_summary s USING (customer_id)
 WHERE c.customer_id = ANY (%(ids)s)
"""


async def customers_by_id(reader: Reader, ids: Sequence[int], today: date) -> list[Customer | None]:
    """Return the customers in the order of `ids`, None where there is none."""
    rows = await reader.fetch(_CUSTOMERS_BY_ID, {"ids": list(ids), "today": today})
    by_id = {row[0]: _customer(row) for row in rows}
    return [by_id.get(customer_id) for customer_id in ids]


def _customer(row: Row) -> Customer:
    slots = (vocabulary.time_slot(word) for word in words(row[23]))
    return Customer(
        customer_id=row[0],
        name=row[1],
        phone=row[2],
        email=row[3],
        birth_year=row[4],
        gender=vocabulary.gender(row[5]),
        address=row[6],
        emergency_contact=row[7],
        occupation=row[8],
        region=row[9],
        referral_source=row[10],
        membership_label=row[11],
        membership_level=vocabulary.membership_level(row[11]),
        customer_status=CustomerStatus(row[12]),
        first_visit_date=row[13],
        last_visit_date=row[14],
        total_visits=row[15],
        average_visit_interval=row[16],
        total_revenue=row[17],
        average_satisfaction=row[18],
        risk_level=RiskLevel(row[19]) if row[19] else None,
        health_goals=row[20],
        health_concerns=row[21],
        notes=row[22],
        preferred_time_slots=tuple(slot for slot in slots if slot is not None),
        assigned_staff=row[24],
        created_at=_utc(row[25]),
        updated_at=_utc(row[26]),
    )


def _utc(moment: datetime | None) -> datetime | None:
    # the center stores naive timestamps, and its clock runs in UTC
    return moment.replace(tzinfo=UTC) if moment else None
