"""Rows of `customers` and `customer_preferences`."""

import numpy as np

from db.demo import copying, phrases
from db.demo.arrays import Flags, Ints, pick
from db.demo.catalogue import STAFF
from db.demo.chunk import Chunk
from db.demo.copying import Field, Rows
from db.demo.people import GENDERS
from db.demo.rows.stamps import seoul_moment
from db.demo.services import GOALS, SERVICES
from db.demo.totals import LEVELS, STATUSES

STAFF_NAMES = ["", *(person.name for person in STAFF)]
"""Names by user id."""

_TIMES = ("morning", "afternoon", "evening")
_KOREAN_TIMES = ("오전", "오후", "저녁")
_BANDS = (12.0, 17.0)
_WEEKEND_HABIT = 1.1  # weight of Saturday and Sunday from which weekends are preferred
_HAVE_PREFERENCES = 0.8


def customer_rows(chunk: Chunk) -> Rows:
    """Return what the center knows of each customer, its stored totals included."""
    people, totals, profiles = chunk.people, chunk.totals, chunk.history.truth.profiles
    columns: dict[str, Field] = {
        "customer_id": copying.int4(chunk.ids),
        "name": copying.text(people.name),
        "phone": copying.text(people.phone, people.no_phone),
        "first_visit_date": copying.int4(totals.first),
        "region": copying.choice(people.region, list(phrases.REGIONS)),
        "referral_source": copying.choice(people.referral, list(phrases.REFERRALS)),
        "health_concerns": copying.choice(people.concern, phrases.CONCERNS),
        "notes": copying.choice(people.note, phrases.CUSTOMER_NOTES),
        "assigned_staff": copying.choice(chunk.therapist, STAFF_NAMES),
        "birth_year": copying.int4(people.birth_year),
        "gender": copying.choice(people.gender, GENDERS),
        "email": copying.text(people.email, people.no_email),
        "address": copying.text(people.address),
        "emergency_contact": copying.text(people.emergency),
        "occupation": copying.choice(people.occupation, list(phrases.OCCUPATIONS)),
        "membership_level": copying.choice(totals.level, LEVELS),
        "customer_status": copying.choice(totals.status, STATUSES),
        "preferred_time_slots": _time_slots(chunk),
        "health_goals": copying.text(people.goals, people.no_goals),
        "last_visit_date": copying.int4(totals.last),
        "total_visits": copying.int4(totals.visits),
        "average_visit_interval": copying.int4(totals.interval, totals.single),
        "total_revenue": copying.hundredths(np.clip(totals.revenue, -99_999_999, 99_999_999) * 100),
        "average_satisfaction": copying.hundredths(totals.satisfaction.astype(np.int64), totals.unrated),
        "created_at": seoul_moment(profiles.signed_up),
        "updated_at": seoul_moment(totals.last, 20 * 60),
    }
    return Rows(("public", "customers"), columns)


def preference_rows(chunk: Chunk) -> Rows:
    """Return the preferences of those who were asked."""
    rng, profiles = chunk.details(1), chunk.history.truth.profiles
    rows = np.flatnonzero(rng.random(len(chunk.ids)) < _HAVE_PREFERENCES)
    ids, signed_up = chunk.ids[rows], profiles.signed_up[rows]
    favourites = np.argsort(-profiles.affinity[rows], axis=1)
    pair = favourites[:, 0] * len(SERVICES) + favourites[:, 1]
    pairs = [copying.text_array([first, second]) for first in SERVICES for second in SERVICES]
    goals = profiles.goals[rows] @ (1 << np.arange(len(GOALS)))
    interests = [
        copying.text_array([goal for place, goal in enumerate(GOALS) if combination >> place & 1])
        for combination in range(1 << len(GOALS))
    ]
    columns = {
        "preference_id": copying.int4(ids),
        "customer_id": copying.int4(ids),
        "preferred_services": copying.raw_choice(pair, pairs),
        "preferred_time": copying.choice(_band(chunk)[rows], _TIMES),
        "preferred_intensity": copying.choice(pick(rng, [25, 55, 20], len(rows)), ("low", "medium", "high")),
        "health_interests": copying.raw_choice(goals, interests),
        "communication_preference": copying.choice(
            pick(rng, [64, 20, 12, 4], len(rows)), ("kakao", "sms", "phone", "email")
        ),
        "marketing_consent": copying.boolean(rng.random(len(rows)) < 0.6),  # noqa: PLR2004 - a share
        "created_at": seoul_moment(signed_up),
        "updated_at": seoul_moment(signed_up),
    }
    return Rows(("public", "customer_preferences"), columns)


def _time_slots(chunk: Chunk) -> Field:
    """Return the jsonb lists of preferred times, some in the Korean words of the old screens."""
    slots = [
        copying.jsonb("[" + ", ".join(f'"{slot}"' for slot in (time, *weekend)) + "]")
        for times, end in ((_TIMES, "weekend"), (_KOREAN_TIMES, "주말"))
        for time in times
        for weekend in ((), (end,))
    ]
    count = len(chunk.ids)
    rng = chunk.details(2)
    wording = pick(rng, [0.82, 0.04], count)
    position = wording * 2 * len(_TIMES) + _band(chunk) * 2 + _at_weekends(chunk)
    position[rng.random(count) < 0.14] = -1  # noqa: PLR2004 - a share
    return copying.raw_choice(position, slots)


def _band(chunk: Chunk) -> Ints:
    hour = chunk.history.truth.profiles.hour
    return np.searchsorted(_BANDS, hour, side="right").astype(np.int32)


def _at_weekends(chunk: Chunk) -> Flags:
    return chunk.history.truth.profiles.weekday_habit[:, 5:].sum(axis=1) > _WEEKEND_HABIT
