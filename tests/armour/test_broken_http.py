"""Requests that are not quite HTTP: never an internal error, never two requests where one was meant."""

from contextlib import suppress

import pytest
from armour.sockets import (
    BY_GET,
    CHUNKED,
    JSON,
    QUESTION,
    Heard,
    chunk,
    hear_out,
    length,
    open_socket,
    request,
    say,
)
from harness import Gateway

SIZE = length(len(QUESTION))
END = b"0\r\n\r\n"

REFUSED: dict[str, bytes] = {
    "two lengths": request(headers=JSON + SIZE + length(5), body=QUESTION),
    "one length twice": request(headers=JSON + SIZE + SIZE, body=QUESTION),
    "a list of lengths": request(headers=JSON + b"Content-Length: 27, 27\r\n", body=QUESTION),
    "a length and chunks": request(headers=JSON + SIZE + CHUNKED, body=chunk(QUESTION) + END),
    "chunks that are not last": request(
        headers=JSON + b"Transfer-Encoding: chunked, identity\r\n", body=chunk(QUESTION) + END
    ),
    "an unknown encoding": request(headers=JSON + b"Transfer-Encoding: tea\r\n", body=QUESTION),
    "a negative length": request(headers=JSON + b"Content-Length: -1\r\n"),
    "a length with a sign": request(headers=JSON + b"Content-Length: +27\r\n", body=QUESTION),
    "a length of thirty digits": request(headers=JSON + b"Content-Length: " + b"9" * 30 + b"\r\n"),
    "garbage after the last chunk": request(headers=JSON + CHUNKED, body=chunk(QUESTION) + END + b"GARBAGE"),
    "a chunk size that is no number": request(headers=JSON + CHUNKED, body=b"zz\r\n" + QUESTION),
    "a chunk size of twenty digits": request(headers=JSON + CHUNKED, body=b"f" * 20 + b"\r\n" + QUESTION),
    "a chunk longer than its size": request(headers=JSON + CHUNKED, body=b"5\r\n" + QUESTION + b"\r\n" + END),
    "a target without a slash": request(b"GET", b"graphql"),
    "no target": request(b"GET", b""),
    "an absolute target without a path": request(b"GET", b"http://center.example"),
    "a tunnel": request(b"CONNECT", b"center.example:443"),
    "a target that is not ASCII": request(b"GET", "/고객".encode()),
    "a NUL in the target": request(b"GET", b"/graphql\x00"),
    "a NUL in a header": request(b"GET", BY_GET, b"X-A: a\x00b\r\n"),
    "a folded header": request(b"GET", BY_GET, b"X-A: a\r\n b\r\n"),
    "a space before a colon": request(b"GET", BY_GET, b"X-A : a\r\n"),
    "line feeds alone": b"GET /livez HTTP/1.1\nHost: center.example\n\n",
    "an unknown method": request(b"BREW"),
    "the beginning of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "the beginning of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
}


@pytest.mark.parametrize("sent", REFUSED.values(), ids=REFUSED)
def test_what_is_not_http_is_400_and_the_end_of_the_connection(gateway: Gateway, sent: bytes) -> None:
    assert say(gateway, sent).statuses == [400]


LAST = b"Connection: close\r\n"
ANSWERED: dict[str, tuple[bytes, int]] = {
    "an absolute target": (request(b"GET", b"http://center.example" + BY_GET, LAST), 200),
    "HTTP/1.0": (request(headers=JSON + SIZE, body=QUESTION, version=b"1.0"), 200),
    "chunks": (request(headers=JSON + CHUNKED + LAST, body=chunk(QUESTION) + END), 200),
    "a body on GET": (request(b"GET", BY_GET, JSON + SIZE + LAST, QUESTION), 200),
    "HEAD": (request(b"HEAD", BY_GET, LAST), 200),
    "a mutation by HEAD": (request(b"HEAD", b"/graphql?query=mutation%7Bx%7D", LAST), 400),
    "OPTIONS": (request(b"OPTIONS", b"/graphql", LAST), 405),
    "OPTIONS of the server": (request(b"OPTIONS", b"*", LAST), 404),
    "TRACE": (request(b"TRACE", b"/graphql", LAST), 405),
    "two slashes": (request(b"GET", b"/" + BY_GET, LAST), 404),
    "a NUL in a path": (request(b"GET", b"/graphql%00", LAST), 404),
    "a NUL in a REST path": (request(b"GET", b"/api/v1/customers/%00/detail", LAST), 400),
    "a NUL in a query": (request(b"GET", b"/graphql?query=%00", LAST), 400),
    "a NUL in a REST parameter": (request(b"GET", b"/api/v1/customers/search?q=%00", LAST), 400),
    "a NUL in variables": (request(b"GET", BY_GET + b"&variables=%7B%22a%22:%22%00%22%7D", LAST), 400),
    "bytes that are no text": (request(b"GET", b"/graphql?query=%ff%fe", LAST), 400),
    "a surrogate": (request(b"GET", b"/api/v1/customers/search?q=%ED%A0%80", LAST), 200),
    "half an escape": (request(b"GET", b"/api/v1/customers/search?q=%zz%", LAST), 200),
    "a line break in a path": (request(b"GET", b"/api/v1/%0d%0a/x", LAST), 404),
    "a token that is not ASCII": (
        request(b"GET", BY_GET, LAST + "Authorization: Bearer 가.나.다\r\n".encode(), identified=False),
        401,
    ),
    "headers that are not ASCII": (
        request(b"GET", BY_GET, LAST + b"Accept: \xff\xfe\r\nOrigin: \xff\r\n"),
        200,
    ),
    "an impossible host": (request(b"GET", BY_GET, LAST + b"X-Forwarded-Host: [::1\r\n"), 200),
    "an upgrade": (request(b"GET", BY_GET, b"Connection: Upgrade\r\nUpgrade: websocket\r\n"), 200),
}


@pytest.mark.parametrize(("sent", "status"), ANSWERED.values(), ids=ANSWERED)
def test_what_is_odd_but_http_gets_its_answer(gateway: Gateway, sent: bytes, status: int) -> None:
    assert say(gateway, sent).statuses == [status]


def test_requests_sent_at_once_are_answered_in_turn(gateway: Gateway) -> None:
    one = request(headers=JSON + SIZE, body=QUESTION)

    assert say(gateway, one + one + request(b"GET", b"/nothing", LAST)).statuses == [200, 200, 404]


@pytest.mark.parametrize("apart", [False, True], ids=["in one piece", "in two pieces"])
def test_the_body_of_a_request_is_never_another_request(gateway: Gateway, apart: bool) -> None:  # noqa: FBT001
    inner = request(b"GET", b"/livez")
    outer = request(headers=b"Connection: Upgrade\r\nUpgrade: h2c\r\n" + JSON + length(len(inner)))

    with open_socket(gateway) as client:
        client.sendall(outer if apart else outer + inner)
        first = client.recv(65536)
        with suppress(ConnectionError):
            client.sendall(inner)
        heard = Heard(first + hear_out(client).raw)

    assert heard.statuses == [400]
