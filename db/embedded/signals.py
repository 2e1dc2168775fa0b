"""Signals that wait while a child is made."""

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager

_TO_STOP = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def signals_deferred() -> Generator[None]:
    """Let SIGINT and SIGTERM wait until the block is over; only then are their handlers called.

    A handler may raise wherever the main thread is. Python swallows what is raised in the hooks it runs
    around a fork, and the program would serve on after Ctrl-C; and what is raised between the fork and the
    return of `Popen` leaves a child that nobody knows. Blocking the signals in this thread would not do:
    another thread, such as one of numpy's, may take them, and the handler runs in the main thread anyway.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # handlers are called in the main thread alone
        return
    came: list[int] = []
    handlers = {number: signal.signal(number, lambda caught, _: came.append(caught)) for number in _TO_STOP}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for number in came:
            signal.raise_signal(number)
