from datetime import date
from functools import partial

import numpy as np
import pytest
from churn_customers import lived_customers
from evaluation.transactions import CALIBRATION_END, END, lived_visits

from insight.churn import ChurnModel, NobodyVisited, VisitStatistics, fit_churn, probability_alive
from insight.churn.statistics import FloatArray
from insight.evaluation import (
    NothingHeldOut,
    Truth,
    Unit,
    VisitReport,
    Visits,
    backtest_visits,
    recovery,
)
from insight.evaluation.holdout import Holdout
from insight.evaluation.metrics import auc
from insight.evaluation.recency_rules import recency_rules
from insight.evaluation.truth import expected_rate

MONDAY = date(2024, 1, 1).toordinal()


def some_visits(*customers_and_days: tuple[int, int]) -> Visits:
    """Return visits; days count from MONDAY."""
    customer, day = np.array(customers_and_days).T
    return Visits(customer, day + MONDAY)


def holdout_of(visits: Visits, end: int, until: int, unit: Unit = Unit.DAY) -> Holdout:
    return Holdout.of(visits, MONDAY + end, MONDAY + until, unit)


def history(known: VisitStatistics) -> tuple[FloatArray, FloatArray, FloatArray]:
    return known.repeats, known.recency, known.age


def report_of(visits: Visits, *, leaves_at_once: bool | None) -> VisitReport:
    fit = partial(fit_churn, leaves_at_once=leaves_at_once, with_prior=False)
    return backtest_visits(visits, CALIBRATION_END.toordinal(), END.toordinal(), Unit.WEEK, fit)


def test_the_age_of_a_customer_reaches_to_the_end_of_the_calibration_in_units() -> None:
    visits = some_visits((7, 0), (7, 14), (7, 30))
    cut = holdout_of(visits, 21, 42, Unit.WEEK)
    assert (cut.known.repeats[0], cut.known.recency[0], cut.known.age[0]) == (1, 2, 3)
    assert cut.periods == 3


def test_transactions_of_one_day_are_one_visit_on_both_sides_of_the_cut() -> None:
    visits = some_visits((7, 0), (7, 0), (7, 3), (7, 12), (7, 12), (7, 13))
    cut = holdout_of(visits, 10, 20)
    assert cut.known.repeats.tolist() == [1]
    assert cut.later.tolist() == [2]
    assert cut.recent.tolist() == [1]


def test_customers_who_first_came_in_the_holdout_are_left_out() -> None:
    cut = holdout_of(some_visits((7, 0), (8, 12), (7, 13)), 10, 20)
    assert cut.known.customers == 1
    assert cut.later.tolist() == [1]


def test_the_day_of_the_cut_is_known_and_days_behind_the_end_count_nowhere() -> None:
    cut = holdout_of(some_visits((7, 10), (7, 20), (7, 21)), 10, 20)
    assert (cut.known.repeats[0], cut.known.age[0]) == (0, 0)
    assert cut.later.tolist() == [1]


def test_without_a_day_to_judge_by_there_is_no_holdout() -> None:
    with pytest.raises(NothingHeldOut):
        holdout_of(some_visits((7, 0)), 10, 10)


def test_without_anybody_before_the_cut_there_is_nothing_to_fit() -> None:
    with pytest.raises(NobodyVisited):
        backtest_visits(some_visits((7, 15)), MONDAY + 10, MONDAY + 20, Unit.DAY, fit_churn)


def test_the_rules_say_what_their_names_say() -> None:
    visits = some_visits((1, 0), (1, 50), (1, 98), (2, 0), (1, 110))
    cut, earlier = holdout_of(visits, 100, 150), holdout_of(visits, 50, 100)
    rules = recency_rules(cut, earlier)
    said = {
        name: [] if forecast.probability is None else forecast.probability.round(3).tolist()
        for name, forecast in rules.items()
    }
    assert said["seen_within_30d"] == [1, 0]
    assert said["seen_within_90d"] == [1, 0]
    assert said["own_cadence"] == [1, 0]  # 2 days after gaps of 49; 100 days after a first visit
    assert said["last_period"] == [1, 0]
    assert said["zero"] == [0, 0]
    assert said["recency"] == []
    assert said["recency_table"] == [1, 0.5]  # 50 days before, who had just come came again; the other not
    assert rules["own_rate"].visits is not None
    assert rules["own_rate"].visits.tolist() == [1, 0]


