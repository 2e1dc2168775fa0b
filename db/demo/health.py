"""Measurements that drift with use: what staff note down, questionnaires, body composition."""

from dataclasses import dataclass

import numpy as np

from db.demo.arrays import Flags, Floats, Ints, Rng
from db.demo.profiles import Profiles
from db.demo.services import GOALS
from db.demo.visits import Visits

METRICS = (
    "stress_level",
    "sleep_quality",
    "focus_level",
    "energy_level",
    "pain_level",
    "weight",
    "muscle_mass",
)
"""One metric a goal, in the order of `services.GOALS`."""
STRESS, SLEEP, WEIGHT, MUSCLE = 0, 1, 5, 6
SOURCES = ("staff", "questionnaire", "inbody")
STAFF, QUESTIONNAIRE, INBODY = range(3)

_SCALES = 5  # the first five metrics are scales from 0 to 10
_BEFORE = np.array([6.4, 5.0, 5.2, 5.0, 5.2, 66.0, 26.0], dtype=np.float32)
_SPREAD = np.array([1.4, 1.5, 1.3, 1.4, 1.7, 10.0, 4.0], dtype=np.float32)
_DRIFT = np.array([-1.2, 1.0, 0.9, 1.0, -1.0, -1.0, 0.5], dtype=np.float32)
_GOAL_DRIFT = np.array([-1.8, 1.6, 1.5, 1.6, -1.9, -3.5, 1.4], dtype=np.float32)
_NOISE = np.array([0.7, 0.7, 0.7, 0.8, 0.8, 0.5, 0.3], dtype=np.float32)
_HALF_WAY = 9.0  # visits after which about two thirds of the effect are reached
_TRACKED, _ANSWERS, _MEASURED = 0.22, 0.30, 0.40
_MOST_NOTES, _NOTE_DAYS = 8, 30
_MOST_SCANS, _SCAN_DAYS = 4, 110


@dataclass(frozen=True, slots=True)
class Moments:
    """Days on which a customer was measured; `share` is the part of all visits made by then."""

    customer: Ints
    day: Ints
    share: Floats


@dataclass(frozen=True, slots=True)
class Observations:
    """One value a row; `metric` is a position in `METRICS`, `source` one in `SOURCES`."""

    customer: Ints
    day: Ints
    metric: Ints
    source: Ints
    value: Floats


@dataclass(frozen=True, slots=True)
class HealthRecords:
    """All measurements of a chunk.

    `scans` are the days of `inbody_records` with `weight` and `muscle`; `answered` those of questionnaires
    with `stress` and `sleep`; `observations` has these values again, and the notes of staff.
    """

    observations: Observations
    scans: Moments
    weight: Floats
    muscle: Floats
    answered: Moments
    stress: Floats
    sleep: Floats


@dataclass(frozen=True, slots=True)
class _Bodies:
    """Each customer's level of each metric before the first visit, and what use changes of it in the end."""

    before: Floats
    drift: Floats
    visits: Ints


def draw_health(profiles: Profiles, visits: Visits, rng: Rng) -> HealthRecords:
    """Draw the measurements of those who are measured, between their first and their last visit."""
    count = profiles.count
    last = np.zeros(count, np.int32)
    np.maximum.at(last, visits.customer, visits.day)
    bodies = _bodies(profiles, np.bincount(visits.customer, minlength=count).astype(np.int32), rng)
    notes = _moments(profiles.signed_up, last, rng.random(count) < _TRACKED, _NOTE_DAYS, _MOST_NOTES)
    answered = _moments(profiles.signed_up, last, rng.random(count) < _ANSWERS, _SCAN_DAYS, 2)
    scans = _moments(profiles.signed_up, last, rng.random(count) < _MEASURED, _SCAN_DAYS, _MOST_SCANS)
    weight, muscle = (_levels(bodies, scans, metric, rng) for metric in (WEIGHT, MUSCLE))
    stress, sleep = (_levels(bodies, answered, metric, rng) for metric in (STRESS, SLEEP))
    parts = [_noted(bodies, notes, metric, profiles.goals[:, metric], rng) for metric in range(_SCALES)]
    parts += [
        _observed(answered, STRESS, QUESTIONNAIRE, stress),
        _observed(answered, SLEEP, QUESTIONNAIRE, sleep),
    ]
    parts += [_observed(scans, WEIGHT, INBODY, weight), _observed(scans, MUSCLE, INBODY, muscle)]
    return HealthRecords(_in_order(parts), scans, weight, muscle, answered, stress, sleep)


def _bodies(profiles: Profiles, visits: Ints, rng: Rng) -> _Bodies:
    shape = (profiles.count, len(GOALS))
    goals = profiles.goals.astype(np.float32)
    worse = np.sign(-_DRIFT) * np.float32(0.8)  # who has a goal starts off worse
    worse[_SCALES:] = np.float32(4.0), np.float32(-1.5)
    before = _BEFORE + goals * worse + rng.standard_normal(shape, dtype=np.float32) * _SPREAD
    effect = rng.gamma(3.0, 1 / 3, profiles.count).astype(np.float32)[:, None]
    return _Bodies(before, (_DRIFT + goals * _GOAL_DRIFT) * effect, visits)


def _moments(first: Ints, last: Ints, chosen: Flags, apart: int, most: int) -> Moments:
    """Return evenly spaced days from the first visit to the last, at most so many, about so far apart."""
    customer = np.flatnonzero(chosen).astype(np.int32)
    span = (last - first)[customer]
    points = np.clip(span // apart + 1, 1, most)
    row = np.repeat(np.arange(len(customer)), points)
    step = np.arange(len(row)) - np.repeat(np.cumsum(points) - points, points)
    share = (step / np.maximum(points - 1, 1)[row]).astype(np.float32)
    day = first[customer][row] + np.floor(share * span[row]).astype(np.int32)
    return Moments(customer[row], day.astype(np.int32), share)


def _levels(bodies: _Bodies, moments: Moments, metric: int, rng: Rng) -> Floats:
    came = moments.share * bodies.visits[moments.customer]
    reached = 1 - np.exp(-came / np.float32(_HALF_WAY))
    noise = rng.standard_normal(len(came), dtype=np.float32) * _NOISE[metric]
    level = bodies.before[moments.customer, metric] + bodies.drift[moments.customer, metric] * reached + noise
    return np.clip(np.rint(level), 0, 10) if metric < _SCALES else np.maximum(np.rint(level * 10) / 10, 12)


def _noted(bodies: _Bodies, notes: Moments, metric: int, goal: Flags, rng: Rng) -> Observations:
    """Return what staff note down: always of a goal, else of some customers."""
    asked = (goal | (rng.random(len(goal)) < 0.5))[notes.customer]  # noqa: PLR2004 - a share
    some = Moments(notes.customer[asked], notes.day[asked], notes.share[asked])
    return _observed(some, metric, STAFF, _levels(bodies, some, metric, rng))


def _observed(moments: Moments, metric: int, source: int, value: Floats) -> Observations:
    count = len(value)
    metrics, sources = np.full(count, metric, np.int32), np.full(count, source, np.int32)
    return Observations(moments.customer, moments.day, metrics, sources, value.astype(np.float32))


def _in_order(parts: list[Observations]) -> Observations:
    customer = np.concatenate([part.customer for part in parts])
    order = np.argsort(customer, kind="stable")
    return Observations(
        customer[order],
        np.concatenate([part.day for part in parts])[order],
        np.concatenate([part.metric for part in parts])[order],
        np.concatenate([part.source for part in parts])[order],
        np.concatenate([part.value for part in parts])[order],
    )
