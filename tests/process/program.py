"""The gateway's own program in a process of its own, looked at from outside."""

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

REPOSITORY = Path(__file__).parents[2]
SECRET = "an invented secret that only tests use, 40+ bytes"
CUSTOMER = "/api/v1/customers/123/detail"

# httpx would else read all root certificates for each request, which takes ten milliseconds
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_TOKEN = re.compile(r"^(STAFF|MANAGER|ADMIN) \(\S+\)\n(\S+)$", re.MULTILINE)


def free_port() -> int:
    """Return a port that nobody listens on; somebody may take it before it is used."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def environment_of_a_user(**settings: object) -> dict[str, str]:
    """Return the least environment, with settings of the gateway and none of the test run's."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": str(REPOSITORY), **{name: str(value) for name, value in settings.items()}}


def command(
    *arguments: str, cwd: Path, timeout: float = 60, **settings: object
) -> subprocess.CompletedProcess[str]:
    """Run `python -m gateway ...` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        cwd=cwd,
        env=environment_of_a_user(**settings),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


class Program:
    """`python -m gateway serve` in a process group of its own, as a terminal starts it."""

    def __init__(self, folder: Path, settings: Mapping[str, object]) -> None:
        self.port = int(str(settings.get("PORT") or free_port()))
        self.url = f"http://127.0.0.1:{self.port}"
        number = len(list(folder.glob("*.stdout")))
        self._stdout, self._stderr = folder / f"{number}.stdout", folder / f"{number}.stderr"
        with self._stdout.open("w") as stdout, self._stderr.open("w") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gateway", "serve"],
                cwd=folder,
                env=environment_of_a_user(**{**settings, "PORT": self.port}),
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )

    @property
    def printed(self) -> str:
        return self._stdout.read_text()

    @property
    def logged(self) -> str:
        return self._stderr.read_text()

    @property
    def tokens(self) -> dict[str, str]:
        """The printed tokens, by role."""
        return dict(_TOKEN.findall(self.printed))

    def family(self) -> set[int]:
        """The process, its children and theirs, postgres too."""
        return {self.process.pid, *_descendants(self.process.pid)}

    def request(
        self, method: str, path: str, *, token: str | None = None, timeout: float = 15, **options: Any
    ) -> httpx.Response:
        bearer = token or self.tokens.get("ADMIN")
        headers = {**({"Authorization": f"Bearer {bearer}"} if bearer else {}), **options.pop("headers", {})}
        return httpx.request(
            method, self.url + path, headers=headers, timeout=timeout, verify=_NO_TLS, **options
        )

    def graphql(self, document: str, **options: Any) -> httpx.Response:
        return self.request("POST", "/graphql", json={"query": document}, **options)

    def wait_until_it_answers(self, path: str = "/readyz", status: int = 200, timeout: float = 60) -> None:
        def answers() -> bool:
            assert self.process.poll() is None, self.printed + self.logged
            try:
                return httpx.get(self.url + path, timeout=timeout, verify=_NO_TLS).status_code == status
            except httpx.TransportError:
                return False

        wait_until(answers, timeout)

    def end(self, sent: signal.Signals = signal.SIGTERM, timeout: float = 30) -> int:
        """Send a signal to the process alone and return its exit code."""
        self.process.send_signal(sent)
        return self.process.wait(timeout)

    def press_ctrl_c(self, timeout: float = 30) -> int:
        """Interrupt the whole process group, as a terminal does, and return the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout)


def wait_until(holds: Callable[[], bool], timeout: float = 20) -> None:
    """Wait until something holds; fail when it does not in time."""
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline, f"not within {timeout} s"
        time.sleep(0.02)


def alive(pids: set[int]) -> set[int]:
    """Return those of some processes that still run."""
    return {pid for pid in pids if _parent(pid) is not None}


def log_lines(text: str) -> list[dict[str, Any]]:
    """Read a log whose every line must be JSON."""
    return [json.loads(line) for line in text.splitlines()]


def _descendants(pid: int) -> set[int]:
    parents = {int(entry.name): _parent(int(entry.name)) for entry in Path("/proc").glob("[0-9]*")}
    found, unseen = set[int](), {pid}
    while unseen:
        unseen = {child for child, parent in parents.items() if parent in unseen} - found
        found |= unseen
    return found


def _parent(pid: int) -> int | None:
    """Return a process's parent; None where it has ended, even when nobody asked for its exit code yet."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state == "Z" else int(parent)
