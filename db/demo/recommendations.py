"""What was recommended to some customers in the past year, and what they answered.

An answer follows the customer's hidden wish for the service, so that feedback carries truth. What they do
later is already simulated: an accepted service is more often one that they did use within the month.
"""

from dataclasses import dataclass, fields

import numpy as np

from db.demo.arrays import Flags, Floats, Ints, Rng, gumbels, pick, season
from db.demo.catalogue import PACKAGE_IDS
from db.demo.chunk import Chunk
from db.demo.packages import NONE
from db.demo.recommended import NEVER_USED, USED
from db.demo.services import GOAL_UTILITY, GOALS, POPULARITY, SEASONAL_UTILITY, SERVICES
from db.demo.sessions import COMPLETED
from db.demo.visits import services_wished

ACCEPTED, REJECTED, DEFERRED = range(3)
ACTIONS = ("accepted", "rejected", "deferred")
SERVICE, PACKAGE = range(2)
KINDS = ("service", "package")
FULL, WITHOUT_HEALTH = range(2)
BASES = ("full", "without_health")
UNSCORED = 0
ACTED_WITHIN = 30
"""Days after an acceptance within which acting on it counts."""

_SHARE = 0.35  # of the customers with enough visits
_LEAST_VISITS = 4
_REACH = 400  # days: recommendations are no older
_OCCASIONS = [0.6, 0.3, 0.1]  # shares of one, two and three days on which something was recommended
_SHOW_A_THIRD = 0.6
_PACKAGE_SHOWN, _PACKAGE_SHOWN_BEFORE_SALE, _PACKAGE_FORESEEN = 0.06, 0.5, 0.8
_WITH_HEALTH = 0.6
_TELLING = np.float32(0.3)  # the utility from which a goal is a ground
_NEW = np.float32(0.4)
_FORESEEN = np.float32(1.0)
_ANSWERED = 0.8
_ACCEPT = np.array([-2.2, 0.2], dtype=np.float32)  # by kind: as often as the priors say
_ACCEPT_PER_UTILITY = np.float32(0.8)
_ACCEPT_IF_DONE = np.array([2.2, 2.5], dtype=np.float32)
_DEFERRED = 0.2  # of what is not accepted
_SCORED = 0.55
_SCORES = np.array([[0, 1, 4, 30, 65], [35, 40, 20, 4, 1], [2, 18, 60, 18, 2]])  # by action, of 1 to 5
_LEAST_PRIOR, _MOST_PRIOR = 0.02, 0.95
_DAY_BITS = 14


@dataclass(frozen=True, slots=True)
class Recommendations:
    """Recommendations in the order of customer, day and place, with their answers.

    Attributes:
        subject: A position in `SERVICES`, or in the catalogue's arrays of packages on sale.
        ground: The strongest goal (a position in `GOALS`), `NEVER_USED` or `USED`; USED for a package.
        goals: The goals that had a say, a bit each.
        place: Rank among those of its kind on the day, from 1.
        prior: Probability in ten-thousandths.
        action: Position in `ACTIONS`; `NONE` where nobody answered.
        score: 1 to 5, or `UNSCORED`.
    """

    customer: Ints
    day: Ints
    basis: Ints
    kind: Ints
    subject: Ints
    ground: Ints
    goals: Ints
    place: Ints
    prior: Ints
    action: Ints
    score: Ints

    @property
    def count(self) -> int:
        """How many recommendations there are."""
        return len(self.customer)


@dataclass(frozen=True, slots=True)
class _Occasions:
    """Days on which a customer was shown something."""

    customer: Ints
    day: Ints
    basis: Ints

    def at(self, rows: Ints) -> "_Occasions":
        return _Occasions(self.customer[rows], self.day[rows], self.basis[rows])


@dataclass(frozen=True, slots=True)
class _Shown:
    """What was shown, and whether the customer did it within the month; `wish` is centred on 0."""

    occasion: _Occasions
    kind: int
    subject: Ints
    ground: Ints
    goals: Ints
    place: Ints
    prior: Floats
    wish: Floats
    done: Flags


