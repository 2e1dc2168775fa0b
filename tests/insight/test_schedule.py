from dataclasses import replace
from datetime import date, time, timedelta

import numpy as np
import pytest
from center_customers import (
    CENTER,
    HOURS,
    MONDAY,
    SERVICES,
    TODAY,
    ASession,
    a_service,
    forecast,
    use_of,
    visits,
)
from hypothesis import given
from hypothesis import strategies as st

from insight import Shortfall
from insight.recommend.center_habits import BAND_MINUTES, CenterHabits
from insight.recommend.expected_use import expected_use, visits_a_week
from insight.recommend.opening_hours import DayHours, OpeningHours
from insight.recommend.records import Factor, ScheduleRecommendation, ServiceRecommendation
from insight.recommend.schedule import frequency_text, recommend_schedule
from insight.recommend.visit_times import best_times, visit_times
from insight.visits import WEEKDAYS

THURSDAY = MONDAY - timedelta(days=4)


def planned(
    sessions: list[ASession],
    *,
    hours: OpeningHours = HOURS,
    preferred: tuple[str, ...] = (),
    new_service: ServiceRecommendation | None = None,
) -> ScheduleRecommendation:
    times = visit_times(sessions, hours, CENTER, preferred, TODAY)
    schedule = recommend_schedule(times, use_of(sessions), SERVICES, hours, new_service)
    assert isinstance(schedule, ScheduleRecommendation)
    return schedule


def days_of(schedule: ScheduleRecommendation) -> list[str]:
    return [visit.day for visit in schedule.weekly_plan]


def twice_a_week(weeks: int = 26) -> list[ASession]:
    return [*visits(weeks, at=time(10, 20)), *visits(weeks, last=THURSDAY, at=time(19))]


def test_the_plan_has_the_customers_own_days_and_half_hours() -> None:
    schedule = planned(twice_a_week())
    assert [(visit.day, visit.time) for visit in schedule.weekly_plan] == [
        ("Monday", "10:30"),
        ("Thursday", "19:00"),
    ]
    assert schedule.schedule_name == "주간 최적 스케줄"
    assert schedule.reason == "최근 50회 방문의 요일과 시간, 주 2회 방문 간격에 맞춘 계획"


def test_each_visit_says_which_habit_it_follows() -> None:
    first, _ = planned(twice_a_week(), preferred=("morning",)).weekly_plan
    assert first.reason == "월요일 방문이 전체의 50%, 10~12시 방문이 50%, 선호 시간대(오전)"


def test_a_monthly_visitor_has_one_slot_and_the_name_says_how_often() -> None:
    schedule = planned(visits(12, every_days=28))
    assert days_of(schedule) == ["Monday"]
    assert schedule.schedule_name == "월 1회 최적 스케줄"


def test_nobody_is_planned_more_often_than_three_times_a_week() -> None:
    assert len(planned(visits(60, every_days=1)).weekly_plan) == 3


def test_neighbouring_days_are_avoided() -> None:
    tuesdays = visits(26, last=MONDAY - timedelta(days=6))
    schedule = planned([*visits(26), *tuesdays])
    assert len(schedule.weekly_plan) == 2
    assert {"Monday", "Tuesday"} != set(days_of(schedule))


def test_neighbouring_days_are_planned_where_the_center_opens_on_no_others() -> None:
    weekend = OpeningHours((None,) * 5 + (DayHours(540, 1080), DayHours(600, 1020)))
    assert days_of(planned(twice_a_week(), hours=weekend)) == ["Saturday", "Sunday"]


def test_a_center_open_on_one_day_gets_one_visit() -> None:
    saturdays = OpeningHours((None,) * 5 + (DayHours(540, 1080), None))
    assert days_of(planned(twice_a_week(), hours=saturdays)) == ["Saturday"]


def test_the_whole_visit_lies_within_the_opening_hours() -> None:
    sundays = visits(26, last=MONDAY - timedelta(days=1), services=("lymph",), at=time(15, 50))
    (visit,) = planned(sundays).weekly_plan
    assert (visit.day, visit.time, visit.duration) == ("Sunday", "15:30", 90)


def test_services_are_dealt_out_by_their_shares() -> None:
    wednesdays = visits(26, last=MONDAY - timedelta(days=5), services=("red",))
    schedule = planned([*twice_a_week(), *wednesdays])
    assert sorted(visit.service for visit in schedule.weekly_plan) == ["brain", "brain", "red"]


