"""What a customer paid, net of refunds, in all and month by month."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from insight.inputs import Payment
from insight.shortfalls import Shortfall
from insight.windows import Window, month_of


@dataclass(frozen=True, slots=True)
class MonthlyRevenue:
    """Net revenue of one calendar month ("YYYY-MM") in KRW, as far as the window covers it."""

    month: str
    amount: int


@dataclass(frozen=True, slots=True)
class RevenueContribution:
    """What a customer brought in during a window; all amounts in KRW and net of refunds.

    Attributes:
        total_revenue: 0 without payments; negative where the window holds more refunds than purchases.
        average_monthly_revenue: Total over the window's calendar months from that of its first purchase on,
            whole KRW; None where the window holds no purchase.
        revenue_trend: Every month of the window, oldest first, zeros included.
        shortfalls: One for each figure that is None.
    """

    total_revenue: int
    average_monthly_revenue: int | None
    revenue_trend: tuple[MonthlyRevenue, ...]
    shortfalls: tuple[Shortfall, ...]


def revenue_contribution(payments: Iterable[Payment], window: Window) -> RevenueContribution:
    """Add up the settled payments of one customer within the window."""
    paid = [payment for payment in payments if payment.paid_on in window]
    total = sum(payment.amount for payment in paid)
    months = window.months()

    by_month: Counter[str] = Counter()
    for payment in paid:
        by_month[month_of(payment.paid_on)] += payment.amount

    purchase_months = [month_of(payment.paid_on) for payment in paid if payment.amount > 0]
    average = None
    if purchase_months:
        average = round(total / (len(months) - months.index(min(purchase_months))))
    return RevenueContribution(
        total_revenue=total,
        average_monthly_revenue=average,
        revenue_trend=tuple(MonthlyRevenue(month, by_month[month]) for month in months),
        shortfalls=() if purchase_months else (Shortfall("average_monthly_revenue", "purchases", 1, 0),),
    )
