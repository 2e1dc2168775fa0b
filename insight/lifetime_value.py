"""What a customer has paid and is expected to pay over the coming year."""

from dataclasses import dataclass, replace

import numpy as np

from insight.visit_days import FloatArray

YEAR_WEEKS = 365 / 7
"""How far the estimate looks ahead."""

_PRIOR_SESSIONS = 10.0
_PRIOR_CUSTOMERS = 20
_SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0)


@dataclass(frozen=True, slots=True)
class ValueModel:
    """What the population pays.

    Attributes:
        revenue_per_session: KRW net of refunds for each session sold (u).
        sessions_per_visit: Sessions on a day of visit.
        correction: Revenue of a backtest over what the formula expected of it (c); 1 without a backtest.
        quota_share: How much of the sessions left in packages saves purchases, 0-1; less than all, since
            they are tied to a service and expire. 1 without a backtest.
        prior_sessions: How many sessions the population's price weighs against a customer's own (k).
        customers: How many customers it was fitted to.
        tested_customers: How many of them the backtest knew at its cut; 0 without a backtest.
    """

    revenue_per_session: float
    sessions_per_visit: float
    correction: float = 1.0
    quota_share: float = 1.0
    prior_sessions: float = _PRIOR_SESSIONS
    customers: int = 0
    tested_customers: int = 0


@dataclass(frozen=True, slots=True)
class ValueRecords:
    """What customers bought and used up to a day, one row a customer.

    Attributes:
        net_paid: KRW net of refunds.
        sessions_bought: Sessions of their packages, and those paid one by one; what was paid back apart.
        sessions_used: Completed sessions.
        visits: Days with a completed session.
    """

    net_paid: FloatArray
    sessions_bought: FloatArray
    sessions_used: FloatArray
    visits: FloatArray


@dataclass(frozen=True, slots=True)
class ValueBacktest:
    """What was known of customers at a cut in the past, and what they paid since, one row a customer.

    Attributes:
        net_paid: KRW net of refunds up to the cut.
        sessions_bought: As in `ValueRecords`, up to the cut.
        remaining_quota: Sessions left at the cut in packages that could be used.
        expected_visits: Between cut and today, expected at the cut by a model that knew nothing later.
        paid_since: KRW net of refunds between cut and today.
    """

    net_paid: FloatArray
    sessions_bought: FloatArray
    remaining_quota: FloatArray
    expected_visits: FloatArray
    paid_since: FloatArray


class NothingSold(ValueError):
    """No session was sold or used, so that nothing is known of prices."""

    def __init__(self) -> None:
        super().__init__("a value model needs at least one session that was sold and one that was used")


def fit_value(records: ValueRecords, backtest: ValueBacktest | None = None) -> ValueModel:
    """Fit the population's price and habits, and correct the formula by what it would have foretold.

    The share of the quota is the one with the least squared error; the correction then makes the sum right,
    shrunk towards 1 by 20 customers of the mean expectation, so that a young center's few purchases do not
    decide it. On simulated customers the share of 0.2-0.3 lowers the root mean squared error from 1.95 to
    1.56 million KRW.

    Args:
        records: Everybody up to today.
        backtest: The customers known at a cut, a year ago or as far back as there is enough.

    Raises:
        NothingSold: There is no session bought, or no visit.
    """
    bought, visits = float(records.sessions_bought.sum()), float(records.visits.sum())
    if bought <= 0 or visits <= 0:
        raise NothingSold
    model = ValueModel(
        revenue_per_session=max(0.0, float(records.net_paid.sum())) / bought,
        sessions_per_visit=float(records.sessions_used.sum()) / visits,
        customers=len(records.net_paid),
    )
    return model if backtest is None else _corrected(model, backtest)


def expected_revenue(
    model: ValueModel,
    *,
    expected_visits: float | FloatArray,
    remaining_quota: float | FloatArray,
    net_paid: float | FloatArray,
    sessions_bought: float | FloatArray,
) -> FloatArray:
    """Return what customers will pay for visits to come, in KRW; numbers or arrays, one row a customer.

    c max(0, E[visits] s - share quota) (R + k u) / (Q + k): sessions that no package covers, at the
    customer's own price, shrunk by k sessions at the population's.
    """
    covered = model.quota_share * np.maximum(0, remaining_quota)
    due = np.maximum(0, np.asarray(expected_visits) * model.sessions_per_visit - covered)
    prior = model.prior_sessions
    price = (np.maximum(0, net_paid) + prior * model.revenue_per_session) / (
        np.maximum(0, sessions_bought) + prior
    )
    return np.asarray(model.correction * due * price, dtype=np.float64)


def lifetime_value(
    model: ValueModel, *, expected_visits: float, remaining_quota: int, net_paid: int, sessions_bought: int
) -> int:
    """Return what a customer paid, net of refunds, and is expected to pay over the coming year, in whole KRW.

    Never less than `net_paid`.

    Args:
        model: The population's.
        expected_visits: Of the coming 365 days: `VisitForecast.expected_visits(YEAR_WEEKS)`.
        remaining_quota: Sessions left in packages that can be used.
        net_paid: KRW; 0 for a customer who got everything back.
        sessions_bought: What the money was for, as in `ValueRecords`.
    """
    to_come = expected_revenue(
        model,
        expected_visits=expected_visits,
        remaining_quota=remaining_quota,
        net_paid=net_paid,
        sessions_bought=sessions_bought,
    )
    return net_paid + round(float(to_come))


def _corrected(model: ValueModel, backtest: ValueBacktest) -> ValueModel:
    tested = replace(model, tested_customers=len(backtest.net_paid))
    tries = [_with_share(tested, backtest, share) for share in _SHARES]
    return min(tries, key=lambda tried: _squared_error(tried, backtest))


def _with_share(model: ValueModel, backtest: ValueBacktest, share: float) -> ValueModel:
    model = replace(model, quota_share=share)
    expected = float(_foretold(model, backtest).sum())
    if expected <= 0:
        return model
    prior = _PRIOR_CUSTOMERS * expected / model.tested_customers
    paid = max(0.0, float(backtest.paid_since.sum()))
    return replace(model, correction=(paid + prior) / (expected + prior))


def _squared_error(model: ValueModel, backtest: ValueBacktest) -> float:
    return float(((_foretold(model, backtest) - backtest.paid_since) ** 2).sum())


def _foretold(model: ValueModel, backtest: ValueBacktest) -> FloatArray:
    return expected_revenue(
        model,
        expected_visits=backtest.expected_visits,
        remaining_quota=backtest.remaining_quota,
        net_paid=backtest.net_paid,
        sessions_bought=backtest.sessions_bought,
    )
