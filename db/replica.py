"""A read replica for what may be a moment old: searches and analytics.

It answers only while it holds every write that it must, and is not older than a bound. Whatever else happens
to it, the primary answers the same read instead: a center without its replica is slower, not broken.
"""

from collections.abc import Sequence

import psycopg

from db.engine import Database, DatabaseUnavailable, Parameters, Row, Statement
from db.replication import Left, ReplicaState, ReplicaWatch, answer_or_leave

# a look without a connection is over, and its reads with it; connecting goes on until the next
_LOOK_WAIT_SECONDS = 0.5


class Replica:
    """A hot standby beside a primary, and the pool of connections to it.

    It opens without waiting, and is not used before it was looked at once.

    Args:
        primary: Who answers where the replica may not, or cannot. Its writes are noted.
        primary_url: The address of the primary, to look at it.
        replica_url: The address of the standby.
        size: How many connections to have for reads.
        wait_seconds: How long a read waits for one of them before it goes to the primary.
        staleness_seconds: How old an answer may be.
    """

    def __init__(  # noqa: PLR0913 - two servers, and the bounds of their use
        self,
        primary: Database,
        *,
        primary_url: str,
        replica_url: str,
        size: int,
        wait_seconds: float,
        staleness_seconds: float,
    ) -> None:
        self._primary = primary
        self._standby = Database(replica_url, size=size, wait_seconds=wait_seconds)
        self._watch = ReplicaWatch(
            Database(primary_url, size=1, wait_seconds=_LOOK_WAIT_SECONDS),
            Database(replica_url, size=1, wait_seconds=_LOOK_WAIT_SECONDS),
            staleness_seconds=staleness_seconds,
        )
        primary.after_writes(self._watch.note_write)

    @property
    def state(self) -> ReplicaState:
        """Whether reads go there, or why not."""
        return self._watch.state

    def changed(self, customers: frozenset[int] | None, position: int) -> None:  # noqa: ARG002 - the feed's
        """Answer from the primary until the replica has replayed a change that others made.

        Writes through the primary's own pool are noted without being told. `position` is in bytes since the
        write-ahead log began.
        """
        self._watch.require(position)

    def lost(self) -> None:
        """Go on: the bound holds without the change feed too."""

    def back(self) -> None:
        """Answer from the primary until the replica holds what went unheard: it may be kept for long now."""
        self._watch.note_write()

    async def open(self) -> None:
        """Start connecting and looking in the background."""
        await self._standby.open()
        await self._watch.open()

    async def close(self) -> None:
        """Close every connection to the standby."""
        await self._watch.close()
        await self._standby.close()

    async def fetch(self, statement: Statement, parameters: Parameters) -> Sequence[Row]:
        """Run one reading statement on the replica where it may be used and can, else on the primary.

        Raises:
            DatabaseUnavailable: the primary could not answer either.
            InvalidValue: see `Database.fetch`.
        """
        if self._watch.is_current():
            try:
                return await answer_or_leave(
                    self._standby.fetch_once(statement, parameters), lost=[self._watch.lost]
                )
            except (DatabaseUnavailable, psycopg.Error, Left):
                # away, hanging, in conflict with what it replays, or without a table it will have soon
                self._watch.doubt()
        return await self._primary.fetch(statement, parameters)
