"""The stretch of days that a figure is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Self

PERIODS: Mapping[str, int] = MappingProxyType({"30d": 30, "90d": 90, "180d": 180, "1y": 365})
"""The contract's periods and their lengths in days."""

_DAY = timedelta(days=1)


def month_of(day: date) -> str:
    """Return the calendar month of a day as "YYYY-MM"."""
    return day.isoformat()[:7]


@dataclass(frozen=True, slots=True)
class Window:
    """The days from `start` up to, and without, `end`.

    A window that ends with today holds no future day, so what lies in it needs no second look at the clock.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a window needs at least one day, not {self.start} to {self.end}")

    @classmethod
    def ending(cls, today: date, days: int) -> Self:
        """Return the window of `days` days whose last day is `today`."""
        end = today + _DAY
        return cls(end - timedelta(days=days), end)

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def previous(self) -> Self:
        """Return the window of equal length that ends where this one starts."""
        return type(self)(self.start - (self.end - self.start), self.start)

    def months(self) -> tuple[str, ...]:
        """Return every calendar month the window touches, oldest first, as "YYYY-MM"."""
        last = self.end - _DAY
        first_index = self.start.year * 12 + self.start.month - 1
        last_index = last.year * 12 + last.month - 1
        return tuple(f"{i // 12:04d}-{i % 12 + 1:02d}" for i in range(first_index, last_index + 1))
