"""What is asked of a demo load, and what it reports."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from db.demo.profiles import HISTORY_DAYS

Progress: TypeAlias = Callable[[str, float], None]
"""Told the step's name and how much of the whole load is done, 0 to 1."""

LOADING: Final[Mapping[str, str]] = {
    "wal_level": "minimal",  # rows that go into files of their own transaction are written once
    "max_wal_senders": "0",  # without which it may not be minimal
    "max_wal_size": "8GB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",  # the load freezes its rows and analyses its tables itself
}
"""PostgreSQL settings for a quick load on a server that does nothing else; a crash is as harmless as ever."""


_VERY_MANY = 200_000
_HALF_A_YEAR = 180


def usual_days(customers: int) -> int:
    """Return over how many days so many customers signed up unless told: a huge center is a young one."""
    return HISTORY_DAYS if customers <= _VERY_MANY else _HALF_A_YEAR


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """How many customers to invent, from which seed, and which day is today in Asia/Seoul.

    They signed up over the last `days` days: three years make some 37 sessions a customer, 180 days 11. The
    same plan gives the same rows. Customers 123 to 140 are written by hand and always there; they count
    towards `customers`.
    """

    today: date
    customers: int = 892
    seed: int = 20240606
    days: int = HISTORY_DAYS


@dataclass(frozen=True, slots=True)
class DemoReport:
    """How many rows were loaded, and how long it took."""

    customers: int
    sessions: int
    purchases: int
    payments: int
    observations: int
    recommendations: int
    seconds: float


class CenterNotEmpty(Exception):
    """The database already has customers: a center's own, an earlier demo, or the chunks of one cut off."""

    def __init__(self) -> None:
        super().__init__(
            "the database already has customers, and demo data is loaded into an empty center only; "
            "a load that was cut off midway is repeated in a fresh database"
        )
