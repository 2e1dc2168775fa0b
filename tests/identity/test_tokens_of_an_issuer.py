"""Tokens that an issuer signed, through both doors: which are taken, and which are forged after RFC 8725."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from harness import SECRET, Gateway, running_gateway, token
from identity.conftest import AUDIENCE, ISSUER
from identity.doors import assert_unauthenticated, code, knock, me
from identity.issuer import ALGORITHMS, Issuer, every_key, pem, private_key, signed

OURS: Mapping[str, Any] = {"iss": ISSUER, "aud": AUDIENCE}
IN_AN_HOUR = int(time.time()) + 3600


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def forged(header: Mapping[str, object], secret: str = "") -> str:
    """Put a token together by hand, since no library would: an HMAC of any text, or no signature."""
    claims = {"sub": "admin@center.example", "role": "ADMIN", "exp": IN_AN_HOUR, **OURS}
    text = f"{encoded(header)}.{encoded(claims)}"
    if not secret:
        return f"{text}."
    mac = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_kind_of_key_is_taken(keyed: Gateway, door: str, algorithm: str) -> None:
    assert knock(keyed, door, signed(algorithm, **OURS)).status_code == 200


def test_a_token_that_names_no_key_is_verified_with_the_only_one_of_its_kind(keyed: Gateway) -> None:
    assert me(keyed, signed("RS256", headers={"kid": None}, **OURS))["role"] == "ADMIN"


FORGED: Mapping[str, str] = {
    "no algorithm": forged({"alg": "none"}),
    "no algorithm, in capitals": forged({"alg": "NONE", "kid": "RS256-first"}),
    "no algorithm and a signature": forged({"alg": "none"}, "x"),
    "an algorithm that is a list": forged({"alg": ["RS256"], "kid": "RS256-first"}),
    "an algorithm that is a number": forged({"alg": 5, "kid": "RS256-first"}),
    "no header for the algorithm": forged({"kid": "RS256-first"}),
    **{
        f"the public {algorithm} key as a secret": forged(
            {"alg": "HS256", "kid": f"{algorithm}-first"}, pem(algorithm)
        )
        for algorithm in ALGORITHMS
    },
    "the public key as a secret, under its own algorithm": forged(
        {"alg": "RS256", "kid": "RS256-first"}, pem("RS256")
    ),
    "another algorithm than the key's": signed("RS256", headers={"kid": "ES256-first"}, **OURS),
    "a larger hash than the key's": jwt.encode(
        {"sub": "a", "role": "ADMIN", "exp": IN_AN_HOUR, **OURS},
        private_key("RS256"),
        algorithm="RS512",
        headers={"kid": "RS256-first"},
    ),
    "a key that the issuer has not": signed("ES256", "stranger", **OURS),
    "a stranger's key under a known name": signed(
        "ES256", "stranger", headers={"kid": "ES256-first"}, **OURS
    ),
    "a key in its own header": signed(
        "ES256", "stranger", headers={"jku": "http://127.0.0.1:1/keys", "jwk": {"kty": "EC"}}, **OURS
    ),
    "an extension that must be understood": signed(headers={"crit": ["exotic"], "exotic": 1}, **OURS),
    "brackets without end": f"{base64.urlsafe_b64encode(b'[' * 3000).decode()}.e30.e30",
    "a key name that is no text": forged({"alg": "ES256", "kid": {"$ne": None}}),
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED)
def test_a_forged_token_is_refused(keyed: Gateway, door: str, token: str) -> None:
    assert_unauthenticated(knock(keyed, door, token))


def test_without_a_secret_no_token_of_one_is_taken(keyed: Gateway, door: str) -> None:
    assert_unauthenticated(knock(keyed, door, token()))


UNSOUND: Mapping[str, Mapping[str, Any]] = {
    "expired": {"exp": timedelta(seconds=-31)},
    "of no known end": {"exp": None},
    "with an end in words": {"exp": "tomorrow"},
    "with an end that is true": {"exp": True},
    "with a beginning that is true": {"nbf": True},
    "with an end beyond all numbers": {"exp": 10**400},
    "with no end in sight": {"exp": float("inf")},
    "not yet valid": {"nbf": timedelta(minutes=2)},
    "issued in the future": {"iat": timedelta(minutes=2)},
    "of another issuer": {"iss": "https://login.elsewhere.example"},
    "of no issuer": {"iss": None},
    "for others": {"aud": ["billing", "wellness"]},
    "for nobody": {"aud": None},
    "with an audience that is an object": {"aud": {AUDIENCE: True}},
    "of nobody": {"sub": None},
    "of nobody's name": {"sub": ""},
    "of a subject with a NUL": {"sub": "admin\0@center.example"},
    "of a subject with half a character": {"sub": "\ud800"},
    "of a subject without end": {"sub": "a" * 256},
    "to refresh with": {"type": "refresh"},
    "with an unknown role": {"role": "OWNER"},
    "with scopes in an object": {"scope": {"health:read": True}},
    "oversized": {"padding": "x" * 8192},
}


@pytest.mark.parametrize("claims", UNSOUND.values(), ids=UNSOUND)
def test_a_token_that_is_signed_but_unsound_is_refused(
    keyed: Gateway, door: str, claims: Mapping[str, Any]
) -> None:
    assert_unauthenticated(knock(keyed, door, signed(**{**OURS, **claims})))


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": timedelta(seconds=-20)},
        {"nbf": timedelta(seconds=20)},
        {"iat": timedelta(seconds=20)},
        {"aud": ["billing", AUDIENCE]},
        {"role": "admin"},
        {"role": "Admin", "scope": None},
        {"type": "access"},
    ],
    ids=["just expired", "almost valid", "a fast clock", "for us too", "small letters", "a capital", "typed"],
)
def test_a_sound_token_is_taken(keyed: Gateway, door: str, claims: Mapping[str, Any]) -> None:
    assert knock(keyed, door, signed(**{**OURS, **claims})).status_code == 200


@pytest.mark.parametrize("permissions", ["health:read billing", ["health:read", "billing"]])
def test_role_and_scopes_are_found_under_the_names_of_the_settings(
    both: Gateway, permissions: object
) -> None:
    claims = {"role": None, "https://center.example/role": "manager", "permissions": permissions}
    found = me(both, signed("EdDSA", **claims))

    assert found["role"] == "MANAGER"
    assert set(found["scopes"]) == {"health:read", "billing"}


def test_the_usual_names_mean_nothing_where_others_are_set(both: Gateway) -> None:
    found = me(both, signed(sub="staff@center.example", role="ADMIN", scope="health:read"))

    assert found == {"role": "STAFF", "subject": "staff@center.example", "scopes": []}


def test_a_secret_and_a_key_set_are_both_trusted(both: Gateway, door: str) -> None:
    assert knock(both, door, token()).status_code == 200
    assert knock(both, door, signed("RS256")).status_code == 200


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_public_key_is_no_secret_beside_one(both: Gateway, door: str, algorithm: str) -> None:
    confused = forged({"alg": "HS256", "kid": f"{algorithm}-first"}, pem(algorithm))

    assert_unauthenticated(knock(both, door, confused))


def test_the_secret_signs_nothing_under_the_name_of_a_key(both: Gateway, door: str) -> None:
    assert_unauthenticated(knock(both, door, forged({"alg": "ES256", "kid": "ES256-first"}, SECRET)))


def test_a_new_key_is_trusted_at_once_and_a_withdrawn_one_no_longer(
    gateway: Gateway, issuer: Issuer, door: str
) -> None:
    with running_gateway(gateway.database_url, jwks_url=issuer.url) as running:
        assert knock(running, door, signed()).status_code == 200
        issuer.document = every_key("second")

        assert knock(running, door, signed("ES256", "second")).status_code == 200
        assert_unauthenticated(knock(running, door, signed("RS256")))
    assert issuer.asked == 2


def test_the_last_keys_serve_while_the_issuer_is_away(gateway: Gateway, issuer: Issuer, door: str) -> None:
    with running_gateway(gateway.database_url, jwks_url=issuer.url) as running:
        assert knock(running, door, signed("RS256")).status_code == 200
        issuer.status = 500
        unknown = knock(running, door, signed("ES256", "second"))

        assert (unknown.status_code, code(unknown)) == (503, "SERVICE_UNAVAILABLE")
        assert unknown.headers["retry-after"] == "1"
        assert knock(running, door, signed("EdDSA")).status_code == 200


def test_tokens_of_an_issuer_that_never_answered_are_not_called_bad(
    gateway: Gateway, issuer: Issuer, door: str
) -> None:
    issuer.status = 500
    with running_gateway(gateway.database_url, jwks_url=issuer.url) as running:
        answer = knock(running, door, signed())

        assert (answer.status_code, code(answer)) == (503, "SERVICE_UNAVAILABLE")
        assert knock(running, door, token()).status_code == 200


def test_keys_of_a_file_change_when_it_does(gateway: Gateway, door: str, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(every_key())
    with running_gateway(gateway.database_url, jwks_file=file) as running:
        assert knock(running, door, signed()).status_code == 200

        (tmp_path / "new.json").write_bytes(every_key("second"))
        (tmp_path / "new.json").rename(file)
        assert knock(running, door, signed("RS256", "second")).status_code == 200
        assert_unauthenticated(knock(running, door, signed("RS256")))

        (tmp_path / "broken.json").write_text("{")
        (tmp_path / "broken.json").rename(file)
        assert knock(running, door, signed("EdDSA", "second")).status_code == 200
