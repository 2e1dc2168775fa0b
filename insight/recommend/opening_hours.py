"""When the center is open."""

from dataclasses import dataclass

_HALF_HOUR = 30
_WEEK = 7


@dataclass(frozen=True, slots=True)
class DayHours:
    """The opening hours of one day, in minutes after midnight."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= 24 * 60:
            raise ValueError(
                f"a day opens before it closes, between 0 and 1440, not {self.opens} to {self.closes}"
            )


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The opening hours of Monday to Sunday; None where the center is closed."""

    days: tuple[DayHours | None, ...]

    def __post_init__(self) -> None:
        if len(self.days) != _WEEK or not any(self.days):
            raise ValueError("opening hours need seven days, and at least one of them open")

    def starts(self, weekday: int, minutes: int) -> range:
        """Return the half hours (minutes after midnight) at which a stay fits into a day, Monday 0."""
        hours = self.days[weekday]
        if hours is None:
            return range(0)
        first = -(-hours.opens // _HALF_HOUR) * _HALF_HOUR
        return range(first, hours.closes - minutes + 1, _HALF_HOUR)
