"""The load: keep-alive connections that each send the next request as soon as an answer is whole.

Run in a process of its own: reads an `Order` as JSON from standard input, writes a `Load` to standard output.
"""

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from time import perf_counter
from typing import cast

import uvloop

_LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load; latencies in milliseconds, the size in bytes of the mean body."""

    requests: int
    failures: int
    seconds: float
    p50: float
    p99: float
    body_bytes: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def load(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Load:
    """Load a server on this machine for some seconds, from another process."""
    order = {
        "port": port,
        "requests": [base64.b64encode(request).decode() for request in requests],
        "connections": connections,
        "seconds": seconds,
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.client"],
        input=json.dumps(order),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Load(**json.loads(done.stdout))


class _Connection(asyncio.Protocol):
    """One connection; answers must have a Content-Length."""

    def __init__(self, requests: Iterator[bytes]) -> None:
        self._requests = requests
        self._received = bytearray()
        self._expected = -1
        self._head = 0
        self._sent_at = 0.0
        self.latencies: list[float] = []
        self.failures = 0
        self.body_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own does not inherit from it
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._expected < 0:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            self._read_head(bytes(self._received[:end]).lower(), end + 4)
        if len(self._received) >= self._expected:
            self.latencies.append(perf_counter() - self._sent_at)
            self.body_bytes += self._expected - self._head
            self._send()

    def _read_head(self, head: bytes, length: int) -> None:
        self.failures += not head.startswith(b"http/1.1 200 ")
        start = head.index(_LENGTH) + len(_LENGTH)
        self._head = length
        self._expected = length + int(head[start:].split(b"\r\n", 1)[0])

    def _send(self) -> None:
        self._received.clear()
        self._expected = -1
        self._sent_at = perf_counter()
        self._transport.write(next(self._requests))


async def _run(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Load:
    loop = asyncio.get_running_loop()
    turns = cycle(requests)
    began = perf_counter()
    opened = [
        await loop.create_connection(lambda: _Connection(turns), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.sleep(seconds)
    took = perf_counter() - began
    for transport, _ in opened:
        transport.abort()
    latencies = sorted(latency for _, connection in opened for latency in connection.latencies)
    answered = len(latencies)
    return Load(
        requests=answered,
        failures=sum(connection.failures for _, connection in opened),
        seconds=took,
        p50=1000 * latencies[answered // 2],
        p99=1000 * latencies[answered * 99 // 100],
        body_bytes=sum(connection.body_bytes for _, connection in opened) // answered,
    )


def main() -> None:
    """Carry out the order on standard input."""
    order = json.load(sys.stdin)
    requests = [base64.b64decode(request) for request in order["requests"]]
    measured = uvloop.run(_run(order["port"], requests, order["connections"], order["seconds"]))
    json.dump(asdict(measured), sys.stdout)


if __name__ == "__main__":
    main()
