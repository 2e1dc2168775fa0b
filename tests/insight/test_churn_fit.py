import numpy as np
import pytest
from churn_customers import lived_customers

from insight.churn import (
    ChurnModel,
    NobodyVisited,
    VisitStatistics,
    fit_churn,
    log_likelihoods,
    probability_alive,
)


def histories(*rows: tuple[float, float, float]) -> VisitStatistics:
    repeats, recency, age = np.array(rows, dtype=np.float64).T
    gaps = np.where(repeats > 0, recency / np.maximum(repeats, 1), 1)
    return VisitStatistics(repeats, recency, age, repeats * np.log(gaps))


@pytest.mark.parametrize(
    "truth",
    [
        ChurnModel(1.2, 3.0, 0.9, 6.0, 1, leaves_at_once=True),
        ChurnModel(1.2, 3.0, 0.9, 6.0, 1, leaves_at_once=False),
        ChurnModel(1.4, 1.5, 0.8, 8.0, 2, leaves_at_once=True),
        ChurnModel(1.4, 1.0, 0.8, 8.0, 3, leaves_at_once=False),
    ],
)
def test_a_fit_finds_the_family_the_shape_and_the_parameters_again(truth: ChurnModel) -> None:
    lived = lived_customers(truth, 12_000, seed=1).statistics
    found = fit_churn(lived, leaves_at_once=None)
    assert (found.model.k, found.model.leaves_at_once) == (truth.k, truth.leaves_at_once)
    assert found.model.r == pytest.approx(truth.r, rel=0.06)
    assert found.model.alpha == pytest.approx(truth.alpha, rel=0.08)
    assert found.model.a / found.model.b == pytest.approx(truth.a / truth.b, rel=0.1)
    assert found.model.a == pytest.approx(truth.a, rel=0.15)
    assert found.log_likelihood >= log_likelihoods(truth, lived).sum()


def test_a_fit_says_how_likely_it_makes_whom_and_which_shapes_it_tried() -> None:
    lived = lived_customers(ChurnModel(1.4, 1.5, 0.8, 8.0, 2), 2_000, seed=2).statistics
    found = fit_churn(lived)
    assert found.customers == 2_000
    assert found.log_likelihood == pytest.approx(log_likelihoods(found.model, lived).sum())
    assert list(found.log_likelihood_by_shape) == [1, 2, 3]
    assert max(found.log_likelihood_by_shape.values()) == found.log_likelihood


def test_the_time_unit_changes_alpha_and_nothing_else() -> None:
    lived = lived_customers(ChurnModel(1.4, 3.0, 0.8, 8.0, 1), 3_000, seed=3).statistics
    in_days = VisitStatistics(lived.repeats, lived.recency * 7, lived.age * 7, lived.log_gaps)
    weeks, days = (fit_churn(statistics, shapes=[1]).model for statistics in (lived, in_days))
    assert days.alpha == pytest.approx(7 * weeks.alpha, rel=1e-3)
    assert (days.r, days.a, days.b) == pytest.approx((weeks.r, weeks.a, weeks.b), rel=1e-3)


def test_a_sample_is_the_same_for_the_same_generator() -> None:
    lived = lived_customers(ChurnModel(1.4, 3.0, 0.8, 8.0, 1), 3_000, seed=3).statistics
    one, other = (fit_churn(lived, rng=np.random.default_rng(9), sample=1_200) for _ in range(2))
    assert one == other
    assert one.customers == 1_200
    assert one.model != fit_churn(lived).model


def test_histories_that_occur_twice_weigh_twice() -> None:
    lived = lived_customers(ChurnModel(1.4, 3.0, 0.8, 8.0, 1), 1_500, seed=3).statistics
    twice = lived.rows(np.repeat(np.arange(1_500), 2))
    once, doubled = fit_churn(lived, shapes=[1]), fit_churn(twice, shapes=[1])
    assert doubled.model.alpha == pytest.approx(once.model.alpha, rel=1e-3)
    assert doubled.log_likelihood == pytest.approx(2 * once.log_likelihood, rel=1e-6)


@pytest.mark.parametrize(
    "few",
    [
        histories((0, 0, 0)),
        histories((0, 0, 30)),
        histories((12, 50, 52)),
        histories(*[(0, 0, age) for age in range(1, 200)]),
        histories(*[(9, 10, 10)] * 40),
        histories((9_000, 1_300, 1_301), (0, 0, 5)),
    ],
    ids=["today only", "one visit", "one regular", "all came once", "all alike", "thousands of visits"],
)
def test_a_tiny_center_gets_a_cautious_model(few: VisitStatistics) -> None:
    for leaves_at_once in (True, False):
        model = fit_churn(few, leaves_at_once=leaves_at_once).model
        assert all(1e-4 < value < 1e5 for value in (model.r, model.alpha, model.a, model.b))
        alive = probability_alive(model, few.repeats, few.recency, few.age)
        assert ((alive >= 0) & (alive <= 1)).all()


def test_two_regulars_do_not_make_everybody_immortal() -> None:
    model = fit_churn(histories((20, 40, 41), (22, 40, 40.5))).model
    assert float(probability_alive(model, 20, 40, 41)) > 0.9
    assert float(probability_alive(model, 20, 40, 70)) < 0.3


def test_there_is_nothing_to_fit_to_nobody() -> None:
    empty = np.zeros(0)
    with pytest.raises(NobodyVisited):
        fit_churn(VisitStatistics(empty, empty, empty, empty))