@pytest.mark.parametrize(
    "truth", [ChurnModel(1.2, 6.0, 0.9, 5.0, 1), ChurnModel(1.4, 3.0, 0.9, 5.0, 2, leaves_at_once=False)]
)
def test_a_backtest_finds_the_parameters_and_beats_every_rule(truth: ChurnModel) -> None:
    report = report_of(lived_visits(truth, 6000), leaves_at_once=None)
    found = report.fitted.model
    assert (found.k, found.leaves_at_once) == (truth.k, truth.leaves_at_once)
    # days are whole, so gaps are not quite those of the model
    assert (found.r, found.alpha) == pytest.approx((truth.r, truth.alpha), rel=0.15)
    assert found.a / (found.a + found.b) == pytest.approx(truth.a / (truth.a + truth.b), rel=0.15)

    scores, rules = report.scores, report.baselines.values()
    assert scores.auc is not None
    assert scores.auc > max(rule.auc for rule in rules if rule.auc is not None)
    assert scores.brier is not None
    assert scores.brier < min(rule.brier for rule in rules if rule.brier is not None)
    assert scores.mae is not None
    assert scores.mae < min(rule.mae for rule in rules if rule.mae is not None)
    assert scores.ece is not None
    assert scores.ece < 0.02


def test_the_report_says_how_likely_the_model_makes_everybody() -> None:
    visits = lived_visits(ChurnModel(1.2, 6.0, 0.9, 5.0, 1), 500)
    report = report_of(visits, leaves_at_once=True)
    known = Holdout.of(visits, CALIBRATION_END.toordinal(), END.toordinal(), Unit.WEEK).known
    fitted = fit_churn(known, with_prior=False)
    assert report.fitted.log_likelihood == pytest.approx(fitted.log_likelihood)
    assert report.fitted.customers == known.customers


def test_a_holdout_in_which_everybody_comes_has_no_auc() -> None:
    every_week = [(customer, 7 * week) for customer in range(30) for week in range(20)]
    report = backtest_visits(some_visits(*every_week), MONDAY + 70, MONDAY + 133, Unit.WEEK, fit_churn)
    assert report.scores.auc is None
    assert report.scores.brier == pytest.approx(0, abs=0.01)


def test_the_expected_rate_is_that_of_who_is_surely_there() -> None:
    # a visit this very moment, and nobody ever leaves: R / (alpha + T) phases a week, two a visit
    model = ChurnModel(1.0, 2.0, 1e-9, 1.0, 2)
    known = Holdout.of(
        some_visits(*((1, day) for day in range(0, 71, 7))), MONDAY + 70, MONDAY + 71, Unit.WEEK
    ).known
    assert expected_rate(model, known)[0] == pytest.approx((1 + 2 * 10) / (2 + 10) / 2)


def test_who_left_and_who_comes_is_found_as_well_as_the_model_can() -> None:
    model = ChurnModel(1.2, 4.0, 0.9, 5.0, 1)
    lived = lived_customers(model, 4000, seed=5)
    nothing_known = np.zeros(4000)
    truth = Truth(lived.alive, lived.visits_ahead > 0, nothing_known)
    found = recovery(model, lived.statistics, truth, 20.0)
    assert found.customers == 4000
    assert found.alive.auc == auc(truth.stays, probability_alive(model, *history(lived.statistics)))
    assert found.alive.ece is not None
    assert found.alive.ece < 0.03
    assert found.comes.auc is not None
    assert found.comes_by_recency is not None
    assert found.comes.auc > found.comes_by_recency
    assert found.rate_correlation is None
