from math import exp, factorial, log

import numpy as np
import pytest
from scipy import stats

from insight.churn import ChurnModel, VisitStatistics, log_likelihoods, visit_statistics
from insight.churn.slope import Likelihood

GAPS = {0: [], 1: [2.5], 3: [1.0, 4.0, 2.0]}
MODELS = [
    ChurnModel(1.3, 2.0, 1.2, 4.0, k, leaves_at_once) for k in (1, 2, 3) for leaves_at_once in (True, False)
]


def history(gaps: list[float], age: float) -> VisitStatistics:
    numbers = (float(len(gaps)), sum(gaps), age, sum(log(gap) for gap in gaps))
    return VisitStatistics(*(np.array([number]) for number in numbers))


def integrated(model: ChurnModel, gaps: list[float], age: float) -> float:
    """The likelihood by its definition: over every rate and chance to leave, visit by visit."""
    nodes, weights = np.polynomial.legendre.leggauss(300)
    chance, rate = np.meshgrid((nodes + 1) / 2, 6 * (nodes + 1), indexing="ij")
    likelihood = stats.gamma.pdf(rate, model.r, scale=1 / model.alpha)
    likelihood = likelihood * stats.beta.pdf(chance, model.a, model.b)
    for number, gap in enumerate(gaps):
        may_leave_before = model.leaves_at_once or number > 0
        likelihood = likelihood * (1 - chance if may_leave_before else 1)
        likelihood = likelihood * stats.gamma.pdf(gap, model.k, scale=1 / rate)
    waits = stats.poisson.cdf(model.k - 1, rate * (age - sum(gaps)))
    may_leave = model.leaves_at_once or bool(gaps)
    likelihood = likelihood * (chance + (1 - chance) * waits if may_leave else waits)
    return float(weights @ likelihood @ weights / 2 * 6)


@pytest.mark.parametrize("model", MODELS)
def test_the_likelihood_is_the_integral_over_rates_and_chances(model: ChurnModel) -> None:
    for repeats in (0, 3):
        closed = float(log_likelihoods(model, history(GAPS[repeats], 12.0))[0])
        assert exp(closed) == pytest.approx(integrated(model, GAPS[repeats], 12.0), rel=1e-3)


@pytest.mark.parametrize("model", MODELS)
def test_a_fit_climbs_the_slope_of_that_likelihood(model: ChurnModel) -> None:
    histories = [history(gaps, age) for gaps in GAPS.values() for age in (7.5, 12.0, 12.0)]
    together = VisitStatistics(
        *(np.concatenate([getattr(h, name) for h in histories]) for name in VisitStatistics.__slots__)
    )
    whole = Likelihood(together, leaves_at_once=model.leaves_at_once)
    logs = np.log([model.r, model.alpha, model.a, model.b])
    value, slope = whole.at(logs, model.k)

    gaps_alone = (model.k - 1) * together.log_gaps - together.repeats * log(factorial(model.k - 1))
    assert value == pytest.approx((log_likelihoods(model, together) - gaps_alone).sum())
    step = 1e-6
    for place, nudge in enumerate(np.eye(4) * step):
        rise = whole.at(logs + nudge, model.k)[0] - whole.at(logs - nudge, model.k)[0]
        assert slope[place] == pytest.approx(rise / (2 * step), rel=1e-5, abs=1e-6)


def test_nobody_has_left_without_a_repeat_visit_where_nobody_leaves_at_once() -> None:
    stays = ChurnModel(1.3, 2.0, 1.2, 4.0, 1, leaves_at_once=False)
    never_leaves = ChurnModel(1.3, 2.0, 1e-9, 4.0, 1, leaves_at_once=True)
    one_visit = history([], 12.0)
    assert log_likelihoods(stays, one_visit) == pytest.approx(log_likelihoods(never_leaves, one_visit))


def test_thousands_of_visits_do_not_overflow() -> None:
    regular = VisitStatistics(*(np.array([value]) for value in (9_000.0, 1_300.0, 1_301.0, -17_000.0)))
    assert np.isfinite(log_likelihoods(ChurnModel(1.0, 1.0, 1.0, 5.0, 6), regular)).all()


def test_statistics_count_days_in_any_order_and_a_duplicate_once() -> None:
    customer = np.array([7, 3, 7, 7, 3, 7])
    day = np.array([21, 5, 7, 21, 5, 14])
    found = visit_statistics(customer, day, until_day=28, days_a_unit=7)
    assert found.repeats.tolist() == [0, 2]
    assert found.recency.tolist() == [0, 2]
    assert found.age.tolist() == [23 / 7, 3]
    assert found.log_gaps.tolist() == [0, 0]


def test_statistics_leave_out_days_ahead_and_customers_who_have_no_other() -> None:
    found = visit_statistics(np.array([1, 1, 2]), np.array([0, 35, 30]), until_day=28)
    assert found.repeats.tolist() == [0]
    assert found.age.tolist() == [4]


def test_there_are_no_statistics_of_nobody() -> None:
    nobody = np.array([], dtype=np.int64)
    assert visit_statistics(nobody, nobody, until_day=28).customers == 0
