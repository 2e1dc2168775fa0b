"""The churn model: its fit and its scores for a million customers, beside what anybody would write first."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from scipy import optimize  # pyright: ignore[reportMissingTypeStubs]

from benchmarks.report import Section
from insight.churn import (
    ChurnModel,
    VisitForecast,
    VisitStatistics,
    fit_churn,
    log_likelihoods,
    probability_alive,
    visit_within,
)

CUSTOMERS, SAMPLE, PLAIN, TURNS = 1_000_000, 50_000, 20_000, 5

_TRUTH = ChurnModel(r=1.4, alpha=0.9, a=0.9, b=30.0, k=2)
_LONGEST_DAYS = 1_095
_DAYS_A_WEEK = 7
_SIXTY_DAYS = 60 / _DAYS_A_WEEK
_SAME = 1e-4  # of the log likelihood a customer, and of a probability

Result = TypeVar("Result")

_HEAD = ("what", "way", "customers", "seconds", "µs/customer", "time to the plain way")

_WORDS = f"""\
The churn model (MBG/CNBD-k) on {CUSTOMERS:,} customers drawn from the model itself, with visits on whole days
over three years, {{visits:.0f}} on average. The fit chooses the shape k by a sample of {SAMPLE:,}
customers. The plain fit takes the same sample and hands the likelihood to the same optimizer, which has to
find the slope by itself; the plain score is the same formula in a Python loop. Both ways must agree."""


class NotTheSame(Exception):
    """The two ways do not agree, so comparing them would say nothing."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One way to do one thing for so many customers."""

    what: str
    way: str
    customers: int
    seconds: float


def measure() -> Section:
    """Fit and score, in the gateway's way and in the plain one."""
    statistics = drawn(_TRUTH, CUSTOMERS, np.random.default_rng(1))
    measured = [*_fits(statistics), *_scores(statistics), *_single_scores(statistics)]
    return Section(
        "Models",
        _WORDS.format(visits=1 + statistics.repeats.mean()),
        [_HEAD, *(_cells(one, measured) for one in measured)],
        labels=2,
        load=f"one thread; scores are medians of {TURNS}, benchmarks/insight.py",
    )


def drawn(model: ChurnModel, customers: int, rng: np.random.Generator) -> VisitStatistics:
    """Draw customers' statistics, in weeks, from a model in weeks; nobody has two visits on a day."""
    rate = rng.gamma(model.r, 1 / model.alpha, customers) / _DAYS_A_WEEK
    leaving = rng.beta(model.a, model.b, customers)
    age = rng.integers(0, _LONGEST_DAYS, customers).astype(np.float64)
    repeats, last, log_gaps = (np.zeros(customers) for _ in range(3))
    here = np.arange(customers)
    while len(here):
        here = here[rng.random(len(here)) >= leaving[here]]
        gap = np.maximum(np.rint(rng.standard_gamma(model.k, len(here)) / rate[here]), 1)
        comes = last[here] + gap <= age[here]
        here, gap = here[comes], gap[comes]
        repeats[here] += 1
        last[here] += gap
        log_gaps[here] += np.log(gap / _DAYS_A_WEEK)
    return VisitStatistics(repeats, last / _DAYS_A_WEEK, age / _DAYS_A_WEEK, log_gaps)


def _fits(statistics: VisitStatistics) -> Iterable[Measurement]:
    seconds, fit = _timed(lambda: fit_churn(statistics, rng=np.random.default_rng(2), sample=SAMPLE))
    yield Measurement("fit", "the gateway's", statistics.customers, seconds)
    chosen = np.sort(np.random.default_rng(2).choice(statistics.customers, SAMPLE, replace=False))
    shapes = list(fit.log_likelihood_by_shape)
    seconds, plain = _timed(lambda: _plain_fit(statistics.rows(chosen), shapes))
    _require_same(fit.log_likelihood / SAMPLE, plain / SAMPLE)
    yield Measurement("fit", "plain", statistics.customers, seconds)
    seconds, _ = _timed(lambda: fit_churn(statistics))
    yield Measurement("fit without sampling", "the gateway's", statistics.customers, seconds)


