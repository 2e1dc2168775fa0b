"""The files that are evaluated: transactions of customers, and uses of items."""

from array import array
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from gateway.evaluate.files import BadFile, read_rows, shown
from gateway.evaluate.moments import Moment, day_of, moment_of
from insight.evaluation import Interactions, Visits


@dataclass(frozen=True, slots=True)
class Transactions:
    """Transactions of customers, from the first day to the last."""

    visits: Visits
    first: date
    last: date


def read_transactions(file: Path, today: date) -> Transactions:
    """Read customer and date of each row; whatever else a row has, such as an amount, is not looked at.

    Raises:
        BadFile: It cannot be read, has no rows, or has a day that is none or is yet to come.
    """
    codes: dict[str, int] = {}
    days: dict[str, int] = {}
    customers, ordinals = array("l"), array("l")
    for line, (customer, day) in read_rows(file, ("customer", "date")):
        ordinal = days.get(day)
        if ordinal is None:
            ordinal = days[day] = _ordinal(file, line, day, today)
        customers.append(codes.setdefault(customer, len(codes)))
        ordinals.append(ordinal)
    if not codes:
        raise BadFile(file, "there is no row below the header")
    visits = Visits(np.array(customers), np.array(ordinals))
    return Transactions(
        visits, date.fromordinal(int(visits.day.min())), date.fromordinal(int(visits.day.max()))
    )


def read_interactions(file: Path) -> Interactions:
    """Read user, item and time of each row.

    Raises:
        BadFile: It cannot be read, has no rows, or has a time that is none.
    """
    users: dict[str, int] = {}
    items: dict[str, int] = {}
    user, item, time = array("l"), array("l"), array("d")
    first: Moment | None = None
    for line, (who, what, when) in read_rows(file, ("user", "item", "time")):
        moment = _moment(file, line, when)
        first = first or moment
        if moment.is_number != first.is_number:
            raise BadFile(file, f"the time {shown(when)} is of another kind than the first", line)
        time.append(moment.value)
        user.append(users.setdefault(who, len(users)))
        item.append(items.setdefault(what, len(items)))
    if not users:
        raise BadFile(file, "there is no row below the header")
    return Interactions(np.array(user), np.array(item), np.array(time), len(items))


def _ordinal(file: Path, line: int, text: str, today: date) -> int:
    try:
        day = day_of(text)
    except ValueError:
        raise BadFile(file, f"the date {shown(text)} is no day such as 2026-01-31", line) from None
    if day > today:
        raise BadFile(file, f"the date {shown(text)} is yet to come", line)
    return day.toordinal()


def _moment(file: Path, line: int, text: str) -> Moment:
    try:
        return moment_of(text)
    except (ValueError, OverflowError):
        kinds = "neither a number nor a time such as 2026-01-31T09:30"
        raise BadFile(file, f"the time {shown(text)} is {kinds}", line) from None
