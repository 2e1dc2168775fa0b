from dataclasses import dataclass, replace
from datetime import date, time, timedelta

import numpy as np
import pytest

from insight import Shortfall
from insight.churn import ChurnModel, probability_alive, visit_within
from insight.risk import (
    RISK_LEVELS,
    RiskAssessment,
    churn_percent,
    churn_risk,
    risk_assessment,
    risk_level,
    risk_levels,
)
from insight.season import SeasonIndex

TODAY = date(2026, 11, 25)
MODEL = ChurnModel(1.4, 0.9, 0.93, 43.0, 2)
POPULATION = 4.2


@dataclass(frozen=True, slots=True)
class ASession:
    service_date: date
    start_time: time | None = None
    service: str = "brain"
    completed: bool = True
    satisfaction_rating: int | None = None


@dataclass(frozen=True, slots=True)
class APackage:
    expiry_date: date = TODAY + timedelta(days=100)
    total_sessions: int = 20
    remaining_sessions: int = 12
    usable: bool = True
    short_name: str = "프리미엄"


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def every(gap: int, visits: int, *, last: int = 3, rating: int | None = None) -> list[ASession]:
    return [ASession(ago(last + gap * number), satisfaction_rating=rating) for number in range(visits)]


def assessed(
    sessions: list[ASession],
    *packages: APackage,
    model: ChurnModel | None = MODEL,
    season: SeasonIndex | None = None,
    satisfaction: float | None = POPULATION,
) -> RiskAssessment:
    return risk_assessment(
        sessions, packages, TODAY, model=model, season=season, population_satisfaction=satisfaction
    )


def test_a_regular_customer_is_at_low_risk_and_has_no_factor() -> None:
    found = assessed(every(10, 20))
    assert found.churn_risk == "low"
    assert found.churn_probability is not None
    assert found.churn_probability < 10
    assert found.risk_factors == ()
    assert found.shortfalls == ()


def test_the_percentages_are_the_models() -> None:
    found = assessed(every(10, 20, last=30))
    history = (19, 190 / 7, 220 / 7)
    assert found.churn_probability == round(100 * (1 - float(probability_alive(MODEL, *history))))
    assert found.retention_score == round(100 * float(visit_within(MODEL, *history, 60 / 7)))


def test_retention_knows_the_season_and_leaving_does_not() -> None:
    usual, winter = (
        assessed(every(30, 9, last=20)),
        assessed(every(30, 9, last=20), season=SeasonIndex(0.5, 0.1)),
    )
    assert usual.retention_score is not None
    assert winter.retention_score is not None
    assert winter.retention_score > usual.retention_score
    assert winter.churn_probability == usual.churn_probability


def test_who_is_overdue_by_their_own_cadence_is_told_with_the_numbers() -> None:
    found = assessed(every(7, 30, last=60))
    assert found.churn_risk == "high"
    assert found.risk_factors[0] == (
        "마지막 방문 후 60일이 지나 평소 간격(평균 7일)을 크게 넘겼습니다. "
        "계속 다니는 고객이 이만큼 쉬는 경우는 1% 미만입니다."
    )
    assert found.next_action_recommendation == "60일째 미방문, 안부 연락과 예약 제안"


def test_the_same_wait_is_nothing_for_who_comes_every_other_month() -> None:
    assert assessed(every(60, 12, last=60)).risk_factors == ()


def test_visits_that_fall_by_more_than_chance_are_a_factor() -> None:
    sessions = every(6, 15, last=91) + every(30, 3, last=10)
    found = assessed(sessions)
    assert "최근 90일 방문이 3회로, 그 전 90일의 15회보다 줄었습니다(우연일 확률 1%)." in found.risk_factors


def test_visits_that_fall_by_chance_are_not() -> None:
    sessions = every(12, 7, last=95) + every(15, 5, last=10)
    assert not any("줄었습니다" in factor for factor in assessed(sessions).risk_factors)


def test_three_low_ratings_are_a_factor_and_good_ones_before_do_not_hide_them() -> None:
    sessions = every(10, 3, rating=2) + every(10, 12, last=33, rating=5)
    found = assessed(sessions)
    assert found.risk_factors == ("최근 만족도 평가 3건의 평균이 2.0점으로, 전체 평균 4.2점보다 낮습니다.",)
    assert found.next_action_recommendation == "만족도 상담과 프로그램 조정 제안"


