from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from churn_customers import LivedCustomers, lived_customers
from numpy.typing import NDArray
from scipy.special import hyp2f1

from insight.churn import (
    ChurnModel,
    VisitForecast,
    expected_visits,
    probability_alive,
    still_waiting,
    visit_within,
    visits_at_least,
)
from insight.season import SeasonIndex

HORIZON = 20.0
MODELS = [
    ChurnModel(1.2, 3.0, 0.9, 6.0, 1, leaves_at_once=True),
    ChurnModel(1.2, 3.0, 0.9, 6.0, 1, leaves_at_once=False),
    ChurnModel(1.3, 1.5, 0.8, 8.0, 2, leaves_at_once=True),
    ChurnModel(1.3, 1.0, 0.8, 8.0, 3, leaves_at_once=False),
]
MBG2 = MODELS[2]


def by_visits(lived: LivedCustomers) -> list[NDArray[np.bool_]]:
    x = lived.statistics.repeats
    return [(low <= x) & (x < high) for low, high in ((0, 1), (1, 4), (4, 11), (11, 9_999))]


def agree(foretold: NDArray[Any], happened: NDArray[Any], lived: LivedCustomers) -> None:
    """Within four standard errors, in every class of how often customers came."""
    for rows in by_visits(lived):
        error = float((happened[rows] - foretold[rows]).std()) / rows.sum() ** 0.5
        assert abs(float(foretold[rows].mean() - happened[rows].mean())) < 4 * error + 1e-9


@pytest.mark.parametrize("model", MODELS)
def test_forecasts_come_true_for_customers_who_live_by_the_model(model: ChurnModel) -> None:
    lived = lived_customers(model, 12_000, seed=4, horizon=HORIZON)
    seen = lived.statistics
    history = (seen.repeats, seen.recency, seen.age)
    agree(probability_alive(model, *history), lived.alive, lived)
    for visits in (1, 2, 5):
        foretold = visits_at_least(model, *history, visits, HORIZON)
        agree(foretold, lived.visits_ahead >= visits, lived)
    agree(expected_visits(model, *history, HORIZON), lived.visits_ahead, lived)


@pytest.mark.parametrize("model", MODELS)
def test_one_visit_or_more_is_a_visit_within(model: ChurnModel) -> None:
    lived = lived_customers(model, 500, seed=5).statistics
    history = (lived.repeats, lived.recency, lived.age)
    for horizon in (0.5, 8.0, 200.0):
        one_or_more = visits_at_least(model, *history, 1, horizon)
        assert one_or_more == pytest.approx(visit_within(model, *history, horizon), abs=1e-12)


def published_expectation(model: ChurnModel, x: float, tx: float, age: float, ahead: float) -> float:
    """Fader, Hardie & Lee (2005), equation 10, for BG/NBD and x > 0."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    scaled = alpha + age
    hypergeometric = hyp2f1(r + x, b + x, a + b + x - 1, ahead / (scaled + ahead))
    kept = 1 - (scaled / (scaled + ahead)) ** (r + x) * hypergeometric
    gone = a / (b + x - 1) * (scaled / (alpha + tx)) ** (r + x)
    return float((a + b + x - 1) / (a - 1) * kept / (1 + gone))


@pytest.mark.parametrize("history", [(2.0, 30.43, 38.86), (1.0, 1.71, 38.86), (26.0, 30.0, 31.0)])
def test_the_expected_visits_are_those_of_the_published_formula(history: tuple[float, float, float]) -> None:
    model = ChurnModel(0.243, 4.414, 0.793, 2.426, 1, leaves_at_once=False)
    for horizon in (1.0, 39.0, 365 / 7):
        published = published_expectation(model, *history, horizon)
        assert float(expected_visits(model, *history, horizon)) == pytest.approx(published, rel=1e-5)


def test_the_expected_visits_have_no_pole_where_a_is_one() -> None:
    below, at, above = (
        float(expected_visits(ChurnModel(0.5, 4.0, a, 2.5), 3, 20, 30, 52)) for a in (0.999, 1.0, 1.001)
    )
    assert below > at > above
    assert below - above < 0.01


def test_a_customer_who_came_once_may_have_left_at_once() -> None:
    alive = [float(probability_alive(MBG2, 0, 0, age)) for age in (0, 4, 20, 100)]
    assert alive[0] < 1
    assert alive == sorted(alive, reverse=True)


def test_nobody_leaves_before_a_repeat_visit_in_the_other_family() -> None:
    assert float(probability_alive(MODELS[1], 0, 0, 500)) == 1


def test_more_visits_are_less_probable_and_more_time_makes_each_more_so() -> None:
    table = visits_at_least(MBG2, 12, 40, 41, np.arange(1, 30), np.array([[4.0], [12.0], [52.0]]))
    assert table.shape == (3, 29)
    assert (np.diff(table, axis=1) < 0).all()
    assert (np.diff(table, axis=0) > 0).all()


def test_nothing_happens_in_no_time() -> None:
    forecast = VisitForecast(MBG2, 12, 40.0, 41.0)
    assert forecast.visit_within(0) == 0
    assert forecast.at_least(3, 0) == 0
    assert forecast.expected_visits(0) == pytest.approx(0)


def test_a_gap_is_longer_than_none_for_sure() -> None:
    waiting = still_waiting(MBG2, 12, 40, np.array([40.0, 42.0, 60.0]))
    assert waiting[0] == 1
    assert (np.diff(waiting) < 0).all()


def test_forecasts_keep_the_shape_of_what_is_asked() -> None:
    nobody = np.zeros(0)
    assert expected_visits(MBG2, nobody, nobody, nobody, 52).shape == (0,)
    assert expected_visits(MBG2, 12, 40, np.array([[41.0, 42.0]]), 52).shape == (1, 2)


def test_very_regular_and_very_old_customers_have_finite_forecasts() -> None:
    forecast = VisitForecast(ChurnModel(1.0, 1.0, 1.0, 50.0, 6), 2_000, 290.0, 290.1)
    assert 0.9 < forecast.probability_alive <= 1
    assert 0 < forecast.expected_visits(52) < 400
    assert VisitForecast(MBG2, 2_000, 290.0, 400.0).probability_alive < 1e-9


def test_one_customer_is_told_what_arrays_are_told() -> None:
    forecast = VisitForecast(MBG2, 12, 40.0, 41.0)
    assert forecast.probability_alive == float(probability_alive(MBG2, 12, 40, 41))
    assert forecast.visit_within(8.0) == float(visit_within(MBG2, 12, 40, 41, 8))
    assert forecast.at_least(4, 8.0) == float(visits_at_least(MBG2, 12, 40, 41, 4, 8))
    assert forecast.expected_visits(8.0) == float(expected_visits(MBG2, 12, 40, 41, 8))


def test_a_busy_season_brings_more_visits_than_a_quiet_one() -> None:
    winter = SeasonIndex(0.18, 0.04)
    busy, quiet = (
        VisitForecast(MBG2, 12, 40.0, 41.0, today, winter).visit_within(60 / 7)
        for today in (date(2026, 12, 15), date(2026, 12, 15) + timedelta(days=182))
    )
    usual = VisitForecast(MBG2, 12, 40.0, 41.0).visit_within(60 / 7)
    assert busy > usual > quiet
