"""How far a read replica has followed its primary: found out by looking at both, beside the reads.

A look asks the primary for its position in the write-ahead log, then the replica for the one up to which it
has replayed. A replica that has replayed the position of a look holds all that was committed before that look
began. So no clock of another machine is needed, and an idle center is not mistaken for a lagging replica.
"""

import asyncio
import logging
import re
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import Any, Literal, LiteralString, TypeVar

import psycopg

from db.engine import Database, DatabaseUnavailable

_log = logging.getLogger(__name__)

_Answer = TypeVar("_Answer")

ReplicaState = Literal["used", "behind", "away", "promoted", "foreign"]
"""Whether reads go to the replica, or why not: it lags, does not answer, is no standby, or another's."""

_LONGEST_PAUSE_SECONDS = 0.5
_SHORTEST_PAUSE_SECONDS = 0.05  # while a write is waited for
_POSITION = re.compile(r"([0-9A-F]{1,8})/([0-9A-F]{1,8})", re.IGNORECASE)

# Where the server inserts rather than where it has written: a commit that does not wait for the disk counts
# too. Unless all that comes after what is written is the header of a page without a record on it yet, which
# no replica will replay before there is one.
# The timeline, since positions of two histories cannot be compared: a replica that still follows a primary
# which was replaced is of another one. One that has followed says so from its next restart point on.
_WHERE: LiteralString = """
WITH log AS (
    SELECT pg_current_wal_lsn() - '0/0' AS written,
           pg_current_wal_insert_lsn() - '0/0' AS inserted,
           left(pg_walfile_name(pg_current_wal_lsn()), 8) AS timeline
     WHERE NOT pg_is_in_recovery()
)
SELECT pg_is_in_recovery(),
       coalesce((SELECT CASE WHEN mod(written, current_setting('wal_block_size')::integer) = 0
                              AND inserted - written <= 40 THEN written ELSE inserted END FROM log),
                pg_last_wal_replay_lsn() - '0/0', 0)::bigint,
       (SELECT system_identifier FROM pg_control_system()),
       coalesce((SELECT ('x' || timeline)::bit(32)::integer FROM log),
                (SELECT timeline_id FROM pg_control_checkpoint())),
       current_database()::text
"""


class Left(Exception):
    """What was waited for did not come in time, and goes on without anybody."""


@dataclass(frozen=True, slots=True)
class ServerPosition:
    """Where a server stands: what it holds of which history, in bytes since the log began."""

    in_recovery: bool
    position: int
    history: tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class _Look:
    """Where the primary was, and when it was asked."""

    began: float
    position: int


