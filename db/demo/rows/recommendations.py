"""Rows of `recommendation` and `recommendation_feedback`."""

import json
from collections.abc import Sequence

import numpy as np

from db.demo import copying, phrases
from db.demo.arrays import Ints, Words, joined, words
from db.demo.catalogue import ON_SALE, STAFF
from db.demo.chunk import Chunk
from db.demo.copying import Rows
from db.demo.packages import NONE
from db.demo.recommendations import ACTIONS, BASES, KINDS, PACKAGE, UNSCORED, Recommendations
from db.demo.recommended import DEMO_VERSION, USED, Document, package_document, service_document
from db.demo.rows.stamps import seoul_moment
from db.demo.services import GOALS, SERVICES

_COMMENTED = 0.2
_ADDRESSES = ["", *(person.email for person in STAFF)]
_DOCUMENTS: Sequence[Document] = [
    *(service_document(service, ground) for service in range(len(SERVICES)) for ground in range(USED + 1)),
    *map(package_document, ON_SALE),
]
_SUBJECTS = [*SERVICES, *(str(package.package_id) for package in ON_SALE)]
_GOAL_SETS = [
    [goal for place, goal in enumerate(GOALS) if combination >> place & 1]
    for combination in range(1 << len(GOALS))
]


def recommendation_rows(chunk: Chunk, given: Recommendations, ids: Words) -> Rows:
    """Return what was recommended; each expired a day later."""
    prior = given.prior / 10_000
    document = _documents(given)
    subject = given.subject + np.where(given.kind == PACKAGE, len(SERVICES), 0)
    factors = [copying.text_array(one["factors"]) for one in _DOCUMENTS]
    shown = seoul_moment(given.day, _shown_at(chunk, given))
    columns = {
        "customer_id": copying.int4(chunk.ids[given.customer]),
        "recommendation_id": copying.text(ids),
        "basis": copying.choice(given.basis, BASES),
        "kind": copying.choice(given.kind, KINDS),
        "subject": copying.choice(subject, _SUBJECTS),
        "place": copying.int2(given.place),
        "confidence": copying.float8(prior),
        "prior": copying.float8(prior),
        "goals": copying.raw_choice(given.goals, [copying.text_array(goals) for goals in _GOAL_SETS]),
        "content": copying.text(_contents(given, document)),
        "factors": copying.raw_choice(document, factors),
        "inputs_version": copying.choice(np.zeros_like(given.day), (DEMO_VERSION,)),
        "model_version": copying.choice(np.zeros_like(given.day), (DEMO_VERSION,)),
        "generated_at": shown,
        "expires_at": seoul_moment(given.day + 1, _shown_at(chunk, given)),
    }
    return Rows(("gateway", "recommendation"), columns)


def feedback_rows(chunk: Chunk, given: Recommendations, ids: Words) -> Rows:
    """Return what the customers' therapists told of the answers, within the day."""
    rng = chunk.details(8)
    answered = np.flatnonzero(given.action != NONE)
    count, action, score = len(answered), given.action[answered], given.score[answered]
    told = seoul_moment(given.day[answered], _shown_at(chunk, given)[answered] + rng.integers(3, 90, count))
    said = rng.integers(0, len(phrases.ANSWERS[0]), count) + action * len(phrases.ANSWERS[0])
    comment = np.where(rng.random(count) < _COMMENTED, said, -1)
    columns = {
        "customer_id": copying.int4(chunk.ids[given.customer[answered]]),
        "recommendation_id": copying.text(ids[answered]),
        "actor": copying.choice(chunk.therapist[given.customer[answered]], _ADDRESSES),
        "action": copying.choice(action, ACTIONS),
        "feedback_score": copying.int2(score, score == UNSCORED),
        "comment": copying.choice(comment, [text for texts in phrases.ANSWERS for text in texts]),
        "created_at": told,
        "updated_at": told,
    }
    return Rows(("gateway", "recommendation_feedback"), columns)


def recommendation_ids(chunk: Chunk, count: int) -> Words:
    """Return so many ids: "rec_" and 16 hexadecimal digits."""
    octets = chunk.details(9).integers(0, 256, (count, 8), dtype=np.uint8)
    halves = np.stack([octets >> 4, octets & 15], axis=2).reshape(count, 16)
    digits = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)[halves]
    return joined(b"rec_", np.ascontiguousarray(digits).view("S16").reshape(count))


def _documents(given: Recommendations) -> Ints:
    """Return the row of each recommendation in `_DOCUMENTS`."""
    services = len(SERVICES) * (USED + 1)
    of_service = given.subject * (USED + 1) + given.ground
    return np.where(given.kind == PACKAGE, services + given.subject, of_service).astype(np.int32)


def _contents(given: Recommendations, document: Ints) -> Words:
    """Return the jsonb documents with their figures and goals put in."""
    texts = [json.dumps(one, ensure_ascii=False)[:-1] for one in _DOCUMENTS]
    prior = words([f"0.{figure:04}" for figure in range(10_000)])[given.prior]
    goals = words([json.dumps(one) for one in _GOAL_SETS])[given.goals]
    figures = joined(b', "prior": ', prior, b', "confidence": ', prior, b', "goals": ', goals, b"}")
    return joined(copying.jsonb(""), words(texts)[document], figures)


def _shown_at(chunk: Chunk, given: Recommendations) -> Ints:
    """Return the minute of the day, the same for all that was shown together."""
    return 600 + (chunk.ids[given.customer] * 37 + given.day * 11) % 360
