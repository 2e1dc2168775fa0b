"""The simulator: customers come, use services, rate them, and some day stay away.

Pure functions of arrays; the loop runs over the number of the visit, all customers of a chunk at a time.
A visit is a day; it has one or two sessions.
"""

from dataclasses import dataclass, replace

import numpy as np

from db.demo.arrays import Flags, Floats, Ints, Rng, gumbels, season, weekdays
from db.demo.packages import NONE, Purchases, Wallets
from db.demo.profiles import Profiles
from db.demo.services import SEASONAL_UTILITY, SERVICES

_SEASON_STRENGTH = np.float32(0.18)
_SATISFACTION = np.float32(3.95)
_SATISFACTION_PER_UTILITY = np.float32(0.28)
_LEAVE_PER_RATING = np.float32(-0.55)
_LEAVE_AT_PACKAGE_END = np.float32(0.9)
_FURTHEST = 3_650.0  # days: a gap beyond ten years is as good as never
_SHIFTS = np.arange(-3, 4, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits in the order of their number, not of customers; a column pair a visit's one or two services.

    `service` and `purchase` hold `NONE` where there is no second service or no package pays; `rating` is what
    the customer thinks, 1 to 5, whether or not they say it.
    """

    customer: Ints
    number: Ints
    day: Ints
    service: Ints
    rating: Ints
    purchase: Ints


@dataclass(frozen=True, slots=True)
class Truth:
    """What no center knows of its customers, for tests of the models.

    Attributes:
        profiles: the hidden traits (rate, regularity, goals, affinity, ...).
        dropped: whether the customer has left for good.
        dropped_on: day of the last visit of those who left; `NONE` for the others.
        next_visit: day of the first visit after today; `NONE` for those who left.
    """

    profiles: Profiles
    dropped: Flags
    dropped_on: Ints
    next_visit: Ints


@dataclass(frozen=True, slots=True)
class History:
    """All that the simulator tells of a chunk of customers."""

    truth: Truth
    visits: Visits
    purchases: Purchases


@dataclass(frozen=True, slots=True)
class _Round:
    """One visit of everybody who still comes."""

    who: Ints
    day: Ints
    service: Ints
    rating: Ints
    purchase: Ints
    ended: Flags


def simulate(profiles: Profiles, today: int, rng: Rng) -> History:
    """Walk every customer from sign-up to today (a day number)."""
    wallets = Wallets(profiles)
    rounds: list[_Round] = []
    dropped_on = np.full(profiles.count, NONE, dtype=np.int32)
    next_visit = np.full(profiles.count, NONE, dtype=np.int32)
    who, day = np.arange(profiles.count, dtype=np.int32), profiles.signed_up
    while len(who):
        visit = _visit(profiles, wallets, who, day, rng)
        rounds.append(visit)
        leaves = rng.random(len(who), dtype=np.float32) < _leave_chance(profiles, visit)
        dropped_on[who[leaves]] = day[leaves]
        who, day = who[~leaves], day[~leaves]
        day = _next_day(profiles, who, day, rng)
        future = day > today
        next_visit[who[future]] = day[future]
        who, day = who[~future], day[~future]
    purchases, row_of = wallets.purchases()
    visits = _together(rounds, row_of)
    truth = Truth(profiles, dropped_on != NONE, dropped_on, next_visit)
    return History(truth, visits, _with_use(purchases, visits))


def services_wished(profiles: Profiles, who: Ints, day: Ints) -> Floats:
    """Return the utility of each service to each customer on a day."""
    return profiles.affinity[who] + season(day)[:, None] * SEASONAL_UTILITY


def _visit(profiles: Profiles, wallets: Wallets, who: Ints, day: Ints, rng: Rng) -> _Round:
    wallets.visit(who, day, rng)
    wish = services_wished(profiles, who, day)
    appeal = wish + wallets.pull(who) + gumbels(rng, wish.shape)
    rows = np.arange(len(who))
    first = np.argmax(appeal, axis=1).astype(np.int32)
    appeal[rows, first] = -np.inf
    second = np.argmax(appeal, axis=1).astype(np.int32)
    has_second = rng.random(len(who), dtype=np.float32) < profiles.second_chance[who]
    purchase = np.full((len(who), 2), NONE, dtype=np.int32)
    purchase[:, 0] = wallets.spend(who, first)
    purchase[has_second, 1] = wallets.spend(who[has_second], second[has_second])
    service = np.stack([first, np.where(has_second, second, NONE)], axis=1).astype(np.int32)
    fit = np.stack([wish[rows, first], wish[rows, second]], axis=1) - wish.mean(axis=1, keepdims=True)
    rating = _rating(profiles.mildness[who], fit, rng)
    return _Round(who, day, service, rating, purchase, wallets.ended(who))


def _rating(mildness: Floats, fit: Floats, rng: Rng) -> Ints:
    noise = rng.standard_normal(fit.shape, dtype=np.float32) * np.float32(0.55)
    felt = _SATISFACTION + mildness[:, None] + _SATISFACTION_PER_UTILITY * fit + noise
    return np.clip(np.rint(felt), 1, 5).astype(np.int32)


def _leave_chance(profiles: Profiles, visit: _Round) -> Floats:
    chance = np.clip(profiles.leave_chance[visit.who], 1e-7, 0.5)
    logit = np.log(chance / (1 - chance))
    logit += _LEAVE_PER_RATING * (visit.rating[:, 0] - 4) + _LEAVE_AT_PACKAGE_END * visit.ended
    return 1 / (1 + np.exp(-logit))


def _next_day(profiles: Profiles, who: Ints, day: Ints, rng: Rng) -> Ints:
    """Return the day of the next visit: an Erlang gap, shorter in winter, moved to a weekday of habit."""
    shape = profiles.regularity[who]
    gap = rng.standard_gamma(shape.astype(np.float32), dtype=np.float32) / (shape * profiles.rate[who])
    gap = np.minimum(gap / (1 + _SEASON_STRENGTH * season(day)), np.float32(_FURTHEST))
    wished = day + np.maximum(np.rint(gap), 1).astype(np.int32)
    # a shift of more than a third of the gap would blur the customer's cadence
    reach = np.minimum((wished - day) // 3, 3)
    candidates = wished[:, None] + _SHIFTS
    weights = profiles.weekday_habit[who[:, None], weekdays(candidates)] / (1 + np.abs(_SHIFTS))
    weights[np.abs(_SHIFTS) > reach[:, None]] = 0
    steps = np.cumsum(weights, axis=1)
    drawn = rng.random(len(who), dtype=np.float32) * steps[:, -1]
    position = np.minimum((steps <= drawn[:, None]).sum(axis=1), len(_SHIFTS) - 1)
    return (wished + _SHIFTS[position]).astype(np.int32)


def _together(rounds: list[_Round], row_of: Ints) -> Visits:
    sizes = [len(visit.who) for visit in rounds]
    purchase = np.concatenate([visit.purchase for visit in rounds])
    paid = purchase != NONE
    purchase[paid] = row_of[purchase[paid]]
    return Visits(
        customer=np.concatenate([visit.who for visit in rounds]),
        number=np.repeat(np.arange(len(rounds), dtype=np.int32), sizes),
        day=np.concatenate([visit.day for visit in rounds]),
        service=np.concatenate([visit.service for visit in rounds]),
        rating=np.concatenate([visit.rating for visit in rounds]),
        purchase=purchase,
    )


def _with_use(purchases: Purchases, visits: Visits) -> Purchases:
    paid = visits.purchase != NONE
    cells = visits.purchase[paid] * len(SERVICES) + visits.service[paid]
    used = np.bincount(cells, minlength=purchases.count * len(SERVICES))
    return replace(purchases, used=used.reshape(-1, len(SERVICES)).astype(np.int32))
