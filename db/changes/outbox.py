"""The statements of the dispatcher: send what is in the outbox, count what was left to it."""

from typing import LiteralString

from db.changes.message import CHANNEL
from db.engine import Connection

LOCK = 7_346_004
"""Whoever holds this advisory lock is the dispatcher of the whole center."""

_TRY: LiteralString = "SELECT pg_try_advisory_lock(%(lock)s)"

# the server ends the session of a dispatcher that froze, and with it its lock
_END_WHEN_FROZEN: LiteralString = "SELECT set_config('idle_session_timeout', '1500ms', false)"

# What is removed here was committed before the statement began, whenever its writer began, so that nothing is
# passed over, and the position is taken after that moment. It is where the log ends and not how far it was
# written: a commit that did not wait for the disk can be seen before it is there.
_SEND: LiteralString = """
WITH taken AS (
    DELETE FROM gateway.customer_change RETURNING customer_id
), word AS (
    SELECT string_agg(DISTINCT customer_id::text, ',') AS ids, bool_or(customer_id IS NULL) AS everybody
      FROM taken HAVING count(*) > 0
)
SELECT pg_notify(%(channel)s, pg_current_wal_insert_lsn()::text || ' '
                 || CASE WHEN everybody OR length(ids) > 7900 THEN '*' ELSE ids END)
  FROM word
"""

_BEAT: LiteralString = "SELECT pg_notify(%(channel)s, pg_current_wal_insert_lsn()::text)"

_RECOUNT: LiteralString = "SELECT gateway.recount_summaries(%(most)s)"


async def become_dispatcher(connection: Connection) -> bool:
    """Take the lock, unless somebody else has it; the session is the server's to end from then on."""
    cursor = await connection.execute(_TRY, {"lock": LOCK})
    if await cursor.fetchone() != (True,):
        return False
    await connection.execute(_END_WHEN_FROZEN)
    return True


async def send_changes(connection: Connection) -> bool:
    """Send in one message what has been committed; return whether there was anything."""
    cursor = await connection.execute(_SEND, {"channel": CHANNEL})
    return cursor.rowcount > 0


async def send_heartbeat(connection: Connection) -> None:
    """Send that the dispatcher is there."""
    await connection.execute(_BEAT, {"channel": CHANNEL})


async def recount_summaries(connection: Connection, most: int) -> int:
    """Count up to so many summaries that their writers had to leave, or that a new day moves."""
    cursor = await connection.execute(_RECOUNT, {"most": most})
    row = await cursor.fetchone()
    return row[0] if row else 0
