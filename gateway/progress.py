"""A progress bar for long commands, on standard error."""

import sys
from types import TracebackType
from typing import Self

import click

_WIDTH = 30


class ProgressBar:
    """One line that fills up; silent where standard error is no terminal."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()

    def show(self, step: str, done: float) -> None:
        """Show a step and how much of the whole is done, 0 to 1."""
        if self._shown:
            filled = round(_WIDTH * min(max(done, 0.0), 1.0))
            bar = "#" * filled + "." * (_WIDTH - filled)
            click.echo(f"\r[{bar}] {done:4.0%} {step:<28.28}", nl=False, err=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        if self._shown:
            click.echo(err=True)
