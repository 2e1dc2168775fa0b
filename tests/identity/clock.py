"""A clock that stands still until a test moves it."""

import time


class Clock:
    """Tells the time of the test, in seconds."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    @classmethod
    def now_on_the_wall(cls) -> "Clock":
        """Return a clock that begins with the real time, as tokens made now need it."""
        return cls(time.time())

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += seconds
