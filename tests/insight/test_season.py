from datetime import date, timedelta
from math import atan2, tau

import numpy as np
import pytest
from simulated import simulated_customers

from db.demo.arrays import EPOCH
from insight.season import NO_SEASON, SeasonIndex, fit_season

YEAR = 365.25


def height_of_the_year(season: SeasonIndex) -> float:
    """The day of the year, from 1 January on, when most come."""
    return atan2(season.sine, season.cosine) / tau * YEAR % YEAR


def visits_of(customers: int, strength: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Daily chances that peak on 1 April, for customers who came in different parts of three years."""
    rng = np.random.default_rng(seed)
    who, when = [], []
    for customer in range(customers):
        days = np.arange(int(rng.integers(0, 900)), 1_096)
        wave = 1 + strength * np.sin(tau * days / YEAR)
        came = days[rng.random(len(days)) < rng.gamma(1.4, 0.07) * wave]
        who.append(np.full(len(came), customer))
        when.append(came)
    return np.concatenate(who), np.concatenate(when)


def test_the_simulators_winter_is_found() -> None:
    people = simulated_customers(15_000)
    season = fit_season(people.visit_customer, people.visit_day, epoch=EPOCH)
    assert season.strength == pytest.approx(0.18, abs=0.02)
    # the simulator lets a gap follow the season of its first day, so visits lag a little behind 15 January
    assert height_of_the_year(season) == pytest.approx(20, abs=10)


def test_a_spring_is_found_whatever_months_customers_were_there() -> None:
    who, when = visits_of(1_500, 0.3, seed=1)
    season = fit_season(who, when, epoch=date(2000, 1, 1))
    assert season.strength == pytest.approx(0.3, abs=0.04)
    assert height_of_the_year(season) == pytest.approx(YEAR / 4, abs=12)


def test_newcomers_of_one_month_are_no_season() -> None:
    rng = np.random.default_rng(2)
    first = np.repeat(rng.integers(0, 30, 300), 20) + np.repeat(rng.integers(0, 3, 300) * 365, 20)
    day = first + np.tile(np.arange(20) * 30, 300)
    season = fit_season(np.repeat(np.arange(300), 20), day, epoch=date(2000, 1, 1))
    assert season.strength < 0.05


def test_few_visits_are_shrunk_towards_no_season() -> None:
    who, when = np.array([1, 1, 1, 1]), np.array([0, 3, 6, 180])
    assert fit_season(who, when, epoch=date(2026, 1, 1)).strength < 0.1


def test_without_customers_who_came_three_times_there_is_no_season() -> None:
    nobody = np.array([], dtype=np.int64)
    assert fit_season(nobody, nobody, epoch=EPOCH) == NO_SEASON
    assert fit_season(np.array([1, 1, 2]), np.array([0, 9, 4]), epoch=EPOCH) == NO_SEASON


def test_duplicates_and_the_order_of_visits_do_not_matter() -> None:
    who, when = visits_of(200, 0.3, seed=3)
    once = fit_season(who, when, epoch=EPOCH)
    assert fit_season(np.tile(who, 2)[::-1], np.tile(when, 2)[::-1], epoch=EPOCH) == once


def test_the_epoch_only_says_how_days_are_counted() -> None:
    who, when = visits_of(200, 0.3, seed=3)
    later = date(2010, 5, 1)
    moved = fit_season(who, when - (later - EPOCH).days, epoch=later)
    assert moved == fit_season(who, when, epoch=EPOCH)


def test_a_whole_year_is_as_busy_as_the_year() -> None:
    assert SeasonIndex(0.17, 0.05).factor(date(2026, 3, 1), 1_461) == pytest.approx(1, abs=1e-3)


def test_the_coming_days_are_busier_before_the_height_than_half_a_year_later() -> None:
    season = SeasonIndex(0.17, 0.05)
    busy = season.factor(date(2026, 12, 20), 60)
    quiet = season.factor(date(2026, 12, 20) + timedelta(days=182), 60)
    assert 1.1 < busy < 1.2
    assert 0.8 < quiet < 0.9
    assert NO_SEASON.factor(date(2026, 12, 20), 60) == 1
