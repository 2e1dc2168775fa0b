"""Scalars of the schema: moments in UTC and amounts of money."""

from datetime import UTC, date, datetime, time
from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

KRW = NewType("KRW", int)
"""An amount in Korean won."""

_LARGEST_SAFE_INTEGER = 2**53 - 1


def _write_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _read_moment(value: object) -> datetime:
    if not isinstance(value, str):
        raise GraphQLError("DateTime must be text such as 2024-05-30T15:30:00Z")
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        # the first and the last day of the calendar have no UTC moment in every time zone
        raise GraphQLError("DateTime must look like 2024-05-30T15:30:00Z") from None


def _read_date(value: object) -> date:
    if not isinstance(value, str):
        raise GraphQLError("Date must be text such as 2024-05-30")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise GraphQLError("Date must look like 2024-05-30") from None
    if day.isoformat() != value:  # Python also reads 20240530 and 2024-W22-4
        raise GraphQLError("Date must look like 2024-05-30")
    return day


def _read_time(value: object) -> time:
    if not isinstance(value, str):
        raise GraphQLError("Time must be text such as 10:00")
    try:
        return time.fromisoformat(value)
    except ValueError:
        raise GraphQLError("Time must look like 10:00") from None


def _write_won(amount: int) -> int:
    return amount


def _read_won(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST_SAFE_INTEGER:
        raise GraphQLError("KRW must be a whole number of won")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment in UTC, such as 2024-05-30T15:30:00Z.",
        serialize=_write_moment,
        parse_value=_read_moment,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day in the center's time zone (Asia/Seoul), such as 2024-05-30.",
        serialize=date.isoformat,
        parse_value=_read_date,
    ),
    time: strawberry.scalar(
        name="Time",
        description="A time of day in the center's time zone (Asia/Seoul), such as 10:00:00.",
        serialize=time.isoformat,
        parse_value=_read_time,
    ),
    KRW: strawberry.scalar(
        name="KRW",
        description="An amount in whole Korean won; a refund is negative. Larger than an Int can be.",
        serialize=_write_won,
        parse_value=_read_won,
    ),
}
