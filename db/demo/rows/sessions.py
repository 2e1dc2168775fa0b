"""Rows of `service_usage`, `session_detail` and `reservations`."""

import numpy as np

from db.demo import copying, phrases
from db.demo.arrays import Ints
from db.demo.catalogue import PACKAGE_IDS
from db.demo.chunk import Chunk
from db.demo.copying import Rows
from db.demo.packages import NONE
from db.demo.rows.customers import STAFF_NAMES
from db.demo.rows.stamps import seoul_moment
from db.demo.services import TYPE_IDS
from db.demo.sessions import CANCELLED, COMPLETED, NO_SHOW, SCHEDULED, STATUSES, UNRATED

_NOTED = 0.2
_HAPPY_FROM = 4
_NOTES = (*phrases.HAPPY_NOTES, *phrases.PLAIN_NOTES, *phrases.CANCEL_NOTES)
_BOOKED_BEFORE = 10  # days


def session_rows(chunk: Chunk, ids: Ints) -> Rows:
    """Return the sessions as the center's own table has them."""
    sessions, purchases = chunk.sessions, chunk.history.purchases
    packaged = sessions.purchase != NONE
    package = np.append(PACKAGE_IDS[purchases.package], np.int32(0))[sessions.purchase]
    columns = {
        "usage_id": copying.int4(ids),
        "customer_id": copying.int4(chunk.ids[sessions.customer]),
        "service_date": copying.int4(sessions.day),
        "service_type_id": copying.int4(TYPE_IDS[sessions.service]),
        "package_id": copying.int4(package, ~packaged),
        "session_details": copying.choice(_notes(chunk), _NOTES),
        "session_number": copying.int4(_numbers(sessions.customer)),
        "created_by": copying.choice(sessions.staff, STAFF_NAMES),
        "created_at": _noted_at(chunk),
    }
    return Rows(("public", "service_usage"), columns)


def detail_rows(chunk: Chunk, ids: Ints, purchase_ids: Ints) -> Rows:
    """Return what the gateway keeps of each session beside the center's row."""
    sessions = chunk.sessions
    purchase = np.append(purchase_ids, np.int32(0))[sessions.purchase]
    columns = {
        "customer_id": copying.int4(chunk.ids[sessions.customer]),
        "usage_id": copying.int4(ids),
        "status": copying.choice(sessions.status, STATUSES),
        "start_time": copying.minute_of_day(sessions.minute),
        "duration_minutes": copying.int4(sessions.duration),
        "satisfaction_rating": copying.int2(sessions.rating, sessions.rating == UNRATED),
        "staff_id": copying.int4(sessions.staff),
        "purchase_id": copying.int4(purchase, sessions.purchase == NONE),
        "recorded_at": _noted_at(chunk),
    }
    return Rows(("gateway", "session_detail"), columns)


def reservation_rows(chunk: Chunk, ids: Ints) -> Rows:
    """Return the reservations of the sessions to come."""
    sessions, rng = chunk.sessions, chunk.details(4)
    rows = np.flatnonzero(sessions.status == SCHEDULED)
    day = sessions.day[rows]
    booked = np.minimum(day - _BOOKED_BEFORE, chunk.today)
    request = np.where(rng.random(len(rows)) < _NOTED, rng.integers(0, len(phrases.REQUESTS), len(rows)), -1)
    columns = {
        "reservation_id": copying.int4(ids),
        "customer_id": copying.int4(chunk.ids[sessions.customer[rows]]),
        "service_type_id": copying.int4(TYPE_IDS[sessions.service[rows]]),
        "staff_id": copying.int4(sessions.staff[rows]),
        "reservation_date": copying.int4(day),
        "reservation_time": copying.minute_of_day(sessions.minute[rows]),
        "duration_minutes": copying.int4(sessions.duration[rows]),
        "status": copying.choice((rng.random(len(rows)) < _NOTED).astype(np.int32), ("confirmed", "pending")),
        "customer_request": copying.choice(request, phrases.REQUESTS),
        "created_by": copying.choice(sessions.staff[rows], STAFF_NAMES),
        "created_at": seoul_moment(booked),
        "updated_at": seoul_moment(booked),
    }
    return Rows(("public", "reservations"), columns)


def _notes(chunk: Chunk) -> Ints:
    """Return a note for a fifth of the sessions, in keeping with how they went."""
    sessions, rng = chunk.sessions, chunk.details(5)
    happy, plain, off = len(phrases.HAPPY_NOTES), len(phrases.PLAIN_NOTES), len(phrases.CANCEL_NOTES)
    draws = rng.random(sessions.count, dtype=np.float32)
    share = rng.random(sessions.count, dtype=np.float32)
    note = np.where(
        sessions.rating >= _HAPPY_FROM,
        (share * happy).astype(np.int32),
        happy + (share * plain).astype(np.int32),
    )
    missed = (sessions.status == CANCELLED) | (sessions.status == NO_SHOW)
    note = np.where(missed, happy + plain + (share * off).astype(np.int32), note)
    silent = (draws >= _NOTED) | (sessions.status == SCHEDULED)
    return np.where(silent, -1, note).astype(np.int32)


def _numbers(customer: Ints) -> Ints:
    """Count the sessions of each customer; a customer's sessions stand together."""
    rows = np.arange(len(customer), dtype=np.int32)
    begins = np.ones(len(customer), np.bool_)
    begins[1:] = customer[1:] != customer[:-1]
    return rows - np.maximum.accumulate(np.where(begins, rows, 0)) + 1


def _noted_at(chunk: Chunk) -> copying.Field:
    sessions = chunk.sessions
    past = sessions.status == COMPLETED
    day = np.where(past, sessions.day, np.minimum(sessions.day - 1, chunk.today))
    return seoul_moment(day, sessions.minute + np.where(past, sessions.duration, 0))
