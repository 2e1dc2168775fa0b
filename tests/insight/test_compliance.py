from dataclasses import dataclass
from datetime import date, time, timedelta

import pytest
from center_customers import MONDAY, TODAY, ASession
from hypothesis import given
from hypothesis import strategies as st

from insight import Shortfall
from insight.recommend.compliance import AcceptedRecommendation, recommendation_compliance
from insight.recommend.records import PlannedVisit, RecommendationKind

NOTHING_ACCEPTED = Shortfall("recommendation_compliance", "accepted_recommendations", 1, 0)
ACCEPTED_ON = TODAY - timedelta(days=60)


@dataclass(frozen=True, slots=True)
class APurchase:
    package_id: int
    purchase_date: date


def accepted(
    subject: str = "red",
    kind: RecommendationKind = RecommendationKind.SERVICE,
    on: date = ACCEPTED_ON,
    plan: tuple[PlannedVisit, ...] = (),
) -> AcceptedRecommendation:
    return AcceptedRecommendation(kind, subject, on, plan)


def session(days_after: int, service: str = "red", *, completed: bool = True) -> ASession:
    return ASession(ACCEPTED_ON + timedelta(days=days_after), service, completed=completed)


def test_a_service_is_acted_on_by_a_session_of_it() -> None:
    assert recommendation_compliance([accepted()], [session(10)], [], TODAY) == 100
    assert recommendation_compliance([accepted()], [session(10, "pulse")], [], TODAY) == 0


@pytest.mark.parametrize(("days_after", "percent"), [(-1, 0), (0, 100), (29, 100), (30, 0)])
def test_thirty_days_count_from_the_day_of_acceptance(days_after: int, percent: int) -> None:
    assert recommendation_compliance([accepted()], [session(days_after)], [], TODAY) == percent


def test_a_cancelled_session_is_not_acting() -> None:
    assert recommendation_compliance([accepted()], [session(3, completed=False)], [], TODAY) == 0


def test_a_package_is_acted_on_by_buying_it() -> None:
    offer = accepted("19", RecommendationKind.PACKAGE)
    day = ACCEPTED_ON + timedelta(days=3)
    assert recommendation_compliance([offer], [], [APurchase(19, day)], TODAY) == 100
    assert recommendation_compliance([offer], [], [APurchase(20, day)], TODAY) == 0


@pytest.mark.parametrize(
    ("weekday", "start", "percent"),
    [(0, time(11, 30), 100), (0, time(15), 0), (0, None, 100), (1, time(10), 0), (1, None, 0)],
    ids=["in the band", "at another time", "time unknown", "on another day", "another day, time unknown"],
)
def test_a_schedule_is_acted_on_by_a_visit_on_a_planned_day_in_its_band(
    weekday: int, start: time | None, percent: int
) -> None:
    on = MONDAY - timedelta(weeks=8)
    plan = (PlannedVisit("Monday", "10:00", "brain", 60, ""), PlannedVisit("Friday", "19:00", "red", 30, ""))
    offer = accepted("weekly", RecommendationKind.SCHEDULE, on, plan)
    visit = ASession(on + timedelta(weeks=1, days=weekday), "pulse", start)
    assert recommendation_compliance([offer], [visit], [], TODAY) == percent


def test_what_is_still_open_does_not_count() -> None:
    lately = accepted(on=TODAY - timedelta(days=29))
    assert recommendation_compliance([lately], [], [], TODAY) == NOTHING_ACCEPTED
    assert recommendation_compliance([lately, accepted()], [session(5)], [], TODAY) == 100


def test_what_was_acted_on_at_once_counts_at_once() -> None:
    lately = accepted(on=TODAY - timedelta(days=3))
    assert recommendation_compliance([lately], [ASession(TODAY, "red")], [], TODAY) == 100


def test_a_booked_session_is_not_acting_yet() -> None:
    lately = accepted(on=TODAY - timedelta(days=3))
    tomorrow = [ASession(TODAY + timedelta(days=1), "red")]
    assert recommendation_compliance([lately], tomorrow, [], TODAY) == NOTHING_ACCEPTED


def test_the_percentage_is_whole() -> None:
    offers = [accepted(), accepted("pulse"), accepted("lymph")]
    assert recommendation_compliance(offers, [session(2), session(3, "pulse")], [], TODAY) == 67


def test_nothing_accepted_is_a_shortfall_and_not_zero() -> None:
    assert recommendation_compliance([], [session(3)], [], TODAY) == NOTHING_ACCEPTED


@given(
    st.lists(st.tuples(st.sampled_from(["red", "pulse"]), st.integers(0, 90)), max_size=12),
    st.lists(st.tuples(st.sampled_from(["red", "pulse"]), st.integers(0, 90)), max_size=12),
)
def test_one_more_session_never_lowers_the_compliance(
    offers: list[tuple[str, int]], sessions: list[tuple[str, int]]
) -> None:
    given_to = [accepted(subject, on=TODAY - timedelta(days=ago)) for subject, ago in offers]
    done = [ASession(TODAY - timedelta(days=ago), service) for service, ago in sessions]
    before = recommendation_compliance(given_to, done[1:], [], TODAY)
    after = recommendation_compliance(given_to, done, [], TODAY)
    if not isinstance(before, Shortfall):
        assert not isinstance(after, Shortfall)
        assert 0 <= before <= after <= 100
