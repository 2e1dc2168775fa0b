"""A verified token is trusted for a while: how long, and what it is still good for when its address waits."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from harness import SECRET, Gateway
from identity.clock import Clock
from starlette.requests import Request

from access import Role
from db.engine import Database
from gateway.identity import Identity, Tokens, TooManyAttempts, Unauthenticated
from gateway.identity.accounts import Accounts
from gateway.identity.attempts import Attempts
from gateway.identity.claims import ClaimRules, Claims
from gateway.identity.verification import Verifier

LIMIT = 3
LIFETIME = timedelta(minutes=10)


class CountingVerifier(Verifier):
    """Counts how often a token is really looked at."""

    looks = 0

    async def verify(self, token: str) -> Claims:
        self.looks += 1
        return await super().verify(token)


class Desk:
    """Identity over a real center, at the time of a clock that starts now."""

    def __init__(self, database: Database) -> None:
        self.token = Tokens(SECRET).make(
            subject="staff@center.example", role=Role.STAFF, scopes=frozenset(), lifetime=LIFETIME
        )
        self.clock = Clock.now_on_the_wall()
        self.verifier = CountingVerifier(secret=SECRET, keys=None, rules=ClaimRules(), clock=self.clock)
        accounts = Accounts(database, deadline_seconds=5, clock=self.clock)
        self._identity = Identity(self.verifier, accounts, Attempts(LIMIT, self.clock), self.clock)

    async def ask(self, token: str) -> Role:
        headers = [(b"authorization", f"Bearer {token}".encode())]
        scope = {"type": "http", "headers": headers, "client": ("198.51.100.7", 1), "state": {}}
        return (await self._identity.viewer_of(Request(scope))).role

    async def guess(self) -> None:
        for number in range(LIMIT):
            with pytest.raises(Unauthenticated):
                await self.ask(f"guess.number.{number}")


@pytest.fixture
def at_the_desk(gateway: Gateway) -> Callable[[Callable[[Desk], Awaitable[None]]], None]:
    """Tell a story at a desk that opens for it."""

    def tell(story: Callable[[Desk], Awaitable[None]]) -> None:
        async def told() -> None:
            database = Database(gateway.database_url, size=1, wait_seconds=5)
            await database.open()
            try:
                await story(Desk(database))
            finally:
                await database.close()

        asyncio.run(told())

    return tell


Tell = Callable[[Callable[[Desk], Awaitable[None]]], None]


def test_a_token_is_looked_at_once_a_minute(at_the_desk: Tell) -> None:
    async def story(desk: Desk) -> None:
        for _ in range(3):
            assert await desk.ask(desk.token) is Role.STAFF
            desk.clock.move(29)
        assert desk.verifier.looks == 1

        desk.clock.move(29)
        assert await desk.ask(desk.token) is Role.STAFF
        assert desk.verifier.looks == 2

    at_the_desk(story)


def test_a_trusted_token_expires_all_the_same(at_the_desk: Tell) -> None:
    async def story(desk: Desk) -> None:
        desk.clock.move(LIFETIME.total_seconds() - 10)
        assert await desk.ask(desk.token) is Role.STAFF
        desk.clock.move(41)

        with pytest.raises(Unauthenticated):
            await desk.ask(desk.token)

    at_the_desk(story)


def test_a_forged_token_is_looked_at_every_time_until_its_address_must_wait(at_the_desk: Tell) -> None:
    async def story(desk: Desk) -> None:
        await desk.guess()
        assert desk.verifier.looks == LIMIT
        for token in ("guess.number.0", "guess.number.9", desk.token):
            with pytest.raises(TooManyAttempts):
                await desk.ask(token)
        assert desk.verifier.looks == LIMIT

    at_the_desk(story)


def test_a_token_that_was_good_stays_so_as_long_as_its_address_guesses(at_the_desk: Tell) -> None:
    async def story(desk: Desk) -> None:
        assert await desk.ask(desk.token) is Role.STAFF
        for _ in range(4):
            await desk.guess()
            desk.clock.move(59)
            with pytest.raises(TooManyAttempts):
                await desk.ask("guess.number.9")
            assert await desk.ask(desk.token) is Role.STAFF
            desk.clock.move(1)

    at_the_desk(story)
