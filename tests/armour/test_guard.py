"""Requests beyond the bounds of HTTP: refused in the shape of their door, and their connection closed."""

from typing import Any

import httpx
import pytest
from armour.sockets import CHUNKED, JSON, QUESTION, chunk, length, open_socket, request, say
from harness import Gateway, running_gateway, token

SEARCH, DETAIL = "/api/v1/customers/search", "/api/v1/customers/123/detail"
MEGABYTE = 1024 * 1024
DOORS = pytest.mark.parametrize("path", ["/graphql", SEARCH])


def code_of(response: httpx.Response) -> str:
    """Return the code of an error, told in the shape of the door it came through."""
    body: dict[str, Any] = response.json()
    if response.url.path == "/graphql":
        (error,) = body["errors"]
        assert set(body) == {"errors"}
        return error["extensions"]["code"]
    assert (set(body), body["success"]) == ({"success", "error", "timestamp"}, False)
    return body["error"]["code"]


TOO_LARGE: dict[str, dict[str, str]] = {
    "too many": {f"x-{number}": "a" for number in range(101)},
    "one too large": {"x-a": "a" * 33_000},
    "too large together": {f"x-{number}": "a" * 1000 for number in range(40)},
}


@DOORS
@pytest.mark.parametrize("headers", TOO_LARGE.values(), ids=TOO_LARGE)
def test_headers_that_are_too_many_or_too_large_are_431(
    gateway: Gateway, path: str, headers: dict[str, str]
) -> None:
    response = gateway.request("GET", path, headers=headers)

    assert (response.status_code, code_of(response)) == (431, "HEADERS_TOO_LARGE")
    assert response.headers["connection"] == "close"


@DOORS
def test_an_address_that_is_too_long_is_414(gateway: Gateway, path: str) -> None:
    response = gateway.request("GET", path + "?q=" + "a" * 33_000)

    assert (response.status_code, code_of(response)) == (414, "URI_TOO_LONG")
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize(("method", "path"), [("POST", "/graphql"), ("PUT", DETAIL)])
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
def test_a_body_that_is_too_large_is_413(gateway: Gateway, method: str, path: str, announced: bool) -> None:  # noqa: FBT001
    content = b" " * (2 * MEGABYTE) if announced else iter([b" " * 65536] * 32)
    headers = {"Content-Type": "application/json"}

    response = gateway.request(method, path, content=content, headers=headers)

    assert (response.status_code, code_of(response)) == (413, "PAYLOAD_TOO_LARGE")
    assert response.headers["connection"] == "close"


def test_a_body_that_is_too_large_is_not_asked_for(impatient: Gateway) -> None:
    heard = say(impatient, request(headers=JSON + length(2 * MEGABYTE) + b"Expect: 100-continue\r\n"))

    assert heard.statuses == [413]


def test_a_body_that_fits_is_asked_for(gateway: Gateway) -> None:
    headers = JSON + length(len(QUESTION)) + b"Expect: 100-continue\r\nConnection: close\r\n"

    assert say(gateway, request(headers=headers, body=QUESTION)).statuses == [100, 200]


@pytest.mark.parametrize(("method", "path"), [(b"POST", b"/graphql"), (b"PUT", DETAIL.encode())])
@pytest.mark.parametrize(
    ("headers", "body"), [(length(100), QUESTION), (CHUNKED, chunk(QUESTION)), (length(100), b"")]
)
def test_a_body_that_does_not_arrive_is_408(
    impatient: Gateway, method: bytes, path: bytes, headers: bytes, body: bytes
) -> None:
    heard = say(impatient, request(method, path, JSON + headers, body))

    assert heard.statuses == [408]
    assert b"REQUEST_TIMEOUT" in heard.raw
    assert b"connection: close" in heard.raw.lower()


def test_the_bounds_are_settings(gateway: Gateway) -> None:
    with running_gateway(gateway.database_url, body_bytes=2000, header_bytes=3000, header_count=20) as small:
        body = small.request(
            "POST", "/graphql", json={"query": "{ me { role } }", "variables": {"a": "x" * 2000}}
        )
        headers = small.request("GET", "/livez", headers={f"x-{number}": "a" for number in range(20)})
        address = small.request("GET", "/livez?" + "a" * 3000)

    assert [body.status_code, headers.status_code, address.status_code] == [413, 431, 414]


def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_failure_of_ours(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    with open_socket(gateway) as client:
        client.sendall(request(headers=JSON + length(100), body=QUESTION))

    assert gateway.data("{ me { role } }") == {"me": {"role": "ADMIN"}}
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_token_in_a_trailer_identifies_nobody(gateway: Gateway) -> None:
    trailer = f"0\r\nAuthorization: Bearer {token()}\r\n\r\n".encode()
    sent = request(
        headers=JSON + CHUNKED + b"Connection: close\r\n", body=chunk(QUESTION) + trailer, identified=False
    )

    heard = say(gateway, sent)

    assert heard.statuses == [401]
