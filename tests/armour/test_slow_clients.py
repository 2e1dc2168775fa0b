"""Clients that take their time, or all of ours: the others are answered, and they are sent away."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from socket import socket

import pytest
from armour.sockets import JSON, QUESTION, hear_out, length, open_socket, request
from harness import Gateway

BEGINNINGS = {
    "headers": request()[:60],
    "a body": request(headers=JSON + length(500), body=QUESTION[:1]),
}


@contextmanager
def forty_clients(gateway: Gateway, beginning: bytes) -> Generator[list[socket]]:
    with ExitStack() as stack:
        clients = [stack.enter_context(open_socket(gateway)) for _ in range(40)]
        for client in clients:
            client.sendall(beginning)
        yield clients


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
def test_others_are_answered_while_forty_clients_drip(gateway: Gateway, beginning: bytes) -> None:
    with forty_clients(gateway, beginning) as clients:
        for _ in range(5):
            for client in clients:
                client.sendall(b"x")

            assert gateway.request("GET", "/livez").status_code == 200
            assert gateway.data("{ me { role } }") == {"me": {"role": "ADMIN"}}


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
def test_clients_that_do_not_finish_are_told_so_and_sent_away(impatient: Gateway, beginning: bytes) -> None:
    with forty_clients(impatient, beginning) as clients:
        assert [hear_out(client).statuses for client in clients] == [[408]] * 40


def test_a_client_that_never_says_a_word_is_sent_away_without_one(impatient: Gateway) -> None:
    with open_socket(impatient) as client:
        assert hear_out(client).raw == b""


def test_line_breaks_are_no_beginning_of_a_request(impatient: Gateway) -> None:
    with open_socket(impatient) as client:
        client.sendall(b"\r\n" * 50)

        assert hear_out(client).statuses == [408]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (request(b"GET", b"/livez", length(500), b"x"), 200),
        (request(headers=JSON + length(500), body=b"x", identified=False), 401),
    ],
    ids=["answered", "turned away"],
)
def test_a_body_that_goes_on_after_its_answer_is_not_waited_for(
    impatient: Gateway, sent: bytes, status: int
) -> None:
    with open_socket(impatient) as client:
        client.sendall(sent)

        assert hear_out(client).statuses == [status]


ENDLESS = {
    "a header": (request(b"GET")[:-2] + b"X-A: ", b"a" * 65536),
    "headers": (request(b"GET")[:-2], b"X-A: a\r\n" * 8192),
    "an address": (b"GET /", b"a" * 65536),
    "a trailer": (
        request(headers=JSON + b"Transfer-Encoding: chunked\r\n", body=b"0\r\nX-A: "),
        b"a" * 65536,
    ),
    "a chunk extension": (
        request(headers=JSON + b"Transfer-Encoding: chunked\r\n", body=b"5;"),
        b"a" * 65536,
    ),
}


@pytest.mark.parametrize(("beginning", "more"), ENDLESS.values(), ids=ENDLESS)
def test_what_has_no_end_is_cut_off(gateway: Gateway, beginning: bytes, more: bytes) -> None:
    # a hundred megabytes, of which the gateway reads the first
    with open_socket(gateway) as client, pytest.raises(ConnectionError):
        client.sendall(beginning + more * 1600)

    assert gateway.data("{ me { role } }") == {"me": {"role": "ADMIN"}}
