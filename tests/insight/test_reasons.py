from dataclasses import dataclass, replace
from datetime import date, time, timedelta

import pytest

from insight import GoalTag
from insight.recommend.reasons import benefit_of, reason_for
from insight.recommend.records import Factor
from insight.recommend.service_log import CANDIDATES, BoughtPackage, States, customer_state
from insight.recommend.service_scores import FACTORS, ServiceScore
from insight.recommend.words import BENEFITS, BENEFITS_BY_GOAL, GOAL_NAMES, SERVICE_NAMES, season_name

TODAY = date(2026, 1, 20)


@dataclass(frozen=True, slots=True)
class ASession:
    service: str
    service_date: date
    satisfaction_rating: int | None = None
    completed: bool = True
    start_time: time | None = None


def state_of(*uses: tuple[str, int | None], today: date = TODAY) -> States:
    """One session a week, the last of them a week ago."""
    return customer_state(
        [
            ASession(service, today - timedelta(weeks=len(uses) - week), rating)
            for week, (service, rating) in enumerate(uses)
        ],
        today,
    )


def a_score(
    service: str,
    *speaking: Factor,
    is_new: bool = True,
    goals: tuple[GoalTag, ...] = (),
    companion: str | None = None,
    liked_companion: str | None = None,
) -> ServiceScore:
    """A score for which these factors spoke, strongest first."""
    return ServiceScore(
        service=service,
        is_new=is_new,
        probability=0.4,
        contributions={factor: 0.5 if factor in speaking else -0.1 for factor in FACTORS},
        factors=speaking,
        goals=goals,
        peer_share=0.38,
        companion=companion,
        liked_companion=liked_companion,
        choices=4,
        in_season=True,
    )


USED_PULSE = state_of(("pulse", 4), ("pulse", 5))


def test_a_goal_that_fits_is_named() -> None:
    score = a_score("ai_bike", Factor.HEALTH_GOALS, goals=(GoalTag.WEIGHT_LOSS,))

    assert reason_for(score, USED_PULSE) == "미이용 서비스 중 '체중 감량' 목표와 부합"


def test_the_two_strongest_factors_make_the_reason() -> None:
    score = a_score(
        "ai_bike",
        Factor.PEER_PATTERNS,
        Factor.HEALTH_GOALS,
        Factor.SEASONAL_TRENDS,
        goals=(GoalTag.WEIGHT_LOSS, GoalTag.ENERGY),
    )

    assert reason_for(score, USED_PULSE) == (
        "미이용 서비스 중 비슷한 이용 고객의 38%가 다음으로 선택, '체중 감량'·'활력 회복' 목표와 부합"
    )


def test_a_factor_that_spoke_against_the_service_is_no_reason() -> None:
    score = replace(
        a_score("red", Factor.SEASONAL_TRENDS), factors=(Factor.HEALTH_GOALS, Factor.SEASONAL_TRENDS)
    )

    assert reason_for(score, USED_PULSE) == "미이용 서비스 중 겨울철 수요가 높은 시기"


def test_a_season_in_which_the_service_is_merely_less_out_of_season_is_no_reason() -> None:
    score = replace(a_score("pulse", Factor.SEASONAL_TRENDS), in_season=False)

    assert "철" not in reason_for(score, state_of(("red", None)))


def test_peers_who_chose_it_less_than_chance_are_no_reason_to_stand_first() -> None:
    score = replace(a_score("red", Factor.PEER_PATTERNS, Factor.SEASONAL_TRENDS), peer_share=0.2)

    assert reason_for(score, USED_PULSE) == "미이용 서비스 중 겨울철 수요가 높은 시기"


def test_the_service_used_so_far_that_speaks_for_a_new_one_is_named_with_its_sessions() -> None:
    score = a_score("lymph", Factor.SERVICE_HISTORY, companion="pulse")

    assert reason_for(score, USED_PULSE) == "미이용 서비스 중 펄스(2회 이용)와 함께 찾는 서비스"


