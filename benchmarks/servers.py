"""The servers, each a process of its own, and what the kernel says they used."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
SECRET = "the secret of a benchmark, which protects nothing"  # noqa: S105

_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE = 60  # seconds until a server must answer


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    name: str
    port: int
    pid: int

    @property
    def cpu_seconds(self) -> float:
        """Processor time of the process so far."""
        return cpu_seconds(self.pid)

    @property
    def peak_megabytes(self) -> float:
        """The most memory that the process has held."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024


@contextmanager
def gateway(data_dir: Path, settings: Mapping[str, str] | None = None) -> Generator[Server]:
    """Run the gateway on an embedded database of its own, with the demo center if it has no other yet.

    `settings` win over those that every benchmark runs with.
    """
    chosen = {**_settings(data_dir), **(settings or {})}
    with _running("gateway", ["-m", "gateway", "serve"], chosen, "/readyz") as server:
        yield server


def command(data_dir: Path, *words: str) -> float:
    """Run one of the gateway's commands on its embedded database; return the seconds that it took."""
    began = time.perf_counter()
    subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "gateway", *words],
        cwd=REPOSITORY,
        env={**os.environ, **_settings(data_dir)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - began


@contextmanager
def stock_peer(database_url: str) -> Generator[Server]:
    """Run the stock Strawberry app over the same rows."""
    with _running(
        "stock", _uvicorn("stock_app"), {"DATABASE_URL": database_url}, "/?query={__typename}"
    ) as server:
        yield server


@contextmanager
def floor() -> Generator[Server]:
    """Run the bare app."""
    with _running("floor", _uvicorn("floor_app"), {}, "/1") as server:
        yield server


@contextmanager
def temporary_folder() -> Generator[Path]:
    """Give a folder that the database's user can enter too."""
    with tempfile.TemporaryDirectory(prefix="wellness-bench-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def offspring_cpu_seconds(pid: int) -> float:
    """Return the processor time so far of what a process started, such as a database, and so on."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(entry.parent.name)] = int(entry.read_text().rsplit(")", 1)[1].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    children = {child for child, parent in parents.items() if parent == pid}
    grandchildren = {child for child, parent in parents.items() if parent in children}
    return sum(cpu_seconds(one) for one in children | grandchildren)


def _settings(data_dir: Path) -> Mapping[str, str]:
    out_of_reach = "1000000/second"
    return {
        "DATA_DIR": str(data_dir),
        "JWT_SECRET": SECRET,
        "WORKERS": "1",
        "LOG_LEVEL": "WARNING",
        "RATE_LIMIT_GENERAL": out_of_reach,
        "RATE_LIMIT_ANALYTICS": out_of_reach,
        "RATE_LIMIT_RECOMMENDATIONS": out_of_reach,
    }


def _uvicorn(module: str) -> list[str]:
    options = "--loop uvloop --http httptools --no-access-log --log-level warning"
    return ["-m", "uvicorn", f"benchmarks.{module}:app", *options.split()]


@contextmanager
def _running(name: str, command: list[str], settings: Mapping[str, str], path: str) -> Generator[Server]:
    port = _free_port()
    arguments = [*command, "--port", str(port)] if "uvicorn" in command else command
    process = subprocess.Popen(  # noqa: S603 - our own programs
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, **settings, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(f"http://127.0.0.1:{port}{path}", process)
        yield Server(name, port, process.pid)
    finally:
        process.terminate()
        process.wait()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{url} does not answer")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def cpu_seconds(pid: int) -> float:
    """Return the processor time so far of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
