"""One server process: started as our child, stopped with us."""

import ctypes
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import psycopg

from db.embedded.account import ENVIRONMENT, Account
from db.embedded.binaries import Binaries
from db.embedded.home import PORT, Home

TUNING: Final[Mapping[str, str]] = {
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",  # details quote whole rows, and rows are about people
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "pglz",
    "random_page_cost": "1.1",
    "jit": "off",  # short statements pay for compiling and gain nothing
    # containers have 64 MB of /dev/shm; macOS keeps its System V segments small instead
    "dynamic_shared_memory_type": "posix" if sys.platform == "darwin" else "sysv",
}

PATIENCE: Final = 5  # seconds for one connection; a starting or stopping server refuses at once

# what a new server says while the last one's processes are still leaving the data folder
_PREDECESSOR_LEAVING = re.compile(r'lock file ".*" already exists|pre-existing shared memory block')
_LONGEST_LAST_WORDS = 2000  # characters
_SECONDS_TO_STOP = 30  # a shutdown checkpoint writes all of shared_buffers at worst
_POSTMASTER_PID = "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int"
_PR_SET_PDEATHSIG = 1


class ServerProcess:
    """A running `postgres`, our direct child."""

    def __init__(self, binaries: Binaries, home: Home, account: Account, settings: Mapping[str, str]) -> None:
        self._log = home.log
        self._socket_folder = home.socket_folder
        log = os.open(home.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._log_start = os.fstat(log).st_size
        try:
            self._popen = subprocess.Popen(  # noqa: S603 - a program we located, settings of our own
                _command(binaries, home, settings),
                user=account.uid,
                group=account.gid,
                extra_groups=account.extra_groups,
                cwd="/",  # our own working folder may be closed to this user
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is the gateway's to handle, the server stops after it
                # The request must come after the change of user, which clears it. A wrapper program would do
                # without preexec_fn, but none is certain to be there and open to `account`, our Python least.
                preexec_fn=stop_with_parent(),  # noqa: PLW1509 - two system calls, resolved before the fork
            )
        finally:
            os.close(log)

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        return self._popen.pid

    @property
    def running(self) -> bool:
        """Whether the postmaster lives."""
        return self._popen.poll() is None

    @property
    def found_predecessor(self) -> bool:
        """Whether it ended because an earlier server's processes had not all left."""
        return _PREDECESSOR_LEAVING.search(self.last_words) is not None

    @property
    def last_words(self) -> str:
        """The end of what this process wrote to the log."""
        with self._log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace").strip()[-_LONGEST_LAST_WORDS:]

    def answers(self, connection: psycopg.Connection) -> bool:
        """Whether `connection` is to this process, not to a predecessor that has yet to hear its signal."""
        return _postmaster_of(connection) == self.pid

    def stop(self) -> None:
        """Stop cleanly, ending clients' connections; without a checkpoint if that takes too long."""
        self._end()
        with suppress(OSError):  # nothing of ours stays in /tmp
            self._socket_folder.rmdir()

    def _end(self) -> None:
        for farewell in (signal.SIGINT, signal.SIGQUIT):
            if not self.running:
                return
            self._popen.send_signal(farewell)
            try:
                self._popen.wait(_SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                continue
        self._popen.kill()
        self._popen.wait()


def stop_with_parent() -> Callable[[], None] | None:
    """What a new child does so that the kernel stops it cleanly when its parent dies; None outside Linux."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    clean_stop = int(signal.SIGINT)
    parent = os.getpid()

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, clean_stop)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask_kernel


def stop_leftover(url: str) -> None:
    """Ask a server that outlived its owner to stop, which happens where the kernel does not do it (macOS).

    Only a server that takes our password on our socket is asked: a process id that merely stands in a file
    may by now be anybody's.
    """
    try:
        with psycopg.connect(url, connect_timeout=PATIENCE) as connection:
            pid = _postmaster_of(connection)
    except psycopg.OperationalError:
        return  # none there, or it is on its way out
    os.kill(pid, signal.SIGINT)


def _postmaster_of(connection: psycopg.Connection) -> int:
    (pid,) = connection.execute(_POSTMASTER_PID).fetchone() or (0,)
    return pid


def _command(binaries: Binaries, home: Home, settings: Mapping[str, str]) -> list[str | Path]:
    fixed = {"listen_addresses": "", "unix_socket_directories": str(home.socket_folder), "port": str(PORT)}
    command: list[str | Path] = [binaries.folder / "postgres", "-D", home.data]
    for name, value in {**TUNING, **settings, **fixed}.items():
        command += ["-c", f"{name}={value}"]
    return command
