"""How far a churn model finds what only a simulator knows: who has left, who comes again, how often."""

from dataclasses import dataclass

import numpy as np

from insight.churn import ChurnModel, VisitStatistics, probability_alive, visit_within
from insight.evaluation.holdout import Flags, Floats
from insight.evaluation.metrics import auc, brier, expected_calibration_error, rank_correlation


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of customers, one entry each, today.

    Attributes:
        stays: Whether the customer has not left for good.
        comes: Whether there will be a visit within the horizon.
        rate: Visits a unit of time, while the customer stays.
    """

    stays: Flags
    comes: Flags
    rate: Floats

    def rows(self, chosen: Flags) -> "Truth":
        """Return the customers whose flag is up."""
        return Truth(self.stays[chosen], self.comes[chosen], self.rate[chosen])


@dataclass(frozen=True, slots=True)
class ChanceScores:
    """How good the probabilities of something were, 0-1; None where nothing can be said."""

    auc: float | None
    brier: float | None
    ece: float | None


@dataclass(frozen=True, slots=True)
class Recovery:
    """How far the truth was found.

    Attributes:
        customers: Among how many.
        alive: Of the probability that the customer stays.
        comes: Of the probability of a visit within the horizon.
        comes_by_recency: AUC of the same when customers are only ordered by their last visit.
        rate_correlation: Rank correlation of the expected rate with the true one, -1 to 1.
    """

    customers: int
    alive: ChanceScores
    comes: ChanceScores
    comes_by_recency: float | None
    rate_correlation: float | None


def recovery(model: ChurnModel, known: VisitStatistics, truth: Truth, horizon: float) -> Recovery:
    """Compare what a model says of customers today with the truth; the horizon is in the model's unit."""
    history = (known.repeats, known.recency, known.age)
    return Recovery(
        customers=known.customers,
        alive=_scores(truth.stays, probability_alive(model, *history)),
        comes=_scores(truth.comes, visit_within(model, *history, horizon)),
        comes_by_recency=auc(truth.comes, known.recency - known.age),
        rate_correlation=rank_correlation(truth.rate, expected_rate(model, known)),
    )


def expected_rate(model: ChurnModel, known: VisitStatistics) -> Floats:
    """Return the expected visits a unit of time while each customer stays.

    For one who left at tx the rate is Gamma(R, alpha + tx), R = r + k x; for one who is still there it is
    Gamma(R + j, alpha + T) when j of the k phases of the running gap are over, which has the weight
    (R)_j / j! ((T - tx) / (alpha + T))^j. A visit takes k phases.
    """
    weight = model.r + model.k * known.repeats
    scaled = model.alpha + known.age
    share = (known.age - known.recency) / scaled
    phase_weight, total, phases = np.ones_like(share), np.zeros_like(share), np.zeros_like(share)
    for phase in range(model.k):
        if phase:
            phase_weight = phase_weight * (weight + (phase - 1)) * share / phase
        total = total + phase_weight
        phases = phases + phase_weight * phase
    if_left, if_there = weight / (model.alpha + known.recency), (weight + phases / total) / scaled
    alive = probability_alive(model, known.repeats, known.recency, known.age)
    return (alive * if_there + (1 - alive) * if_left) / model.k


def _scores(outcomes: Flags, probabilities: Floats) -> ChanceScores:
    return ChanceScores(
        auc=auc(outcomes, probabilities),
        brier=brier(outcomes, probabilities),
        ece=expected_calibration_error(outcomes, probabilities),
    )