def _plain_fit(statistics: VisitStatistics, shapes: Sequence[int]) -> float:
    """Return the best log likelihood of the shapes, by slopes from differences."""

    def loss(logs: NDArray[np.float64], shape: int) -> float:
        r, alpha, a, b = np.exp(logs).tolist()
        return -float(log_likelihoods(ChurnModel(r, alpha, a, b, shape), statistics).mean())

    start = np.log([1.0, 1.0, 1.0, 4.0])
    bounds = [(at - 7, at + 7) for at in start]
    minimize = cast("Callable[..., Any]", optimize.minimize)  # pyright: ignore[reportUnknownMemberType]
    options = {"ftol": 1e-13, "gtol": 1e-8}
    lowest = [
        float(minimize(loss, start, (shape,), method="L-BFGS-B", bounds=bounds, options=options).fun)
        for shape in shapes
    ]
    return -min(lowest) * statistics.customers


def _scores(statistics: VisitStatistics) -> Iterable[Measurement]:
    columns = (statistics.repeats, statistics.recency, statistics.age)
    few = [column[:PLAIN].tolist() for column in columns]
    alive = probability_alive(_TRUTH, *columns)
    _require_same(
        float(alive[:PLAIN].sum()), sum(_plain_alive(_TRUTH, *one) for one in zip(*few, strict=True))
    )
    ways: tuple[tuple[str, str, int, Callable[[], object]], ...] = (
        ("P(alive), all", "the gateway's", CUSTOMERS, lambda: probability_alive(_TRUTH, *columns)),
        (
            "P(alive), all",
            "plain",
            PLAIN,
            lambda: [_plain_alive(_TRUTH, *one) for one in zip(*few, strict=True)],
        ),
        (
            "P(visit in 60 days), all",
            "the gateway's",
            CUSTOMERS,
            lambda: visit_within(_TRUTH, *columns, _SIXTY_DAYS),
        ),
    )
    for what, way, customers, work in ways:
        yield Measurement(what, way, customers, median(_timed(work)[0] for _ in range(TURNS)))


def _single_scores(statistics: VisitStatistics) -> Iterable[Measurement]:
    columns = (statistics.repeats, statistics.recency, statistics.age)
    rows = list(zip(*(column[:2_000].tolist() for column in columns), strict=True))
    forecasts = [VisitForecast(_TRUTH, int(x), recency, age) for x, recency, age in rows]
    ways: tuple[tuple[str, str, Callable[[], object]], ...] = (
        ("P(alive), one", "the gateway's", lambda: [one.probability_alive for one in forecasts]),
        ("P(alive), one", "plain", lambda: [_plain_alive(_TRUTH, *one) for one in rows]),
        (
            "P(visit in 60 days), one",
            "the gateway's",
            lambda: [one.visit_within(_SIXTY_DAYS) for one in forecasts],
        ),
        (
            "visits in a year, one",
            "the gateway's",
            lambda: [one.expected_visits(365 / 7) for one in forecasts],
        ),
    )
    for what, way, work in ways:
        yield Measurement(what, way, 1, median(_timed(work)[0] for _ in range(TURNS)) / len(rows))


def _plain_alive(model: ChurnModel, repeats: float, recency: float, age: float) -> float:
    """Return P(alive) of one customer by the formula as it is written down."""
    weight = model.r + model.k * repeats
    share = (age - recency) / (model.alpha + age)
    total = term = 1.0
    for phase in range(1, model.k):
        term *= (weight + phase - 1) / phase * share
        total += term
    staying = math.log(total) - weight * math.log(model.alpha + age)
    leaving = math.log(model.a / (model.b + repeats)) - weight * math.log(model.alpha + recency)
    return 1 / (1 + math.exp(min(leaving - staying, 700)))


def _timed(work: Callable[[], Result]) -> tuple[float, Result]:
    began = perf_counter()
    result = work()
    return perf_counter() - began, result


def _require_same(one: float, other: float) -> None:
    if abs(one - other) > _SAME * max(1, abs(other)):
        raise NotTheSame(f"{one} {other}")


def _cells(one: Measurement, every: Sequence[Measurement]) -> list[str]:
    each = 1e6 * one.seconds / one.customers
    plain = [
        1e6 * same.seconds / same.customers for same in every if same.what == one.what and same.way == "plain"
    ]
    return [
        one.what,
        one.way,
        f"{one.customers:,}",
        f"{one.seconds:.6f}" if one.customers == 1 else f"{one.seconds:.3f}",
        f"{each:,.3f}",
        f"{each / plain[0]:.4f}" if plain else "",
    ]
