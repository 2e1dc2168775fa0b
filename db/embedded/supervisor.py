"""One server per state folder: the first process starts and owns it, later ones attach."""

import fcntl
import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import psycopg

from db.embedded.account import server_account
from db.embedded.binaries import locate, runnable
from db.embedded.cluster import (
    DATABASE,
    create_cluster,
    discard_half_made,
    ensure_database,
    require_same_major,
)
from db.embedded.errors import ServerNotReachable
from db.embedded.home import Home, current_home, prepare_socket_folder, settle
from db.embedded.process import PATIENCE, ServerProcess, stop_leftover
from db.embedded.signals import signals_deferred

_MAINTENANCE_DATABASE = "postgres"
_SECONDS_BETWEEN_LOOKS = 0.01
_SECONDS_BETWEEN_STARTS = 0.1


class EmbeddedPostgres:
    """PostgreSQL in a state folder, reached by a unix socket and a password.

    The process that holds the state folder's lock owns the server and stops it; any other attaches. A server
    lives as long as its owner: on Linux the kernel stops it when the owner dies, even by SIGKILL; elsewhere
    the next owner stops what was left. An attached process whose owner goes away loses the server, and has to
    call `start` again, which makes it the owner.

    The kernel watches a thread, not a process: call `start` from one that lives as long as the process, such
    as the main thread. And do not fork without exec while owning: the copy would hold the lock.

    Args:
        state: The folder for everything the server keeps, made when missing. For root, who needs another user
            to run the server, it is kept in /var/lib when that user cannot enter this folder; the file `home`
            in it then says where.
        binaries: The folder of `initdb` and `postgres`; None looks into the wheel, PATH and the usual places.
        settings: PostgreSQL settings over our own, such as `{"fsync": "off"}` for tests.
    """

    def __init__(
        self, state: Path, binaries: Path | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        self._state = state.resolve()  # one name for all processes: the socket's may be made of it
        self._binaries = binaries
        self._settings = dict(settings or {})
        self._lock: int | None = None
        self._process: ServerProcess | None = None
        self._server_version: str | None = None

    @property
    def owner(self) -> bool:
        """Whether this object holds the lock, and with it the server."""
        return self._lock is not None

    @property
    def server_version(self) -> str | None:
        """The server's version, such as "18.4"; None before the first start."""
        return self._server_version

    def start(self, timeout: float = 60) -> str:
        """Start the server, or attach to the one that another process owns; again when it died.

        Args:
            timeout: Seconds until the server must answer.

        Returns:
            A psycopg URL of the database `wellness`.

        Raises:
            BinariesNotFound: No programs that the server's user can run.
            ClusterVersionMismatch: The data is another major version's.
            ServerNotReachable: It did not answer in time; the message has its last words.
        """
        deadline = time.monotonic() + timeout
        self._state.mkdir(mode=0o711, parents=True, exist_ok=True)
        with ExitStack() as undo:
            undo.callback(self.stop)
            url = self._serve_or_attach(deadline)
            undo.pop_all()
        return url

    def stop(self) -> None:
        """Stop the server if we own it, and give the lock back; an attached process leaves it running."""
        if self._lock is None:
            return
        if self._process is not None:
            self._process.stop()
            self._process = None
        os.close(self._lock)
        self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _serve_or_attach(self, deadline: float) -> str:
        # the lock is tried each round: its holder may die while we wait, and then the server is ours to start
        while self._serving() or not self._take_lock():
            try:
                return self._attach()
            except (psycopg.OperationalError, FileNotFoundError) as error:
                if time.monotonic() > deadline:
                    raise ServerNotReachable(
                        f"process {(self._state / 'lock').read_text()} holds {self._state / 'lock'}, but its "
                        f"server does not answer: end that process, and start again ({error})"
                    ) from error
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        return self._serve(deadline)

    def _serving(self) -> bool:
        return self._process is not None and self._process.running

    def _take_lock(self) -> bool:
        """Take the lock unless another process has it.

        It is on an open file that exec closes, so the server does not inherit it: else a dying server would
        keep the next process from becoming the owner.
        """
        if self._lock is not None:
            return True
        lock = os.open(self._state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())  # for people, and for our own error message
        self._lock = lock
        return True

    def _attach(self) -> str:
        url = current_home(self._state).url(DATABASE)
        with psycopg.connect(url, connect_timeout=PATIENCE) as connection:
            self._note_version(connection)
        return url

    def _serve(self, deadline: float) -> str:
        account = server_account(current_home(self._state).cluster)
        home = settle(self._state, account)
        binaries = runnable(locate(self._binaries), account, home.folder)
        prepare_socket_folder(home, account)
        discard_half_made(home)
        if home.cluster.exists():
            require_same_major(home, binaries)
        else:
            create_cluster(home, binaries, account, timeout=deadline - time.monotonic())
        stop_leftover(home.url(_MAINTENANCE_DATABASE))
        if home.log.exists():
            home.log.replace(home.log.with_suffix(".previous.log"))
        self._start_until_ready(
            home, lambda: ServerProcess(binaries, home, account, self._settings), deadline
        )
        return home.url(DATABASE)

    def _start_until_ready(self, home: Home, launch: Callable[[], ServerProcess], deadline: float) -> None:
        """Start the server and wait for it; start again while an earlier one is still leaving.

        A `postmaster.pid` left behind is PostgreSQL's to judge, never ours to remove: two servers on one data
        folder would destroy it.
        """
        process = self._launched(launch)
        while (obstacle := self._obstacle(home, process)) is not None:
            ended = not process.running
            if ended and not process.found_predecessor:
                raise ServerNotReachable(f"postgres ended, mend what it says: {process.last_words}")
            if time.monotonic() > deadline:
                leftover = "look at the process it names, and end it if it is PostgreSQL"
                remedy = leftover if process.found_predecessor else "wait longer, or mend what it says"
                raise ServerNotReachable(f"{obstacle}; {remedy}: {process.last_words}")
            time.sleep(_SECONDS_BETWEEN_STARTS if ended else _SECONDS_BETWEEN_LOOKS)
            if ended:
                process = self._launched(launch)

    def _launched(self, launch: Callable[[], ServerProcess]) -> ServerProcess:
        with signals_deferred():  # a stop finds either no process or the one that was made
            process = self._process = launch()
        return process

    def _obstacle(self, home: Home, process: ServerProcess) -> str | None:
        """What keeps `process` from serving our database; None when it does."""
        url = home.url(_MAINTENANCE_DATABASE)
        try:
            with psycopg.connect(url, autocommit=True, connect_timeout=PATIENCE) as connection:
                if not process.answers(connection):
                    return "an earlier server still answers"
                self._note_version(connection)
                ensure_database(connection)
        except psycopg.OperationalError as error:
            return f"postgres does not answer: {error}"
        return None

    def _note_version(self, connection: psycopg.Connection) -> None:
        # Debian says more after it: "15.14 (Debian 15.14-0+deb12u1)"
        said = connection.info.parameter_status("server_version")
        self._server_version = said.split()[0] if said else None
