"""Change a customer's profile and preferences."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, LiteralString

from psycopg import sql
from psycopg.types.json import Jsonb

from db.engine import Connection

PROFILE_COLUMNS = frozenset(
    {
        "name",
        "phone",
        "email",
        "birth_year",
        "gender",
        "address",
        "emergency_contact",
        "occupation",
        "region",
        "referral_source",
        "health_goals",
        "health_concerns",
        "notes",
        "preferred_time_slots",
        "assigned_staff",
    }
)
"""The columns of `customers` that the gateway may write."""

PREFERENCE_COLUMNS = frozenset(
    {
        "preferred_services",
        "preferred_time",
        "preferred_intensity",
        "health_interests",
        "communication_preference",
        "marketing_consent",
    }
)
"""The columns of `customer_preferences` that the gateway may write."""

_LOCK_CUSTOMER: LiteralString = """
SELECT updated_at FROM public.customers WHERE customer_id = %(customer_id)s FOR UPDATE
"""


async def lock_customer(connection: Connection, customer_id: int) -> tuple[datetime | None] | None:
    """Lock a customer's row until the transaction ends and return when it last changed.

    The moment is naive and in UTC, as the center stores it. The result is None where there is no customer.
    """
    cursor = await connection.execute(_LOCK_CUSTOMER, {"customer_id": customer_id})
    row = await cursor.fetchone()
    return (row[0],) if row else None


async def update_profile(connection: Connection, customer_id: int, changes: Mapping[str, object]) -> None:
    """Write the changed profile columns (maybe none) and the time of the change.

    The time always moves forward, so that it tells two versions of a row apart.
    """
    assignments = [_assignment(column) for column in _known(changes, PROFILE_COLUMNS)]
    moved = sql.SQL(
        "updated_at = greatest((clock_timestamp() AT TIME ZONE 'UTC'), updated_at + interval '1 microsecond')"
    )
    statement = sql.SQL(
        "UPDATE public.customers SET {assignments} WHERE customer_id = %(customer_id)s"
    ).format(assignments=sql.SQL(", ").join([*assignments, moved]))
    await connection.execute(statement, {**_values(changes), "customer_id": customer_id})


async def update_preferences(connection: Connection, customer_id: int, changes: Mapping[str, object]) -> None:
    """Write the changed preferences; the row is made where there is none yet."""
    columns = _known(changes, PREFERENCE_COLUMNS)
    statement = sql.SQL(
        "INSERT INTO public.customer_preferences (customer_id, {columns}) VALUES (%(customer_id)s, {values}) "
        "ON CONFLICT (customer_id) DO UPDATE SET {assignments}, "
        "updated_at = clock_timestamp() AT TIME ZONE 'UTC'"
    ).format(
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        values=sql.SQL(", ").join(map(sql.Placeholder, columns)),
        assignments=sql.SQL(", ").join(_assignment(column) for column in columns),
    )
    await connection.execute(statement, {**_values(changes), "customer_id": customer_id})


def _known(changes: Mapping[str, object], columns: frozenset[str]) -> list[str]:
    if unknown := set(changes) - columns:
        raise ValueError(f"not a writable column: {sorted(unknown)}")
    return sorted(changes)


def _assignment(column: str) -> sql.Composed:
    return sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(column))


def _values(changes: Mapping[str, object]) -> dict[str, Any]:
    # the one JSON column holds a list of words
    return {
        column: Jsonb(value) if column == "preferred_time_slots" and value is not None else value
        for column, value in changes.items()
    }
