"""Keys that an issuer publishes: when it is asked for them, and what serves while it does not answer."""

import asyncio
from functools import partial
from typing import Any

import pytest
from identity.clock import Clock
from identity.issuer import Issuer, entry, every_key, key_set, private_entry, signed

from gateway.identity.claims import ClaimRules
from gateway.identity.fetching import fetch_document
from gateway.identity.key_sets import UrlKeys
from gateway.identity.public_keys import BadKeySet, read_key_set
from gateway.identity.refusals import KeysUnavailable, Unauthenticated
from gateway.identity.verification import Verifier

LIFETIME, STALE, COOLDOWN = 300, 3600, 30


class Trust:
    """Verifies tokens with the keys of an issuer, at the time of a clock."""

    def __init__(self, issuer: Issuer) -> None:
        self.clock = Clock()
        self._keys = UrlKeys(
            partial(fetch_document, issuer.url),
            lifetime=LIFETIME,
            stale=STALE,
            cooldown=COOLDOWN,
            clock=self.clock,
        )
        self._verifier = Verifier(secret=None, keys=self._keys, rules=ClaimRules(), clock=self.clock)

    async def in_token(self, name: str = "first", algorithm: str = "ES256") -> bool:
        """Tell whether a token of a key is trusted."""
        try:
            await self._verifier.verify(signed(algorithm, name, exp=self.clock.now + 60))
        except Unauthenticated:
            return False
        return True


def test_keys_are_fetched_once_in_their_lifetime(issuer: Issuer) -> None:
    async def story() -> None:
        trust = Trust(issuer)
        for _ in range(5):
            assert await trust.in_token()
            trust.clock.move(LIFETIME / 5 - 1)
        assert issuer.asked == 1

        trust.clock.move(5)
        assert await trust.in_token()
        assert issuer.asked == 2

    asyncio.run(story())


def test_a_withdrawn_key_is_trusted_for_its_lifetime_at_most(issuer: Issuer) -> None:
    async def story() -> None:
        trust = Trust(issuer)
        assert await trust.in_token()
        issuer.document = every_key("second")
        trust.clock.move(LIFETIME - 1)
        assert await trust.in_token()

        trust.clock.move(1)
        assert not await trust.in_token()
        assert await trust.in_token("second")

    asyncio.run(story())


def test_a_flood_of_unknown_keys_costs_one_fetch_in_a_cooldown(issuer: Issuer) -> None:
    async def story() -> None:
        trust = Trust(issuer)
        assert await trust.in_token()
        trust.clock.move(1)
        for wave in range(3):
            known = await asyncio.gather(
                *(trust.in_token(f"invented-{wave}-{n}", "EdDSA") for n in range(40))
            )
            known += [await trust.in_token(f"invented-{wave}-{n}", "EdDSA") for n in range(40)]
            assert not any(known)
            assert issuer.asked == 2 + wave
            trust.clock.move(COOLDOWN)

    asyncio.run(story())


def test_a_key_that_appears_within_the_cooldown_is_found_after_it(issuer: Issuer) -> None:
    async def story() -> None:
        trust = Trust(issuer)
        assert await trust.in_token()
        trust.clock.move(1)
        assert not await trust.in_token("second")
        issuer.document = every_key("second")
        trust.clock.move(COOLDOWN - 1)
        assert not await trust.in_token("second")

        trust.clock.move(1)
        assert await trust.in_token("second")

    asyncio.run(story())


def test_requests_at_once_share_one_fetch_even_when_one_hangs_up(issuer: Issuer) -> None:
    async def story() -> None:
        trust = Trust(issuer)
        issuer.open.clear()
        asking = [asyncio.create_task(trust.in_token()) for _ in range(20)]
        while not issuer.asked:  # noqa: ASYNC110 - it counts in a thread of its own
            await asyncio.sleep(0.001)
        asking[0].cancel()
        issuer.open.set()

        assert all(await asyncio.gather(*asking[1:]))
        assert issuer.asked == 1

    asyncio.run(story())


def test_the_last_keys_serve_while_the_issuer_is_away_but_not_for_ever(issuer: Issuer) -> None:
    async def story() -> None:
        trust = Trust(issuer)
        assert await trust.in_token()
        issuer.status = 503
        trust.clock.move(LIFETIME)
        for _ in range(10):
            assert await trust.in_token()
        assert issuer.asked == 2

        trust.clock.move(STALE - LIFETIME - 1)
        assert await trust.in_token()
        trust.clock.move(1)
        with pytest.raises(KeysUnavailable):
            await trust.in_token()
        issuer.status = 200
        with pytest.raises(KeysUnavailable):
            await trust.in_token()  # it was asked a moment ago
        trust.clock.move(COOLDOWN)
        assert await trust.in_token()

    asyncio.run(story())


