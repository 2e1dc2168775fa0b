"""What the invented customers pay: packages, single visits, now and then a refund."""

from dataclasses import dataclass

import numpy as np

from db.demo.arrays import Flags, Ints, Rng, pick
from db.demo.catalogue import PACKAGE_QUOTAS
from db.demo.packages import NONE, Purchases
from db.demo.services import PRICES
from db.demo.sessions import COMPLETED, Sessions
from db.demo.visits import Truth

PACKAGE, SINGLE, ADDITIONAL, REFUND = range(4)
TYPES = ("package", "single", "additional", "refund")
PAID, CANCELLED, PENDING = range(3)
STATES = ("completed", "cancelled", "pending")

_ADDITIONAL = 0.02
_STATE_SHARES = [0.983, 0.012, 0.005]
_ASKS_FOR_REFUND = 0.10  # of those who left with sessions to go
_STORED_NEGATIVE = 0.05
_REFUND_SHARES = ((0.0, 1.0), (0.3, 0.7), (0.5, 0.5))
"""Up to this share used, this share is paid back (the center's price list)."""


@dataclass(frozen=True, slots=True)
class Payments:
    """Payments in the order of customer and day; `amount` in KRW as the center stores it.

    `kind` is a position in `TYPES`, `state` one in `STATES`. `purchase` is the row of the package bought or
    paid back, `session` that of the first session paid; the other is `NONE`.
    """

    customer: Ints
    day: Ints
    amount: Ints
    kind: Ints
    state: Ints
    purchase: Ints
    session: Ints

    @property
    def count(self) -> int:
        """How many payments there are."""
        return len(self.customer)

    def net(self) -> Ints:
        """Return what each payment adds to the revenue."""
        signed = np.where(self.kind == REFUND, -np.abs(self.amount), self.amount)
        return np.where(self.state == PAID, signed, 0).astype(np.int32)


def draw_payments(
    truth: Truth, purchases: Purchases, sessions: Sessions, today: int, rng: Rng
) -> tuple[Payments, Flags]:
    """Return all payments, and which purchases were paid back."""
    refunds = _refunds(truth, purchases, today, rng)
    parts = [_packages(purchases), _singles(sessions, rng), refunds]
    together = [np.concatenate(column) for column in zip(*map(_columns, parts), strict=True)]
    order = np.lexsort((together[1], together[0]))
    paid_back = np.zeros(purchases.count, np.bool_)
    paid_back[refunds.purchase] = True
    return Payments(*(column[order] for column in together)), paid_back


def _columns(payments: Payments) -> tuple[Ints, ...]:
    return (
        payments.customer,
        payments.day,
        payments.amount,
        payments.kind,
        payments.state,
        payments.purchase,
        payments.session,
    )


def _packages(purchases: Purchases) -> Payments:
    zero = np.zeros(purchases.count, np.int32)
    rows = np.arange(purchases.count, dtype=np.int32)
    return Payments(
        purchases.customer, purchases.day, purchases.price, zero + PACKAGE, zero + PAID, rows, zero + NONE
    )


def _singles(sessions: Sessions, rng: Rng) -> Payments:
    """Return one payment for what no package covers on a day."""
    due = np.flatnonzero((sessions.status == COMPLETED) & (sessions.purchase == NONE)).astype(np.int32)
    customer, day = sessions.customer[due], sessions.day[due]
    begins = np.ones(len(due), np.bool_)
    begins[1:] = (customer[1:] != customer[:-1]) | (day[1:] != day[:-1])
    starts = np.flatnonzero(begins)
    prices = PRICES[sessions.service[due]]
    amount = np.add.reduceat(prices, starts) if len(starts) else prices
    kind = np.where(rng.random(len(starts)) < _ADDITIONAL, ADDITIONAL, SINGLE)
    state = pick(rng, _STATE_SHARES, len(starts))
    none = np.full(len(starts), NONE, np.int32)
    return Payments(
        customer[starts],
        day[starts],
        amount.astype(np.int32),
        kind.astype(np.int32),
        state,
        none,
        due[starts],
    )


def _refunds(truth: Truth, purchases: Purchases, today: int, rng: Rng) -> Payments:
    """Return what is paid back to some who left while their package ran."""
    left_on = truth.dropped_on[purchases.customer]
    running = (left_on != NONE) & (purchases.expires > left_on)
    used, draws = _used_share(purchases), rng.random(purchases.count)
    rows = np.flatnonzero(running & (used < _REFUND_SHARES[-1][0]) & (draws < _ASKS_FOR_REFUND)).astype(
        np.int32
    )
    limits, shares = zip(*_REFUND_SHARES, strict=True)
    share = np.array(shares)[np.searchsorted(limits, used[rows])]
    amount = np.floor(purchases.price[rows] * share / 1_000).astype(np.int32) * 1_000
    amount[rng.random(len(rows)) < _STORED_NEGATIVE] *= -1
    later = rng.integers(5, 40, len(rows)).astype(np.int32)
    zero = np.zeros(len(rows), np.int32)
    day = np.minimum(left_on[rows] + later, today)
    return Payments(purchases.customer[rows], day, amount, zero + REFUND, zero + PAID, rows, zero + NONE)


def _used_share(purchases: Purchases) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return purchases.used.sum(axis=1) / PACKAGE_QUOTAS.sum(axis=1)[purchases.package]
