"""How far a long piece of work is, and how long each of its steps took."""

from collections.abc import Generator
from contextlib import contextmanager
from time import perf_counter

from db.demo import Progress


class Pace:
    """Shows each step when it begins, as its share of so many steps, and keeps the seconds it took."""

    def __init__(self, progress: Progress, steps: int) -> None:
        self._progress = progress
        self._steps = steps
        self._begun = 0
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        """Time what is done within."""
        self._progress(name, self._begun / self._steps)
        self._begun += 1
        began = perf_counter()
        yield
        self.seconds[name] = perf_counter() - began

    def skip(self) -> None:
        """Pass over a step that was done before."""
        self._begun += 1