def test_nobody_waits_for_an_issuer_that_is_known_to_be_away(issuer: Issuer) -> None:
    async def story() -> None:
        trust = Trust(issuer)
        assert await trust.in_token()
        issuer.status = 503
        trust.clock.move(LIFETIME)
        assert await trust.in_token()
        issuer.open.clear()
        trust.clock.move(COOLDOWN)

        assert await trust.in_token()
        assert issuer.answered == 2
        issuer.open.set()

    asyncio.run(story())


def test_an_issuer_that_is_back_is_heard_without_anybody_waiting(issuer: Issuer) -> None:
    async def story() -> None:
        trust = Trust(issuer)
        assert await trust.in_token()
        issuer.status = 503
        trust.clock.move(LIFETIME)
        assert await trust.in_token()
        issuer.status, issuer.document = 200, every_key("second")
        trust.clock.move(COOLDOWN)

        assert await trust.in_token()
        assert await trust.in_token("second")  # it waits for the fetch that the other has begun
        assert issuer.asked == 3

    asyncio.run(story())


def test_while_the_issuer_is_away_an_unknown_key_may_be_a_new_one(issuer: Issuer) -> None:
    async def story() -> None:
        trust = Trust(issuer)
        assert await trust.in_token()
        issuer.status = 503
        trust.clock.move(1)

        with pytest.raises(KeysUnavailable):
            await trust.in_token("second")
        assert await trust.in_token()

    asyncio.run(story())


MISBEHAVIOUR: dict[str, dict[str, Any]] = {
    "an error": {"status": 500},
    "another place": {"status": 302, "location": "/keys"},
    "a file": {"status": 302, "location": "file:///etc/hostname"},
    "a page": {"document": b"<html>maintenance</html>"},
    "half a set": {"document": every_key()[:-20]},
    "a list": {"document": b"[]"},
    "no keys": {"document": b'{"keys": []}'},
    "keys in words": {"document": b'{"keys": "none"}'},
    "too much": {"document": every_key("second") + b" " * 300_000},
}


@pytest.mark.parametrize("answer", MISBEHAVIOUR.values(), ids=MISBEHAVIOUR)
def test_an_answer_that_is_no_key_set_leaves_the_former_keys(issuer: Issuer, answer: dict[str, Any]) -> None:
    async def story() -> None:
        trust = Trust(issuer)
        assert await trust.in_token()
        for name, value in answer.items():
            setattr(issuer, name, value)
        trust.clock.move(LIFETIME)

        assert await trust.in_token()
        assert issuer.asked == 2

    asyncio.run(story())


UNUSABLE: dict[str, object] = {
    "not an object": "RS256-first",
    "no kind": entry("RS256", kty=None),
    "a kind that is a list": entry("RS256", kty=["RSA"]),
    "a secret": {"kty": "oct", "k": "c2VjcmV0" * 8, "kid": "oct", "alg": "HS256"},
    "for encryption": entry("RS256", use="enc"),
    "for signing only": entry("RS256", key_ops=["sign"]),
    "for another algorithm": entry("RS256", alg="RS512"),
    "for a secret's algorithm": entry("RS256", alg="HS256"),
    "another curve": entry("ES256", crv="P-384"),
    "a curve of another kind": entry("ES256", kty="OKP"),
    "a point that is not on the curve": entry("ES256", x="AAAA", y="AAAA"),
    "no exponent": entry("RS256", e=None),
    "a modulus that is a number": entry("RS256", n=5),
    "a modulus that is no base64": entry("RS256", n="!!"),
    "a small modulus": entry("RS256", n="w" * 171),
    "a large modulus": entry("RS256", n="w" * 20_000),
    "a private RSA key": private_entry("RS256"),
    "a private elliptic key": private_entry("ES256"),
    "a name that is a number": entry("RS256", kid=5),
}


@pytest.mark.parametrize("unusable", UNUSABLE.values(), ids=UNUSABLE)
def test_a_key_that_cannot_be_used_is_passed_over(unusable: object) -> None:
    keys = read_key_set(key_set(unusable, entry("EdDSA")))

    assert set(keys.by_id) == {("EdDSA-first", "EdDSA")}
    with pytest.raises(BadKeySet):
        read_key_set(key_set(unusable))


def test_keys_without_a_name_are_found_only_while_there_is_one_of_a_kind() -> None:
    one = read_key_set(key_set(entry("RS256", kid=None), entry("ES256")))
    two = read_key_set(key_set(entry("RS256", kid=None), entry("RS256", "second"), entry("ES256")))

    assert one.find(None, "RS256") is not None
    assert one.find("RS256-first", "RS256") is None
    assert two.find(None, "RS256") is None
    assert two.find(None, "ES256") is not None
