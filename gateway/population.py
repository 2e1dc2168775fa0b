"""Gather the distributions that customers are compared by."""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from db.fitting.session import FittingConnection
from db.quantiles import StoredQuantiles, mean_ratings, revenues, store_quantiles, visit_counts
from insight.population import quantile_table
from insight.windows import PERIODS
from resolvers.models import SATISFACTION_MEASURE, revenue_measure, visits_measure

_YEAR = 365


def gather_quantiles(connection: FittingConnection, today: date) -> None:
    """Store the distribution of every measure as of a day; one that nobody has a value of is left out."""
    measured: Mapping[str, NDArray[np.float64]] = {
        **{
            revenue_measure(days): revenues(connection, _first_day(today, days), today)
            for days in PERIODS.values()
        },
        visits_measure(_YEAR): visit_counts(connection, _first_day(today, _YEAR), today),
        SATISFACTION_MEASURE: mean_ratings(connection),
    }
    store_quantiles(
        connection,
        [
            StoredQuantiles(measure, len(values), quantile_table(values).tolist())
            for measure, values in measured.items()
            if len(values)
        ],
        today,
    )


def _first_day(today: date, days: int) -> date:
    return today - timedelta(days=days - 1)
