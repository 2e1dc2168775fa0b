"""Follow one chain from its beginning to its end, and name the records that are not as they were written."""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from db.audit.chain import FIRST_PREVIOUS, recomputed_hash
from db.audit.heads import Head
from db.audit.rows import StoredRow, sealed_of


class Wrong(StrEnum):
    """What can be wrong with records of a chain."""

    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"
    CUT = "cut off"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True)
class Finding:
    """Records `first` to `last` of a chain are not as they were written.

    `at` is the time of the record itself, or of the last one before those that are missing; None where no
    such record is left.
    """

    wrong: Wrong
    chain: UUID
    first: int
    last: int
    at: datetime | None
    words: str


@dataclass(frozen=True, slots=True)
class _Place:
    """The record last looked at: its number, hash and time; no time where there was none yet."""

    seq: int
    hash: bytes
    at: datetime | None


def examine_chain(
    chain: UUID, rows: Iterable[StoredRow], head: Head | None, anchors: Sequence[Head], keep_since: datetime
) -> Generator[Finding]:
    """Hold a chain's rows, in order, against their hashes, each other, the head, and heads exported earlier.

    What was purged is not missed, unless it was younger than `keep_since`.
    """
    purged = head.purged_seq if head else 0
    place = _Place(purged, (head and head.purged_hash) or FIRST_PREVIOUS, None)
    anchored = {anchor.seq: anchor for anchor in anchors}
    for row in rows:
        yield from _examine_row(chain, row, place, purged)
        if row.seq in anchored and anchored[row.seq].hash != row.hash:
            yield Finding(
                Wrong.CHANGED,
                chain,
                row.seq,
                row.seq,
                row.at,
                "its hash is another than when it was anchored",
            )
        if row.seq > place.seq:
            place = _Place(row.seq, row.hash, row.at)
    yield from _examine_end(chain, place, head, anchors)
    yield from _examine_purge(chain, place, head, anchors, keep_since)


def _examine_row(chain: UUID, row: StoredRow, place: _Place, purged: int) -> Generator[Finding]:
    """Hold a row against its own hash and the record before it."""
    sound = _is_sound(row)
    if not sound:
        words = "its hash is not the one of what it says"
        yield Finding(Wrong.CHANGED, chain, row.seq, row.seq, row.at, words)
    if row.seq <= purged:
        return  # at the edge of a purge, whose months end by time and not by number: its neighbours are gone
    if row.seq <= place.seq:
        yield Finding(Wrong.ADDED, chain, row.seq, row.seq, row.at, "there is another record of this number")
    elif row.seq > place.seq + 1:
        words = f"records are missing before the one of {row.at:%Y-%m-%d %H:%M:%S}"
        yield Finding(Wrong.REMOVED, chain, place.seq + 1, row.seq - 1, place.at, words)
    elif sound and row.previous != place.hash:
        if place.seq == purged:  # nothing before it but what the chain began with
            words = "it is not sealed upon the beginning of its chain"
            yield Finding(Wrong.CHANGED, chain, row.seq, row.seq, row.at, words)
        else:
            words = "the record after it is sealed upon another one"
            yield Finding(Wrong.CHANGED, chain, place.seq, place.seq, place.at, words)


def _examine_end(
    chain: UUID, place: _Place, head: Head | None, anchors: Sequence[Head]
) -> Generator[Finding]:
    """Hold the last record against the head, and both against what was anchored."""
    if head is None:
        words = "the head of the chain is gone, so that its tail may be too"
        yield Finding(Wrong.CUT, chain, place.seq + 1, place.seq + 1, place.at, words)
    elif head.seq > place.seq:
        yield Finding(
            Wrong.CUT, chain, place.seq + 1, head.seq, place.at, "the head of the chain knows of them"
        )
    elif head.seq < place.seq:
        words = "the head of the chain does not know of them"
        yield Finding(Wrong.ADDED, chain, head.seq + 1, place.seq, place.at, words)
    elif head.hash != place.hash:
        words = "the head of the chain has another hash of it"
        yield Finding(Wrong.CHANGED, chain, place.seq, place.seq, place.at, words)
    known = max(place.seq, head.seq if head else 0)
    last = max((anchor.seq for anchor in anchors), default=0)
    if last > known:
        yield Finding(Wrong.CUT, chain, known + 1, last, place.at, "they were there when they were anchored")


def _examine_purge(
    chain: UUID, place: _Place, head: Head | None, anchors: Sequence[Head], keep_since: datetime
) -> Generator[Finding]:
    """Find what was removed as if by a purge, but had to be kept."""
    if head is None or not head.purged_seq:
        return
    purged_whole = [head] if place.at is None else []
    too_young = [
        known
        for known in (*anchors, *purged_whole)
        if known.seq <= head.purged_seq and known.at >= keep_since
    ]
    if too_young:
        words = "they were purged before their two years were over"
        youngest = max(too_young, key=lambda known: known.seq)
        yield Finding(Wrong.REMOVED, chain, 1, youngest.seq, youngest.at, words)


def _is_sound(row: StoredRow) -> bool:
    try:
        return recomputed_hash(sealed_of(row)) == row.hash
    except (KeyError, TypeError, ValueError, AttributeError):
        return False  # the disclosures do not even have their form
