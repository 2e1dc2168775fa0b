"""The likelihood of all customers together and its slope, as fast as a fit needs them."""

import numpy as np
from scipy.special import betaln, gammaln, psi  # pyright: ignore[reportMissingTypeStubs]

from insight.churn.statistics import VisitStatistics
from insight.visit_days import FloatArray


class Likelihood:
    """The log likelihood of statistics as a function of (log r, log alpha, log a, log b) and the shape.

    Customers with equal histories are counted, not repeated, and the special functions are computed once for
    each number of visits. The gaps' own part, (k - 1) log_gaps - x log (k - 1)!, does not depend on the
    parameters and is left out.
    """

    def __init__(self, statistics: VisitStatistics, *, leaves_at_once: bool) -> None:
        self.leaves_at_once = leaves_at_once
        histories = np.stack([statistics.repeats, statistics.recency, statistics.age], axis=1)
        distinct, counts = np.unique(histories, axis=0, return_counts=True)
        self._x, self._tx, self._age = np.ascontiguousarray(distinct.T)
        self._count = counts.astype(np.float64)
        self._visits, place = np.unique(self._x, return_inverse=True)
        self._visit_count = np.bincount(place, self._count).astype(np.float64)
        self._customers = self._count.sum()

    def at(self, logs: FloatArray, shape: int) -> tuple[float, FloatArray]:
        """Return the log likelihood and its derivatives by the four logarithms."""
        r, alpha, a, b = np.exp(logs)
        by_visits, slope_by_visits = self._of_visit_counts(r, a, b, shape)
        ends, slope_of_ends = self._of_ends(r, alpha, a, b, shape)
        value = by_visits + ends + self._customers * r * np.log(alpha)
        slope = slope_by_visits + slope_of_ends
        slope[0] += self._customers * np.log(alpha)
        slope[1] += self._customers * r / alpha
        return float(value), slope * (r, alpha, a, b)

    def _of_visit_counts(self, r: float, a: float, b: float, shape: int) -> tuple[float, FloatArray]:
        """Return what depends on the number of visits only: Gamma(R) / Gamma(r) and B(a, c) / B(a, b)."""
        count, weight = self._visit_count, r + shape * self._visits
        survived = b + self._visits + self.leaves_at_once
        value = gammaln(weight) - gammaln(r) + betaln(a, survived) - betaln(a, b)
        both = psi(a + b) - psi(a + survived)
        slope = [
            _dot(count, psi(weight) - psi(r)),
            0.0,
            _dot(count, both),
            _dot(count, psi(survived) - psi(b) + both),
        ]
        return _dot(count, value), np.array(slope)

    def _of_ends(self, r: float, alpha: float, a: float, b: float, shape: int) -> tuple[float, FloatArray]:
        """Return what the two ends of a history, staying and leaving, add: log(S + D)."""
        weight, now, last = r + shape * self._x, alpha + self._age, alpha + self._tx
        log_now, log_last = np.log(now), np.log(last)
        share = (self._age - self._tx) / now
        total, by_weight, by_share = _phases(weight, share, shape)
        staying = np.log(total) - weight * log_now

        chances = self._x if self.leaves_at_once else np.maximum(self._x - 1, 0)
        leaving = np.log(a) - np.log(b + chances) - weight * log_last
        if not self.leaves_at_once:
            leaving = np.where(self._x > 0, leaving, -np.inf)
        both = np.logaddexp(staying, leaving)
        stays, leaves = self._count * np.exp(staying - both), self._count * np.exp(leaving - both)

        slope = [
            _dot(stays, by_weight / total - log_now) - _dot(leaves, log_last),
            -_dot(stays, (weight + share * by_share / total) / now) - _dot(leaves, weight / last),
            float(leaves.sum()) / a,
            -_dot(leaves, 1 / (b + chances)),
        ]
        return _dot(self._count, both), np.array(slope)


def _dot(one: FloatArray, other: FloatArray) -> float:
    """Return the sum of products; BLAS would wake threads for it, which costs ten times the arithmetic."""
    return float((one * other).sum())


def _phases(weight: FloatArray, share: FloatArray, shape: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the sum over j < k of (R)_j / j! share^j and its derivatives by R and by the share."""
    term = total = np.ones_like(share)
    by_weight, by_share = np.zeros_like(share), np.zeros_like(share)
    log_slope, before = np.zeros_like(share), term
    for phase in range(1, shape):
        before = term
        step = (weight + (phase - 1)) / phase
        term = before * step * share
        log_slope = log_slope + 1 / (weight + (phase - 1))
        total = total + term
        by_weight = by_weight + term * log_slope
        by_share = by_share + before * step * phase
    return total, by_weight, by_share
