"""What the center stores about a customer's whole history, counted from the rows of a chunk."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.demo.arrays import Flags, Ints
from db.demo.payments import Payments
from db.demo.sessions import COMPLETED, UNRATED, Sessions
from db.demo.visits import Visits

LEVELS = ("basic", "silver", "gold", "platinum", "vip")
_LEVEL_REVENUE = (2_500_000, 5_000_000, 7_500_000, 12_000_000)  # KRW from which silver, gold, ... are given
STATUSES = ("active", "inactive", "dormant")
_STATUS_DAYS = (30, 90)


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals a customer: visits are distinct days, satisfaction is in hundredths, intervals are days.

    `unrated` says who never rated, `single` who came only once; their means stand for nothing.
    """

    visits: Ints
    first: Ints
    last: Ints
    interval: Ints
    single: Flags
    revenue: NDArray[np.int64]
    satisfaction: Ints
    unrated: Flags
    level: Ints
    status: Ints


def count_totals(count: int, visits: Visits, sessions: Sessions, payments: Payments, today: int) -> Totals:
    """Count as `gateway.summarize_customers` does, halves rounded up."""
    times = np.bincount(visits.customer, minlength=count).astype(np.int32)
    first = np.full(count, np.iinfo(np.int32).max, np.int32)
    last = np.zeros(count, np.int32)
    np.minimum.at(first, visits.customer, visits.day)
    np.maximum.at(last, visits.customer, visits.day)
    gaps = np.maximum(times - 1, 1)
    rated = (sessions.status == COMPLETED) & (sessions.rating != UNRATED)
    ratings = np.bincount(sessions.customer[rated], minlength=count)
    points = np.bincount(sessions.customer[rated], sessions.rating[rated], minlength=count).astype(np.int64)
    many = np.maximum(ratings, 1)
    revenue = np.bincount(payments.customer, payments.net(), minlength=count).astype(np.int64)
    return Totals(
        visits=times,
        first=first,
        last=last,
        interval=((2 * (last - first) + gaps) // (2 * gaps)).astype(np.int32),
        single=times <= 1,
        revenue=revenue,
        satisfaction=((200 * points + many) // (2 * many)).astype(np.int32),
        unrated=ratings == 0,
        level=np.searchsorted(_LEVEL_REVENUE, revenue, side="right").astype(np.int32),
        status=np.searchsorted(_STATUS_DAYS, today - last, side="left").astype(np.int32),
    )