def test_ratings_a_little_below_the_rest_are_no_factor() -> None:
    assert assessed(every(10, 12, rating=4)).risk_factors == ()
    assert assessed(every(10, 12, rating=3), satisfaction=3.9).risk_factors == ()


def test_one_low_rating_is_shrunk_more_than_three() -> None:
    assert assessed([*every(10, 12, last=13), *every(10, 1, rating=3)]).risk_factors == ()
    assert assessed([*every(10, 12, last=13), *every(10, 1, rating=1)]).risk_factors != ()


def test_missing_and_impossible_ratings_and_an_unknown_population_are_no_factor() -> None:
    assert assessed(every(10, 12)).risk_factors == ()
    assert assessed(every(10, 12, rating=0)).risk_factors == ()
    assert assessed(every(10, 12, rating=1), satisfaction=None).risk_factors == ()


def test_an_expired_package_that_was_not_renewed_is_a_factor() -> None:
    expired = APackage(expiry_date=ago(40), remaining_sessions=3, usable=False)
    found = assessed(every(10, 20), expired)
    assert found.risk_factors == (
        "'프리미엄' 패키지가 3회를 남기고 2026-10-16에 만료된 뒤 40일 동안 갱신되지 않았습니다.",
    )
    assert found.next_action_recommendation == "패키지 갱신 제안"


def test_a_package_that_was_used_up_and_not_renewed_is_a_factor() -> None:
    used_up = APackage(remaining_sessions=0, usable=False)
    assert assessed(every(10, 20), used_up).risk_factors == (
        "'프리미엄' 패키지 20회를 모두 사용한 뒤 갱신하지 않았습니다.",
    )


def test_sessions_beyond_the_quota_are_a_package_used_up() -> None:
    beyond = APackage(remaining_sessions=-2, usable=False)
    used_up = APackage(remaining_sessions=0, usable=False)
    assert assessed(every(10, 20), beyond) == assessed(every(10, 20), used_up)


def test_a_renewed_package_is_no_factor() -> None:
    expired = APackage(expiry_date=ago(40), remaining_sessions=3, usable=False)
    assert assessed(every(10, 20), expired, APackage()).risk_factors == ()


def test_a_package_without_sessions_says_nothing() -> None:
    for empty in (
        APackage(total_sessions=0, remaining_sessions=0, usable=False),
        APackage(total_sessions=0, remaining_sessions=0, expiry_date=ago(-3)),
    ):
        assert assessed(every(10, 20), empty) == assessed(every(10, 20))


def test_a_package_that_ends_soon_with_much_unused_is_a_factor() -> None:
    ending = APackage(expiry_date=TODAY + timedelta(days=9))
    found = assessed(every(10, 20), ending)
    assert found.risk_factors == ("'프리미엄' 패키지가 9일 뒤 끝나는데 20회 중 12회(60%)가 남아 있습니다.",)
    assert found.next_action_recommendation == "만료 전 남은 12회 예약 제안"


@pytest.mark.parametrize(
    "fine",
    [
        APackage(expiry_date=TODAY + timedelta(days=15)),
        APackage(expiry_date=TODAY + timedelta(days=9), remaining_sessions=5),
    ],
    ids=["ends in 15 days", "a quarter unused"],
)
def test_a_package_that_ends_later_or_nearly_used_is_no_factor(fine: APackage) -> None:
    assert assessed(every(10, 20), fine).risk_factors == ()


def test_one_visit_is_a_factor_and_has_percentages() -> None:
    found = assessed([ASession(ago(12))])
    assert found.risk_factors == ("지금까지 방문이 1회(2026-11-13, 12일 전)뿐입니다.",)
    assert found.next_action_recommendation == "두 번째 방문 예약 제안"
    assert found.churn_probability is not None
    assert found.churn_probability > 0


def test_many_sessions_all_on_one_day_are_one_visit() -> None:
    many = [ASession(ago(12), time(9 + number)) for number in range(6)]
    assert assessed(many) == assessed([ASession(ago(12))])


