"""A real pgbouncer in transaction mode, before a real PostgreSQL."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")

_CONFIGURATION = """
[databases]
* = host={host} port={port}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
server_idle_timeout = 0
logfile = {folder}/log
"""


@contextmanager
def running_pooler(
    url: str, folder: Path, *, size: int = 4, logins: Mapping[str, str] | None = None
) -> Generator[str]:
    """Run a pooler with few connections to the server of an address; give the address to go through it.

    `logins` are passwords of others, by name, whom it lets through as themselves.
    """
    assert PROGRAM is not None
    parts, port = urlsplit(url), _free_port()
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    query = parse_qs(parts.query)
    text = _CONFIGURATION.format(
        host=query["host"][0], port=query["port"][0], listen=port, folder=folder, size=size
    )
    (folder / "ini").write_text(text)
    known = {parts.username: parts.password, **(logins or {})}
    (folder / "users").write_text("".join(f'"{name}" "{word}"\n' for name, word in known.items()))
    # it refuses to run as root; whoever may open the server's socket will do
    account = {"user": Path(query["host"][0]).owner(), "extra_groups": []} if os.geteuid() == 0 else {}
    with subprocess.Popen([PROGRAM, "-q", folder / "ini"], cwd="/", **account) as pooler:
        try:
            pooled = f"postgresql://{parts.username}:{parts.password}@127.0.0.1:{port}{parts.path}"
            _wait_for(pooled, pooler)
            yield f"{pooled}?pgbouncer=true"
        finally:
            pooler.terminate()


def _wait_for(url: str, pooler: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        assert pooler.poll() is None, "the pooler ended"
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the pooler does not answer")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
