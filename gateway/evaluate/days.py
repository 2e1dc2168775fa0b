"""Lengths and days as the command line takes them."""

import re

import click

_DAYS = re.compile(r"([1-9][0-9]{0,3})d")
_LONGEST = 3650


class Days(click.ParamType[int]):
    """A length of time in whole days, such as 60d."""

    name = "days"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the length."""
        if isinstance(value, int):
            return value
        match = _DAYS.fullmatch(str(value))
        if match is None or int(match[1]) > _LONGEST:
            self.fail(f"{value} is not a number of days from 1d to {_LONGEST}d", param, ctx)
        return int(match[1])
