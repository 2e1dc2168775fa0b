from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from center_customers import CENTER, MONDAY, SERVICES, TODAY, ASession, a_service, forecast, use_of, visits

from insight.recommend.catalogue import CataloguePackage
from insight.recommend.expected_use import expected_use
from insight.recommend.packages import recommend_packages
from insight.recommend.records import Factor, PackageRecommendation, ServiceSessions


def a_package(
    sessions: dict[str, int], price: int = 700_000, *, package_id: int = 1, valid_days: int = 180
) -> CataloguePackage:
    held = tuple(ServiceSessions(service, count) for service, count in sessions.items())
    return CataloguePackage(package_id, "브레인 10회", price, valid_days, held)


BRAIN_10 = a_package({"brain": 10}, 800_000)


@dataclass(frozen=True, slots=True)
class Left:
    service: str
    remaining: int


@dataclass(frozen=True, slots=True)
class Held:
    remaining_sessions: int
    days_remaining: int = 90
    usable: bool = True
    services: tuple[Left, ...] = ()


def brain_left(sessions: int, *, days: int = 90) -> Held:
    return Held(sessions, days, services=(Left("brain", sessions),))


def offered(
    sessions: list[ASession],
    *catalogue: CataloguePackage,
    held: tuple[Held, ...] = (),
) -> tuple[PackageRecommendation, ...]:
    return recommend_packages(use_of(sessions), catalogue, SERVICES, held)


def test_a_weekly_visitor_is_offered_the_package_of_what_they_use() -> None:
    (offer,) = offered(visits(30), BRAIN_10)
    assert offer.savings == 10 * 150_000 - 800_000
    assert offer.sessions == (ServiceSessions("brain", 10),)
    assert offer.total_sessions == 10
    assert offer.factors == (Factor.SERVICE_HISTORY, Factor.VISIT_PATTERN, Factor.PACKAGE_PRICES)
    assert 0.8 < offer.confidence < 1


def test_the_reason_counts_the_customers_own_sessions() -> None:
    (offer,) = offered(visits(30, services=("brain", "pulse")), BRAIN_10)
    assert offer.reason.startswith("최근 90일 월 8.7회 이용, 유효기간 안에 ")  # 26 sessions
    assert offer.based_on == "최근 3개월 이용 패턴"


def test_a_newcomers_reason_counts_from_the_first_visit() -> None:
    (offer,) = offered(visits(6, every_days=3), BRAIN_10)
    assert offer.reason.startswith("첫 방문 후 18일 동안 6회 이용")
    assert offer.based_on == "첫 방문 후 18일 이용 패턴"


def test_the_savings_are_those_of_the_sessions_that_will_be_used() -> None:
    (offer,) = offered(visits(30, every_days=14), a_package({"brain": 12}, 900_000))
    assert 0 < offer.savings < 12 * 150_000 - 900_000


def test_the_confidence_is_the_chance_of_the_fewest_visits_that_use_four_fifths() -> None:
    sessions = visits(30)
    use = replace(use_of(sessions), sessions_a_visit=1.0, shares={"brain": 0.5, "pulse": 0.5})
    (offer,) = recommend_packages(use, [BRAIN_10], SERVICES, [])
    assert offer.prior == forecast(sessions).at_least(16, 180 / 7)  # 16 visits, 8 of 10 sessions
    assert offer.confidence == offer.prior


def test_the_confidence_is_about_what_is_held_as_well() -> None:
    sessions = visits(60, every_days=4)
    (alone,) = offered(sessions, BRAIN_10)
    (beside,) = offered(sessions, BRAIN_10, held=(brain_left(3),))
    assert beside.confidence < alone.confidence


def test_a_package_that_would_expire_half_used_is_not_offered() -> None:
    assert offered(visits(10, every_days=45), BRAIN_10) == ()


def test_a_package_dearer_than_its_sessions_is_not_offered() -> None:
    assert offered(visits(30), a_package({"brain": 10}, 1_500_000)) == ()


def test_a_package_of_a_service_hardly_used_is_not_offered() -> None:
    assert offered(visits(30), a_package({"ai_bike": 10}, 500_000)) == ()


def test_who_left_long_ago_is_offered_nothing() -> None:
    assert offered(visits(30, last=TODAY - timedelta(days=400)), BRAIN_10) == ()


def test_one_visit_is_enough_to_be_asked_but_not_for_a_year_of_sessions() -> None:
    assert offered(visits(1), a_package({"brain": 30}, 1_800_000, valid_days=360)) == ()