def draw_recommendations(chunk: Chunk) -> Recommendations:
    """Draw the recommendations of a chunk, all of which have expired by today; the same at every call."""
    rng = chunk.details(7)
    occasions = _occasions(chunk, rng)
    parts = [
        _answered(shown, rng)
        for shown in (_services(chunk, occasions, rng), _packages(chunk, occasions, rng))
    ]
    together = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(Recommendations)
    }
    order = np.lexsort((together["place"], together["kind"], together["day"], together["customer"]))
    return Recommendations(**{name: column[order] for name, column in together.items()})


def _occasions(chunk: Chunk, rng: Rng) -> _Occasions:
    """Return one to three of the past year's visits of some customers."""
    visits, count = chunk.history.visits, len(chunk.ids)
    chosen = (rng.random(count) < _SHARE) & (chunk.totals.visits >= _LEAST_VISITS)
    recent = (visits.day >= chunk.today - _REACH) & (visits.day <= chunk.today - 2) & (visits.number > 0)
    rows = np.flatnonzero(recent & chosen[visits.customer])
    rows = rows[np.lexsort((rng.random(len(rows)), visits.customer[rows]))]
    wanted = 1 + pick(rng, _OCCASIONS, count)
    rows = rows[_ranks(visits.customer[rows]) < wanted[visits.customer[rows]]]
    basis = np.where(rng.random(len(rows)) < _WITH_HEALTH, FULL, WITHOUT_HEALTH).astype(np.int32)
    return _Occasions(visits.customer[rows], visits.day[rows], basis)


def _services(chunk: Chunk, occasions: _Occasions, rng: Rng) -> _Shown:
    """Return the two or three services that a recommender would have found, never used ones first."""
    who, day = occasions.customer, occasions.day
    profiles = chunk.history.truth.profiles
    stated = profiles.goals[who] & ~chunk.people.no_goals[who, None] & (occasions.basis == FULL)[:, None]
    seen = POPULARITY + stated.astype(np.float32) @ GOAL_UTILITY + season(day)[:, None] * SEASONAL_UTILITY
    used, done = _uses(chunk, occasions)
    score = seen + gumbels(rng, seen.shape) / 2 + _NEW * ~used + _FORESEEN * done
    wanted = np.where(rng.random(len(who)) < _SHOW_A_THIRD, 3, 2)
    shown = np.argsort(np.argsort(-score, axis=1), axis=1) < wanted[:, None]
    prior = _shares_within(seen, used)
    rank = np.where(shown, np.argsort(np.argsort(-(prior + ~used + 2 * shown), axis=1), axis=1), 0)
    row, service = (places.astype(np.int32) for places in np.nonzero(shown))
    wish = services_wished(profiles, who, day)
    telling = stated[row] & (GOAL_UTILITY[:, service].T >= _TELLING)
    strongest = np.argmax(np.where(telling, GOAL_UTILITY[:, service].T, 0), axis=1)
    otherwise = np.where(used[row, service], USED, NEVER_USED)
    return _Shown(
        occasion=occasions.at(row),
        kind=SERVICE,
        subject=service,
        ground=np.where(telling.any(axis=1), strongest, otherwise).astype(np.int32),
        goals=(telling @ (1 << np.arange(len(GOALS)))).astype(np.int32),
        place=(1 + rank[row, service]).astype(np.int32),
        prior=prior[row, service],
        wish=(wish - wish.mean(axis=1, keepdims=True))[row, service],
        done=done[row, service],
    )


