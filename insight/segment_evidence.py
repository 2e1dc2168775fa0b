"""What is known of a customer when they are put into segments, as numbers."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import exp, log
from statistics import fmean
from typing import Protocol

from insight.churn.forecast import visit_days
from insight.inputs import Payment, Session
from insight.usage import OTHER_SERVICE, SERVICES, growth_percent, valid_rating
from insight.visits import consistency_score
from insight.windows import Window

_YEAR, _QUARTER = 365, 90
_VISITS_FOR_CONSISTENCY = 4

# Of 2 purchases nobody knows of, this share was at a discount: one cheap purchase makes no bargain hunter.
_PRIOR_PURCHASES = 2
_PRIOR_DISCOUNTED = 0.2


class PricedPurchase(Protocol):
    """A package that was bought, beside its price in the catalogue."""

    @property
    def price_paid(self) -> int:
        """KRW."""
        raise NotImplementedError

    @property
    def list_price(self) -> int:
        """KRW; 0 for what is given away."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class SegmentEvidence:
    """The numbers that segments are made of.

    Attributes:
        visits: Distinct days with a completed session in the last 365 days.
        revenue: Net revenue of the last 365 days in KRW.
        satisfaction: Mean of all valid ratings, 1-5; None without any.
        consistency: `insight.visits.consistency_score` of the last 365 days, 0-100; None below 4 visits.
        services: Effective number of services in the last 365 days: the exponential of the entropy of their
            shares; 0 without any.
        growth: Percent by which the visits of the last 90 days exceed those of the 90 before; 0 where chance
            explains it, where there are fewer than 4, or within the customer's first 180 days.
        tenure_days: Days since the first visit; None without any visit.
        silent_days: Days since the last visit; None without any.
        discounted: Share of the packages that were bought below their list price, shrunk towards 20% by 2
            purchases.
        churn: Probability that the customer has left, 0-1; None where no model knows it.
        goals: How many health goals are known; 0 for a viewer who may not see them.
    """

    visits: int
    revenue: int
    satisfaction: float | None
    consistency: int | None
    services: float
    growth: int
    tenure_days: int | None
    silent_days: int | None
    discounted: float
    churn: float | None
    goals: int


@dataclass(frozen=True, slots=True)
class CustomerRows:
    """A customer's own rows: sessions and payments of the whole history, packages bought, known goals."""

    sessions: Iterable[Session]
    payments: Iterable[Payment]
    purchases: Iterable[PricedPurchase]
    goals: Collection[str]


def segment_evidence(rows: CustomerRows, churn: float | None, today: date) -> SegmentEvidence:
    """Count what the segments need; sessions not completed, and all after today, are left out."""
    year = Window.ending(today, _YEAR)
    done = [session for session in rows.sessions if session.completed and session.service_date <= today]
    days = visit_days(done, today)
    of_the_year = [day for day in days if day in year]
    gaps = [(later - earlier).days for earlier, later in pairwise(of_the_year)]
    ratings = [rating for session in done if (rating := valid_rating(session)) is not None]
    return SegmentEvidence(
        visits=len(of_the_year),
        revenue=sum(payment.amount for payment in rows.payments if payment.paid_on in year),
        satisfaction=fmean(ratings) if ratings else None,
        consistency=consistency_score(gaps) if len(of_the_year) >= _VISITS_FOR_CONSISTENCY else None,
        services=effective_services(session for session in done if session.service_date in year),
        growth=_growth(days, today),
        tenure_days=(today - days[0]).days if days else None,
        silent_days=(today - days[-1]).days if days else None,
        discounted=_discounted(rows.purchases),
        churn=churn,
        goals=len(set(rows.goals)),
    )


def effective_services(sessions: Iterable[Session]) -> float:
    """Return how many services, used alike, would be as diverse (exponential of Shannon's entropy)."""
    known = SERVICES - {OTHER_SERVICE}
    counts = Counter(session.service for session in sessions if session.service in known)
    total = sum(counts.values())
    return exp(-sum(count / total * log(count / total) for count in counts.values())) if total else 0.0


def _growth(days: list[date], today: date) -> int:
    recent = Window.ending(today, _QUARTER)
    before = recent.previous()
    if not days or days[0] > before.start:
        return 0
    return growth_percent(sum(day in before for day in days), sum(day in recent for day in days)) or 0


def _discounted(purchases: Iterable[PricedPurchase]) -> float:
    priced = [purchase for purchase in purchases if purchase.list_price > 0]
    discounted = sum(purchase.price_paid < purchase.list_price for purchase in priced)
    return (discounted + _PRIOR_DISCOUNTED * _PRIOR_PURCHASES) / (len(priced) + _PRIOR_PURCHASES)
