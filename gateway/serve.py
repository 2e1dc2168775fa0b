"""`serve`: the database, the worker processes and the words on the terminal, from start to clean stop."""

import gc
import multiprocessing
import os
import signal
import socket
import sys
from datetime import timedelta
from threading import Thread
from types import FrameType

import click
import uvicorn
from starlette.applications import Starlette

from access import Role
from gateway.app import app_from_environment, create_app, today_in_seoul
from gateway.connection import bounded_connections
from gateway.guard import request_bounds
from gateway.identity import token_maker
from gateway.logs import configure_logs
from gateway.progress import ProgressBar
from gateway.settings import Settings, hand_down
from gateway.signing_secret import random_secret
from gateway.startup import CannotStart, RunningDatabase, prepare, running_database

_TOKEN_LIFETIME = timedelta(hours=12)
_GRACEFUL_SECONDS = 10
_WORKER_SECONDS = 15

_DEMO_TOKENS = (
    (Role.STAFF, "staff@center.example", frozenset[str]()),
    (Role.MANAGER, "manager@center.example", frozenset({"health:read"})),
    (Role.ADMIN, "admin@center.example", frozenset({"health:read"})),
)


def serve(settings: Settings) -> None:
    """Run the gateway until it is told to stop; the embedded database stops with it.

    Raises:
        CannotStart: the address is taken, or the database cannot be reached.
    """
    # Uvicorn hands a signal on to the handler it found, and only an exception lets the database stop too.
    # Not KeyboardInterrupt: one that left an exec() of text makes Python end as if nobody had caught it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    configure_logs(settings.log_level)
    _require_free_address(settings.host, settings.port)
    with running_database(settings) as database:
        with ProgressBar() as bar:
            prepare(settings, database.url, today_in_seoul(), bar.show)
        _greet(settings, database)
        _run(settings, database.serving_url)


def worker_app() -> Starlette:
    """Return the server of a worker process, which stops when its parent is gone, even by SIGKILL."""
    Thread(target=_stop_after_parent, name="parent-watch", daemon=True).start()
    return _settled(app_from_environment())


def _stop_after_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _require_free_address(host: str, port: int) -> None:
    """Find out before the database starts, and say it in words."""
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            with socket.socket(family, kind, protocol) as candidate:
                candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                candidate.bind(address)
    except OSError as error:
        raise CannotStart(
            f"cannot listen on {host}, port {port}: {error.strerror}; set PORT or HOST to another"
        ) from None


def _run(settings: Settings, database_url: str) -> None:
    alone = settings.workers == 1
    if not alone:
        hand_down({"DATABASE_URL": database_url})
        if secret := settings.signing_secret:
            hand_down({"JWT_SECRET": secret})
        # a worker has to understand what another one gave out
        hand_down({"CURSOR_SECRET": settings.secret_of_cursors or random_secret()})
    uvicorn.run(
        _settled(create_app(settings, database_url)) if alone else "gateway.serve:worker_app",
        factory=not alone,
        workers=settings.workers,
        # on a busy machine a worker imports for seconds; ended too soon it would begin anew forever
        timeout_worker_healthcheck=_WORKER_SECONDS,
        host=settings.host,
        port=settings.port,
        http=bounded_connections(request_bounds(settings)),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_GRACEFUL_SECONDS,
    )


def _settled(app: Starlette) -> Starlette:
    """Keep the garbage collector from what lives as long as the process; it looks at the rest much faster."""
    gc.collect()
    gc.freeze()
    return app


def _stop(_: int, __: FrameType | None) -> None:
    sys.exit(0)


def _greet(settings: Settings, database: RunningDatabase) -> None:
    """Print the addresses and, in development, a token a role and the contract's first curl line."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    base = f"http://{host}:{settings.port}"
    click.echo(f"Database  {database.description}")
    click.echo(f"GraphQL   {base}/graphql (in a browser: GraphiQL; a token goes into its Headers tab)")
    click.echo(f"REST      {base}/api/v1 (described by {base}/api/v1/openapi.json)")
    click.echo(f"Health    {base}/livez {base}/readyz")
    tokens = token_maker(settings)
    if not settings.development or tokens is None:
        return
    click.echo(f"\nTokens, good for {_TOKEN_LIFETIME.seconds // 3600} hours:")
    token = ""
    for role, subject, scopes in _DEMO_TOKENS:
        token = tokens.make(subject=subject, role=role, scopes=scopes, lifetime=_TOKEN_LIFETIME)
        click.echo(f"\n{role} ({subject})\n{token}")
    click.echo(f'\nTry it:\ncurl -X GET "{base}/api/v1/customers/123/detail" \\')
    click.echo(f'  -H "Authorization: Bearer {token}"\n')
