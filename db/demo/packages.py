"""Packages the invented customers buy, and how their sessions are used up."""

from dataclasses import dataclass

import numpy as np

from db.demo.arrays import Flags, Floats, Ints, Rng, gumbels
from db.demo.catalogue import PACKAGE_DAYS, PACKAGE_PRICES, PACKAGE_QUOTAS
from db.demo.profiles import Profiles
from db.demo.services import PRICES, SERVICES

NONE = -1
"""No purchase."""

_DAYS_A_MONTH = 30
_WORTH_PER_NOISE = np.float32(1 / 300_000)  # KRW of saving that weigh as much as a customer's whim


@dataclass(frozen=True, slots=True)
class Purchases:
    """Packages bought, one row a purchase, in the order of customer and day.

    `package` is a position in the catalogue's arrays of packages on sale; `used` has a column a service.
    """

    customer: Ints
    day: Ints
    package: Ints
    expires: Ints
    price: Ints
    used: Ints

    @property
    def count(self) -> int:
        """How many packages were bought."""
        return len(self.customer)


class Wallets:
    """The package each customer holds at the moment: at most one, with its sessions left by service."""

    def __init__(self, profiles: Profiles) -> None:
        count = profiles.count
        self.purchase: Ints = np.full(count, NONE, dtype=np.int32)
        self._left: Ints = np.zeros((count, len(SERVICES)), dtype=np.int32)
        self._expires: Ints = np.zeros(count, dtype=np.int32)
        self._shares = _service_shares(profiles.affinity)
        self._visits_a_month = (
            profiles.rate / profiles.regularity * (1 + profiles.second_chance) * _DAYS_A_MONTH
        )
        self._chance = profiles.package_chance
        self._bought: list[tuple[Ints, Ints, Ints, Ints]] = []
        self._sold = 0

    def visit(self, who: Ints, day: Ints, rng: Rng) -> None:
        """Put away what expired, and let those without a package buy one."""
        self.purchase[who[self._expires[who] < day]] = NONE
        eligible = (self.purchase[who] == NONE) & (rng.random(len(who), dtype=np.float32) < self._chance[who])
        buyers, days = who[eligible], day[eligible]
        if not len(buyers):
            return
        package = self._choose(buyers, rng)
        paid = np.where(rng.random(len(buyers)) < 0.2, 0.9, 1.0) * PACKAGE_PRICES[package]  # noqa: PLR2004
        self.purchase[buyers] = self._sold + np.arange(len(buyers), dtype=np.int32)
        self._left[buyers] = PACKAGE_QUOTAS[package]
        self._expires[buyers] = days + PACKAGE_DAYS[package]
        self._bought.append((buyers, days, package, paid.astype(np.int32)))
        self._sold += len(buyers)

    def pull(self, who: Ints) -> Floats:
        """Return how a package held draws to its own services (rows of `who`, a column a service)."""
        holds = (self.purchase[who] != NONE)[:, None]
        return np.where(
            holds, np.where(self._left[who] > 0, np.float32(1.2), np.float32(-1.0)), np.float32(0)
        )

    def spend(self, who: Ints, service: Ints) -> Ints:
        """Take one session of a service from each customer's package; `NONE` where it holds none."""
        covered = (self.purchase[who] != NONE) & (self._left[who, service] > 0)
        self._left[who[covered], service[covered]] -= 1
        return np.where(covered, self.purchase[who], NONE).astype(np.int32)

    def ended(self, who: Ints) -> Flags:
        """Whether a package has just been used up; it is put away."""
        over = (self.purchase[who] != NONE) & ~self._left[who].any(axis=1)
        self.purchase[who[over]] = NONE
        return over

    def purchases(self) -> tuple[Purchases, Ints]:
        """Return all purchases without their use, and the row of each purchase by its number."""
        if not self._bought:
            empty = np.zeros(0, dtype=np.int32)
            none_used = np.zeros((0, len(SERVICES)), dtype=np.int32)
            return Purchases(empty, empty, empty, empty, empty, none_used), empty
        customer, day, package, price = (np.concatenate(column) for column in zip(*self._bought, strict=True))
        order = np.argsort(customer, kind="stable")
        row_of = np.empty(len(order), dtype=np.int32)
        row_of[order] = np.arange(len(order), dtype=np.int32)
        purchases = Purchases(
            customer=customer[order],
            day=day[order],
            package=package[order],
            expires=(day + PACKAGE_DAYS[package])[order].astype(np.int32),
            price=price[order],
            used=np.zeros((len(order), len(SERVICES)), dtype=np.int32),
        )
        return purchases, row_of

    def _choose(self, buyers: Ints, rng: Rng) -> Ints:
        """Return the package that saves each buyer most on what they will use, give or take a whim."""
        months = (PACKAGE_DAYS / _DAYS_A_MONTH).astype(np.float32)
        visits = self._visits_a_month[buyers][:, None, None] * months[:, None]
        sessions = np.minimum(PACKAGE_QUOTAS, visits * self._shares[buyers][:, None, :])
        worth = sessions @ PRICES[: len(SERVICES)].astype(np.float32) - PACKAGE_PRICES
        return np.argmax(worth * _WORTH_PER_NOISE + gumbels(rng, worth.shape), axis=1).astype(np.int32)


def _service_shares(affinity: Floats) -> Floats:
    weights = np.exp(affinity)
    return weights / weights.sum(axis=1, keepdims=True)
