"""Fitting beside a running server: in a process of its own, so that no request feels it."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from time import monotonic
from typing import TypeAlias

from db.engine import Database
from db.fitted_models import ModelState
from db.fitting.lock import is_fit_running
from gateway.fitting.orders import BUSY, DONE, Order, Work

_log = logging.getLogger(__name__)

_REPOSITORY = Path(__file__).parents[2]
_DAY = timedelta(days=1)

# for how many seconds nothing is tried again, by how the last try ended
_REST: Mapping[int, float] = {DONE: 60, BUSY: 60}
_REST_AFTER_FAILURE = 600
_LAST_WORDS_SECONDS = 5

_Process: TypeAlias = "subprocess.Popen[bytes]"


class BackgroundFit:
    """Starts the nightly fit and the hourly distributions when they are due.

    Any number of servers may want to: whoever gets the lock of fitting does it, the others find it published.
    """

    def __init__(self, database: Database, url: str, *, log_level: str) -> None:
        self._database = database
        self._url = url
        self._log_level = log_level
        self._process: _Process | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._rest_until = 0.0

    async def consider(self, state: ModelState, today: date) -> None:
        """Start what is due, unless something runs already."""
        work = due(state, today)
        if work is None or monotonic() < self._rest_until or self._is_running():
            return
        if await is_fit_running(self._database):
            return
        order = Order(work, self._url, today, self._log_level)
        self._process = await asyncio.to_thread(_start, order)
        self._waiting = asyncio.create_task(self._wait(self._process, work), name="background fit")

    async def close(self) -> None:
        """End what runs, at once: what it has stored so far is not lost."""
        if self._process is None or self._waiting is None:
            return
        self._waiting.cancel()
        self._process.terminate()
        await asyncio.to_thread(_wait_for_end, self._process)

    def _is_running(self) -> bool:
        return self._waiting is not None and not self._waiting.done()

    async def _wait(self, process: _Process, work: Work) -> None:
        code = await asyncio.to_thread(process.wait)
        if process.stdin is not None:
            process.stdin.close()
        self._rest_until = monotonic() + _REST.get(code, _REST_AFTER_FAILURE)
        if code not in _REST:
            _log.error("a background fit failed", extra={"work": work, "exit_code": code})


def due(state: ModelState, today: date) -> Work | None:
    """Return what there is to do for a center whose day it is.

    A model of tomorrow is fine too: clocks differ, and two servers around midnight must not take turns.
    """
    if state.as_of not in {today, today + _DAY}:
        return "fit"
    fresh = state.gathered_lately and state.gathered_for in {today, today + _DAY}
    return None if fresh or not state.measures else "quantiles"


def _start(order: Order) -> _Process:
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.fitting.child"],
        cwd=_REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        process_group=0,  # Ctrl-C is for the server, which ends the child
    )
    # through a pipe, since everybody on the machine may read arguments and the address has a password; it
    # stays open, so that its end tells the child when this process is gone
    if process.stdin is not None:
        process.stdin.write(order.to_line())
        process.stdin.flush()
    return process


def _wait_for_end(process: _Process) -> None:
    try:
        process.wait(_LAST_WORDS_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()
