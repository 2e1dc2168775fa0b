from center_customers import a_service

from insight.recommend.mixing import factors_considered, mixed
from insight.recommend.records import Factor, PackageRecommendation, Recommendation, ScheduleRecommendation
from insight.recommend.subjects import kind_of, subject_of

SERVICES = [a_service("red"), a_service("pulse"), a_service("lymph")]
PACKAGES = [
    PackageRecommendation(
        number, "브레인 10회", 0.9, 0.9, "", (), 10, 800_000, 1, "", "", (Factor.PACKAGE_PRICES,)
    )
    for number in (7, 4)
]
SCHEDULES = [
    ScheduleRecommendation(name, 0.4, 0.4, "", (), (Factor.VISIT_PATTERN,)) for name in ("하나", "둘")
]


def subjects(chosen: tuple[Recommendation, ...]) -> list[str]:
    return [f"{kind_of(item)} {subject_of(item)}" for item in chosen]


def test_the_kinds_take_turns_in_the_contracts_order_by_rank() -> None:
    chosen = mixed([*SCHEDULES, *PACKAGES, *SERVICES], 5)
    assert subjects(chosen) == ["service red", "package 7", "schedule weekly", "service pulse", "package 4"]


def test_there_is_one_schedule_at_most() -> None:
    assert subjects(mixed(SCHEDULES, 20)) == ["schedule weekly"]


def test_a_kind_without_more_leaves_its_places_to_the_others() -> None:
    chosen = mixed([*SERVICES, *PACKAGES[:1]], 20)
    assert subjects(chosen) == ["service red", "package 7", "service pulse", "service lymph"]


def test_nothing_to_choose_from_gives_nothing() -> None:
    assert mixed([], 5) == ()


def test_the_factors_are_those_of_the_chosen_ones_in_the_contracts_order() -> None:
    chosen = mixed([*SERVICES, *PACKAGES, *SCHEDULES], 2)
    assert factors_considered(chosen) == (Factor.PEER_PATTERNS, Factor.PACKAGE_PRICES)
    assert factors_considered(()) == ()
