"""What the formulas read: rows of the database seen through read-only protocols."""

from datetime import date, time
from typing import Protocol


class Session(Protocol):
    """One service given, or booked, on one day."""

    @property
    def service_date(self) -> date:
        """The day of the session in the center's time zone."""
        raise NotImplementedError

    @property
    def start_time(self) -> time | None:
        """When it began; None where only the day is known."""
        raise NotImplementedError

    @property
    def service(self) -> str:
        """The service's code; a code that is not in `insight.usage.SERVICES` counts as "other"."""
        raise NotImplementedError

    @property
    def completed(self) -> bool:
        """False for cancelled, missed and scheduled sessions, which count nowhere."""
        raise NotImplementedError

    @property
    def satisfaction_rating(self) -> int | None:
        """1 (worst) to 5; None where the customer gave none."""
        raise NotImplementedError


class Payment(Protocol):
    """One settled movement of money."""

    @property
    def paid_on(self) -> date:
        """The day of the payment or the refund."""
        raise NotImplementedError

    @property
    def amount(self) -> int:
        """KRW; negative for a refund."""
        raise NotImplementedError


class Measurement(Protocol):
    """One value of one health metric, from a questionnaire or an instrument."""

    @property
    def metric(self) -> str:
        """The metric's code, such as `stress_level` or `weight`."""
        raise NotImplementedError

    @property
    def observed_on(self) -> date:
        """The day it was measured."""
        raise NotImplementedError

    @property
    def value(self) -> float:
        """The value in the metric's own unit (levels run from 0 to 10)."""
        raise NotImplementedError


class Package(Protocol):
    """One package as one customer bought it."""

    @property
    def short_name(self) -> str:
        """The name without a closing "패키지"."""
        raise NotImplementedError

    @property
    def expiry_date(self) -> date:
        """The last day on which it can be used."""
        raise NotImplementedError

    @property
    def total_sessions(self) -> int:
        """Sessions bought; 0 where it never held any."""
        raise NotImplementedError

    @property
    def remaining_sessions(self) -> int:
        """Sessions left; 0 or less where all and more were used."""
        raise NotImplementedError

    @property
    def usable(self) -> bool:
        """Whether a session can be taken from it today."""
        raise NotImplementedError
