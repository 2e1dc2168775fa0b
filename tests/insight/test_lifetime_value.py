from dataclasses import replace

import numpy as np
import pytest

from insight.lifetime_value import (
    NothingSold,
    ValueBacktest,
    ValueModel,
    ValueRecords,
    expected_revenue,
    fit_value,
    lifetime_value,
)

MODEL = ValueModel(revenue_per_session=60_000, sessions_per_visit=1.25)


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def value_of(
    *,
    expected_visits: float = 0.0,
    remaining_quota: int = 0,
    net_paid: int = 0,
    sessions_bought: int = 0,
    model: ValueModel = MODEL,
) -> int:
    return lifetime_value(
        model,
        expected_visits=expected_visits,
        remaining_quota=remaining_quota,
        net_paid=net_paid,
        sessions_bought=sessions_bought,
    )


def test_a_customer_who_will_not_come_is_worth_what_was_paid() -> None:
    assert value_of(net_paid=1_234_567, sessions_bought=20) == 1_234_567


def test_visits_to_come_are_worth_the_populations_price_for_who_has_no_own() -> None:
    assert value_of(expected_visits=8.0) == 10 * 60_000


def test_the_own_price_counts_with_ten_sessions_of_the_populations() -> None:
    dear = value_of(expected_visits=8.0, net_paid=1_000_000, sessions_bought=10)
    assert dear == 1_000_000 + 10 * (1_000_000 + 600_000) // 20


def test_sessions_left_in_a_package_are_not_paid_again() -> None:
    assert value_of(expected_visits=8.0, remaining_quota=4) == 6 * 60_000
    assert value_of(expected_visits=8.0, remaining_quota=30, net_paid=900_000) == 900_000


def test_where_only_a_share_of_the_quota_is_used_the_rest_is_bought() -> None:
    half = replace(MODEL, quota_share=0.5)
    assert value_of(expected_visits=8.0, remaining_quota=4, model=half) == 8 * 60_000


def test_sessions_used_beyond_the_quota_earn_nothing_twice() -> None:
    assert value_of(expected_visits=8.0, remaining_quota=-3) == value_of(expected_visits=8.0)


def test_a_fully_refunded_customer_is_worth_what_is_expected() -> None:
    assert value_of(net_paid=0, sessions_bought=0) == 0
    assert value_of(expected_visits=2.0, net_paid=0, sessions_bought=0) == 150_000


def test_refunds_beyond_payments_do_not_make_visits_to_come_cost_money() -> None:
    assert value_of(expected_visits=8.0, net_paid=-50_000) == -50_000 + 10 * 60_000


def test_the_correction_scales_what_is_to_come_and_nothing_that_was_paid() -> None:
    double = replace(MODEL, correction=2.0)
    assert value_of(expected_visits=8.0, model=double) == 2 * value_of(expected_visits=8.0)
    assert value_of(net_paid=70_000, model=double) == 70_000


def test_arrays_are_told_what_one_customer_is_told() -> None:
    together = expected_revenue(
        MODEL,
        expected_visits=column(8, 8, 0),
        remaining_quota=column(0, 4, 0),
        net_paid=column(0, 500_000, 90_000),
        sessions_bought=column(0, 5, 1),
    )
    assert (
        round(float(together[1]))
        == value_of(expected_visits=8.0, remaining_quota=4, net_paid=500_000, sessions_bought=5) - 500_000
    )
    assert together[2] == 0


RECORDS = ValueRecords(
    net_paid=column(*[500_000.0] * 400),
    sessions_bought=column(*[10.0] * 400),
    sessions_used=column(*[12.0] * 400),
    visits=column(*[10.0] * 400),
)


def simulated_backtest(correction: float, quota_share: float) -> ValueBacktest:
    rng = np.random.default_rng(4)
    expected_visits, quota = rng.gamma(2, 10, 400), rng.integers(0, 40, 400).astype(np.float64)
    net_paid, bought = rng.gamma(2, 300_000, 400), rng.integers(1, 30, 400).astype(np.float64)
    truth = ValueModel(50_000, 1.2, correction, quota_share)
    expected = expected_revenue(
        truth,
        expected_visits=expected_visits,
        remaining_quota=quota,
        net_paid=net_paid,
        sessions_bought=bought,
    )
    return ValueBacktest(net_paid, bought, quota, expected_visits, expected * rng.gamma(20, 1 / 20, 400))


def test_the_price_is_net_of_refunds_for_each_session_sold() -> None:
    model = fit_value(RECORDS)
    assert model.revenue_per_session == 50_000
    assert model.sessions_per_visit == 1.2
    assert (model.correction, model.quota_share, model.customers) == (1, 1, 400)


def test_a_backtest_finds_the_correction_and_how_much_of_a_quota_counts() -> None:
    model = fit_value(RECORDS, simulated_backtest(1.4, 0.3))
    assert model.quota_share == pytest.approx(0.3, abs=0.11)
    assert model.correction == pytest.approx(1.4, rel=0.1)
    assert model.tested_customers == 400


def test_a_backtest_of_two_customers_hardly_corrects() -> None:
    few = simulated_backtest(5.0, 1.0)
    two = ValueBacktest(*(getattr(few, name)[:2] for name in ValueBacktest.__slots__))
    assert 1 < fit_value(RECORDS, two).correction < 1.6


def test_a_backtest_in_which_nobody_was_expected_teaches_nothing() -> None:
    nobody = ValueBacktest(*(np.zeros(0) for _ in ValueBacktest.__slots__))
    assert fit_value(RECORDS, nobody) == replace(fit_value(RECORDS), tested_customers=0)


def test_without_a_session_sold_there_is_no_price() -> None:
    zero = np.zeros(3)
    with pytest.raises(NothingSold):
        fit_value(ValueRecords(zero, zero, zero, zero))
