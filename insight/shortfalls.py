"""Why a figure is missing: what its minimum is and how much of it was found."""

from dataclasses import dataclass
from typing import Literal

Counted = Literal[
    "visits",
    "timed_visits",
    "sessions",
    "ratings",
    "purchases",
    "measurements",
    "days_apart",
    "measured_goals",
    "accepted_recommendations",
    "fitted_models",
]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One figure that is None (or an empty list) because its minimum is not met.

    Attributes:
        field: The figure's name, with the service or metric behind a dot where there is one per service or
            metric: `consistency_score`, `growth_trend.brain`, `reported_improvements.stress_level`.
        counted: What `needed` and `found` count.
        needed: The least that the figure asks for.
        found: What there was; always less than `needed`.
    """

    field: str
    counted: Counted
    needed: int
    found: int
