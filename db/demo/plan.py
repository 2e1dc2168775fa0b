"""What is asked of a demo load, and what it reports."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, float], None]
"""Told the step's name and how much of the whole load is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """How many customers to invent, from which seed, and which day is today in Asia/Seoul.

    The same plan gives the same rows. Customers 123 to 140 are written by hand and always there; they count
    towards `customers`.
    """

    today: date
    customers: int = 892
    seed: int = 20240606


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