def test_all_on_one_day_is_one_visit_with_many_sessions() -> None:
    many = [ASession(MONDAY) for _ in range(9)]
    assert use_of(many, None).sessions_a_visit == 9
    assert use_of(many).sessions_a_visit == pytest.approx((9 + 3 * 1.07) / 4)


@pytest.mark.parametrize(
    "package",
    [
        a_package({}),
        a_package({"brain": 0}),
        a_package({"brain": 10}, 0),
        a_package({"brain": 10}, valid_days=0),
        a_package({"aroma": 10}),
        a_package({"brain": 10, "aroma": 1}),
    ],
    ids=["no list", "zero quota", "free", "no validity", "unknown service", "partly unknown"],
)
def test_what_cannot_be_priced_is_never_offered_and_never_an_error(package: CataloguePackage) -> None:
    assert offered(visits(30), package) == ()


def test_packages_are_ranked_by_the_savings_a_customer_can_count_on() -> None:
    safe = a_package({"brain": 10}, 800_000, package_id=1)
    daring = a_package({"brain": 26}, 2_450_000, package_id=2)
    offers = offered(visits(30), daring, safe)
    assert [offer.package_id for offer in offers] == [1, 2]
    assert offers[0].savings < offers[1].savings
    assert offers[0].savings * offers[0].confidence > offers[1].savings * offers[1].confidence


def test_nothing_is_offered_while_a_package_covers_the_time_ahead() -> None:
    assert offered(visits(30), BRAIN_10, held=(brain_left(15),)) == ()


def test_a_package_that_runs_out_before_it_expires_does_not_stand_in_the_way() -> None:
    assert len(offered(visits(30), BRAIN_10, held=(brain_left(2),))) == 1


def test_a_package_held_of_other_services_does_not_stand_in_the_way() -> None:
    red = Held(10, services=(Left("red", 10),))
    assert len(offered(visits(30), BRAIN_10, held=(red,))) == 1


def test_a_package_whose_services_are_not_written_down_covers_all_of_them() -> None:
    assert offered(visits(30), BRAIN_10, held=(Held(30),)) == ()


@pytest.mark.parametrize(
    "held",
    [
        replace(brain_left(15), days_remaining=-1, usable=False),
        replace(brain_left(0), usable=False),
        Held(0, services=(Left("brain", 0),)),
        Held(0, usable=False, services=()),
    ],
    ids=["expired", "used up", "used beyond its quota", "zero quota"],
)
def test_a_package_without_usable_sessions_does_not_stand_in_the_way(held: Held) -> None:
    assert offered(visits(30), BRAIN_10, held=(held,)) == offered(visits(30), BRAIN_10)


def test_a_recommended_new_service_can_make_a_package_pay_and_brings_its_factors() -> None:
    use = use_of(visits(60, every_days=3))
    both = a_package({"brain": 10, "ai_bike": 10}, 1_200_000)
    bike = a_service("ai_bike", 0.9, goals=("weight_loss",), factors=(Factor.HEALTH_GOALS,))
    assert recommend_packages(use, [both], SERVICES, []) == ()
    (offer,) = recommend_packages(use, [both], SERVICES, [], bike)
    assert offer.reason.endswith("추천 서비스 AI바이크 포함")
    assert offer.goals == ("weight_loss",)
    assert Factor.HEALTH_GOALS in offer.factors


def test_a_package_without_the_new_service_does_not_depend_on_it() -> None:
    use = use_of(visits(30))
    bike = a_service("ai_bike", 0.9, goals=("weight_loss",), factors=(Factor.HEALTH_GOALS,))
    assert recommend_packages(use, [BRAIN_10], SERVICES, [], bike) == offered(visits(30), BRAIN_10)


def test_recent_use_counts_more_than_old_use() -> None:
    old = visits(20, last=date(2026, 6, 1), services=("red",))
    use = use_of([*old, *visits(12)])
    assert use.shares["brain"] > use.shares["red"] > use.shares["lymph"]


def test_the_shares_of_services_add_up_to_one() -> None:
    assert sum(use_of(visits(3, services=tuple(SERVICES))).shares.values()) == pytest.approx(1)


def test_cancelled_future_and_unknown_services_are_no_use() -> None:
    nothing = [
        ASession(MONDAY, completed=False),
        ASession(TODAY + timedelta(days=1)),
        ASession(MONDAY, "other"),
        ASession(MONDAY, "aroma"),
    ]
    assert expected_use(nothing, forecast(visits(1)), SERVICES, CENTER, TODAY) is None
