"""A wire to a database that breaks when it is told to: after a statement arrived, before its answer does."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from select import select
from socketserver import BaseRequestHandler, ThreadingUnixStreamServer
from urllib.parse import parse_qs, quote, urlsplit

from harness import open_folder


class Wire(ThreadingUnixStreamServer):
    """Passes on what it hears between an embedded database and clients that connect to `url`."""

    def __init__(self, url: str, folder: Path) -> None:
        asked = parse_qs(urlsplit(url).query)
        host, name = asked["host"][0], f".s.PGSQL.{asked['port'][0]}"
        super().__init__(str(folder / name), _Connection)
        self.url = url.replace(quote(host), quote(str(folder)))
        self.database = f"{host}/{name}"
        self.breaks = False

    def break_at_the_next_answer(self) -> None:
        self.breaks = True


class _Connection(BaseRequestHandler):
    server: Wire

    def handle(self) -> None:
        client: socket.socket = self.request
        with socket.socket(socket.AF_UNIX) as database:
            database.connect(self.server.database)
            while True:
                for speaker in select([client, database], [], [])[0]:
                    words = speaker.recv(65536)
                    if not words:
                        return
                    if speaker is database and self.server.breaks:
                        self.server.breaks = False
                        return
                    (client if speaker is database else database).sendall(words)


@contextmanager
def wire_to(url: str) -> Generator[Wire]:
    """Give a wire to an embedded database."""
    with open_folder() as folder, Wire(url, folder) as wire:
        thread = threading.Thread(target=wire.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield wire
        finally:
            wire.shutdown()
            thread.join()
