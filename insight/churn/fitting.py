"""Fitting the churn model by maximum likelihood."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy import optimize  # pyright: ignore[reportMissingTypeStubs]

from insight.churn.likelihood import log_likelihoods
from insight.churn.model import ChurnModel
from insight.churn.slope import Likelihood
from insight.churn.statistics import VisitStatistics
from insight.visit_days import FloatArray

_START_A, _START_B = 1.0, 4.0
_BOUNDS = ((-7.0, 7.0), (-10.0, 10.0), (-7.0, 9.0), (-7.0, 9.0))
_PRIOR_SPREAD = 1.5
_PRIOR_FADES_AT = 1000  # customers
_SHORTEST = 1e-3  # of the time unit
_NO_GAIN = 1e-6  # of a log likelihood: where nobody came twice, all shapes are as good


class NobodyVisited(ValueError):
    """There is no visit to fit a churn model to."""

    def __init__(self) -> None:
        super().__init__("a churn model needs at least one customer with a visit")


@dataclass(frozen=True, slots=True)
class ChurnFit:
    """A fitted model and how well it explains what it was fitted to.

    Attributes:
        model: The parameters, in the time unit of the statistics.
        log_likelihood: Of the customers it was fitted to, without any prior.
        customers: How many these are: all, or the sample.
        log_likelihood_by_shape: The same for each shape k that was tried, in the better family.
    """

    model: ChurnModel
    log_likelihood: float
    customers: int
    log_likelihood_by_shape: Mapping[int, float]


def fit_churn(  # noqa: PLR0913 - each says one thing about the fit
    statistics: VisitStatistics,
    *,
    leaves_at_once: bool | None = True,
    shapes: Iterable[int] = range(1, 7),
    rng: np.random.Generator | None = None,
    sample: int = 50_000,
    with_prior: bool = True,
) -> ChurnFit:
    """Fit the model with the most likely shape k.

    Shapes are tried in their order until the likelihood falls. Below 1,000 customers a prior that fades as
    they become more keeps parameters near those of an ordinary center, so that two customers, or a hundred
    who all came once, give a cautious answer instead of an extreme one: each logarithm is normal with a
    spread of 1.5 around r = 1, the mean gap, a = 1 and b = 4, weighed by 1 - customers / 1,000.

    Args:
        statistics: One row a customer, in any time unit.
        leaves_at_once: Whether to fit MBG/CNBD-k (True), BG/CNBD-k (False), or the likelier (None).
        shapes: The shapes to try; not empty.
        rng: Draws the sample when there are more customers than `sample`; without it all are fitted.
        sample: How many customers are enough.
        with_prior: Without it the answer is the maximum of the likelihood, however few the customers.

    Raises:
        NobodyVisited: There are no statistics.
    """
    if not statistics.customers:
        raise NobodyVisited
    if rng is not None and statistics.customers > sample:
        chosen = np.sort(rng.choice(statistics.customers, sample, replace=False))
        statistics = statistics.rows(chosen)
    shapes = tuple(shapes)
    families = (True, False) if leaves_at_once is None else (leaves_at_once,)
    weight = max(0.0, 1 - statistics.customers / _PRIOR_FADES_AT) / _PRIOR_SPREAD**2 if with_prior else 0.0
    fits = [
        _fit_family(statistics, shapes, weight, Likelihood(statistics, leaves_at_once=family))
        for family in families
    ]
    return max(fits, key=lambda fit: fit.log_likelihood)


def _fit_family(
    statistics: VisitStatistics, shapes: tuple[int, ...], prior_weight: float, likelihood: Likelihood
) -> ChurnFit:
    models: dict[int, ChurnModel] = {}
    by_shape: dict[int, float] = {}
    best = shapes[0]
    for shape in shapes:
        models[shape] = _fit_shape(likelihood, statistics, shape, prior_weight)
        by_shape[shape] = float(log_likelihoods(models[shape], statistics).sum())
        if shape != best and by_shape[shape] < by_shape[best] + _NO_GAIN:
            break
        best = shape
    return ChurnFit(models[best], by_shape[best], statistics.customers, by_shape)


def _fit_shape(
    likelihood: Likelihood, statistics: VisitStatistics, shape: int, prior_weight: float
) -> ChurnModel:
    middle = np.log([1.0, _typical_gap(statistics) / shape, _START_A, _START_B])
    customers = statistics.customers

    def loss(logs: FloatArray) -> tuple[float, FloatArray]:
        value, slope = likelihood.at(logs, shape)
        off = logs - middle
        prior = prior_weight * float(off @ off) / 2
        return (prior - value) / customers, (prior_weight * off - slope) / customers

    r, alpha, a, b = np.exp(_lowest(loss, middle)).tolist()
    return ChurnModel(r, alpha, a, b, shape, likelihood.leaves_at_once)


def _lowest(loss: Callable[[FloatArray], tuple[float, FloatArray]], start: FloatArray) -> FloatArray:
    minimize = cast("Callable[..., Any]", optimize.minimize)  # pyright: ignore[reportUnknownMemberType]
    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(at + low, at + high) for at, (low, high) in zip(start, _BOUNDS, strict=True)],
        options={"ftol": 1e-13, "gtol": 1e-8, "maxiter": 500},
    )
    return found.x


def _typical_gap(statistics: VisitStatistics) -> float:
    """Return the mean gap, counting the one that is running."""
    return max(float(statistics.age.sum() / (statistics.repeats.sum() + 1)), _SHORTEST)
