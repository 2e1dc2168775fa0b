"""The recommender of services on simulated customers, whose next choices are known."""

from dataclasses import dataclass, replace
from datetime import date, time, timedelta

import numpy as np
import pytest
from pydantic import TypeAdapter
from simulated_services import simulated_log

from insight import GoalTag
from insight.recommend.past import Past
from insight.recommend.records import Factor
from insight.recommend.service_evaluation import (
    ServiceEvaluation,
    evaluate_services,
    judge_services,
    masked_probabilities,
)
from insight.recommend.service_events import again_choices, new_choices
from insight.recommend.service_log import CANDIDATES, BoughtPackage, SessionLog, customer_state
from insight.recommend.service_recommendations import recommend_services
from insight.recommend.service_scores import LEAST_EFFECT, score_services
from insight.recommend.services import ServiceModel, fit_services

TODAY = date(2026, 11, 25)
MINUTES = {"brain": 60, "pulse": 45, "lymph": 90, "red": 30, "ai_bike": 40}


@dataclass(frozen=True, slots=True)
class ASession:
    service: str = "brain"
    service_date: date = TODAY - timedelta(days=7)
    satisfaction_rating: int | None = None
    completed: bool = True
    start_time: time | None = None


def sessions_of(**counts: int) -> list[ASession]:
    """So many weekly sessions of each service, the last of each a week ago."""
    return [
        ASession(service, TODAY - timedelta(weeks=week + 1))
        for service, count in counts.items()
        for week in range(count)
    ]


def dealt(log: SessionLog, learned: int) -> tuple[SessionLog, SessionLog]:
    is_learned = np.arange(len(log.goals)) < learned
    return log.of(is_learned), log.of(~is_learned)


@pytest.fixture(scope="module")
def customers() -> tuple[SessionLog, SessionLog]:
    return dealt(simulated_log(9_000), learned=2_000)


@pytest.fixture(scope="module")
def model(customers: tuple[SessionLog, SessionLog]) -> ServiceModel:
    return fitted(customers[0], with_goals=True)


@pytest.fixture(scope="module")
def without_health(customers: tuple[SessionLog, SessionLog]) -> ServiceModel:
    return fitted(customers[0], with_goals=False)


def fitted(log: SessionLog, *, with_goals: bool) -> ServiceModel:
    found = fit_services(log, with_goals=with_goals, rng=np.random.default_rng(5))
    assert found is not None
    return found


def lead(evaluation: ServiceEvaluation) -> float:
    """How much oftener than by popularity the next new service is named."""
    found = evaluation.next_new
    ours, popular = found.scores.hit_at_1, found.baselines["popularity"].hit_at_1
    assert ours is not None
    assert popular is not None
    return ours - popular


def worst_calibration(evaluation: ServiceEvaluation) -> float:
    scores = (evaluation.next_new.scores, evaluation.first.scores, evaluation.again.scores)
    return max(score.ece for score in scores if score.ece is not None)


def test_the_next_new_service_is_found_oftener_than_by_popularity(
    model: ServiceModel, customers: tuple[SessionLog, SessionLog]
) -> None:
    found = judge_services(model, *customers)

    assert lead(found) >= 0.05
    assert worst_calibration(found) <= 0.02


def test_without_health_data_popularity_is_still_beaten(
    without_health: ServiceModel, customers: tuple[SessionLog, SessionLog]
) -> None:
    found = judge_services(without_health, *customers)

    assert lead(found) > 0
    assert worst_calibration(found) <= 0.02


@pytest.mark.slow
@pytest.mark.parametrize(("with_goals", "least_lead"), [(True, 0.07), (False, 0.025)])
def test_many_customers_reach_the_gates_with_room(*, with_goals: bool, least_lead: float) -> None:
    found = evaluate_services(simulated_log(40_000), with_goals=with_goals, rng=np.random.default_rng(3))

    assert found is not None
    assert lead(found) >= least_lead
    assert worst_calibration(found) <= 0.012
    again, most_used = found.again.scores.hit_at_1, found.again.baselines["most_used"].hit_at_1
    assert again is not None
    assert most_used is not None
    assert again >= most_used + 0.08


def test_what_one_customer_is_shown_is_what_was_evaluated(
    model: ServiceModel, customers: tuple[SessionLog, SessionLog]
) -> None:
    past = Past(customers[1])
    for part, choices in ((model.new, new_choices(past)), (model.again, again_choices(past))):
        # where a day has two choices, the second is among what the first left; a state knows no half days
        some = choices.at(np.arange(0, len(choices.rows), 500))
        states = past.states_before(some.rows)
        used = states.counts > 0
        mask = used if part is model.again else ~used
        together = masked_probabilities(model, part, states, mask)
        for place in range(len(some.rows)):
            alone = replace(
                states, **{name: getattr(states, name)[place : place + 1] for name in states.__slots__}
            )
            scores = score_services(model, alone)
            for score in scores:
                if score.is_new == (part is model.new):
                    expected = together[place, CANDIDATES.index(score.service)]
                    assert score.probability == pytest.approx(expected, abs=1e-12)


def test_a_newcomer_is_offered_every_service_as_new(model: ServiceModel) -> None:
    scores = score_services(model, customer_state([], TODAY, [GoalTag.FOCUS]))

    assert len(scores) == 5
    assert all(score.is_new for score in scores)
    assert sum(score.probability for score in scores) == pytest.approx(1)
    assert scores[0].service == "brain"
    assert Factor.SERVICE_HISTORY not in scores[0].factors


