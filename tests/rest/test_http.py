"""The paths as HTTP: slashes, methods, bodies, numbers in paths, request ids, origins, health."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from harness import Gateway, token
from rest.answers import data_of, error_of, invalid_fields

_ROUTES = ["/customers/search", "/customers/123/detail", "/customers/123/analytics"]
_DETAIL = "/customers/123/detail"
_MEGABYTE = 1024 * 1024
_ORIGIN = {"Origin": "http://localhost:3000"}


def _put(gateway: Gateway, body: Any, content_type: str | None = "application/json") -> httpx.Response:
    headers = {"Content-Type": content_type} if content_type else {}
    return gateway.rest(_DETAIL, method="PUT", content=body, headers=headers)


@pytest.mark.parametrize("path", _ROUTES)
def test_a_trailing_slash_makes_no_difference(gateway: Gateway, path: str) -> None:
    assert data_of(gateway.rest(f"{path}/")) == data_of(gateway.rest(path))


@pytest.mark.parametrize("path", _ROUTES)
def test_a_query_follows_a_trailing_slash_too(gateway: Gateway, path: str) -> None:
    assert error_of(gateway.rest(f"{path}/?colour=red"))[0] == 400


@pytest.mark.parametrize(
    "path",
    ["/", "/nothing", "/customers", "/customers/123", "/customers/123/detail/more", "/customers/123//detail"],
)
def test_an_unknown_path_is_not_found(gateway: Gateway, path: str) -> None:
    assert error_of(gateway.rest(path)) == (404, "NOT_FOUND", {})


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        *[(method, "/customers/search", {"GET", "HEAD"}) for method in ("PUT", "POST", "DELETE", "PATCH")],
        *[(method, _DETAIL, {"GET", "HEAD", "PUT"}) for method in ("POST", "DELETE", "PATCH", "OPTIONS")],
        *[(method, "/customers/123/analytics", {"GET", "HEAD"}) for method in ("PUT", "POST", "DELETE")],
    ],
)
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_wrong_method_is_refused_and_told_the_right_ones(
    gateway: Gateway, method: str, path: str, allowed: set[str], slash: str
) -> None:
    answer = gateway.rest(path + slash, method=method)

    assert error_of(answer) == (405, "METHOD_NOT_ALLOWED", {})
    assert set(re.split(r",\s*", answer.headers["allow"])) == allowed


@pytest.mark.parametrize("path", _ROUTES)
def test_head_answers_as_get_without_a_body(gateway: Gateway, path: str) -> None:
    head, get = gateway.rest(path, method="HEAD"), gateway.rest(path)

    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonp"]
)
def test_a_body_of_another_type_is_refused(gateway: Gateway, content_type: str | None) -> None:
    answer = _put(gateway, b'{"occupation": "x"}', content_type)

    assert error_of(answer) == (415, "UNSUPPORTED_MEDIA_TYPE", {})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"name": }',
        b"{'name': 'x'}",
        b'{"name": "x"} trailing',
        b'{"birth_year": NaN}',
        b"[]",
        b'[{"name": "x"}]',
        b"null",
        b"5",
        b'"name"',
        b"[" * 100_000,
        b'{"name":' * 100_000,
        b'{"name": "\xff\xfe"}',
        b'{"name": "\\ud800"}',
        "이름".encode("utf-16"),
    ],
    ids=lambda body: ascii(body)[:25],
)
def test_a_body_that_is_no_json_object_is_refused(gateway: Gateway, body: bytes) -> None:
    status, code, detail = error_of(_put(gateway, body))

    assert (status, code) == (400, "VALIDATION_ERROR")
    assert set(detail) == {"reason"}


def _in_chunks(size: int) -> Iterator[bytes]:
    for _ in range(size // 65536):
        yield b" " * 65536


@pytest.mark.parametrize("path", [_DETAIL, f"{_DETAIL}/"])
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
def test_a_body_beyond_a_megabyte_is_refused(gateway: Gateway, path: str, announced: bool) -> None:  # noqa: FBT001
    size = 2 * _MEGABYTE
    body = b" " * size if announced else _in_chunks(size)

    answer = gateway.rest(path, method="PUT", content=body, headers={"Content-Type": "application/json"})

    assert error_of(answer) == (413, "PAYLOAD_TOO_LARGE", {})


def test_a_body_of_a_megabyte_is_read(gateway: Gateway) -> None:
    body = b'{"email": "kim"}'.ljust(_MEGABYTE)

    assert invalid_fields(_put(gateway, body)) == {"email"}


_IDS = [
    "abc",
    "0",
    "-1",
    "1.5",
    "1e2",
    "+1",
    "0x7b",
    "%20123",
    "123%20",
    "2147483648",
    "99999999999999999999",
    "%00",
    "123%00",
    "%FF",
    "1" * 5000,
    "%EF%BC%91%EF%BC%92%EF%BC%93",  # 123 in full-width digits
    "%D9%A1",  # 1 in Arabic digits
    "%C2%B2",  # superscript 2
    "Q3VzdG9tZXI6MTIz",  # Customer:123, as GraphQL names her
    "null",
    "%F0%9F%99%82",
]


@pytest.mark.parametrize("number", _IDS, ids=lambda number: number[:24])
def test_what_is_no_number_of_a_customer_is_refused(gateway: Gateway, number: str) -> None:
    assert invalid_fields(gateway.rest(f"/customers/{number}/detail")) == {"customer_id"}


@pytest.mark.parametrize("number", ["abc", "0", "2147483648", "%00"])
@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/customers/{}/detail"), ("GET", "/customers/{}/analytics")]
)
def test_every_path_refuses_it(gateway: Gateway, method: str, path: str, number: str) -> None:
    options: dict[str, Any] = {"json": {"occupation": "화가"}} if method == "PUT" else {}

    answer = gateway.rest(path.format(number), method=method, **options)

    assert invalid_fields(answer) == {"customer_id"}


@pytest.mark.parametrize("number", [893_000, 2**31 - 1])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/customers/{}/detail"), ("PUT", "/customers/{}/detail/"), ("GET", "/customers/{}/analytics/")],
)
def test_a_number_without_a_customer_is_not_found(
    gateway: Gateway, method: str, path: str, number: int
) -> None:
    options: dict[str, Any] = {"json": {"occupation": "화가"}} if method == "PUT" else {}

    answer = gateway.rest(path.format(number), method=method, **options)

    assert error_of(answer) == (404, "CUSTOMER_NOT_FOUND", {"customer_id": number})


@pytest.mark.parametrize("path", [_DETAIL, "/nothing", "/customers/abc/detail"])
@pytest.mark.parametrize("request_id", ["abcd1234", "a.b-c_d.1234", "x" * 64])
def test_a_sound_request_id_comes_back(gateway: Gateway, path: str, request_id: str) -> None:
    answer = gateway.rest(path, headers={"X-Request-ID": request_id})

    assert answer.headers["x-request-id"] == request_id


@pytest.mark.parametrize(
    "request_id", ["", "short", "x" * 65, "with space", "quote'12345", "<script>alert</script>", None]
)
def test_any_other_request_id_is_replaced(gateway: Gateway, request_id: str | None) -> None:
    answer = gateway.rest(_DETAIL, headers={} if request_id is None else {"X-Request-ID": request_id})

    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://localhost:5173"])
@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
def test_a_preflight_from_the_centers_pages_is_allowed(gateway: Gateway, origin: str, method: str) -> None:
    answer = gateway.rest(
        f"{_DETAIL}/",
        method="OPTIONS",
        role=None,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization, content-type, x-request-id",
        },
    )

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert method in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("authorization", "content-type", "x-request-id"))


_ANSWERS: dict[int, tuple[str, dict[str, Any]]] = {
    200: (_DETAIL, {}),
    400: ("/customers/abc/detail", {}),
    401: (_DETAIL, {"role": None}),
    403: ("/customers/123/analytics", {"role": "STAFF"}),
    404: ("/customers/999999/detail", {}),
    405: (_DETAIL, {"method": "DELETE"}),
    413: (
        _DETAIL,
        {"method": "PUT", "content": b" " * (_MEGABYTE + 1), "headers": {"Content-Type": "application/json"}},
    ),
    415: (_DETAIL, {"method": "PUT", "content": b"x", "headers": {"Content-Type": "text/plain"}}),
}


def _answer(gateway: Gateway, status: int, **headers: str) -> httpx.Response:
    path, options = _ANSWERS[status]
    return gateway.rest(path, **{**options, "headers": {**options.get("headers", {}), **headers}})


@pytest.mark.parametrize("status", _ANSWERS)
def test_the_centers_pages_may_read_every_answer(gateway: Gateway, status: int) -> None:
    answer = _answer(gateway, status, **_ORIGIN)

    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == _ORIGIN["Origin"]
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "X-Request-ID" in answer.headers["access-control-expose-headers"]
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize("status", _ANSWERS)
@pytest.mark.parametrize("origin", ["http://evil.example", "https://localhost:3000"])
def test_no_other_page_may_read_an_answer(gateway: Gateway, status: int, origin: str) -> None:
    answer = _answer(gateway, status, Origin=origin)

    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers


def test_a_preflight_from_another_page_is_refused(gateway: Gateway) -> None:
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "PUT"}

    answer = gateway.rest(_DETAIL, method="OPTIONS", role=None, headers=headers)

    assert answer.status_code == 400
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("status", sorted(_ANSWERS.keys() - {200}))
def test_every_error_has_one_shape(gateway: Gateway, status: int) -> None:
    assert error_of(_answer(gateway, status))[0] == status


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_needs_no_token(gateway: Gateway, path: str) -> None:
    answer = gateway.request("GET", path, role=None)

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


def test_ready_means_a_database_that_is_fully_migrated(gateway: Gateway) -> None:
    assert gateway.request("GET", "/readyz", role=None).json()["checks"] == {
        "database": "ok",
        "migrations": "ok",
        "audit": "ok",
        "changes": "ok",
        "limits": "ok",
    }


def test_a_connection_carries_on_after_a_refused_body(gateway: Gateway) -> None:
    with httpx.Client(
        base_url=f"{gateway.url}/api/v1", headers={"Authorization": f"Bearer {token()}"}
    ) as client:
        refused = client.put(
            _DETAIL, content=b" " * (2 * _MEGABYTE), headers={"Content-Type": "application/json"}
        )
        answered = client.get(_DETAIL)

    assert (refused.status_code, answered.status_code) == (413, 200)
