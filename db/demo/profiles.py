"""Who the invented customers are: the hidden traits from which their visits follow."""

from dataclasses import dataclass

import numpy as np

from db.demo.arrays import Flags, Floats, Ints, Rng, gumbels, pick
from db.demo.services import GOAL_SHARES, GOAL_UTILITY, GOALS, POPULARITY, SERVICES

HISTORY_DAYS = 1_095
"""Customers sign up over the three years before today, where nobody says otherwise."""

_RATE_SHAPE, _MEAN_RATE = 1.4, 1 / 9
_SHAPES = np.array([1, 2, 4], dtype=np.int32)
_SHAPE_SHARES = [0.30, 0.45, 0.25]
_LEAVE_A, _LEAVE_B, _LEAVE_SCALE = 0.9, 14.0, 0.35
_GOAL_COUNT_SHARES = [0.35, 0.45, 0.20]
_HOURS = np.array([10.0, 13.0, 15.5, 19.0], dtype=np.float32)
_HOUR_SHARES = [0.32, 0.16, 0.24, 0.28]
_WEEKDAYS = np.array([1.1, 1.0, 1.0, 1.0, 1.1, 1.2, 0.5], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Profiles:
    """Traits, one row a customer.

    Attributes:
        signed_up: day number of the first visit.
        rate: visits a day while the customer stays.
        regularity: k of the Erlang gaps; 1 is memoryless, 4 is steady.
        leave_chance: chance to drop out after a visit, before what that visit was like.
        goals: one column a goal of `GOALS`.
        affinity: utility of each service of `SERVICES`.
        mildness: the person's own shift of every rating.
        weekday_habit: weights of Monday to Sunday, largest 1.
        hour: usual hour of the day.
        second_chance: chance of a second service on the same day.
        package_chance: chance to buy a package on a visit without one.
    """

    signed_up: Ints
    rate: Floats
    regularity: Ints
    leave_chance: Floats
    goals: Flags
    affinity: Floats
    mildness: Floats
    weekday_habit: Floats
    hour: Floats
    second_chance: Floats
    package_chance: Floats

    @property
    def count(self) -> int:
        """How many customers there are."""
        return len(self.rate)


def draw_profiles(count: int, today: int, rng: Rng, days: int = HISTORY_DAYS) -> Profiles:
    """Draw customers who signed up within so many days up to today (a day number)."""
    goals = _goals(count, rng)
    taste = rng.standard_normal((count, len(SERVICES)), dtype=np.float32) * np.float32(0.7)
    habit = _WEEKDAYS * rng.gamma(0.7, size=(count, 7)).astype(np.float32) + np.float32(0.02)
    buys_packages = rng.random(count) < 0.75  # noqa: PLR2004 - a share
    return Profiles(
        signed_up=(today - rng.integers(0, days, count)).astype(np.int32),
        rate=rng.gamma(_RATE_SHAPE, _MEAN_RATE / _RATE_SHAPE, count).astype(np.float32),
        regularity=_SHAPES[pick(rng, _SHAPE_SHARES, count)],
        leave_chance=(_LEAVE_SCALE * rng.beta(_LEAVE_A, _LEAVE_B, count)).astype(np.float32),
        goals=goals,
        affinity=POPULARITY + goals.astype(np.float32) @ GOAL_UTILITY + taste,
        mildness=rng.standard_normal(count, dtype=np.float32) * np.float32(0.35),
        weekday_habit=habit / habit.max(axis=1, keepdims=True),
        hour=_HOURS[pick(rng, _HOUR_SHARES, count)]
        + rng.standard_normal(count, dtype=np.float32) * np.float32(0.6),
        second_chance=rng.beta(1.0, 14.0, count).astype(np.float32),
        package_chance=np.where(buys_packages, np.float32(0.35), np.float32(0.02)),
    )


def _goals(count: int, rng: Rng) -> Flags:
    keys = gumbels(rng, (count, len(GOALS))) + np.log(np.array(GOAL_SHARES, dtype=np.float32))
    rank = np.argsort(np.argsort(-keys, axis=1), axis=1)
    return rank <= pick(rng, _GOAL_COUNT_SHARES, count)[:, None]
