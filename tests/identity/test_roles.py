"""Tokens that name no role: it comes from the center's users; and users who have left."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from harness import Gateway, running_gateway, token
from identity.clock import Clock
from identity.doors import GRAPHQL, assert_unauthenticated, code, knock, me
from process.program import wait_until

from access import Role
from db.engine import Database
from gateway.identity.accounts import Accounts
from gateway.identity.claims import Claims
from gateway.identity.refusals import Unauthenticated

if TYPE_CHECKING:
    from conftest import Databases

LEFT = "left.kwon@center.example"


@pytest.fixture(scope="module")
def center(databases: "Databases", demo_template: str) -> Iterator[Gateway]:
    """A gateway over a center whose users have every role there is, and some that there is not."""
    with databases.temporary(demo_template) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ALTER TYPE public.user_role ADD VALUE 'trainer'")
            connection.execute("ALTER TABLE public.users ALTER role DROP NOT NULL")
            connection.execute(
                "INSERT INTO public.users (user_id, email, password_hash, name, role) VALUES "
                "(901, 'master@center.example', '', '한마스터', 'master'), "
                "(902, 'trainer@center.example', '', '임트레이너', 'trainer'), "
                "(903, 'nobody@center.example', '', '무직책', NULL)"
            )
        with running_gateway(url) as running:
            yield running


@pytest.mark.parametrize(
    ("subject", "role"),
    [
        ("master@center.example", "ADMIN"),
        ("admin@center.example", "ADMIN"),
        ("manager@center.example", "MANAGER"),
        ("staff@center.example", "STAFF"),
        ("trainer@center.example", "STAFF"),
        ("nobody@center.example", "STAFF"),
        ("901", "ADMIN"),
        ("2", "MANAGER"),
    ],
)
def test_a_token_without_a_role_has_that_of_its_user(center: Gateway, subject: str, role: str) -> None:
    made = token(None, subject=subject, scopes=("health:read",))

    assert me(center, made) == {"role": role, "subject": subject, "scopes": ["health:read"]}


def test_the_role_of_a_user_decides_at_both_doors(center: Gateway) -> None:
    made = token(None, subject="trainer@center.example")
    refused = center.rest("/customers/123/analytics", role=None, headers={"Authorization": f"Bearer {made}"})

    assert (refused.status_code, code(refused)) == (403, "UNAUTHORIZED_ACCESS")


@pytest.mark.parametrize(
    "subject",
    [
        "stranger@center.example",
        "ADMIN@CENTER.EXAMPLE",
        " admin@center.example",
        "admin@center.example' OR 'a'='a",
        "%",
        "02",
        "99999999999999999999",
        LEFT,
        "12",
    ],
)
def test_a_token_without_a_role_of_nobody_who_works_here_is_refused(
    center: Gateway, door: str, subject: str
) -> None:
    assert_unauthenticated(knock(center, door, token(None, subject=subject)))


def test_a_role_in_the_token_stands_whoever_it_is_for(center: Gateway) -> None:
    assert me(center, token("MANAGER", subject="stranger@center.example"))["role"] == "MANAGER"
    assert me(center, token("STAFF", subject="admin@center.example"))["role"] == "STAFF"


def test_a_role_in_the_token_does_not_let_in_who_has_left(center: Gateway, door: str) -> None:
    assert_unauthenticated(knock(center, door, token("ADMIN", subject=LEFT)))


def test_the_look_at_the_users_is_no_statement_of_the_operation(gateway: Gateway) -> None:
    headers = {"Authorization": f"Bearer {token(None, subject='sol.yoon@center.example')}"}
    answer = gateway.request("POST", "/graphql", role=None, headers=headers, json={"query": "{ __typename }"})

    assert answer.headers["server-timing"] == 'sql;desc="0 statements"'


@pytest.mark.slow
def test_who_cannot_be_looked_up_now_is_not_called_unknown(
    databases: "Databases", demo_template: str
) -> None:
    name = f"late_{uuid4().hex}"
    made = token(None, subject="staff@center.example")
    with running_gateway(databases.url_of(name), database_wait_seconds=0.2) as running:
        answers = [knock(running, door, made) for door in ("graphql", "rest")]
        assert {(answer.status_code, code(answer)) for answer in answers} == {(503, "SERVICE_UNAVAILABLE")}
        assert {answer.headers["retry-after"] for answer in answers} == {"1"}

        databases.create(name, demo_template)
        wait_until(lambda: knock(running, GRAPHQL, made).status_code == 200)
    databases.drop(name)


def test_a_user_is_remembered_for_a_minute(center: Gateway) -> None:
    subject = "dasom.shin@center.example"
    claims = Claims(subject=subject, role=None, scopes=frozenset(), expires_at=0)

    def change(role: str, *, active: bool) -> None:
        with psycopg.connect(center.database_url) as connection:
            statement = "UPDATE public.users SET role = %s, is_active = %s WHERE email = %s"
            connection.execute(statement, (role, active, subject))

    async def story(database: Database) -> None:
        clock = Clock()
        accounts = Accounts(database, deadline_seconds=5, clock=clock)
        assert await accounts.role_of(claims) is Role.STAFF
        change("admin", active=True)
        clock.move(59)
        assert await accounts.role_of(claims) is Role.STAFF
        clock.move(1)
        assert await accounts.role_of(claims) is Role.ADMIN
        change("admin", active=False)
        clock.move(59)
        assert await accounts.role_of(claims) is Role.ADMIN
        clock.move(1)
        with pytest.raises(Unauthenticated):
            await accounts.role_of(claims)

    async def told() -> None:
        database = Database(center.database_url, size=1, wait_seconds=5)
        await database.open()
        try:
            await story(database)
        finally:
            await database.close()

    asyncio.run(told())
