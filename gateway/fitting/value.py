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
_ENOUGH = 20  # customers
_MOST_CUSTOMERS = 10_000  # two sums over them are fitted, which needs no more


def fit_center_value(readings: Readings) -> ValueModel | None:
    """Fit the value model to the sampled customers; None where nothing was ever sold or used."""
    customers = np.asarray(readings.customers, dtype=np.int64)
    if len(customers) > _MOST_CUSTOMERS:
        customers = np.sort(readings.rng().choice(customers, _MOST_CUSTOMERS, replace=False))
    theirs = np.isin(readings.sessions.customer, customers)
    who, day = readings.sessions.customer[theirs], readings.sessions.day[theirs]
    try:
        return fit_value(_records(readings, customers, who, day), _backtest(readings, who, day))
    except NothingSold:
        return None


def _records(readings: Readings, customers: IntArray, who: IntArray, day: IntArray) -> ValueRecords:
    today = readings.today
    money = money_rows(readings.connection, customers.tolist(), as_of=today, today=today)
    came, _ = distinct_visits(who, day)
    return ValueRecords(
        net_paid=money.paid,
        sessions_bought=money.sessions_bought,
        sessions_used=_counts(customers, who),
        visits=_counts(customers, came),
    )


def _backtest(readings: Readings, who: IntArray, day: IntArray) -> ValueBacktest | None:
    """Return what was known, and foretold, of customers at a day in the past; None in a young center."""
    cuts = [readings.today - timedelta(days=days) for days in _HORIZONS]
    known = [np.unique(who[day <= cut.toordinal()]) for cut in cuts]
    tested = next((cut for cut, those in zip(cuts, known, strict=True) if len(those) >= _ENOUGH), None)
    if tested is None:
        return None
    visits = visit_statistics(who, day, tested.toordinal())
    customers = known[cuts.index(tested)].tolist()
    money = money_rows(readings.connection, customers, as_of=tested, today=readings.today)
    weeks = (readings.today - tested).days / _DAYS_A_WEEK
    model = fit_churn(visits).model
    return ValueBacktest(
        net_paid=money.paid,
        sessions_bought=money.sessions_bought,
        remaining_quota=money.remaining,
        expected_visits=expected_visits(model, visits.repeats, visits.recency, visits.age, weeks),
        paid_since=money.paid_since,
    )


def _counts(customers: IntArray, entries: IntArray) -> FloatArray:
    """Return how many entries each of the customers, who stand in rising order, has."""
    return np.bincount(np.searchsorted(customers, entries), minlength=len(customers)).astype(np.float64)
