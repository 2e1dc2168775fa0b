"""One count for all workers and replicas, over a real Valkey, and what happens when it goes away."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
import redis
from harness import Gateway, running_gateway
from limit_store import Store, running_store
from rate_limits.conftest import left, somebody

from access import LimitClass, Role, read_quotas
from gateway.limits import RateLimits

DETAIL = "/customers/123/detail"
PATIENT = 10.0  # seconds: these tests share their processors with others


def limits_at(url: str, **options: Any) -> RateLimits:
    quotas = {"general": "1000/hour", "analytics": "50/hour", "recommendations": "2/second"}
    read = {LimitClass(name): read_quotas(text) for name, text in quotas.items()}
    return RateLimits(read, url=url, **{"wait_seconds": PATIENT, **options})


@pytest.fixture
def store() -> Iterator[Store]:
    with running_store() as store:
        yield store


def test_two_gateways_count_together_and_let_through_exactly_the_limit(
    gateway: Gateway, store_url: str
) -> None:
    settings = {"rate_limit_url": store_url, "rate_limit_wait_seconds": PATIENT}

    async def ask(urls: list[str], headers: dict[str, str]) -> list[int]:
        async with httpx.AsyncClient(headers=headers, timeout=30) as client:
            answers = await asyncio.gather(*(client.get(f"{url}/api/v1{DETAIL}") for url in urls))
            return [answer.status_code for answer in answers]

    with (
        running_gateway(gateway.database_url, rate_limit_general="50/day", **settings) as one,
        running_gateway(gateway.database_url, rate_limit_general="50/day", **settings) as other,
    ):
        statuses = asyncio.run(ask([one.url, other.url] * 32, somebody(one).headers))

    assert Counter(statuses) == {200: 50, 429: 14}


@pytest.mark.parametrize(("units", "let_through"), [(1, 50), (3, 16), (50, 1), (51, 0)])
def test_64_charges_at_once_are_counted_exactly_and_in_all_classes_or_none(
    store_url: str, units: int, let_through: int
) -> None:
    async def run() -> tuple[int, str]:
        limits, subject = limits_at(store_url), uuid4().hex
        asked = {LimitClass.GENERAL: 1, LimitClass.ANALYTICS: units}
        states = await asyncio.gather(*(limits.charge(subject, Role.STAFF, asked) for _ in range(64)))
        general = await limits.charge(subject, Role.STAFF, {LimitClass.GENERAL: 1})
        assert limits.counting == "shared"
        await limits.close()
        return sum(state.refusal is None for state in states), general.headers["RateLimit"]

    passed, general = asyncio.run(run())

    assert passed == let_through
    assert general.startswith(f'"general";r={1000 - let_through - 1};')


def test_whoever_waits_as_long_as_the_shared_count_says_is_let_through(store_url: str) -> None:
    async def run() -> None:
        limits, subject = limits_at(store_url), uuid4().hex
        asked = {LimitClass.RECOMMENDATIONS: 2}
        assert (await limits.charge(subject, Role.STAFF, asked)).refusal is None
        asked = {LimitClass.RECOMMENDATIONS: 1}
        while (refusal := (await limits.charge(subject, Role.STAFF, asked)).refusal) is None:
            pass  # a new second had begun
        assert refusal.retry_after is not None
        await asyncio.sleep(refusal.retry_after)
        assert (await limits.charge(subject, Role.STAFF, asked)).refusal is None
        await limits.close()

    asyncio.run(run())


def test_the_store_learns_nobodys_name(gateway: Gateway, store: Store) -> None:
    with running_gateway(gateway.database_url, rate_limit_url=store.url) as running:
        assert running.rest(DETAIL).status_code == 200

    with redis.Redis.from_url(store.url) as client:
        keys = [key.decode() for key in client.scan_iter()]
        assert len(keys) == 1
        assert "center.example" not in keys[0] + str(client.hgetall(keys[0]))
        assert 0 < client.pttl(keys[0]) <= 2000  # forgotten once it says nothing any more


@pytest.mark.parametrize("misfortune", [Store.kill, Store.freeze])
def test_requests_are_answered_and_counted_when_the_store_is_lost(
    gateway: Gateway, store: Store, misfortune: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with running_gateway(
        gateway.database_url, rate_limit_general="3/day", rate_limit_url=store.url
    ) as running:
        person = somebody(running)
        assert left(person.rest(DETAIL)) == {"general": 2}
        misfortune(store)

        with caplog.at_level(logging.INFO, "gateway.limits.rate_limits"):
            statuses = [person.rest(DETAIL).status_code for _ in range(4)]
        ready = running.request("GET", "/readyz", role=None)

    assert statuses == [200, 200, 200, 429]
    assert [record.message for record in caplog.records if record.name == "gateway.limits.rate_limits"] == [
        "shared limits away, counting locally"
    ]
    assert ready.status_code == 200
    assert "RATE_LIMIT_URL does not answer" in ready.json()["checks"]["limits"]


def test_a_store_that_is_away_at_the_start_keeps_nobody_from_serving(gateway: Gateway, store: Store) -> None:
    store.kill()

    with running_gateway(gateway.database_url, rate_limit_url=store.url) as running:
        assert "does not answer" in running.request("GET", "/readyz", role=None).json()["checks"]["limits"]
        assert running.rest(DETAIL).status_code == 200


def test_a_store_that_is_back_is_found_again_after_a_while(store: Store) -> None:
    now = 0.0
    units = {LimitClass.ANALYTICS: 10}

    async def run() -> list[tuple[str, str]]:
        nonlocal now
        limits = limits_at(store.url, clock=lambda: now)

        async def charged() -> tuple[str, str]:
            state = await limits.charge("somebody", Role.STAFF, units)
            return limits.counting, state.headers["RateLimit"].split(";")[1]

        seen = [await charged()]
        store.kill()
        seen.append(await charged())
        store.start()
        seen.append(await charged())
        now += 5
        seen.append(await charged())
        await limits.close()
        return seen

    # the store itself has forgotten what it knew
    assert asyncio.run(run()) == [("shared", "r=40"), ("away", "r=40"), ("away", "r=30"), ("shared", "r=40")]
