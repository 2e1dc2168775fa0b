from dataclasses import dataclass, fields
from datetime import date, time, timedelta

import numpy as np
import pytest

from insight import GoalTag
from insight.recommend.past import Past
from insight.recommend.service_events import again_choices, new_choices
from insight.recommend.service_log import (
    CANDIDATES,
    BoughtPackage,
    Purchases,
    SessionLog,
    States,
    customer_state,
    goal_bits,
)

TODAY = date(2026, 11, 25)
OTHER = len(CANDIDATES)
BRAIN, PULSE, LYMPH, RED, BIKE = range(5)


@dataclass(frozen=True, slots=True)
class ASession:
    service: str = "brain"
    service_date: date = TODAY
    satisfaction_rating: int | None = None
    completed: bool = True
    start_time: time | None = None


def log_of(*sessions: tuple[int, int], purchases: Purchases | None = None) -> SessionLog:
    """One customer's sessions as (day, service)."""
    days, services = (np.array(column) for column in zip(*sessions, strict=True))
    zeros = np.zeros(len(days), dtype=np.int64)
    return SessionLog(zeros, days, services, zeros - 1, np.array([0]), purchases or Purchases.none())


def a_purchase(day: int, expires: int, *sessions: int) -> Purchases:
    return Purchases(np.array([0]), np.array([day]), np.array([expires]), np.array([sessions]))


def random_log(seed: int) -> SessionLog:
    rng = np.random.default_rng(seed)
    customer = np.sort(rng.integers(0, 12, 300))
    day = TODAY.toordinal() - 60 + rng.integers(0, 60, 300)
    order = np.lexsort((day, customer))
    bought = TODAY.toordinal() - 60 + rng.integers(0, 50, 20)
    return SessionLog(
        customer=customer,
        day=day[order],
        service=rng.integers(0, 6, 300),
        rating=rng.integers(-1, 8, 300),
        goals=rng.integers(0, 128, 12),
        purchases=Purchases(
            rng.integers(0, 12, 20), bought, bought + rng.integers(5, 40, 20), rng.integers(0, 4, (20, 5))
        ),
    )


def alone(log: SessionLog, row: int) -> States:
    """The state before a row's day, counted from the earlier rows of its customer."""
    day, customer = log.day[row], log.customer[row]
    names = (*CANDIDATES, "other")
    earlier = (log.customer == customer) & (log.day < day)
    sessions = [
        ASession(names[service], date.fromordinal(on), rating)
        for service, on, rating in zip(
            log.service[earlier].tolist(),
            log.day[earlier].tolist(),
            log.rating[earlier].tolist(),
            strict=True,
        )
    ]
    bought = log.purchases
    packages = [
        BoughtPackage(
            date.fromordinal(int(bought.day[place])),
            date.fromordinal(int(bought.expires[place])),
            dict(zip(CANDIDATES, bought.sessions[place].tolist(), strict=True)),
        )
        for place in np.flatnonzero((bought.customer == customer) & (bought.day < day)).tolist()
    ]
    goals = [goal for place, goal in enumerate(GoalTag) if int(log.goals[customer]) >> place & 1]
    return customer_state(sessions, date.fromordinal(int(day)), goals, packages)


@pytest.mark.parametrize("seed", range(3))
def test_one_customer_has_the_same_state_alone_as_among_many(seed: int) -> None:
    log = random_log(seed)
    rows = np.arange(0, 300, 5)

    together = Past(log).states_before(rows)

    for place, row in enumerate(rows.tolist()):
        state = alone(log, row)
        for field in fields(States):
            expected = getattr(state, field.name)[0].tolist()
            assert getattr(together, field.name)[place].tolist() == expected, field.name


def test_a_newcomer_has_an_empty_state() -> None:
    state = customer_state([], TODAY, [GoalTag.ENERGY])

    assert state.visits.tolist() == [0]
    assert state.counts.tolist() == [[0] * 5]
    assert state.since.tolist() == [[-1] * 5]
    assert state.goals.tolist() == [goal_bits([GoalTag.ENERGY])]


def test_cancelled_and_future_sessions_count_nowhere() -> None:
    sessions = [ASession(completed=False), ASession(service_date=TODAY + timedelta(days=1))]

    assert customer_state(sessions, TODAY).visits.tolist() == [0]


def test_an_unknown_service_is_a_visit_and_no_candidate() -> None:
    state = customer_state([ASession("cryo"), ASession("other", TODAY - timedelta(days=1))], TODAY)

    assert state.visits.tolist() == [2]
    assert state.counts.sum() == 0


@pytest.mark.parametrize("rating", [None, 0, 6, -1])
def test_a_missing_or_impossible_rating_is_no_rating(rating: int | None) -> None:
    state = customer_state([ASession(satisfaction_rating=rating), ASession(satisfaction_rating=4)], TODAY)

    assert state.rated[0, BRAIN] == 1
    assert state.rating_sums[0, BRAIN] == 4


def test_the_first_use_of_a_service_is_a_choice_among_those_not_used_before() -> None:
    choices = new_choices(Past(log_of((1, BRAIN), (2, BRAIN), (3, RED), (3, OTHER))))

    assert choices.rows.tolist() == [0, 2]
    assert choices.mask.tolist() == [[True] * 5, [False, True, True, True, True]]


def test_the_last_service_left_is_no_choice() -> None:
    log = log_of(*((day, service) for day, service in enumerate(range(5))))

    assert new_choices(Past(log)).rows.tolist() == [0, 1, 2, 3]


def test_coming_again_is_a_choice_among_what_was_used_on_earlier_days() -> None:
    choices = again_choices(Past(log_of((1, BRAIN), (1, RED), (2, BIKE), (2, RED), (2, BRAIN))))

    assert choices.rows.tolist() == [3]
    assert choices.mask.tolist() == [[True, False, False, True, False]]


def test_a_package_is_in_hand_from_the_day_after_it_was_bought_until_it_ends() -> None:
    log = log_of((1, RED), (2, RED), (9, RED), (10, RED), purchases=a_purchase(1, 9, 5, 0, 0, 0, 0))

    held = Past(log).states_before(np.arange(4)).held[:, BRAIN]

    assert held.tolist() == [False, True, True, False]


def test_a_package_whose_sessions_are_used_up_is_no_longer_in_hand() -> None:
    log = log_of((1, BRAIN), (2, BRAIN), (3, BRAIN), (4, BRAIN), purchases=a_purchase(1, 99, 2, 1, 0, 0, 0))

    held = Past(log).states_before(np.arange(4)).held

    assert held[:, BRAIN].tolist() == [False, True, False, False]
    assert held[:, PULSE].tolist() == [False, True, True, True]


def test_a_package_without_an_end_stays_in_hand() -> None:
    package = BoughtPackage(date(2020, 1, 1), None, {"lymph": 1})

    assert customer_state([], TODAY, packages=[package]).held[0].tolist() == [
        False,
        False,
        True,
        False,
        False,
    ]


def test_a_log_in_disorder_is_refused() -> None:
    with pytest.raises(ValueError, match="order"):
        log_of((2, BRAIN), (1, BRAIN))
