"""Simulated customers, and the truth about them that no center knows."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

import numpy as np

from db.demo import DemoPlan, simulated
from db.demo.arrays import EPOCH
from db.demo.catalogue import PACKAGE_QUOTAS
from db.demo.chunk import Chunk
from db.demo.hard_cases import LAST_ID
from db.demo.kim_younghee import CUSTOMER_ID
from db.demo.packages import NONE
from db.demo.sessions import COMPLETED, UNRATED
from insight.evaluation import Truth, Unit, Visits
from insight.goals import goal_tags
from insight.recommend.service_log import Purchases, SessionLog, goal_bits

_BY_HAND = LAST_ID - CUSTOMER_ID + 1  # a plan counts these too, but nobody simulated them
_EPOCH = EPOCH.toordinal()


@dataclass(frozen=True, slots=True)
class SimulatedCenter:
    """Customers from 0, each with one visit at least; days as `date.toordinal()`.

    Attributes:
        visits: Of everybody, up to today.
        log: Their sessions, goals and packages.
        truth: About each of them today.
    """

    visits: Visits
    log: SessionLog
    truth: Truth


def simulate_center(customers: int, today: date, horizon_days: int, unit: Unit, seed: int) -> SimulatedCenter:
    """Simulate so many customers; the truth says who comes within the horizon after today."""
    chunks = list(simulated(DemoPlan(today, customers + _BY_HAND, seed)))
    truths = [chunk.history.truth for chunk in chunks]
    next_visit = np.concatenate([truth.next_visit for truth in truths])
    return SimulatedCenter(
        visits=Visits(
            np.concatenate([chunk.history.visits.customer + offset for chunk, offset in _numbered(chunks)]),
            np.concatenate([chunk.history.visits.day + _EPOCH for chunk in chunks]),
        ),
        log=session_log(chunks),
        truth=Truth(
            stays=~np.concatenate([truth.dropped for truth in truths]),
            comes=(next_visit != NONE) & (next_visit + _EPOCH <= today.toordinal() + horizon_days),
            rate=np.concatenate([truth.profiles.rate for truth in truths]).astype(np.float64) * unit.days,
        ),
    )


def session_log(chunks: Sequence[Chunk]) -> SessionLog:
    """Return the sessions, stated goals and packages of simulated customers, numbered through all chunks."""
    numbered = _numbered(chunks)
    parts = [_sessions(chunk, offset) for chunk, offset in numbered]
    bought = [_purchases(chunk, offset) for chunk, offset in numbered]
    return SessionLog(
        *(np.concatenate(column) for column in zip(*parts, strict=True)),
        goals=np.array([bits for chunk in chunks for bits in _goals(chunk)]),
        purchases=Purchases(
            *(np.concatenate([getattr(part, item.name) for part in bought]) for item in fields(Purchases))
        ),
    )


def _numbered(chunks: Sequence[Chunk]) -> list[tuple[Chunk, int]]:
    """Return each chunk with the number of its first customer."""
    offsets = np.cumsum([0, *(len(chunk.ids) for chunk in chunks)]).tolist()
    return list(zip(chunks, offsets[:-1], strict=True))


def _sessions(chunk: Chunk, offset: int) -> list["np.ndarray[tuple[int], np.dtype[np.int64]]"]:
    sessions = chunk.sessions
    held = sessions.status == COMPLETED
    rating = np.where(sessions.rating == UNRATED, -1, sessions.rating)
    columns = (sessions.customer + offset, sessions.day + _EPOCH, sessions.service, rating)
    return [column[held].astype(np.int64) for column in columns]


def _purchases(chunk: Chunk, offset: int) -> Purchases:
    rows, kept = chunk.history.purchases, ~chunk.refunded
    return Purchases(
        customer=rows.customer[kept] + offset,
        day=rows.day[kept] + _EPOCH,
        expires=rows.expires[kept] + _EPOCH,
        sessions=PACKAGE_QUOTAS[rows.package[kept]],
    )


def _goals(chunk: Chunk) -> list[int]:
    """Return the goals as a center learns them: out of the words of those who were asked."""
    texts: list[bytes] = chunk.people.goals.tolist()
    bits = {text: goal_bits(goal_tags(text.decode())) for text in set(texts)}
    silent: list[bool] = chunk.people.no_goals.tolist()
    return [0 if unasked else bits[text] for text, unasked in zip(texts, silent, strict=True)]