class ReplicaWatch:
    """Looks at a primary and its replica now and then, and says whether reads may go to the replica.

    Both databases are its own, so that nobody's reads keep it from looking. Where it cannot look, what it
    knows grows old, and reads go to the primary.

    Args:
        primary: Where writes go.
        replica: The hot standby.
        staleness_seconds: How old what the replica holds may be.
    """

    def __init__(self, primary: Database, replica: Database, *, staleness_seconds: float) -> None:
        self._primary = primary
        self._replica = replica
        self._bound = staleness_seconds
        self._found: ReplicaState = "away"
        self._looks: list[_Look] = []
        self._replayed = 0
        self._required = 0
        self._holds_until = -inf  # what was committed before then, the replica holds
        self._written_at = -inf
        self._again = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._lost: asyncio.Future[None] | None = None

    @property
    def state(self) -> ReplicaState:
        """How the replica does; not whether a write is still waited for."""
        return "behind" if self._found == "used" and self._too_old() else self._found

    @property
    def lost(self) -> asyncio.Future[None]:
        """Done as soon as the replica is found not to answer, or to be no replica of this primary."""
        if self._lost is None:
            self._lost = asyncio.get_running_loop().create_future()
        return self._lost

    def is_current(self) -> bool:
        """Whether the replica holds every write that it must, and what else is not older than the bound."""
        return (
            self._found == "used"
            and self._holds_until > self._written_at
            and self._replayed >= self._required
            and not self._too_old()
        )

    def note_write(self) -> None:
        """Keep reads from the replica until it holds what is committed on the primary by now."""
        self._written_at = monotonic()
        self._again.set()

    def require(self, position: int) -> None:
        """Keep reads from the replica until it has replayed a position, in bytes since the log began."""
        self._required = max(self._required, position)
        self._again.set()

    def doubt(self) -> None:
        """Keep reads from the replica until the next look: one has failed there."""
        self._holds_until = -inf
        self._again.set()

    async def open(self) -> None:
        """Begin to look, in the background."""
        await self._primary.open()
        await self._replica.open()
        self._looking = asyncio.create_task(self._look_on(), name="replica")

    async def close(self) -> None:
        """Stop looking, and disconnect."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})
        await self._replica.close()
        await self._primary.close()

    def _too_old(self) -> bool:
        return monotonic() - self._holds_until > self._bound

    async def _look_on(self) -> None:
        pause = min(self._bound / 4, _LONGEST_PAUSE_SECONDS)
        while True:
            self._again.clear()
            self._tell(await self._look())
            await asyncio.sleep(_SHORTEST_PAUSE_SECONDS)
            if self.state == "used" and not self.is_current():
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._again.wait()

    async def _look(self) -> ReplicaState:
        began = monotonic()
        try:
            primary = await self._ask(self._primary)
        except (DatabaseUnavailable, psycopg.Error, Left):
            return self._found
        self._looks = [look for look in self._looks if began - look.began <= self._bound]
        self._looks.append(_Look(began, primary.position))
        try:
            replica = await self._ask(self._replica)
        except (DatabaseUnavailable, psycopg.Error, Left):
            return "away"
        if not replica.in_recovery:
            return "promoted"
        if replica.history != primary.history:
            return "foreign"
        # anew from all looks: a standby that was restarted may have to replay what it held before
        self._replayed = replica.position
        self._holds_until = max(
            (look.began for look in self._looks if look.position <= replica.position), default=-inf
        )
        return "used"

    async def _ask(self, database: Database) -> ServerPosition:
        # a server that hangs does not answer a cancellation either
        return await answer_or_leave(server_position(database), seconds=self._bound)

    def _tell(self, found: ReplicaState) -> None:
        if found != "used" and self._lost is not None:
            self._lost.set_result(None)
            self._lost = None
        if found != self._found:
            _log.log(
                logging.INFO if found == "used" else logging.WARNING,
                "read replica looked at",
                extra={"state": found},
            )
        self._found = found


async def server_position(database: Database) -> ServerPosition:
    """Return where a server stands.

    Raises:
        DatabaseUnavailable: it is away.
    """
    ((in_recovery, position, system, timeline, name),) = await database.fetch_once(_WHERE, {})
    return ServerPosition(in_recovery, position, (system, timeline, name))


def log_position(text: str) -> int:
    """Return a position in the write-ahead log, as PostgreSQL prints it, in bytes since the log began.

    Raises:
        ValueError: it is none.
    """
    match = _POSITION.fullmatch(text)
    if match is None:
        raise ValueError("not a position in the write-ahead log, such as 0/16B3748")
    return (int(match[1], 16) << 32) + int(match[2], 16)


async def answer_or_leave(
    work: Coroutine[Any, Any, _Answer],
    lost: Sequence[asyncio.Future[None]] = (),
    seconds: float | None = None,
) -> _Answer:
    """Await `work`, but leave it to itself, cancelled, when something is lost or the time is over.

    Raises:
        Left: it was left. Its end is not waited for, since a server that hangs puts it off.
    """
    task = asyncio.ensure_future(work)
    task.add_done_callback(_forgotten)
    try:
        await asyncio.wait({task, *lost}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not task.done():
            task.cancel()
    if not task.done():
        raise Left
    return task.result()


def _forgotten(task: asyncio.Future[Any]) -> None:
    """Look at how a task ended, or asyncio would complain that nobody did."""
    if not task.cancelled():
        task.exception()
