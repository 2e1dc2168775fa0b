"""The center's rows, behind the gateway's back: made by a builder with defaults, and read as psql would."""

from typing import Any, LiteralString

import psycopg
from harness import Gateway
from psycopg import sql


def a_customer(center: Gateway, **columns: object) -> int:
    """Make a customer, by default with every writable column filled, and return the id."""
    row = {
        "name": "도서윤",
        "phone": "010-2345-6789",
        "email": "doseoyun@example.org",
        "birth_year": 1990,
        "gender": "female",
        "address": "서울시 마포구 나래로 3",
        "emergency_contact": "010-3456-7890",
        "occupation": "교사",
        "region": "서울 마포구",
        "referral_source": "검색",
        "health_goals": "체력 향상",
        "health_concerns": "허리 통증",
        "notes": "오후 방문 선호",
        "preferred_time_slots": '["morning"]',
        "assigned_staff": "이직원",
        **columns,
    }
    statement = sql.SQL("INSERT INTO public.customers ({}) VALUES ({}) RETURNING customer_id").format(
        sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join(map(sql.Placeholder, row))
    )
    with psycopg.connect(center.database_url, autocommit=True) as connection:
        (made,) = connection.execute(statement, row)
    return made[0]


def rows(center: Gateway, statement: LiteralString, **values: object) -> list[tuple[Any, ...]]:
    """Return the rows of a statement of the test's own."""
    with psycopg.connect(center.database_url) as connection:
        return connection.execute(statement, values).fetchall()


def change(center: Gateway, statement: LiteralString, **values: object) -> None:
    """Change rows as psql would."""
    with psycopg.connect(center.database_url, autocommit=True) as connection:
        connection.execute(statement, values)


def stored(center: Gateway, customer_id: int, column: str) -> Any:
    """Return what stands in a column of a customer's row."""
    statement = sql.SQL("SELECT {} FROM public.customers WHERE customer_id = %s").format(
        sql.Identifier(column)
    )
    with psycopg.connect(center.database_url) as connection:
        (row,) = connection.execute(statement, [customer_id])
    return row[0]
