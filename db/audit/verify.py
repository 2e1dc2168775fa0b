"""Verify the audit: every chain of the database, held against its head and against an earlier anchor."""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from db.audit.examination import Finding, Wrong, examine_chain
from db.audit.heads import Head, read_heads
from db.audit.rows import COLUMNS, StoredRow
from db.urls import libpq_url

_ROWS_AT_ONCE = 2000

_IN_ORDER: LiteralString = f"SELECT {COLUMNS} FROM gateway.audit_record ORDER BY chain, seq, at"

_KEEP_SINCE: LiteralString = "SELECT now() - interval '2 years'"


@dataclass(slots=True)
class Verified:
    """How much was looked at, and how much of it was wrong."""

    records: int = 0
    chains: int = 0
    findings: int = 0


def verify(url: str, anchor: Sequence[Head], tell: Callable[[Finding], None]) -> Verified:
    """Recompute every hash, and hold every record against its neighbours, its chain's head, and an anchor.

    Looks at one moment of the database, and keeps no more in memory than the heads and some rows.

    Args:
        url: The database.
        anchor: Heads exported earlier, maybe several of one chain. Without them nobody can know of a tail
            that was cut together with its head, or of a chain that vanished whole.
        tell: Called with each finding as soon as it is made.
    """
    verified = Verified()
    with psycopg.connect(libpq_url(url)) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        keep_since = connection.execute(_KEEP_SINCE).fetchall()[0][0]
        heads = {head.chain: head for head in read_heads(connection)}
        for finding in _findings(_rows(connection, verified), heads, anchor, keep_since):
            verified.findings += 1
            tell(finding)
        verified.chains = len(heads)
    return verified


def _rows(connection: psycopg.Connection[tuple[Any, ...]], verified: Verified) -> Generator[StoredRow]:
    with connection.cursor("audit_in_order") as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        for row in cursor.execute(_IN_ORDER):
            verified.records += 1
            yield StoredRow(*row)


def _findings(
    rows: Iterable[StoredRow], heads: Mapping[UUID, Head], anchor: Sequence[Head], keep_since: datetime
) -> Generator[Finding]:
    anchors: defaultdict[UUID, list[Head]] = defaultdict(list)
    for known in anchor:
        anchors[known.chain].append(known)
    unseen = set(heads) | set(anchors)
    for chain, of_chain in groupby(rows, key=attrgetter("chain")):
        unseen.discard(chain)
        yield from examine_chain(chain, of_chain, heads.get(chain), anchors[chain], keep_since)
    for chain in sorted(unseen):
        if chain in heads:
            yield from examine_chain(chain, (), heads[chain], anchors[chain], keep_since)
        else:
            last = max(anchors[chain], key=lambda known: known.seq)
            yield Finding(Wrong.VANISHED, chain, 1, last.seq, last.at, "nothing is left of the chain")
