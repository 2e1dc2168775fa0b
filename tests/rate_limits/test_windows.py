"""How quotas fill up and come back: windows that slide, with a clock that the test moves."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access import LimitClass, Role, read_quotas
from gateway.limits import LimitState, RateLimits

GENERAL, ANALYTICS, RECOMMENDATIONS = LimitClass
SOMEBODY = "somebody@center.example"


class Clock:
    def __init__(self) -> None:
        self.now = 7200.0

    def __call__(self) -> float:
        return self.now


def limits_of(clock: Callable[[], float], **quotas: str) -> RateLimits:
    return RateLimits({kind: read_quotas(quotas.get(kind, "1000/hour")) for kind in LimitClass}, clock=clock)


def charge(
    limits: RateLimits, subject: str = SOMEBODY, role: Role = Role.MANAGER, **units: int
) -> LimitState:
    return asyncio.run(
        limits.charge(subject, role, {LimitClass(name): count for name, count in units.items()})
    )


def fits(limits: RateLimits, **units: int) -> bool:
    return charge(limits, **units).refusal is None


def test_a_quota_is_used_up_to_the_last_unit() -> None:
    limits = limits_of(Clock(), analytics="10/hour")

    assert [fits(limits, analytics=units) for units in (4, 4, 3, 2, 1)] == [True, True, False, True, False]


def test_a_request_takes_all_of_its_units_or_none() -> None:
    limits = limits_of(Clock(), general="10/hour", analytics="3/hour")

    refused = charge(limits, general=1, analytics=4)

    assert refused.refusal is not None
    assert refused.refusal.limit_class is ANALYTICS
    assert charge(limits, general=1, analytics=3).headers["RateLimit"].startswith('"general";r=9;')


def test_the_class_that_takes_longest_to_come_back_is_the_one_told() -> None:
    limits = limits_of(Clock(), general="1/minute", analytics="1/hour")
    charge(limits, general=1, analytics=1)

    refusal = charge(limits, general=1, analytics=1).refusal

    assert refusal is not None
    assert refusal.limit_class is ANALYTICS


@pytest.mark.parametrize(
    ("minutes", "left"), [(0, 0), (59, 0), (60, 0), (75, 25), (90, 50), (119, 98), (120, 100), (600, 100)]
)
def test_what_was_used_fades_while_the_next_window_passes(minutes: int, left: int) -> None:
    clock = Clock()
    limits = limits_of(clock, analytics="100/hour")
    charge(limits, analytics=100)

    clock.now += 60 * minutes

    assert fits(limits, analytics=left + 1) is False
    assert left == 0 or fits(limits, analytics=left)


def test_two_windows_full_are_not_let_through_at_the_turn_between_them() -> None:
    clock = Clock()
    limits = limits_of(clock, analytics="100/hour")
    clock.now += 3599
    charge(limits, analytics=100)

    clock.now += 2

    assert not fits(limits, analytics=1)


def test_the_header_counts_down_to_the_next_window() -> None:
    clock = Clock()
    limits = limits_of(clock, general="1000/hour")
    clock.now += 600

    assert charge(limits, general=7).headers == {
        "RateLimit-Policy": '"general";q=1000;w=3600',
        "RateLimit": '"general";r=993;t=3000',
    }


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 60)), max_size=20),
    st.integers(1, 50),
    st.integers(0, 3599),
)
def test_whoever_waits_as_long_as_told_is_let_through(
    history: list[tuple[int, int]], units: int, offset: int
) -> None:
    clock = Clock()
    limits = limits_of(clock, analytics="50/hour")
    clock.now += offset
    for pause, spent in history:
        clock.now += pause
        charge(limits, analytics=spent)

    refusal = charge(limits, analytics=units).refusal
    if refusal is None:
        return
    assert refusal.retry_after is not None
    clock.now += refusal.retry_after

    assert fits(limits, analytics=units)


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 50)), max_size=40))
def test_no_window_by_the_clock_ever_holds_more_than_the_quota(history: list[tuple[int, int]]) -> None:
    clock = Clock()
    limits = limits_of(clock, analytics="50/hour")
    used: dict[float, int] = {}
    for pause, units in history:
        clock.now += pause
        if fits(limits, analytics=units):
            used[clock.now // 3600] = used.get(clock.now // 3600, 0) + units

    assert max(used.values(), default=0) <= 50


def test_every_subject_and_every_role_has_its_own() -> None:
    limits = limits_of(Clock(), analytics="10/hour, ADMIN=20/hour")

    assert charge(limits, analytics=10).refusal is None
    assert charge(limits, analytics=1).refusal is not None
    assert charge(limits, subject="somebody else", analytics=10).refusal is None
    assert charge(limits, role=Role.ADMIN, analytics=10).refusal is None


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("5/second", [5, 5, 5]),
        ("5/hour,ADMIN=50/hour", [5, 5, 50]),
        (" 5/day , STAFF=1/minute , MANAGER=2/minute ", [1, 2, 5]),
    ],
)
def test_a_quota_is_read_for_every_role(text: str, amounts: list[int]) -> None:
    quotas = read_quotas(text)

    assert [quotas[role].amount for role in Role] == amounts
