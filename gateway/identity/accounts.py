"""The center's own users behind tokens: the role of a token that names none, and who has left."""

import asyncio
from collections.abc import Callable, Mapping

from cachetools import TTLCache

from access import Role
from db.engine import Database, DatabaseUnavailable, Reader
from db.queries.staff import Account, account_of
from gateway.identity.claims import Claims
from gateway.identity.refusals import Reason, Unauthenticated

_REMEMBERED_SECONDS = 60
_MOST_ACCOUNTS = 10_000

_ROLES: Mapping[str, Role] = {"master": Role.ADMIN, "admin": Role.ADMIN, "manager": Role.MANAGER}
"""The center's words for roles; every other, and none, is that of staff."""


class Accounts:
    """Looks subjects up among the center's users, and remembers each for a minute."""

    def __init__(self, database: Database, *, deadline_seconds: float, clock: Callable[[], float]) -> None:
        self._database = database
        self._deadline_seconds = deadline_seconds
        self._known: TTLCache[str, Account | None] = TTLCache(
            _MOST_ACCOUNTS, ttl=_REMEMBERED_SECONDS, timer=clock
        )
        self._readings: dict[str, asyncio.Task[Account | None]] = {}

    async def role_of(self, claims: Claims) -> Role:
        """Return the role that a token gives.

        A role that the token names stands, whether the center knows its subject or not. But whoever the
        center has set inactive is refused with any token: who has left has no way in until it expires.

        Raises:
            Unauthenticated: the user is inactive; or the token names no role and the center no such user.
            DatabaseUnavailable: the users cannot be read now.
        """
        account = await self._account(claims.subject)
        if account is not None and not account.active:
            raise Unauthenticated(Reason.INACTIVE_USER)
        if claims.role is not None:
            return claims.role
        if account is None:
            raise Unauthenticated(Reason.UNKNOWN_USER)
        return _ROLES.get((account.role or "").lower(), Role.STAFF)

    async def _account(self, subject: str) -> Account | None:
        """Share one read among all requests of a subject; who is unknown is remembered too."""
        try:
            return self._known[subject]
        except KeyError:
            pass
        reading = self._readings.get(subject)
        if reading is None:
            reading = self._readings[subject] = asyncio.create_task(self._read(subject))
        # a client that hangs up must not end the read that others wait for
        return await asyncio.shield(reading)

    async def _read(self, subject: str) -> Account | None:
        try:
            async with asyncio.timeout(self._deadline_seconds):
                account = await account_of(Reader(self._database), subject)
        except TimeoutError:
            raise DatabaseUnavailable("the users could not be read in time") from None
        finally:
            del self._readings[subject]
        self._known[subject] = account
        return account
