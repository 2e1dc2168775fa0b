"""The judgements that `evaluate` can make: of the running center, of a file, of simulated customers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import numpy as np

from db.fitting.session import fitting_connection
from gateway.evaluate.simulation import simulate_center
from gateway.evaluate.tables import Transactions
from gateway.fitting.readings import Readings
from insight.churn import fit_churn, visit_statistics
from insight.evaluation import (
    Family,
    Recovery,
    Unit,
    VisitReport,
    Visits,
    backtest_visits,
    recovery,
)
from insight.recommend.service_evaluation import ServiceEvaluation, evaluate_services

SEED = 20240606
_LATELY_DAYS = 90

AUTO = "auto"
FAMILIES: Mapping[str, bool | None] = {str(Family.BG): False, str(Family.MBG): True, AUTO: None}
"""Whether customers leave at once, by what may be asked for; None tries both."""


class NothingToJudge(Exception):
    """There is nothing to learn from, or nothing after it to judge by; the message says which."""


@dataclass(frozen=True, slots=True)
class CenterReport:
    """How well visits and services of a center are foreseen.

    Attributes:
        calibration_end: The last day that the model of visits knew.
        visits: Of the model of visits.
        services: Of the recommender; None where there is too little to learn from.
    """

    calibration_end: date
    visits: VisitReport
    services: ServiceEvaluation | None


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """The same for simulated customers, and how far the truth was found.

    Attributes:
        center: As a center would see it.
        everybody: The truth about all customers, as of today.
        seen_lately: About those who came within the last 90 days.
    """

    center: CenterReport
    everybody: Recovery
    seen_lately: Recovery


def evaluate_file(
    transactions: Transactions, calibration_end: date, unit: Unit, model: str, shape: int | None
) -> VisitReport:
    """Judge the plain maximum of the likelihood by what the file says of the days after it.

    Raises:
        NothingToJudge: The end of the calibration leaves nothing on one of its sides.
    """
    first, last = transactions.first, transactions.last
    if first == last:
        raise NothingToJudge(f"all transactions are of one day, {first}: there is nothing to hold out")
    if not first <= calibration_end < last:
        raise NothingToJudge(
            f"--calibration-end {calibration_end} is outside the data: it must be a day from {first} "
            f"to {last - timedelta(days=1)}"
        )
    shapes = range(1, 7) if shape is None else (shape,)
    fit = partial(fit_churn, leaves_at_once=FAMILIES[model], shapes=shapes, with_prior=False)
    return backtest_visits(transactions.visits, calibration_end.toordinal(), last.toordinal(), unit, fit)


def evaluate_center(url: str, today: date, holdout_days: int, unit: Unit, model: str) -> CenterReport:
    """Judge by the last days of a migrated database; of large centers a sample of customers is read.

    Raises:
        NothingToJudge: Nobody came before them.
    """
    end = today - timedelta(days=holdout_days)
    with fitting_connection(url) as connection:
        readings = Readings(connection, today)
        visits = Visits(readings.sessions.customer, readings.sessions.day)
        if not (visits.day <= end.toordinal()).any():
            raise NothingToJudge(f"nobody had come up to {end}: there is nothing to learn from")
        log = readings.log
    services = evaluate_services(log, with_goals=True, rng=np.random.default_rng(SEED))
    return CenterReport(end, _backtest(visits, end, today, unit, model), services)


def evaluate_simulated(
    customers: int, today: date, holdout_days: int, unit: Unit, model: str
) -> SimulationReport:
    """Judge by simulated customers, whose truth is known.

    Raises:
        NothingToJudge: None of them came before the holdout.
    """
    center = simulate_center(customers, today, holdout_days, unit, SEED)
    visits, end = center.visits, today - timedelta(days=holdout_days)
    if not (visits.day <= end.toordinal()).any():
        raise NothingToJudge(f"no simulated customer had come up to {end}")
    known = visit_statistics(visits.customer, visits.day, today.toordinal(), unit.days)
    churn = fit_churn(known, leaves_at_once=FAMILIES[model], rng=np.random.default_rng(SEED)).model
    lately = known.age - known.recency < _LATELY_DAYS / unit.days
    horizon = holdout_days / unit.days
    services = evaluate_services(center.log, with_goals=True, rng=np.random.default_rng(SEED))
    return SimulationReport(
        center=CenterReport(end, _backtest(visits, end, today, unit, model), services),
        everybody=recovery(churn, known, center.truth, horizon),
        seen_lately=recovery(churn, known.rows(lately), center.truth.rows(lately), horizon),
    )


def _backtest(visits: Visits, end: date, today: date, unit: Unit, model: str) -> VisitReport:
    """Fit as `gateway fit` does, up to the end, and judge by the days up to today."""
    fit = partial(fit_churn, leaves_at_once=FAMILIES[model], rng=np.random.default_rng(SEED))
    return backtest_visits(visits, end.toordinal(), today.toordinal(), unit, fit)
