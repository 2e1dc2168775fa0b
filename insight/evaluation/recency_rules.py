"""The simple rules that a forecast of visits has to beat."""

from collections.abc import Mapping

import numpy as np

from insight.evaluation.holdout import Floats, Forecast, Holdout

_LIMITS_DAYS = (30, 60, 90)
_OVERDUE = 2.0  # gaps
_BANDS_DAYS = np.array([7, 14, 30, 60, 90, 180, 365])


def recency_rules(holdout: Holdout, earlier: Holdout) -> Mapping[str, Forecast]:
    """Return the rules by name.

    - recency: the later the last visit, the likelier the next (an order, no probability).
    - recency_table: what became of the customers with such a last visit one holdout earlier.
    - seen_within_30d, ...: who came within so many days comes again.
    - own_cadence: who is not away for more than twice their own mean gap comes again.
    - own_rate: everybody comes as often as until now.
    - last_period: everybody comes as often as in the last period as long as the holdout.
    - zero: nobody comes again.

    Args:
        holdout: What the rules forecast; they look at what is known only.
        earlier: The same customers one holdout before, whose own holdout is the end of this calibration.
    """
    known = holdout.known
    since = known.age - known.recency
    rate = np.divide(known.repeats, known.age, out=np.zeros_like(known.age), where=known.age > 0)
    own = rate * holdout.periods
    recent = holdout.recent.astype(np.float64)
    nobody = np.zeros_like(since)
    return {
        "recency": Forecast(score=-since),
        "recency_table": _table(since, earlier),
        **{
            f"seen_within_{days}d": Forecast(
                probability=(since <= days / holdout.unit.days).astype(np.float64)
            )
            for days in _LIMITS_DAYS
        },
        "own_cadence": _cadence(holdout, since),
        "own_rate": Forecast(own, -np.expm1(-own)),
        "last_period": Forecast(recent, np.minimum(recent, 1.0), recent),
        "zero": Forecast(nobody, nobody),
    }


def _table(since: Floats, earlier: Holdout) -> Forecast:
    """Return the mean of each band of recency one holdout earlier; of all bands where one was empty."""
    if not earlier.known.customers:
        return Forecast()
    bands = _BANDS_DAYS / earlier.unit.days
    before = np.searchsorted(bands, earlier.known.age - earlier.known.recency)
    now = np.searchsorted(bands, since)
    count = np.bincount(before, minlength=len(bands) + 1)

    def mean_of(values: Floats) -> Floats:
        total = np.bincount(before, values, minlength=len(bands) + 1)
        return np.where(count > 0, total / np.maximum(count, 1), values.mean())[now]

    later = earlier.later.astype(np.float64)
    return Forecast(mean_of(later), mean_of(np.minimum(later, 1.0)))


def _cadence(holdout: Holdout, since: Floats) -> Forecast:
    """Return whether customers are within their cadence; who came once has the cadence of all."""
    known = holdout.known
    gaps = known.repeats.sum()
    if not gaps:
        return Forecast()
    gap = np.where(
        known.repeats > 0, known.recency / np.maximum(known.repeats, 1), known.recency.sum() / gaps
    )
    away = since / gap
    return Forecast(probability=(away <= _OVERDUE).astype(np.float64), score=-away)
