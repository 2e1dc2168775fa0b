"""Everybody's risk level by a churn model, stored where it differs."""

from dataclasses import replace
from datetime import date

import numpy as np

from db.fitting.risk import LEVELS, risk_rows, store_levels
from db.fitting.session import FittingConnection
from insight.churn import ChurnModel
from insight.risk import RISK_LEVELS, risk_levels

_DAYS_A_WEEK = 7


def assess_everybody(connection: FittingConnection, model: ChurnModel | None, today: date) -> int:
    """Bring all stored levels to what a model says today, and return how many changed.

    Without a model nobody has a level.
    """
    rows = risk_rows(connection)
    levels = np.zeros_like(rows.level)
    if model is not None:
        places = np.array([LEVELS.index(level) for level in RISK_LEVELS], dtype=np.int32)
        recency = (rows.last_day - rows.first_day) / _DAYS_A_WEEK
        # a visit of tomorrow's is possible where clocks differ; nobody's age is less than their recency
        age = np.maximum((today.toordinal() - rows.first_day) / _DAYS_A_WEEK, recency)
        levels = places[risk_levels(model, rows.visits - 1, recency, age)]
    changed = levels != rows.level
    return store_levels(connection, replace(rows, level=levels).at(changed))
