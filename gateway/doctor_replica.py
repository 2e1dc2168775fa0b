"""`doctor` on the read replica: whether it is a standby of this database, and how far behind it is."""

import asyncio
from collections.abc import Generator

import psycopg

from db.engine import Database, DatabaseUnavailable
from db.replication import Left, ServerPosition, answer_or_leave, server_position
from gateway.findings import Finding
from gateway.settings import Settings

_WAIT_SECONDS = 5.0
_SUBJECT = "replica"


def replica_findings(settings: Settings, url: str) -> Generator[Finding]:
    """Look at the standby of the database at `url`; at nothing where DATABASE_REPLICA_URL is not set."""
    replica_url = settings.database_replica_url
    if replica_url is None:
        return
    try:
        primary, replica = asyncio.run(_positions(url, replica_url))
    except (DatabaseUnavailable, psycopg.Error, Left) as error:
        # without the error's words, which can hold the address with its user
        words = f"DATABASE_REPLICA_URL does not answer ({type(error).__name__})"
        advice = "start it, or mend the address; until then the primary answers everything"
        yield Finding(_SUBJECT, fine=False, words=words, advice=advice)
    else:
        yield _compared(primary, replica)


async def _positions(url: str, replica_url: str) -> tuple[ServerPosition, ServerPosition]:
    # the primary first, so that a replica which keeps up is not told to be behind
    return await _position(url), await _position(replica_url)


async def _position(url: str) -> ServerPosition:
    database = Database(url, size=1, wait_seconds=_WAIT_SECONDS)
    await database.open()
    try:
        return await answer_or_leave(server_position(database), seconds=_WAIT_SECONDS)
    finally:
        await database.close()


def _compared(primary: ServerPosition, replica: ServerPosition) -> Finding:
    if not replica.in_recovery:
        advice = "name a hot standby; until then the primary answers everything"
        return Finding(_SUBJECT, fine=False, words="DATABASE_REPLICA_URL is no standby", advice=advice)
    if replica.history != primary.history:
        words = "it is a standby of another database, or still follows a primary that was replaced"
        return Finding(_SUBJECT, fine=False, words=words, advice="make it follow this primary")
    behind = max(0, primary.position - replica.position)
    words = f"{behind:,} bytes behind" if behind else "up to date"
    return Finding(_SUBJECT, fine=True, words=f"a standby, {words}")
