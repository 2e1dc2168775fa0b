"""The sessions of a chunk of customers: visits spread over the clock, what was missed, what is planned."""

from dataclasses import dataclass, fields

import numpy as np

from db.demo.arrays import Flags, Ints, Rng
from db.demo.catalogue import THERAPISTS
from db.demo.packages import NONE
from db.demo.profiles import Profiles
from db.demo.services import CONSULTATION, DURATIONS, start_minutes
from db.demo.visits import History, Visits, services_wished

COMPLETED, SCHEDULED, CANCELLED, NO_SHOW = range(4)
STATUSES = ("completed", "scheduled", "cancelled", "no_show")
UNRATED = 0
PLANNED_DAYS = 14
"""Sessions are booked at most this many days ahead."""

_CONSULTED = 0.35  # share of first visits
_MISSED = 0.043  # for each visit that took place
_BOOKED = 0.6  # share of the visits to come
_SILENT = 0.15  # share of sessions without a rating
_OWN_THERAPIST = 0.7
_CANCELLED_IN_TIME = 0.6  # share of what was missed
_HOUR_SPREAD = np.float32(0.8)
_JITTERS = np.array([-10, 0, 0, 0, 0, 0, 5], dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions in the order of customer, day and time.

    `service` is a position in the arrays of services, the consultation included; `status` one in `STATUSES`;
    `purchase` a row of the purchases or `NONE`; `rating` 1 to 5 or `UNRATED`; `staff` a user id.
    """

    customer: Ints
    day: Ints
    minute: Ints
    duration: Ints
    service: Ints
    rating: Ints
    purchase: Ints
    status: Ints
    staff: Ints

    @property
    def count(self) -> int:
        """How many sessions there are."""
        return len(self.customer)


def lay_out_sessions(history: History, today: int, rng: Rng) -> tuple[Sessions, Ints]:
    """Return all sessions of a history, and each customer's own therapist (a user id)."""
    therapist = rng.choice(THERAPISTS, history.truth.profiles.count).astype(np.int32)
    parts = [*_held(history, rng), _missed(history, rng), _planned(history, today, rng)]
    together = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(Sessions)
    }
    key = (together["customer"].astype(np.int64) << 25) | (together["day"] << 11) | together["minute"]
    order = np.argsort(key, kind="stable")
    ordered = {name: column[order] for name, column in together.items()}
    other = rng.random(len(order), dtype=np.float32) > _OWN_THERAPIST
    staff = therapist[ordered["customer"]]
    staff[other] = rng.choice(THERAPISTS, int(other.sum()))
    return Sessions(**{**ordered, "staff": staff}), therapist


def _held(history: History, rng: Rng) -> list[Sessions]:
    """Return what took place: the consultations, the first and the second services."""
    visits, count = history.visits, len(history.visits.day)
    consulted = (visits.number == 0) & (rng.random(count, dtype=np.float32) < _CONSULTED)
    length = DURATIONS[visits.service] + _JITTERS[rng.integers(0, len(_JITTERS), (count, 2))]
    length[visits.service == NONE] = 0
    talk = np.where(consulted, DURATIONS[CONSULTATION], 0).astype(np.int32)
    stay = talk + length.sum(axis=1, dtype=np.int32)
    usual = history.truth.profiles.hour[visits.customer]
    wished = usual + rng.standard_normal(count, dtype=np.float32) * _HOUR_SPREAD
    start = start_minutes(visits.day, wished, stay)
    silent = rng.random((count, 2), dtype=np.float32) < _SILENT
    said = np.where(silent, UNRATED, visits.rating).astype(np.int32)
    zero = np.zeros(count, np.int32)
    everyone, second = np.ones(count, np.bool_), visits.service[:, 1] != NONE
    first_at = start + talk
    firsts = (first_at, length[:, 0], visits.service[:, 0], said[:, 0], visits.purchase[:, 0])
    seconds = (first_at + length[:, 0], length[:, 1], visits.service[:, 1], said[:, 1], visits.purchase[:, 1])
    return [
        _part(visits, consulted, (start, talk, zero + CONSULTATION, zero + UNRATED, zero + NONE)),
        _part(visits, everyone, firsts),
        _part(visits, second, seconds),
    ]


def _part(visits: Visits, rows: Flags, columns: tuple[Ints, Ints, Ints, Ints, Ints]) -> Sessions:
    """Return one session of each of these visits: its minute, duration, service, rating and purchase."""
    minute, duration, service, rating, purchase = (column[rows] for column in columns)
    customer, day = visits.customer[rows], visits.day[rows]
    completed, staff = np.full_like(day, COMPLETED), np.zeros_like(day)
    return Sessions(customer, day, minute, duration, service, rating, purchase, completed, staff)


def _missed(history: History, rng: Rng) -> Sessions:
    """Return appointments that came to nothing, a few days before a visit that did take place."""
    visits, profiles = history.visits, history.truth.profiles
    near = np.flatnonzero((visits.number > 0) & (rng.random(len(visits.day), dtype=np.float32) < _MISSED))
    customer = visits.customer[near]
    earlier = visits.day[near] - rng.integers(1, 4, len(near)).astype(np.int32)
    day = np.maximum(earlier, profiles.signed_up[customer])
    status = np.where(rng.random(len(near)) < _CANCELLED_IN_TIME, CANCELLED, NO_SHOW).astype(np.int32)
    return _appointments(profiles, _Slots(customer, day, visits.service[near, 0], status), rng)


def _planned(history: History, today: int, rng: Rng) -> Sessions:
    """Return the bookings of those whose next visit is near."""
    upcoming, profiles = history.truth.next_visit, history.truth.profiles
    near = (upcoming > today) & (upcoming <= today + PLANNED_DAYS) & (rng.random(len(upcoming)) < _BOOKED)
    customer = np.flatnonzero(near).astype(np.int32)
    day = upcoming[customer]
    service = services_wished(profiles, customer, day).argmax(axis=1).astype(np.int32)
    return _appointments(profiles, _Slots(customer, day, service, np.full_like(customer, SCHEDULED)), rng)


@dataclass(frozen=True, slots=True)
class _Slots:
    """Appointments without a time of day."""

    customer: Ints
    day: Ints
    service: Ints
    status: Ints


def _appointments(profiles: Profiles, slots: _Slots, rng: Rng) -> Sessions:
    duration = DURATIONS[slots.service]
    count = len(slots.customer)
    wished = profiles.hour[slots.customer] + rng.standard_normal(count, dtype=np.float32) * _HOUR_SPREAD
    zero = np.zeros(count, np.int32)
    return Sessions(
        customer=slots.customer,
        day=slots.day,
        minute=start_minutes(slots.day, wished, duration),
        duration=duration,
        service=slots.service,
        rating=zero + UNRATED,
        purchase=zero + NONE,
        status=slots.status,
        staff=zero,
    )