def test_a_well_rated_service_speaks_for_its_company() -> None:
    score = a_score("lymph", Factor.SATISFACTION_RATINGS, liked_companion="pulse")

    assert (
        reason_for(score, USED_PULSE) == "미이용 서비스 중 만족도가 높은 펄스(평균 4.5점)와 함께 찾는 서비스"
    )


def test_a_badly_rated_service_speaks_for_another() -> None:
    score = a_score("lymph", Factor.SATISFACTION_RATINGS, liked_companion="brain")
    state = state_of(("pulse", 5), ("brain", 2))

    assert reason_for(score, state) == "미이용 서비스 중 만족도가 낮았던 브레인(평균 2.0점)을 대신할 서비스"


def test_a_package_in_hand_is_the_reason_for_its_service() -> None:
    package = BoughtPackage(TODAY - timedelta(days=3), None, {"lymph": 5})
    state = customer_state([ASession("pulse", TODAY)], TODAY, packages=[package])

    assert (
        reason_for(a_score("lymph", Factor.SERVICE_HISTORY), state)
        == "미이용 서비스 중 보유 패키지로 이용 가능"
    )


def test_the_last_service_left_is_called_so() -> None:
    score = replace(a_score("red", Factor.SERVICE_HISTORY), choices=1)

    assert reason_for(score, USED_PULSE) == "아직 이용하지 않은 유일한 서비스"


def test_a_newcomer_hears_what_other_newcomers_chose() -> None:
    assert reason_for(a_score("brain"), customer_state([], TODAY)) == "첫 이용 고객의 38%가 선택"


def test_a_known_service_is_recommended_by_its_own_rating() -> None:
    score = a_score("red", Factor.SATISFACTION_RATINGS, is_new=False)
    state = state_of(("red", 5), ("red", 4), ("red", 5), ("brain", 3))

    assert reason_for(score, state) == "레드 만족도 평균 4.7점(3회)으로 가장 높음"


def test_a_rating_that_is_the_lowest_of_all_is_no_reason() -> None:
    score = a_score("red", Factor.SATISFACTION_RATINGS, is_new=False)

    assert reason_for(score, state_of(("red", 2), ("brain", 5))) == "지금까지 1회 이용한 서비스"


def test_a_known_service_without_any_rating_is_recommended_by_its_use() -> None:
    score = a_score("red", Factor.SATISFACTION_RATINGS, is_new=False)

    assert reason_for(score, state_of(("red", None), ("red", 9))) == "지금까지 2회 이용한 서비스"


def test_recent_visits_speak_for_a_known_service() -> None:
    score = a_score("red", Factor.SERVICE_HISTORY, is_new=False)
    state = state_of(*[("brain", None)] * 3, *[("red", None)] * 3)

    assert reason_for(score, state) == "최근 5회 방문에서 3회 이용"


def test_the_benefit_is_that_of_the_strongest_goal_the_service_serves() -> None:
    score = a_score("ai_bike", goals=(GoalTag.PAIN_RELIEF, GoalTag.WEIGHT_LOSS))

    assert benefit_of(score) == "유산소 운동을 통한 체중 관리 지원"


def test_without_a_goal_the_benefit_is_general() -> None:
    assert benefit_of(a_score("ai_bike")) == "유산소 운동을 통한 전반적 건강 개선"


def test_every_service_and_goal_has_its_words() -> None:
    assert set(SERVICE_NAMES) == set(BENEFITS) == set(BENEFITS_BY_GOAL) == set(CANDIDATES)
    assert set(GOAL_NAMES) == set(GoalTag)


def test_no_benefit_claims_to_treat_or_to_cure() -> None:
    texts = [*BENEFITS.values(), *(text for goals in BENEFITS_BY_GOAL.values() for text in goals.values())]

    assert not [
        text for text in texts if any(claim in text for claim in ("치료", "완치", "예방", "효능", "진단"))
    ]


@pytest.mark.parametrize(
    ("month", "name"), [(12, "겨울철"), (2, "겨울철"), (3, "봄철"), (8, "여름철"), (11, "가을철")]
)
def test_months_have_their_seasons(month: int, name: str) -> None:
    assert season_name(month) == name