def _packages(chunk: Chunk, occasions: _Occasions, rng: Rng) -> _Shown:
    """Return one package on some of the days, mostly the one that is bought within the month."""
    purchases, now = chunk.history.purchases, _keys(occasions.customer, occasions.day)
    bought = np.append(_keys(purchases.customer, purchases.day), np.iinfo(np.int64).max)
    following = np.searchsorted(bought, now, side="right")
    soon = bought[following] <= now + ACTED_WITHIN
    chance = np.where(soon, _PACKAGE_SHOWN_BEFORE_SALE, _PACKAGE_SHOWN)
    rows = np.flatnonzero(rng.random(len(now)) < chance).astype(np.int32)
    count, soon, following = len(rows), soon[rows], following[rows]
    foreseen = soon & (rng.random(count) < _PACKAGE_FORESEEN)
    package = np.append(purchases.package, np.int32(0))[np.where(soon, following, NONE)]
    subject = np.where(foreseen, package, rng.integers(0, len(PACKAGE_IDS), count)).astype(np.int32)
    nothing = np.zeros(count, np.int32)
    return _Shown(
        occasion=occasions.at(rows),
        kind=PACKAGE,
        subject=subject,
        ground=nothing + USED,
        goals=nothing,
        place=nothing + 1,
        prior=rng.beta(8.0, 3.0, count).astype(np.float32),
        wish=nothing.astype(np.float32),
        done=soon & (package == subject),
    )


def _uses(chunk: Chunk, occasions: _Occasions) -> tuple[Flags, Flags]:
    """Return which services each customer had used by the day, and which they use in the month after it."""
    sessions = chunk.sessions
    zero = np.zeros_like(occasions.day)
    used, done = (np.zeros((len(occasions.day), len(SERVICES)), np.bool_) for _ in range(2))
    for service in range(len(SERVICES)):
        held = (sessions.service == service) & (sessions.status == COMPLETED)
        keys = _keys(sessions.customer[held], sessions.day[held])
        first, now, then = (
            np.searchsorted(keys, _keys(occasions.customer, day), side="right")
            for day in (zero, occasions.day, occasions.day + ACTED_WITHIN)
        )
        used[:, service], done[:, service] = now > first, then > now
    return used, done


def _answered(shown: _Shown, rng: Rng) -> Recommendations:
    count = len(shown.subject)
    logit = _ACCEPT[shown.kind] + _ACCEPT_PER_UTILITY * shown.wish + _ACCEPT_IF_DONE[shown.kind] * shown.done
    accepts = rng.random(count, dtype=np.float32) < 1 / (1 + np.exp(-logit))
    otherwise = np.where(rng.random(count) < _DEFERRED, DEFERRED, REJECTED)
    action = np.where(accepts, ACCEPTED, otherwise)
    steps = np.cumsum(_SCORES, axis=1)[action]
    score = 1 + (steps <= rng.random(count)[:, None] * steps[:, -1:]).sum(axis=1)
    answers = rng.random(count) < _ANSWERED
    scores = answers & (rng.random(count) < _SCORED)
    prior = np.rint(np.clip(shown.prior, _LEAST_PRIOR, _MOST_PRIOR) * 10_000)
    return Recommendations(
        customer=shown.occasion.customer,
        day=shown.occasion.day,
        basis=shown.occasion.basis,
        kind=np.full(count, shown.kind, np.int32),
        subject=shown.subject,
        ground=shown.ground,
        goals=shown.goals,
        place=shown.place,
        prior=prior.astype(np.int32),
        action=np.where(answers, action, NONE).astype(np.int32),
        score=np.where(scores, score, UNSCORED).astype(np.int32),
    )


def _shares_within(utility: Floats, used: Flags) -> Floats:
    """Return each service's chance among those never used, or among those used, whichever it is of."""
    weights = np.exp(utility)
    shares = np.zeros_like(weights)
    for kept in (used, ~used):
        among = np.where(kept, weights, np.float32(0))
        shares += among / np.maximum(among.sum(axis=1, keepdims=True), np.float32(1e-30))
    return shares


def _keys(customer: Ints, day: Ints) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return numbers in the order of customer and day."""
    return (customer.astype(np.int64) << _DAY_BITS) | day


def _ranks(customer: Ints) -> Ints:
    """Count the rows of each customer from 0; a customer's rows stand together."""
    rows = np.arange(len(customer), dtype=np.int32)
    begins = np.ones(len(customer), np.bool_)
    begins[1:] = customer[1:] != customer[:-1]
    return rows - np.maximum.accumulate(np.where(begins, rows, 0))
