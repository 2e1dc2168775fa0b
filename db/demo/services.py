"""The center's services as the simulator knows them: prices, durations, goals, seasons, opening hours.

Arrays over services follow the order of `SERVICES`; prices are KRW, durations minutes.
"""

import numpy as np

from db.demo.arrays import Floats, Ints, weekdays
from db.vocabulary import ServiceCode

SERVICES = (ServiceCode.BRAIN, ServiceCode.PULSE, ServiceCode.LYMPH, ServiceCode.RED, ServiceCode.AI_BIKE)
CONSULTATION = len(SERVICES)
"""The first talk with a new customer, counted after the five services in the arrays of sessions."""

TYPE_IDS = np.array([2, 3, 5, 4, 8, 1], dtype=np.int32)
"""`service_type_id` of the five services and of the consultation, in production's order."""

PRICES = np.array([150_000, 120_000, 180_000, 100_000, 80_000, 100_000], dtype=np.int32)
DURATIONS = np.array([60, 45, 90, 30, 40, 30], dtype=np.int32)

GOALS = (
    "stress_management",
    "sleep_quality",
    "focus",
    "energy",
    "pain_relief",
    "weight_loss",
    "muscle_strength",
)
GOAL_SHARES = (0.24, 0.18, 0.10, 0.13, 0.15, 0.14, 0.06)

GOAL_UTILITY = np.array(
    [  # brain, pulse, lymph, red, ai_bike
        [1.2, 0.4, 0.2, 0.1, -0.2],  # stress_management
        [1.1, 0.2, 0.3, 0.4, -0.3],  # sleep_quality
        [1.5, 0.1, -0.2, 0.0, 0.1],  # focus
        [0.1, 0.6, 0.1, 0.5, 0.7],  # energy
        [-0.3, 1.3, 0.6, 0.5, -0.4],  # pain_relief
        [-0.5, 0.1, 0.8, 0.3, 1.3],  # weight_loss
        [-0.4, 0.7, -0.1, 0.3, 1.3],  # muscle_strength
    ],
    dtype=np.float32,
)
POPULARITY = np.array([0.45, 0.35, 0.05, -0.05, -0.20], dtype=np.float32)
SEASONAL_UTILITY = np.array([0.0, 0.0, 0.0, 0.45, -0.45], dtype=np.float32)
"""Added times the season's wave: red light is sought in winter, the bike in summer."""

_OPENS = np.array([9, 9, 9, 9, 9, 9, 10], dtype=np.int32) * 60
_CLOSES = np.array([21, 21, 21, 21, 21, 18, 17], dtype=np.int32) * 60


def start_minutes(days: Ints, wished: Floats, durations: Ints) -> Ints:
    """Return the half hour nearest to the wished hour at which a stay fits the opening hours.

    Args:
        days: day numbers.
        wished: the hour of the day, e.g. 13.5.
        durations: minutes of the whole stay, at most seven hours.

    Returns:
        Minutes after midnight.
    """
    weekday = weekdays(days)
    latest = (_CLOSES[weekday] - durations) // 30 * 30
    nearest = np.rint(wished * 2).astype(np.int32) * 30
    return np.clip(nearest, _OPENS[weekday], latest).astype(np.int32)
