"""A customer's packages, and what is left in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString

from db import vocabulary
from db.engine import Reader, Row
from db.queries.rows import grouped
from db.vocabulary import EXPIRING_DAYS, PackageStatus, ServiceCode


@dataclass(frozen=True, slots=True)
class PackageService:
    """The sessions of one service in a package."""

    service: ServiceCode
    total: int
    used: int

    @property
    def remaining(self) -> int:
        """Sessions left; never below zero, even where more were used than bought."""
        return max(0, self.total - self.used)


@dataclass(frozen=True, slots=True)
class PackagePurchase:
    """One package as one customer bought it.

    `short_name` is the name without a closing "패키지". `usage_rate` is in percent with one decimal, None for
    a package without sessions. `days_remaining` is negative once the package is past its date. `package_id`
    is its number in the catalogue, `list_price` what it costs there, 0 where it is given away.
    """

    purchase_id: int
    customer_id: int
    package_id: int
    package_name: str
    short_name: str
    purchase_date: date
    expiry_date: date
    total_sessions: int
    used_sessions: int
    remaining_sessions: int
    price_paid: int
    list_price: int
    usage_rate: float | None
    days_remaining: int
    status: PackageStatus
    services: tuple[PackageService, ...]

    @property
    def usable(self) -> bool:
        """Whether a session can be taken from it today."""
        return self.status in {PackageStatus.ACTIVE, PackageStatus.EXPIRING}


_PACKAGES_BY_CUSTOMER: LiteralString = """
SELECT o.purchase_id, o.customer_id, p.package_name, o.purchase_date, o.expiry_date, o.total_sessions,
       greatest(o.remaining_sessions, 0), o.price_paid, coalesce(o.is_active, true),
       coalesce(b.services, '[]'::json), o.package_id, p.base_price
  FROM public.package_purchases o
  JOIN public.packages p USING (package_id)
  LEFT JOIN LATERAL (
       SELECT json_agg(json_build_array(service_code, total_sessions, used_sessions)) AS services
         FROM gateway.package_breakdown
        WHERE customer_id = o.customer_id AND purchase_id = o.purchase_id) b ON true
 WHERE o.customer_id = ANY (%(ids)s)
 ORDER BY o.customer_id, o.expiry_date, o.purchase_id
"""


async def packages_by_customer(
    reader: Reader, ids: Sequence[int], today: date
) -> list[list[PackagePurchase]]:
    """Return the packages of each customer, the one that ends first in front, in the order of `ids`."""
    rows = await reader.fetch(_PACKAGES_BY_CUSTOMER, {"ids": list(ids)})
    return grouped(ids, (_package(row, today) for row in rows), lambda package: package.customer_id)


def _package(row: Row, today: date) -> PackagePurchase:
    total, remaining, days_remaining = row[5], row[6], (row[4] - today).days
    # the center's `used` drifts and its `remaining` does not: what is left decides
    used = max(0, total - remaining)
    return PackagePurchase(
        purchase_id=row[0],
        customer_id=row[1],
        package_id=row[10],
        package_name=row[2],
        short_name=row[2].removesuffix(" 패키지"),
        purchase_date=row[3],
        expiry_date=row[4],
        total_sessions=total,
        used_sessions=used,
        remaining_sessions=remaining,
        price_paid=row[7],
        list_price=row[11],
        usage_rate=round(100 * used / total, 1) if total > 0 else None,
        days_remaining=days_remaining,
        status=_status(remaining, days_remaining, active=row[8]),
        services=_services(row[9]),
    )


def _status(remaining: int, days_remaining: int, *, active: bool) -> PackageStatus:
    if days_remaining < 0 or not active:
        return PackageStatus.EXPIRED
    if remaining == 0:
        return PackageStatus.COMPLETED
    return PackageStatus.EXPIRING if days_remaining <= EXPIRING_DAYS else PackageStatus.ACTIVE


def _services(breakdown: list[tuple[str, int, int]]) -> tuple[PackageService, ...]:
    order = list(ServiceCode)
    services = (PackageService(vocabulary.service_code(code), total, used) for code, total, used in breakdown)
    return tuple(sorted(services, key=lambda service: order.index(service.service)))
