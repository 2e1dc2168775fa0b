"""At which time of the year customers come more often, and at which less."""

from dataclasses import dataclass
from datetime import date
from math import hypot

import numpy as np
from scipy.special import i0  # pyright: ignore[reportMissingTypeStubs]

from insight.visit_days import FloatArray, IntArray, distinct_visits, first_places

_ORIGIN = date(2000, 1, 1)
_YEAR = 365.25
_PRIOR_SPREAD = 0.2  # a center's season is rarely stronger than this
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class SeasonIndex:
    """A wave over the year: the log of how often customers come, against their own usual.

    Attributes:
        cosine: Strength of the part that peaks on 1 January.
        sine: Strength of the part that peaks at the beginning of April.
    """

    cosine: float
    sine: float

    @property
    def strength(self) -> float:
        """How far the height of the season is above the usual, in logarithms: 0.18 is about 18%."""
        return hypot(self.cosine, self.sine)

    def factor(self, start: date, days: int) -> float:
        """Return how busy the `days` (at least 1) from `start` on are on average, 1 as the year is."""
        angle = _angles((start - _ORIGIN).days + np.arange(days))
        height = np.exp(self.cosine * np.cos(angle) + self.sine * np.sin(angle))
        return float(height.mean() / i0(self.strength))


NO_SEASON = SeasonIndex(0.0, 0.0)


def fit_season(customer: IntArray, day: IntArray, *, epoch: date) -> SeasonIndex:
    """Fit the season to visits, each against its customer's own rate.

    A customer's visits between their first and last would fall anywhere there with equal chance if there were
    no season; the season makes a day as much likelier as its index is higher. So a customer adds to the
    likelihood how well the index foretells their days, whatever their own rate is and whichever months they
    were with the center. Both strengths are shrunk by a normal prior with a spread of 0.2: without customers
    who came three times there is no season.

    Args:
        customer: Who came, one entry a visit, in any order, duplicates allowed.
        day: When, in days since `epoch`.
        epoch: The day that has the number 0.
    """
    who, when = distinct_visits(customer, day.astype(np.int64) + (epoch - _ORIGIN).days)
    starts = first_places(who)
    visits = np.diff(starts, append=len(who))
    between = np.maximum(visits - 2, 0)
    kept = between > 0
    if not kept.any():
        return NO_SEASON
    origin = int(when.min())
    first = when[starts][kept] - origin
    last = when[starts + visits - 1][kept] - origin
    inner = np.ones(len(who), dtype=np.bool_)
    inner[starts] = inner[starts + visits - 1] = False

    waves = _waves(origin + np.arange(int(when.max()) - origin + 1))
    seen: FloatArray = waves[when[inner] - origin].sum(axis=0)
    prior = np.eye(2) / _PRIOR_SPREAD**2
    strengths: FloatArray = np.zeros(2)
    for _ in range(_ROUNDS):
        expected, spread = _expected(waves, strengths, (first, last, between[kept].astype(np.float64)))
        slope = seen - expected - prior @ strengths
        strengths = strengths + np.linalg.solve(spread + prior, slope)
    return SeasonIndex(float(strengths[0]), float(strengths[1]))


def _expected(
    waves: FloatArray, strengths: FloatArray, windows: tuple[IntArray, IntArray, FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Return the waves' expected sums over the visits between first and last, and their covariance."""
    first, last, visits = windows
    cosine, sine = waves.T
    height = np.exp(waves @ strengths)

    def mean(values: FloatArray) -> FloatArray:
        sums = np.cumsum(values * height)
        return (sums[last - 1] - sums[first]) / mass

    running = np.cumsum(height)
    mass = running[last - 1] - running[first]
    means = np.stack([mean(cosine), mean(sine)])
    products = np.stack([mean(cosine * cosine), mean(cosine * sine), mean(sine * sine)])
    weighed = means * visits
    squares = products @ visits
    spread = squares[[[0, 1], [1, 2]]] - weighed @ means.T
    return weighed.sum(axis=1), spread


def _waves(days: IntArray) -> FloatArray:
    """Return cosine and sine of the time of the year, one row a day since 2000-01-01."""
    angle = _angles(days)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _angles(days: IntArray) -> FloatArray:
    return days.astype(np.float64) * (2 * np.pi / _YEAR)
