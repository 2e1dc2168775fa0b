"""Clients that speak HTTP wrongly, slowly or not to the end, on sockets of their own."""

import socket
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from harness import Gateway, token

JSON = b"Content-Type: application/json\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
QUESTION = b'{"query":"{ me { role } }"}'
BY_GET = b"/graphql?query=%7Bme%7Brole%7D%7D"


def open_socket(gateway: Gateway) -> socket.socket:
    """Connect; whoever reads from it longer than half a minute fails."""
    address = urlsplit(gateway.url)
    return socket.create_connection((address.hostname or "", address.port or 0), timeout=30)


def length(number: int) -> bytes:
    return b"Content-Length: %d\r\n" % number


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def request(  # noqa: PLR0913 - a request has that many parts
    method: bytes = b"POST",
    target: bytes = b"/graphql",
    headers: bytes = b"",
    body: bytes = b"",
    *,
    version: bytes = b"1.1",
    identified: bool = True,
) -> bytes:
    """Write a request byte by byte, with an ADMIN's token."""
    who = f"Authorization: Bearer {token()}\r\n".encode() if identified else b""
    head = b"%s %s HTTP/%s\r\nHost: center.example\r\n" % (method, target, version)
    return head + who + headers + b"\r\n" + body


@dataclass(frozen=True)
class Heard:
    """Everything a client heard until the gateway closed the connection."""

    raw: bytes

    @property
    def statuses(self) -> list[int]:
        return [int(part[:3]) for part in self.raw.split(b"HTTP/1.1 ")[1:]]


def hear_out(client: socket.socket) -> Heard:
    """Read until the gateway closes; a reset, which follows what it did not read, is a close too."""
    raw = b""
    with suppress(ConnectionError):
        while part := client.recv(65536):
            raw += part
    return Heard(raw)


def say(gateway: Gateway, sent: bytes) -> Heard:
    """Send bytes, and hear the gateway out. What keeps a connection open must ask for its close."""
    with open_socket(gateway) as client:
        with suppress(ConnectionError):  # it may close before it has read everything, and say why
            client.sendall(sent)
        return hear_out(client)
