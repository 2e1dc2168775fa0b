"""A running gateway for tests: real HTTP on a loopback port, over a real database."""

import socket
import ssl
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from access import Role
from gateway.app import create_app
from gateway.connection import bounded_connections
from gateway.guard import request_bounds
from gateway.identity import Tokens
from gateway.settings import Settings

TODAY = date(2026, 6, 15)
"""The day on which every test runs, so that no test depends on when it does."""

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Handed to every request: httpx would else read all root certificates for each, in ten milliseconds."""

GENEROUS: dict[str, Any] = {
    **{f"rate_limit_{name}": "1000000/second" for name in ("general", "analytics", "recommendations")},
    "forged_tokens_per_minute": 1_000_000,
}

BY_HAND: dict[str, Any] = {"model_refresh": False}
"""Nothing is fitted unless a test does it: a fit takes the seconds of many tests."""

UNCACHED: dict[str, Any] = {"cache_rows": 0}
"""What psql writes is seen by the next request, and not a moment later."""

SECRET = "an invented secret that only tests use, 40+ bytes"


def token(role: str | None = "ADMIN", *, subject: str | None = None, scopes: tuple[str, ...] = ()) -> str:
    """Return a token for a role; None leaves it to the center's users."""
    return Tokens(SECRET).make(
        subject=subject or f"{(role or 'ADMIN').lower()}@center.example",
        role=Role(role) if role else None,
        scopes=frozenset(scopes),
        lifetime=timedelta(hours=1),
    )


@contextmanager
def open_folder() -> Generator[Path]:
    """Give a folder that the database's user can enter; pytest's own are 0700."""
    with tempfile.TemporaryDirectory(prefix="wellness-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@dataclass(frozen=True)
class Gateway:
    """A gateway that answers on `url`, over the database at `database_url`."""

    url: str
    database_url: str

    def request(
        self, method: str, path: str, *, role: str | None = "ADMIN", **options: Any
    ) -> httpx.Response:
        """Send one request with a role's token; None sends none."""
        headers = dict(options.pop("headers", {}))
        if role is not None:
            headers.setdefault("Authorization", f"Bearer {token(role)}")
        options = {"timeout": 30, "verify": _NO_TLS, **options}
        return httpx.request(method, self.url + path, headers=headers, **options)

    def rest(
        self, path: str, *, role: str | None = "ADMIN", method: str = "GET", **options: Any
    ) -> httpx.Response:
        """Send one request to the REST layer; `path` begins after /api/v1."""
        return self.request(method, f"/api/v1{path}", role=role, **options)

    def graphql(
        self, document: str, variables: dict[str, Any] | None = None, *, role: str | None = "ADMIN"
    ) -> dict[str, Any]:
        """Run a document and return the body of the answer."""
        body = {"query": document, "variables": variables or {}}
        return self.request("POST", "/graphql", role=role, json=body).json()

    def data(self, document: str, variables: dict[str, Any] | None = None, *, role: str = "ADMIN") -> Any:
        """Run a document that must succeed and return its data."""
        body = self.graphql(document, variables, role=role)
        assert "errors" not in body, body["errors"]
        return body["data"]

    def error_code(
        self, document: str, variables: dict[str, Any] | None = None, *, role: str = "ADMIN"
    ) -> str:
        """Run a document that must fail and return the code of its only error."""
        body = self.graphql(document, variables, role=role)
        (error,) = body["errors"]
        return error["extensions"]["code"]


@contextmanager
def running_gateway(database_url: str, *, today: date = TODAY, **settings: Any) -> Generator[Gateway]:
    """Run a gateway in a thread, on a free port, until the block ends; its limits are out of reach."""
    chosen = Settings(
        _env_file=None,
        **{"jwt_secret": SECRET, "database_url": database_url, **GENEROUS, **BY_HAND, **settings},
    )  # type: ignore[arg-type]
    listener = socket.create_server(("127.0.0.1", 0))
    app = create_app(chosen, database_url, today=lambda: today)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=bounded_connections(request_bounds(chosen)),
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield Gateway(f"http://127.0.0.1:{listener.getsockname()[1]}", database_url)
    finally:
        server.should_exit = True
        thread.join()
