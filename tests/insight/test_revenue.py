from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from insight import Shortfall, Window, revenue_contribution

TODAY = date(2024, 6, 6)
WINDOW = Window.ending(TODAY, 180)


@dataclass(frozen=True, slots=True)
class APayment:
    amount: int
    paid_on: date = TODAY


def test_the_average_runs_from_the_month_of_the_first_purchase() -> None:
    payments = [APayment(1_000_000, date(2024, 1, 15)), APayment(1_500_000, date(2024, 4, 1))]
    revenue = revenue_contribution(payments, WINDOW)
    assert revenue.total_revenue == 2_500_000
    assert revenue.average_monthly_revenue == 416_667  # January to June
    assert revenue.shortfalls == ()


def test_every_month_of_the_window_has_its_revenue_or_zero() -> None:
    payments = [APayment(350_000, date(2024, 1, 15)), APayment(50_000, date(2024, 1, 20)), APayment(-30_000)]
    trend = revenue_contribution(payments, WINDOW).revenue_trend
    assert [(item.month, item.amount) for item in trend] == [
        ("2023-12", 0),
        ("2024-01", 400_000),
        ("2024-02", 0),
        ("2024-03", 0),
        ("2024-04", 0),
        ("2024-05", 0),
        ("2024-06", -30_000),
    ]


def test_a_refund_is_taken_off() -> None:
    assert revenue_contribution([APayment(500_000), APayment(-200_000)], WINDOW).total_revenue == 300_000


def test_a_fully_refunded_customer_brought_nothing() -> None:
    revenue = revenue_contribution([APayment(500_000), APayment(-500_000)], WINDOW)
    assert revenue.total_revenue == 0
    assert revenue.average_monthly_revenue == 0


def test_a_refund_of_an_older_purchase_is_negative_revenue_without_an_average() -> None:
    revenue = revenue_contribution([APayment(-500_000), APayment(500_000, date(2023, 1, 1))], WINDOW)
    assert revenue.total_revenue == -500_000
    assert revenue.average_monthly_revenue is None
    assert revenue.shortfalls == (Shortfall("average_monthly_revenue", "purchases", 1, 0),)


def test_a_future_payment_does_not_count() -> None:
    assert revenue_contribution([APayment(500_000, TODAY + timedelta(days=1))], WINDOW).total_revenue == 0


@given(
    st.lists(
        st.builds(APayment, st.integers(-(10**7), 10**7), st.dates(date(2023, 1, 1), date(2024, 12, 31)))
    )
)
def test_the_months_add_up_to_the_total(payments: list[APayment]) -> None:
    revenue = revenue_contribution(payments, WINDOW)
    assert sum(item.amount for item in revenue.revenue_trend) == revenue.total_revenue
    assert tuple(item.month for item in revenue.revenue_trend) == WINDOW.months()