def test_a_long_service_goes_where_it_fits() -> None:
    evenings = visits(26, last=THURSDAY, services=("lymph",), at=time(20, 30))
    schedule = planned([*evenings, *visits(26, services=("red",), at=time(20, 30))])
    long = next(visit for visit in schedule.weekly_plan if visit.service == "lymph")
    short = next(visit for visit in schedule.weekly_plan if visit.service == "red")
    assert (long.time, short.time) == ("19:30", "20:30")


def test_one_of_several_visits_tries_the_new_service() -> None:
    bike = a_service("ai_bike", goals=("weight_loss",), factors=(Factor.PEER_PATTERNS,))
    schedule = planned(twice_a_week(), new_service=bike)
    assert [visit.service for visit in schedule.weekly_plan] == ["brain", "ai_bike"]
    assert schedule.weekly_plan[1].reason.endswith("추천 서비스 AI바이크 시작")
    assert schedule.goals == ("weight_loss",)
    assert Factor.PEER_PATTERNS in schedule.factors


def test_a_single_weekly_visit_stays_with_what_the_customer_knows() -> None:
    bike = a_service("ai_bike", goals=("weight_loss",))
    assert planned(visits(12), new_service=bike) == planned(visits(12))


def test_a_service_longer_than_any_day_is_not_planned() -> None:
    short = OpeningHours((DayHours(540, 600),) * 7)
    sessions = visits(26, services=("lymph", "red"))
    assert [visit.service for visit in planned(sessions, hours=short).weekly_plan] == ["red"]


def test_no_service_that_fits_leaves_no_plan() -> None:
    short = OpeningHours((DayHours(540, 600),) * 7)
    sessions = visits(26, services=("lymph",))
    times = visit_times(sessions, short, CENTER, (), TODAY)
    assert recommend_schedule(times, use_of(sessions), SERVICES, short) == Shortfall(
        "weekly_plan", "sessions", 1, 0
    )


def test_no_visit_leaves_no_plan() -> None:
    times = visit_times([], HOURS, CENTER, ("morning",), TODAY)
    assert recommend_schedule(times, None, SERVICES, HOURS) == Shortfall("weekly_plan", "visits", 1, 0)


def test_a_visit_for_something_else_leaves_no_plan() -> None:
    talk = [ASession(MONDAY, "other")]
    times = visit_times(talk, HOURS, CENTER, (), TODAY)
    use = expected_use(talk, forecast(talk), SERVICES, CENTER, TODAY)
    assert recommend_schedule(times, use, SERVICES, HOURS) == Shortfall("weekly_plan", "sessions", 1, 0)


def test_one_visit_gives_a_plan_that_knows_how_little_it_knows() -> None:
    schedule = planned(visits(1))
    assert len(schedule.weekly_plan) == 1
    assert schedule.confidence < planned(visits(30)).confidence


def test_visits_without_a_known_time_speak_for_their_weekday_only() -> None:
    schedule = planned(visits(30, at=None))
    (visit,) = schedule.weekly_plan
    assert visit.day == "Monday"
    assert visit.reason == "월요일 방문이 전체의 100%"
    times = visit_times(visits(30, at=None), HOURS, CENTER, (), TODAY)
    assert best_times(times) == ("월요일",)


def test_the_confidence_is_the_chance_of_the_planned_days_and_bands() -> None:
    times = visit_times(twice_a_week(), HOURS, CENTER, (), TODAY)
    schedule = planned(twice_a_week())
    assert schedule.prior == schedule.confidence
    assert schedule.prior == pytest.approx(times.chances[0, 5] + times.chances[3, 9])


def test_best_times_are_the_days_and_parts_of_day_that_the_customer_comes() -> None:
    times = visit_times(twice_a_week(), HOURS, CENTER, (), TODAY)
    assert set(best_times(times)) == {"월요일 오전", "목요일 저녁"}


def test_nothing_known_gives_no_best_times() -> None:
    assert best_times(visit_times([], HOURS, CENTER, (), TODAY)) == ()


def test_a_stated_preference_leads_where_there_are_no_visits_and_yields_to_many() -> None:
    stated = ("evening", "weekend")
    (first, *_) = best_times(visit_times([], HOURS, CENTER, stated, TODAY))
    assert first.startswith("토요일")
    assert best_times(visit_times(visits(40), HOURS, CENTER, stated, TODAY))[0] == "월요일 오전"


def test_a_stated_preference_is_named_as_a_factor_and_an_unknown_one_is_not() -> None:
    assert Factor.STATED_PREFERENCES in planned(visits(9), preferred=("morning",)).factors
    assert planned(visits(9), preferred=("midnight",)) == planned(visits(9))


