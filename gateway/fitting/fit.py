"""Fit every model to a center's rows, and publish them together.

Parts are stored one by one: a fit that is cut off at any moment, and started again on the same day, goes on
behind its last part. Nobody uses any of it before all of it is published, in one moment.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from db.demo import Progress
from db.fitted_models import (
    CenterData,
    UnfinishedModel,
    begin_or_resume,
    center_data,
    publish,
    published_model,
    store_part,
)
from db.fitting.lock import fit_lock
from db.fitting.session import FittingConnection, fitting_connection
from db.fitting.upkeep import drop_expired_recommendations, fill_package_contents
from gateway.fitting.pace import Pace
from gateway.fitting.parts import readable, written
from gateway.fitting.readings import Readings
from gateway.fitting.risk import assess_everybody
from gateway.fitting.steps import STEPS
from gateway.population import gather_quantiles
from insight.churn import ChurnModel


@dataclass(frozen=True, slots=True)
class FitReport:
    """What a fit came to.

    Attributes:
        version: Under which the model is published.
        data: What it was fitted to.
        churn: The churn model; None where nobody ever came.
        missing: The parts that there was too little data for.
        seconds: By step; a part that an earlier, cut off fit had stored is not among them.
    """

    version: str
    data: CenterData
    churn: ChurnModel | None
    missing: tuple[str, ...]
    seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Fitting:
    """A fit under way. `still_alone` fails when the lock was lost with its connection."""

    connection: FittingConnection
    still_alone: Callable[[], None]
    today: date


def fit_models(url: str, today: date, progress: Progress) -> FitReport:
    """Fit all models as of a day in Asia/Seoul, whatever there is already.

    Raises:
        FitRunning: another process fits at the moment.
    """
    with _alone(url, today) as fitting:
        return _fit(fitting, progress)


def fit_for_today(url: str, today: date, progress: Progress) -> FitReport | None:
    """Fit all models, unless those of the day are published; None then.

    Raises:
        FitRunning: see `fit_models`.
    """
    with _alone(url, today) as fitting:
        published = published_model(fitting.connection)
        if published is not None and published[1] == today:
            return None
        return _fit(fitting, progress)


def refresh_quantiles(url: str, today: date) -> None:
    """Gather the distributions anew.

    Raises:
        FitRunning: see `fit_models`; a fit gathers them too.
    """
    with _alone(url, today) as fitting:
        gather_quantiles(fitting.connection, today)


@contextmanager
def _alone(url: str, today: date) -> Generator[_Fitting]:
    with fit_lock(url) as still_alone, fitting_connection(url) as connection:
        yield _Fitting(connection, still_alone, today)


def _fit(fitting: _Fitting, progress: Progress) -> FitReport:
    connection, today = fitting.connection, fitting.today
    data = center_data(connection, today)
    model = begin_or_resume(connection, today, data)
    pace = Pace(progress, len(STEPS) + 4)
    parts = _fit_parts(fitting, model, pace)
    with pace.step("quantiles"):
        gather_quantiles(connection, today)
    with pace.step("risk levels"):
        assess_everybody(connection, parts["churn"], today)
    with pace.step("upkeep"):
        fill_package_contents(connection)
        drop_expired_recommendations(connection)
    fitting.still_alone()
    publish(connection, model.version)
    # who came meanwhile was assessed by the model before this one
    assess_everybody(connection, parts["churn"], today)
    progress("done", 1.0)
    missing = tuple(name for name, part in parts.items() if part is None)
    return FitReport(model.version, data, parts["churn"], missing, pace.seconds)


def _fit_parts(fitting: _Fitting, model: UnfinishedModel, pace: Pace) -> Mapping[str, Any]:
    """Return every part: those that are stored already, and the others, which are stored as they come."""
    parts = readable(model.parts)
    readings = Readings(fitting.connection, fitting.today)
    with pace.step("reading"):
        if parts.keys() < STEPS.keys():
            readings.read()
    for name, fit in STEPS.items():
        if name in parts:
            pace.skip()
            continue
        with pace.step(name):
            parts[name] = fit(readings)
            store_part(fitting.connection, model.version, name, written(name, parts[name]))
    return parts
