"""What customers are worth: the records that the model is fitted to, and a test of it on the past year."""

from datetime import timedelta

import numpy as np

from db.fitting.money import money_rows
from gateway.fitting.readings import Readings
from insight.churn import expected_visits, fit_churn, visit_statistics
from insight.lifetime_value import NothingSold, ValueBacktest, ValueModel, ValueRecords, fit_value
from insight.visit_days import FloatArray, IntArray, distinct_visits

_DAYS_A_WEEK = 7
_HORIZONS = (365, 180, 90)  # days; the longest that enough customers are known from before
_ENOUGH_CUSTOMERS = 20
_MOST_CUSTOMERS = 10_000  # two sums over them are fitted, which needs no more


def fit_center_value(readings: Readings) -> ValueModel | None:
    """Fit the value model to the sampled customers; None where nothing was ever sold or used."""
    try:
        return fit_value(_records(readings), _backtest(readings))
    except NothingSold:
        return None


def _records(readings: Readings) -> ValueRecords:
    customers = np.asarray(readings.customers, dtype=np.int64)
    today = readings.today
    money = money_rows(readings.connection, readings.customers, as_of=today, today=today)
    came, _ = distinct_visits(readings.sessions.customer, readings.sessions.day)
    return ValueRecords(
        net_paid=money.paid,
        sessions_bought=money.sessions_bought,
        sessions_used=_counts(customers, readings.sessions.customer),
        visits=_counts(customers, came),
    )


def _backtest(readings: Readings) -> ValueBacktest | None:
    """Return what was known, and foretold, of customers at a day in the past; None in a young center."""
    sessions = readings.sessions
    for days in _HORIZONS:
        cut = readings.today - timedelta(days=days)
        known = np.unique(sessions.customer[sessions.day <= cut.toordinal()])
        if len(known) >= _ENOUGH_CUSTOMERS:
            break
    else:
        return None
    if len(known) > _MOST_CUSTOMERS:
        known = np.sort(readings.rng().choice(known, _MOST_CUSTOMERS, replace=False))
    theirs = np.isin(sessions.customer, known)
    visits = visit_statistics(sessions.customer[theirs], sessions.day[theirs], cut.toordinal())
    model = fit_churn(visits).model
    money = money_rows(readings.connection, known.tolist(), as_of=cut, today=readings.today)
    return ValueBacktest(
        net_paid=money.paid,
        sessions_bought=money.sessions_bought,
        remaining_quota=money.remaining,
        expected_visits=expected_visits(
            model, visits.repeats, visits.recency, visits.age, days / _DAYS_A_WEEK
        ),
        paid_since=money.paid_since,
    )


def _counts(customers: IntArray, entries: IntArray) -> FloatArray:
    """Return how many entries each of the customers, who stand in rising order, has."""
    return np.bincount(np.searchsorted(customers, entries), minlength=len(customers)).astype(np.float64)
