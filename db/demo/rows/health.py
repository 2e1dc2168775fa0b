"""Rows of `health_observation`, `inbody_records`, `questionnaire_responses` and `answers`."""

import numpy as np

from db.demo import copying, phrases
from db.demo.arrays import Floats, Ints
from db.demo.catalogue import GOAL_QUESTION, SLEEP_QUESTION, STRESS_QUESTION, TEMPLATE_ID
from db.demo.chunk import Chunk
from db.demo.copying import Rows
from db.demo.health import METRICS, SOURCES
from db.demo.rows.customers import STAFF_NAMES
from db.demo.rows.stamps import NOON, seoul_moment
from db.demo.services import GOALS

_MINUTES_TO_ANSWER = 12
_QUESTIONS = np.array([SLEEP_QUESTION, STRESS_QUESTION, GOAL_QUESTION], dtype=np.int32)


def observation_rows(chunk: Chunk) -> Rows:
    """Return every measurement of every source."""
    seen = chunk.health.observations
    columns = {
        "customer_id": copying.int4(chunk.ids[seen.customer]),
        "metric": copying.choice(seen.metric, METRICS),
        "observed_on": copying.int4(seen.day),
        "source": copying.choice(seen.source, SOURCES),
        "value": copying.float8(_tenths(seen.value)),
        "recorded_at": seoul_moment(seen.day),
    }
    return Rows(("gateway", "health_observation"), columns)


def scan_rows(chunk: Chunk, ids: Ints) -> Rows:
    """Return the body compositions."""
    health, rng = chunk.health, chunk.details(6)
    scans, count = health.scans, len(ids)
    fat = np.clip(100 * (1 - 1.75 * health.muscle / health.weight), 8, 48).astype(np.float32)
    columns = {
        "record_id": copying.int4(ids),
        "customer_id": copying.int4(chunk.ids[scans.customer]),
        "measurement_date": seoul_moment(scans.day),
        "weight": copying.float8(_tenths(health.weight)),
        "body_fat_percentage": copying.float8(_tenths(fat)),
        "skeletal_muscle_mass": copying.float8(_tenths(health.muscle)),
        "extracellular_water_ratio": copying.float8(np.rint(rng.normal(382, 6, count)) / 1000),
        "phase_angle": copying.float8(_tenths(rng.normal(5.4, 0.6, count).astype(np.float32))),
        "visceral_fat_level": copying.int4(np.clip(fat / 3, 1, 20)),
        "measured_by": copying.choice(chunk.therapist[scans.customer], STAFF_NAMES),
        "created_at": seoul_moment(scans.day),
        "updated_at": seoul_moment(scans.day),
    }
    return Rows(("public", "inbody_records"), columns)


def response_rows(chunk: Chunk, ids: Ints) -> Rows:
    """Return the questionnaires, all of them completed."""
    answered = chunk.health.answered
    finished = seoul_moment(answered.day, NOON + _MINUTES_TO_ANSWER)
    columns = {
        "response_id": copying.int4(ids),
        "customer_id": copying.int4(chunk.ids[answered.customer]),
        "template_id": copying.int4(np.full(len(ids), TEMPLATE_ID)),
        "started_at": seoul_moment(answered.day),
        "completed_at": finished,
        "is_completed": copying.boolean(np.ones(len(ids), np.bool_)),
        "completion_rate": copying.float8(np.full(len(ids), 100, np.float32)),
        "created_at": seoul_moment(answered.day),
        "updated_at": finished,
    }
    return Rows(("public", "questionnaire_responses"), columns)


def answer_rows(chunk: Chunk, response_ids: Ints, ids: Ints) -> Rows:
    """Return three answers a questionnaire: sleep, stress and goals."""
    health, profiles = chunk.health, chunk.history.truth.profiles
    place = np.tile(np.arange(len(_QUESTIONS), dtype=np.int32), len(response_ids))
    nothing = np.zeros_like(health.sleep)
    number = np.stack([health.sleep, health.stress, nothing], axis=1).reshape(-1)
    goals = profiles.goals[health.answered.customer] @ (1 << np.arange(len(GOALS)))
    chosen = np.where(_QUESTIONS[place] == GOAL_QUESTION, np.repeat(goals, len(_QUESTIONS)), -1)
    day = np.repeat(health.answered.day, len(_QUESTIONS))
    columns = {
        "answer_id": copying.int4(ids),
        "response_id": copying.int4(np.repeat(response_ids, len(_QUESTIONS))),
        "question_id": copying.int4(_QUESTIONS[place]),
        # the center's own screens store an answer of 0 as nothing
        "answer_number": copying.float8(number, number == 0),
        "answer_json": copying.choice(chosen, _goal_documents()),
        "answered_at": seoul_moment(day, NOON + _MINUTES_TO_ANSWER),
        "created_at": seoul_moment(day, NOON + _MINUTES_TO_ANSWER),
    }
    return Rows(("public", "answers"), columns)


def _goal_documents() -> list[str]:
    """Return the JSON answer for every combination of goals, by its bits."""
    documents: list[str] = []
    for combination in range(1 << len(GOALS)):
        labels = [f'"{label}"' for place, label in enumerate(phrases.GOAL_LABELS) if combination >> place & 1]
        documents.append('{"selected": [' + ", ".join(labels) + "]}")
    return documents


def _tenths(values: Floats) -> Floats:
    """Return the values with one decimal, as float8 would read it from text."""
    return np.rint(values.astype(np.float64) * 10) / 10 + 0.0  # never -0