def test_after_one_visit_the_other_services_are_new_and_stand_first(model: ServiceModel) -> None:
    scores = score_services(model, customer_state(sessions_of(red=1), TODAY))

    assert [score.is_new for score in scores] == [True] * 4 + [False]
    assert scores[-1].service == "red"


def test_who_used_every_service_is_offered_them_again(model: ServiceModel) -> None:
    sessions = sessions_of(brain=2, pulse=9, lymph=1, red=1, ai_bike=1)

    scores = score_services(model, customer_state(sessions, TODAY))

    assert not any(score.is_new for score in scores)
    assert scores[0].service == "pulse"
    assert [s.probability for s in scores] == sorted((s.probability for s in scores), reverse=True)


def test_a_service_the_center_does_not_offer_is_not_recommended(model: ServiceModel) -> None:
    offered = {code: minutes for code, minutes in MINUTES.items() if code != "lymph"}

    found = recommend_services(model, customer_state([], TODAY), minutes=offered, frequency="월 1회")

    assert {item.service for item in found} == set(offered)
    assert sum(item.prior for item in found) == pytest.approx(1)


def test_an_unknown_service_in_the_catalogue_is_passed_over(model: ServiceModel) -> None:
    found = recommend_services(
        model, customer_state([], TODAY), minutes={**MINUTES, "cryo": 20}, frequency="월 1회"
    )

    assert {item.service for item in found} == set(MINUTES)


def test_a_package_with_sessions_left_raises_its_service(model: ServiceModel) -> None:
    package = BoughtPackage(TODAY - timedelta(days=9), TODAY + timedelta(days=80), {"lymph": 10})
    sessions = sessions_of(brain=4)

    without, with_it = (
        {s.service: s.probability for s in score_services(model, customer_state(sessions, TODAY, (), held))}
        for held in ((), (package,))
    )

    assert with_it["lymph"] > without["lymph"] + 0.1


def test_red_light_gains_in_winter_and_the_bike_in_summer(model: ServiceModel) -> None:
    winter, summer = (
        {score.service: score.probability for score in score_services(model, customer_state([], day))}
        for day in (date(2027, 1, 15), date(2026, 7, 15))
    )

    assert winter["red"] > summer["red"] + 0.05
    assert summer["ai_bike"] > winter["ai_bike"] + 0.05


def test_contributions_are_told_against_the_mean_of_the_services_they_stand_among(
    model: ServiceModel,
) -> None:
    scores = score_services(model, customer_state([], TODAY, [GoalTag.FOCUS]))

    for factor in scores[0].contributions:
        assert sum(score.contributions[factor] for score in scores) == pytest.approx(0, abs=1e-9)


def test_only_factors_that_move_the_answer_are_named(model: ServiceModel) -> None:
    state = customer_state([], TODAY, [GoalTag.FOCUS])
    still = replace(state, goals=np.zeros_like(state.goals))
    brain, unmoved = score_services(model, state)[0], score_services(model, still)

    assert brain.service == "brain"
    assert Factor.HEALTH_GOALS in brain.factors
    assert brain.probability > unmoved[0].probability + LEAST_EFFECT
    assert not any(Factor.HEALTH_GOALS in score.factors for score in unmoved)
    assert not any(Factor.SATISFACTION_RATINGS in score.factors for score in unmoved)


@pytest.mark.parametrize("goals", [(), (GoalTag.WEIGHT_LOSS,), tuple(GoalTag)])
def test_without_health_data_goals_change_nothing(
    without_health: ServiceModel, goals: tuple[GoalTag, ...]
) -> None:
    sessions = sessions_of(brain=4, red=2)
    blind, seeing = (
        recommend_services(
            without_health, customer_state(sessions, TODAY, known), minutes=MINUTES, frequency="주 1회"
        )
        for known in ((), goals)
    )

    assert seeing == blind
    assert all(not item.goals and Factor.HEALTH_GOALS not in item.factors for item in seeing)


def test_without_health_data_nothing_is_learned_from_goals(
    customers: tuple[SessionLog, SessionLog],
) -> None:
    log = customers[0].of(np.arange(len(customers[0].goals)) < 200)
    other_goals = replace(log, goals=log.goals[::-1])

    assert fitted(other_goals, with_goals=False) == fitted(log, with_goals=False)


def test_too_few_choices_fit_no_model(customers: tuple[SessionLog, SessionLog]) -> None:
    few = customers[0].of(np.arange(len(customers[0].goals)) < 8)

    assert fit_services(few, with_goals=True, rng=np.random.default_rng(1)) is None


def test_a_model_survives_being_stored_as_json(model: ServiceModel) -> None:
    kept = TypeAdapter(ServiceModel)

    assert kept.validate_json(kept.dump_json(model)) == model


def test_a_recommendation_carries_the_customers_cadence_times_and_the_catalogues_minutes(
    model: ServiceModel,
) -> None:
    first = recommend_services(
        model,
        customer_state([], TODAY, [GoalTag.FOCUS]),
        minutes=MINUTES,
        frequency="주 2회",
        best_times=("화요일 오전",),
    )[0]

    assert first.suggested_schedule.frequency == "주 2회"
    assert first.suggested_schedule.duration == "60분"
    assert first.suggested_schedule.best_times == ("화요일 오전",)
    assert first.prior == first.confidence
    assert first.goals == ("focus",)