def test_one_visit_long_ago_is_overdue_first() -> None:
    found = assessed([ASession(ago(400))])
    assert found.risk_factors[0].startswith("첫 방문 후 400일 동안 다시 오지 않았습니다.")
    assert len(found.risk_factors) == 2


def test_future_and_cancelled_sessions_count_nowhere() -> None:
    sessions = every(7, 30, last=60, rating=4)
    others = [
        ASession(ago(-2), satisfaction_rating=1),
        ASession(ago(1), completed=False, satisfaction_rating=1),
    ]
    assert assessed([*others, *sessions]) == assessed(sessions)


def test_a_duplicate_of_a_session_changes_nothing() -> None:
    sessions = [*every(10, 2, rating=1), *every(10, 12, last=23, rating=5)]
    assert assessed(sessions * 2) == assessed(sessions)


def test_a_visit_before_sign_up_is_where_the_history_begins() -> None:
    early = assessed([*every(10, 3), ASession(ago(900))])
    assert early.retention_score != assessed(every(10, 3)).retention_score


def test_the_strongest_factor_comes_first_and_decides_what_to_do() -> None:
    sessions = [*every(7, 3, last=60, rating=1), *every(7, 20, last=81)]
    ending = APackage(expiry_date=TODAY + timedelta(days=5))
    found = assessed(sessions, ending)
    assert len(found.risk_factors) == 4
    beginnings = [factor.split()[0] for factor in found.risk_factors]
    assert beginnings == ["마지막", "최근", "최근", "'프리미엄'"]
    assert "미방문" in found.next_action_recommendation


def test_without_a_model_there_are_factors_but_no_percentages() -> None:
    found = assessed(every(6, 15, last=91), APackage(remaining_sessions=0, usable=False), model=None)
    assert (found.churn_risk, found.churn_probability, found.retention_score) == (None, None, None)
    assert len(found.risk_factors) == 2
    assert found.shortfalls == tuple(
        Shortfall(field, "fitted_models", 1, 0)
        for field in ("churn_risk", "churn_probability", "retention_score")
    )


def test_without_a_visit_the_missing_visit_is_named() -> None:
    found = assessed([ASession(ago(-3))])
    assert found.churn_probability is None
    assert {(item.counted, item.needed, item.found) for item in found.shortfalls} == {("visits", 1, 0)}
    assert found.next_action_recommendation == "첫 방문 예약 제안"


@pytest.mark.parametrize(
    ("packages", "action"),
    [
        ((), "패키지 이용 제안"),
        ((APackage(),), "정기 방문 유지, 남은 12회 예약 안내"),
        ((APackage(remaining_sessions=6),), "패키지 갱신 제안"),
        ((APackage(expiry_date=TODAY + timedelta(days=25)),), "패키지 갱신 제안"),
        ((APackage(remaining_sessions=2), APackage()), "정기 방문 유지, 남은 14회 예약 안내"),
    ],
)
def test_with_no_factor_the_action_follows_from_what_is_there(
    packages: tuple[APackage, ...], action: str
) -> None:
    assert assessed(every(10, 20), *packages).next_action_recommendation == action


def test_a_new_regular_without_a_package_is_left_in_peace() -> None:
    assert assessed(every(10, 3)).next_action_recommendation == "정기 방문 유지"


def test_levels_change_at_30_and_60_percent() -> None:
    assert [risk_level(percent) for percent in (0, 29, 30, 59, 60, 100)] == [
        "stable",
        "stable",
        "warning",
        "warning",
        "danger",
        "danger",
    ]
    assert [churn_risk(percent) for percent in (29, 30, 59, 60)] == ["low", "medium", "medium", "high"]


def test_levels_of_everybody_are_those_of_each() -> None:
    weeks = np.linspace(30, 60, 200)
    codes = risk_levels(MODEL, 20, 30, weeks)
    percents = churn_percent(MODEL, 20, 30, weeks)
    assert [RISK_LEVELS[code] for code in codes] == [risk_level(int(percent)) for percent in percents]
    assert set(codes.tolist()) == {0, 1, 2}


def test_a_model_of_another_family_is_told_as_well() -> None:
    stays = replace(MODEL, leaves_at_once=False)
    assert assessed([ASession(ago(12))], model=stays).churn_probability == 0
