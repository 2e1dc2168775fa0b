"""Transactions of customers who live by the churn model, as files, for tests of `evaluate`."""

from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from insight.churn import ChurnModel
from insight.evaluation import Visits

START = date(2020, 1, 1)
CALIBRATION_END = date(2021, 6, 30)
END = date(2021, 12, 31)


def lived_visits(model: ChurnModel, customers: int, seed: int = 1) -> Visits:
    """Return visits from START to END; the model's times are weeks."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(model.r, 1 / model.alpha, customers) / 7
    chance = rng.beta(model.a, model.b, customers)
    at = START.toordinal() + rng.integers(0, 400, customers).astype(np.float64)
    who = np.arange(customers)
    seen: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    while len(who):
        seen.append((who, at.astype(np.int64)))
        stays = rng.random(len(who)) >= chance[who]
        stays |= not model.leaves_at_once and len(seen) == 1
        who = who[stays]
        at = at[stays] + np.maximum(rng.gamma(model.k, 1, len(who)) / rate[who], 1)
        who, at = who[at <= END.toordinal()], at[at <= END.toordinal()]
    customer, day = (np.concatenate(column) for column in zip(*seen, strict=True))
    return Visits(customer, day)


def written(visits: Visits, file: Path) -> Path:
    """Write visits as customer,date,amount."""
    rows = [
        f"c{customer},{date.fromordinal(day)},10.50"
        for customer, day in zip(visits.customer.tolist(), visits.day.tolist(), strict=True)
    ]
    file.write_text("\n".join(["customer,date,amount", *rows, ""]), encoding="utf-8")
    return file
