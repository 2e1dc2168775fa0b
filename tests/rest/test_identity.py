"""Who may ask what: tokens that are refused, and what each role may do on each path."""

import ssl
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from harness import SECRET, Gateway, token
from rest.answers import error_of

from db.demo import HARD_CASES

_PATHS = [
    ("GET", "/customers/search"),
    ("GET", "/customers/123/detail"),
    ("PUT", "/customers/123/detail"),
    ("GET", "/customers/123/analytics"),
]


def _signed(
    *, secret: str = SECRET, algorithm: str = "HS256", without: str | None = None, **claims: object
) -> str:
    """Sign a token that is sound but for what the test changes."""
    sound = {
        "sub": "admin@center.example",
        "role": "ADMIN",
        "type": "access",
        "exp": datetime.now(UTC) + timedelta(hours=1),
    }
    payload = {key: value for key, value in {**sound, **claims}.items() if key != without}
    return jwt.encode(payload, secret, algorithm=algorithm)


def _unsigned() -> str:
    header, payload, _ = _signed().split(".")
    header = urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    return f"{header}.{payload}."


def _tampered() -> str:
    header, _, signature = token("STAFF").split(".")
    return f"{header}.{_signed().split('.')[1]}.{signature}"


def _ago(**time: float) -> datetime:
    return datetime.now(UTC) - timedelta(**time)


_REFUSED: Mapping[str, str] = {
    "garbage": "Bearer garbage",
    "nothing": "Bearer",
    "three dots": "Bearer ...",
    "no scheme": token(),
    "basic": "Basic YWRtaW46YWRtaW4=",
    "expired": f"Bearer {_signed(exp=_ago(minutes=1))}",
    "not yet valid": f"Bearer {_signed(nbf=_ago(hours=-1))}",
    "another secret": f"Bearer {_signed(secret='another invented secret, also 40+ bytes long')}",
    "no algorithm": f"Bearer {_unsigned()}",
    "another algorithm": f"Bearer {_signed(algorithm='HS384')}",
    "tampered": f"Bearer {_tampered()}",
    "no expiry": f"Bearer {_signed(without='exp')}",
    "no subject": f"Bearer {_signed(without='sub')}",
    "a subject that is a number": f"Bearer {_signed(sub=5)}",
    "no role and a stranger": f"Bearer {_signed(without='role', sub='stranger@center.example')}",
    "an unknown role": f"Bearer {_signed(role='OWNER')}",
    "a role that is a list": f"Bearer {_signed(role=['ADMIN'])}",
    "a role that is an object": f"Bearer {_signed(role={'name': 'ADMIN'})}",
    "a number as scope": f"Bearer {_signed(scope=5)}",
    "a number among the scopes": f"Bearer {_signed(scope=['health:read', 5])}",
    "a refresh token": f"Bearer {_signed(type='refresh')}",
    "oversized": f"Bearer {_signed(padding='x' * 8192)}",
}


def _assert_unauthenticated(answer: httpx.Response, challenge: str = "Bearer") -> None:
    assert error_of(answer) == (401, "UNAUTHENTICATED", {})
    assert answer.headers["www-authenticate"] == challenge


@pytest.mark.parametrize(("method", "path"), _PATHS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_no_path_answers_without_a_token(gateway: Gateway, method: str, path: str, slash: str) -> None:
    _assert_unauthenticated(gateway.rest(path + slash, method=method, role=None))


@pytest.mark.parametrize(("method", "path"), _PATHS)
@pytest.mark.parametrize("reason", _REFUSED)
def test_no_path_answers_to_a_bad_token(gateway: Gateway, method: str, path: str, reason: str) -> None:
    headers = {"Authorization": _REFUSED[reason]}
    answer = gateway.rest(path, method=method, role=None, headers=headers)

    sent = headers["Authorization"].startswith("Bearer ")
    _assert_unauthenticated(answer, 'Bearer error="invalid_token"' if sent else "Bearer")


@pytest.mark.parametrize(("method", "path"), _PATHS)
def test_two_tokens_are_none(gateway: Gateway, method: str, path: str) -> None:
    headers = [("Authorization", f"Bearer {token()}"), ("Authorization", f"Bearer {token('STAFF')}")]

    answer = httpx.request(
        method, f"{gateway.url}/api/v1{path}", headers=headers, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    )

    _assert_unauthenticated(answer)


def test_a_bad_token_is_refused_before_the_request_is_read(gateway: Gateway) -> None:
    _assert_unauthenticated(gateway.rest("/customers/abc/analytics?period=7d", role=None))


def test_the_scheme_is_known_in_any_case(gateway: Gateway) -> None:
    headers = {"Authorization": f"bEARER {token()}"}

    assert gateway.rest("/customers/123/detail", role=None, headers=headers).status_code == 200


def test_clocks_may_differ_by_half_a_minute(gateway: Gateway) -> None:
    headers = {"Authorization": f"Bearer {_signed(exp=_ago(seconds=10))}"}

    assert gateway.rest("/customers/123/detail", role=None, headers=headers).status_code == 200


@pytest.mark.parametrize("without", ["type", None])
def test_a_token_need_not_name_its_type_or_scope(gateway: Gateway, without: str | None) -> None:
    headers = {"Authorization": f"Bearer {_signed(without=without)}"}

    assert gateway.rest("/customers/123/detail", role=None, headers=headers).status_code == 200


_MATRIX = [
    ("GET", "/customers/search", {"STAFF": 200, "MANAGER": 200, "ADMIN": 200}),
    ("GET", "/customers/123/detail", {"STAFF": 200, "MANAGER": 200, "ADMIN": 200}),
    ("GET", "/customers/123/analytics", {"STAFF": 403, "MANAGER": 200, "ADMIN": 200}),
    ("PUT", "/customers/123/detail", {"STAFF": 403, "MANAGER": 403, "ADMIN": 200}),
]


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(
    ("method", "path", "role", "status"),
    [(method, path, role, status) for method, path, row in _MATRIX for role, status in row.items()],
)
def test_a_role_may_do_what_the_contract_says(  # noqa: PLR0913, PLR0917
    center: Gateway, method: str, path: str, role: str, status: int, slash: str
) -> None:
    options: dict[str, Any] = {"json": {"occupation": "회사원"}} if method == "PUT" else {}

    answer = center.rest(path + slash, method=method, role=role, **options)

    assert answer.status_code == status
    if status == 403:
        assert error_of(answer)[1] == "UNAUTHORIZED_ACCESS"


def test_who_may_not_ask_does_not_learn_whether_there_is_enough_data(gateway: Gateway) -> None:
    answer = gateway.rest(f"/customers/{HARD_CASES['no_visits']}/analytics", role="STAFF")

    assert error_of(answer)[:2] == (403, "UNAUTHORIZED_ACCESS")


def test_the_document_of_the_paths_is_open(gateway: Gateway) -> None:
    assert gateway.rest("/openapi.json", role=None).status_code == 200
