"""The demo center's past recommendations: answers follow the truth, and so does what is done afterwards."""

import numpy as np
import pytest

from db.demo.chunk import Chunk, draw_chunk
from db.demo.kim_younghee import EXAMPLE_DAY
from db.demo.load import customer_ids
from db.demo.packages import NONE
from db.demo.recommendations import ACCEPTED, ACTED_WITHIN, SERVICE, Recommendations, draw_recommendations
from db.demo.sessions import COMPLETED

CUSTOMERS = 6_000


@pytest.fixture(scope="module")
def chunk() -> Chunk:
    return draw_chunk(customer_ids(CUSTOMERS), EXAMPLE_DAY, np.random.default_rng(3))


@pytest.fixture(scope="module")
def given(chunk: Chunk) -> Recommendations:
    return draw_recommendations(chunk)


def test_a_service_is_accepted_the_more_often_the_better_it_suits(
    chunk: Chunk, given: Recommendations
) -> None:
    affinity = chunk.history.truth.profiles.affinity
    asked = (given.kind == SERVICE) & (given.action != NONE)
    suits = (affinity - affinity.mean(axis=1, keepdims=True))[given.customer[asked], given.subject[asked]]
    accepted = given.action[asked] == ACCEPTED

    shares = [accepted[(suits >= low) & (suits < low + 1)].mean() for low in (-2, -1, 0, 1)]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0] + 0.4


def test_most_of_the_services_accepted_are_used_within_the_month(
    chunk: Chunk, given: Recommendations
) -> None:
    judged = (given.kind == SERVICE) & (given.action == ACCEPTED) & (given.day < chunk.today - ACTED_WITHIN)
    sessions, first = chunk.sessions, given.day.min()
    held = np.zeros((len(chunk.ids), 6, sessions.day.max() - first + 1), np.bool_)
    counts = (sessions.status == COMPLETED) & (sessions.day >= first)
    held[sessions.customer[counts], sessions.service[counts], sessions.day[counts] - first] = True

    rows = zip(given.customer[judged], given.subject[judged], given.day[judged] - first + 1, strict=True)
    followed = [
        held[who, service, next_day : next_day + ACTED_WITHIN].any() for who, service, next_day in rows
    ]
    assert 0.6 < np.mean(followed) < 0.85


def test_some_of_those_who_came_four_times_were_recommended_something(
    chunk: Chunk, given: Recommendations
) -> None:
    advised = np.unique(given.customer)

    assert 0.15 < len(advised) / CUSTOMERS < 0.35
    assert chunk.totals.visits[advised].min() >= 4


def test_recommendations_are_the_same_at_every_call(chunk: Chunk, given: Recommendations) -> None:
    again = draw_recommendations(chunk)

    assert again.subject.tolist() == given.subject.tolist()
    assert again.action.tolist() == given.action.tolist()
