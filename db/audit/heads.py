"""The heads of the chains, and what was exported of them to hold later ones against."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID

import orjson
import psycopg

from db.urls import libpq_url


class BadAnchor(ValueError):
    """A line of an anchor file cannot be read."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: its last record's number, hash and time, and what purges removed of its beginning.

    `purged_seq` is 0, and `purged_hash` None, where nothing was removed.
    """

    chain: UUID
    seq: int
    hash: bytes
    at: datetime
    purged_seq: int = 0
    purged_hash: bytes | None = None


_HEADS: LiteralString = """
SELECT chain, seq, hash, at, purged_seq, purged_hash FROM gateway.audit_chain ORDER BY chain
"""


def read_heads(connection: psycopg.Connection[tuple[Any, ...]]) -> list[Head]:
    """Return the heads as they stand in the connection's transaction."""
    return [Head(*row) for row in connection.execute(_HEADS)]


def heads(url: str) -> list[Head]:
    """Return the heads of all chains."""
    with psycopg.connect(libpq_url(url)) as connection:
        return read_heads(connection)


def anchor_line(head: Head) -> str:
    """Return a head as a line of JSON, to be kept where whoever writes the database cannot."""
    at = head.at.astimezone(UTC).isoformat(timespec="microseconds")
    line = {"chain": str(head.chain), "seq": head.seq, "hash": head.hash.hex(), "at": at}
    return orjson.dumps(line).decode()


def read_anchor(lines: Iterable[str]) -> list[Head]:
    """Read what `anchor_line` wrote.

    Raises:
        BadAnchor: a line is none of ours.
    """
    return [_head(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _head(number: int, line: str) -> Head:
    try:
        read = orjson.loads(line)
        at = datetime.fromisoformat(read["at"])
        return Head(UUID(read["chain"]), int(read["seq"]), bytes.fromhex(read["hash"]), at)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadAnchor(f"line {number} is not one of an anchor") from None