def test_future_and_cancelled_sessions_say_nothing_about_habits() -> None:
    others = [ASession(TODAY + timedelta(days=2)), ASession(MONDAY + timedelta(days=1), completed=False)]
    ours = visit_times([*visits(9), *others], HOURS, CENTER, (), TODAY)
    assert np.array_equal(ours.chances, visit_times(visits(9), HOURS, CENTER, (), TODAY).chances)


def test_the_latest_visits_outvote_an_old_habit() -> None:
    old = visits(200, last=THURSDAY - timedelta(weeks=50), at=time(19))
    times = visit_times([*old, *visits(50)], HOURS, CENTER, (), TODAY)
    assert best_times(times) == ("월요일 오전",)


@given(
    st.lists(
        st.tuples(st.dates(date(2024, 1, 1), TODAY), st.none() | st.times()),
        max_size=30,
        unique_by=lambda v: v[0],
    ),
    st.none() | st.just(CENTER) | st.just(CenterHabits(0, {}, ((0,) * 12,) * 7)),
    st.sets(st.sampled_from(["morning", "afternoon", "evening", "weekday", "weekend"])),
)
def test_the_chances_of_a_week_add_up_to_one_and_are_none_where_the_center_is_closed(
    arrivals: list[tuple[date, time | None]], center: CenterHabits | None, preferred: set[str]
) -> None:
    sessions = [ASession(day, start_time=start) for day, start in arrivals]
    chances = visit_times(sessions, HOURS, center, preferred, TODAY).chances
    assert chances.sum() == pytest.approx(1)
    assert (chances >= 0).all()
    assert chances[:, :4].sum() == 0
    assert chances[6, 9:].sum() == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.sampled_from(sorted(SERVICES)), st.times()), min_size=1, max_size=40
    )
)
def test_every_planned_visit_fits_the_opening_hours_and_comes_in_the_order_of_the_week(
    rows: list[tuple[int, str, time]],
) -> None:
    sessions = [ASession(TODAY - timedelta(days=ago), service, start) for ago, service, start in rows]
    schedule = planned(sessions)
    places = [WEEKDAYS.index(visit.day) for visit in schedule.weekly_plan]
    assert places == sorted(set(places))
    assert 1 <= len(places) <= 3
    assert 0 <= schedule.confidence <= 1
    for place, visit in zip(places, schedule.weekly_plan, strict=True):
        start = time.fromisoformat(visit.time)
        assert start.minute in {0, 30}
        assert start.hour * 60 + start.minute in HOURS.starts(place, visit.duration)


@pytest.mark.parametrize(
    ("visits_a_week", "text"),
    [
        (9.0, "주 7회"),
        (2.1, "주 2회"),
        (1.0, "주 1회"),
        (0.7, "주 1회"),
        (0.5, "2주 1회"),
        (1 / 3, "3주 1회"),
        (0.23, "월 1회"),
        (0.11, "2개월 1회"),
        (1e-9, "6개월 1회"),
        (0.0, "6개월 1회"),
    ],
)
def test_a_frequency_is_said_as_a_korean_would(visits_a_week: float, text: str) -> None:
    assert frequency_text(visits_a_week) == text


def test_the_cadence_is_that_of_a_customer_who_still_comes() -> None:
    assert visits_a_week(forecast(visits(50, every_days=7))) == pytest.approx(1, rel=0.15)
    gone = forecast(visits(50, every_days=7, last=TODAY - timedelta(days=300)))
    assert gone.probability_alive < 0.01
    assert visits_a_week(gone) > 0.3


@pytest.mark.parametrize("days", [(None,) * 7, (DayHours(540, 1260),) * 6])
def test_opening_hours_need_seven_days_and_one_of_them_open(days: tuple[DayHours | None, ...]) -> None:
    with pytest.raises(ValueError, match="seven days"):
        OpeningHours(days)


def test_a_day_opens_before_it_closes() -> None:
    with pytest.raises(ValueError, match="opens before it closes"):
        DayHours(1260, 540)


def test_a_late_opening_is_rounded_up_to_the_half_hour() -> None:
    hours = replace(HOURS, days=(DayHours(9 * 60 + 10, 12 * 60), *HOURS.days[1:]))
    assert list(hours.starts(0, 60)) == [570, 600, 630, 660]
    assert all(start // BAND_MINUTES in {4, 5} for start in hours.starts(0, 60))
