"""What the churn model must reach on the simulator's customers, who do not live exactly by it."""

from datetime import date, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import rankdata
from simulated import Simulated, simulated_customers

from db.demo.arrays import EPOCH
from insight.churn import VisitStatistics, fit_churn, probability_alive, visit_statistics, visit_within
from insight.season import fit_season

RECENT_WEEKS = 90 / 7
DAYS_AHEAD = 60

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def auc(score: Floats, happened: Flags) -> float:
    hits = int(happened.sum())
    ranks = float(rankdata(score)[happened].sum())
    return (ranks - hits * (hits + 1) / 2) / (hits * (len(happened) - hits))


def calibration_error(foretold: Floats, happened: Flags) -> float:
    place = np.minimum((foretold * 10).astype(int), 9)
    sums = np.bincount(place, foretold - happened, minlength=10)
    return float(np.abs(sums).sum() / len(foretold))


def recency_rules(seen: VisitStatistics) -> dict[str, Floats]:
    since = seen.age - seen.recency
    usual = float(seen.recency.sum() / seen.repeats.sum())
    own = np.where(seen.repeats > 0, seen.recency / np.maximum(seen.repeats, 1), usual)
    shrunk = (seen.recency + usual) / (seen.repeats + 1)
    return {
        "since the last visit": -since,
        "against the own mean gap": -since / own,
        "against a shrunk mean gap": -since / shrunk,
        "minus two mean gaps": 2 * own - since,
        "how often": seen.repeats,
    }


def meets_the_gates(people: Simulated) -> None:
    everybody = visit_statistics(people.visit_customer, people.visit_day, people.today)
    model = fit_churn(everybody).model
    season = fit_season(people.visit_customer, people.visit_day, epoch=EPOCH)
    tomorrow = EPOCH + timedelta(days=people.today + 1)
    horizon = DAYS_AHEAD / 7 * season.factor(tomorrow, DAYS_AHEAD)

    recent = everybody.age - everybody.recency <= RECENT_WEEKS
    seen = everybody.rows(recent)
    history = (seen.repeats, seen.recency, seen.age)
    comes, alive = people.comes_within(DAYS_AHEAD)[recent], ~people.dropped[recent]

    foretold = visit_within(model, *history, horizon)
    reached = auc(foretold, comes)
    assert reached >= 0.86
    for rule, score in recency_rules(seen).items():
        assert auc(score, comes) < reached - 0.03, rule
    assert calibration_error(probability_alive(model, *history), alive) <= 0.02
    assert calibration_error(foretold, comes) <= 0.02


def test_the_model_tells_who_comes_and_who_has_left() -> None:
    meets_the_gates(simulated_customers(15_000))


@pytest.mark.slow
@pytest.mark.parametrize("today", [date(2026, 2, 1), date(2026, 8, 1), date(2026, 11, 25)])
def test_the_model_tells_it_at_any_time_of_the_year(today: date) -> None:
    meets_the_gates(simulated_customers(30_000, today=today, seed=today.month))


@pytest.mark.slow
def test_the_gaps_of_simulated_customers_are_more_regular_than_chance() -> None:
    people = simulated_customers(15_000)
    everybody = visit_statistics(people.visit_customer, people.visit_day, people.today)
    found = fit_churn(everybody, leaves_at_once=None)
    assert found.model.k == 2
    assert found.model.leaves_at_once
