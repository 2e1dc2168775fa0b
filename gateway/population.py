"""Gather the distributions that percentiles are read from."""

from datetime import date

from db.quantiles import StoredQuantiles, revenues, store_quantiles
from insight.population import quantile_table
from insight.windows import PERIODS, Window
from resolvers.analytics import revenue_measure


def gather_revenue_quantiles(url: str, today: date) -> None:
    """Store the distribution of revenue over each period of the contract, as of a day."""
    for days in PERIODS.values():
        window = Window.ending(today, days)
        values = revenues(url, window.start, window.end)
        if values:
            table = [float(value) for value in quantile_table(values)]
            store_quantiles(url, StoredQuantiles(revenue_measure(days), len(values), table), today)
