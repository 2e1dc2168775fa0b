"""What lists of customers are filtered and sorted by, and the conditions that a filter means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from db.search.words import text_condition
from db.vocabulary import EXPIRING_DAYS, SERVICE_BITS, MembershipLevel, PackageStatus, RiskLevel, ServiceCode

Values = Mapping[str, object]


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


def conditions_of(wanted: CustomerFilter, today: date) -> dict[str, Values]:
    """Return the conditions that a filter means, by their names in `db.search.statements`, with values."""
    chosen: dict[str, Values] = {}
    if wanted.text:
        name, values = text_condition(wanted.text, phone_parts=wanted.phone_parts)
        chosen[name] = values
    if wanted.services:
        chosen["services"] = {"service_bits": sum(SERVICE_BITS[code] for code in set(wanted.services))}
    if wanted.package_status:
        until = today + timedelta(days=EXPIRING_DAYS)
        chosen[str(wanted.package_status)] = {"today": today, "expiring_until": until}
    if wanted.membership_level:
        chosen["membership"] = {"membership_level": str(wanted.membership_level)}
    if wanted.risk_level:
        chosen["risk"] = {"risk_level": str(wanted.risk_level)}
    if wanted.last_visit_from:
        chosen["from"] = {"last_visit_from": wanted.last_visit_from}
    if wanted.last_visit_to:
        chosen["to"] = {"last_visit_to": wanted.last_visit_to}
    return chosen
