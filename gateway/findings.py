"""What `doctor` says about one thing that it looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is fine, and what to do where it is not, or could be better."""

    subject: str
    fine: bool
    words: str
    advice: str | None = None
