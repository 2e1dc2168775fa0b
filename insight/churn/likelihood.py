"""How likely histories of visits are under a churn model.

While a customer stays, a gap has the density rate^k gap^(k-1) exp(-rate gap) / (k-1)!, with the rate from
Gamma(r, alpha); after a visit the customer leaves with a chance from Beta(a, b). Integrated over both, a
history of x repeat visits up to tx, seen until T, has two ends: the customer is still there and the next
visit is yet to come, or the customer left at tx. Both share the factors of `log_likelihoods`; what they
differ in are the weights below. Everything is in logarithms, since R = r + k x runs into the thousands.

Platzer & Reutterer (2016), "Ticking Away the Moments"; for k = 1 Fader, Hardie & Lee (2005), equation 6, and
Batislam, Denizel & Filiztekin (2007).
"""

import numpy as np
from scipy.special import betaln, gammaln  # pyright: ignore[reportMissingTypeStubs]

from insight.churn.model import ChurnModel
from insight.churn.statistics import VisitStatistics
from insight.visit_days import FloatArray


def log_likelihoods(model: ChurnModel, statistics: VisitStatistics) -> FloatArray:
    """Return the log likelihood of each customer's history, in the time unit of the statistics."""
    x = statistics.repeats
    survived = x + model.leaves_at_once
    gaps = (model.k - 1) * statistics.log_gaps - x * gammaln(model.k)
    stayed = betaln(model.a, model.b + survived) - betaln(model.a, model.b)
    came = gammaln(model.r + model.k * x) - gammaln(model.r) + model.r * np.log(model.alpha)
    ends = np.logaddexp(
        log_staying(model, x, statistics.recency, statistics.age), log_leaving(model, x, statistics.recency)
    )
    return gaps + stayed + came + ends


def log_staying(model: ChurnModel, repeats: FloatArray, recency: FloatArray, until: FloatArray) -> FloatArray:
    """Return the log weight of customers who are still there and did not visit from `recency` to `until`.

    log S(s), S(s) = (alpha + s)^-R sum over j < k of (R)_j / j! ((s - tx) / (alpha + s))^j, (R)_j the rising
    factorial: j of the k phases of the next gap are over.
    """
    weight = model.r + model.k * repeats
    until_scaled = model.alpha + until
    log_weight = -weight * np.log(until_scaled)
    if model.k == 1:
        return log_weight
    share = (until - recency) / until_scaled
    term = total = np.ones_like(share)
    for phase in range(1, model.k):
        term = term * (weight + (phase - 1)) * share / phase
        total = total + term
    return log_weight + np.log(total)


def log_leaving(model: ChurnModel, repeats: FloatArray, recency: FloatArray) -> FloatArray:
    """Return the log weight of customers who left right after their last visit.

    log D, D = a / (b + x) (alpha + tx)^-R; where nobody leaves at once, a / (b + x - 1), and 0 for x = 0.
    """
    weight = model.r + model.k * repeats
    if model.leaves_at_once:
        return np.log(model.a) - np.log(model.b + repeats) - weight * np.log(model.alpha + recency)
    chances = np.maximum(repeats - 1, 0)
    left = np.log(model.a) - np.log(model.b + chances) - weight * np.log(model.alpha + recency)
    return np.where(repeats > 0, left, -np.inf)
