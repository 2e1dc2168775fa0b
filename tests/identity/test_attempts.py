"""Guessing tokens costs the address that guesses, and nobody else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import jwt
import pytest
from harness import SECRET, Gateway, running_gateway, token
from identity.clock import Clock
from identity.doors import DOORS, assert_unauthenticated, code, knock
from identity.issuer import Issuer, signed

from gateway.identity.attempts import Attempts
from gateway.identity.refusals import TooManyAttempts

LIMIT = 3
_numbers = count(1)


@pytest.fixture(scope="module")
def strict(gateway: Gateway) -> Iterator[Gateway]:
    with running_gateway(gateway.database_url, forged_tokens_per_minute=LIMIT) as running:
        yield running


@pytest.fixture
def address() -> str:
    """An address that no other test sends from; the gateway takes it from its proxy on this machine."""
    return f"198.51.100.{next(_numbers)}"


def guess(gateway: Gateway, address: str, times: int = LIMIT) -> None:
    for number in range(times):
        guessed = f"{token().rsplit('.', 1)[0]}.{number:043d}"
        assert_unauthenticated(knock(gateway, DOORS[number % 2], guessed, **{"X-Forwarded-For": address}))


def test_too_many_forged_tokens_make_an_address_wait(strict: Gateway, address: str, door: str) -> None:
    guess(strict, address)
    refused = knock(strict, door, "another.guess.x", **{"X-Forwarded-For": address})

    assert (refused.status_code, code(refused)) == (429, "RATE_LIMIT_EXCEEDED")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert "요청 한도를 초과했습니다" in refused.text


def test_a_token_that_was_good_before_still_is(strict: Gateway, address: str, door: str) -> None:
    known, new = (token("STAFF", subject=f"{who}-{address}") for who in ("known", "new"))
    assert knock(strict, door, known, **{"X-Forwarded-For": address}).status_code == 200
    guess(strict, address)

    assert knock(strict, door, known, **{"X-Forwarded-For": address}).status_code == 200
    assert knock(strict, door, new, **{"X-Forwarded-For": address}).status_code == 429


def test_other_addresses_do_not_pay_for_it(strict: Gateway, address: str, door: str) -> None:
    guess(strict, address)

    fresh = token("STAFF", subject=f"somebody-{address}")
    assert (
        knock(
            strict, door, fresh, **{"X-Forwarded-For": address.replace("198.51.100", "203.0.113")}
        ).status_code
        == 200
    )


def test_tokens_that_were_once_good_are_no_guesses(strict: Gateway, address: str, door: str) -> None:
    ago = datetime.now(UTC) - timedelta(hours=1)
    expired = jwt.encode({"sub": "a@center.example", "role": "STAFF", "exp": ago}, SECRET)
    left = token(None, subject="left.kwon@center.example")
    for _ in range(LIMIT):
        assert_unauthenticated(knock(strict, door, expired, **{"X-Forwarded-For": address}))
        assert_unauthenticated(knock(strict, door, left, **{"X-Forwarded-For": address}))
        assert knock(strict, door, None, **{"X-Forwarded-For": address}).status_code == 401

    assert knock(strict, door, token(subject=address), **{"X-Forwarded-For": address}).status_code == 200


def test_tokens_that_nobody_can_judge_are_no_guesses(
    gateway: Gateway, issuer: Issuer, address: str, door: str
) -> None:
    issuer.status = 500
    with running_gateway(
        gateway.database_url, forged_tokens_per_minute=LIMIT, jwks_url=issuer.url
    ) as running:
        for _ in range(LIMIT):
            assert knock(running, door, signed(), **{"X-Forwarded-For": address}).status_code == 503

        assert knock(running, door, token(), **{"X-Forwarded-For": address}).status_code == 200


def test_invented_keys_are_guesses(gateway: Gateway, issuer: Issuer, address: str, door: str) -> None:
    with running_gateway(
        gateway.database_url, forged_tokens_per_minute=LIMIT, jwks_url=issuer.url
    ) as running:
        for number in range(LIMIT):
            invented = signed(headers={"kid": f"invented-{number}"})
            assert_unauthenticated(knock(running, door, invented, **{"X-Forwarded-For": address}))

        assert knock(running, door, signed(), **{"X-Forwarded-For": address}).status_code == 429


def blocked(attempts: Attempts, address: str) -> int:
    """Return how many seconds an address has to wait."""
    try:
        attempts.check(address)
    except TooManyAttempts as refused:
        return refused.retry_after
    return 0


def test_a_minute_after_the_first_failure_an_address_may_try_again() -> None:
    clock = Clock()
    attempts = Attempts(LIMIT, clock)
    for _ in range(LIMIT):
        assert blocked(attempts, "198.51.100.7") == 0
        attempts.count("198.51.100.7")
        clock.move(10)

    assert blocked(attempts, "198.51.100.7") == 30
    clock.move(29.5)
    assert blocked(attempts, "198.51.100.7") == 1
    clock.move(0.5)
    assert blocked(attempts, "198.51.100.7") == 0


def test_one_household_is_one_sender_whatever_ipv6_addresses_it_takes() -> None:
    attempts = Attempts(LIMIT, Clock())
    for host in range(LIMIT):
        attempts.count(f"2001:db8:1:2::{host:x}")

    assert blocked(attempts, "2001:db8:1:2:ffff::1") > 0
    assert blocked(attempts, "2001:db8:1:3::1") == 0


def test_an_ipv4_address_in_ipv6_spelling_is_no_household() -> None:
    attempts = Attempts(LIMIT, Clock())
    for _ in range(LIMIT):
        attempts.count("::ffff:198.51.100.7")

    assert blocked(attempts, "::ffff:198.51.100.7") > 0
    assert blocked(attempts, "::ffff:198.51.100.8") == 0


def test_a_sender_without_an_address_is_counted_as_well() -> None:
    attempts = Attempts(LIMIT, Clock())
    for _ in range(LIMIT):
        attempts.count("")

    assert blocked(attempts, "") > 0
