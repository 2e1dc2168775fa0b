"""What a server tells the process that fits for it, and how that process ends."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal, Self, TypeAlias

DONE, FAILED, BUSY = 0, 1, 3
"""Exit codes: the work is done or was done already, it failed, another process is at it."""

Work: TypeAlias = Literal["fit", "quantiles"]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done, on which database, for which day in Asia/Seoul."""

    work: Work
    url: str
    today: date
    log_level: str

    def to_line(self) -> bytes:
        """Return the order as one line."""
        return json.dumps({**asdict(self), "today": self.today.isoformat()}).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """Read what `to_line` wrote."""
        told = json.loads(line)
        return cls(told["work"], told["url"], date.fromisoformat(told["today"]), told["log_level"])
