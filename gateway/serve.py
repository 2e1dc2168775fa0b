"""`serve`: the database, the worker processes and the words on the terminal, from start to clean stop."""

import signal
import sys
from datetime import timedelta
from types import FrameType

import click
import uvicorn

from access import Role
from gateway.app import create_app, today_in_seoul
from gateway.authentication import Tokens
from gateway.logs import configure_logs
from gateway.progress import ProgressBar
from gateway.settings import Settings, hand_down
from gateway.startup import RunningDatabase, prepare, running_database

_TOKEN_LIFETIME = timedelta(hours=12)
_GRACEFUL_SECONDS = 10

_DEMO_TOKENS = (
    (Role.STAFF, "staff@center.example", frozenset[str]()),
    (Role.MANAGER, "manager@center.example", frozenset({"health:read"})),
    (Role.ADMIN, "admin@center.example", frozenset({"health:read"})),
)


def serve(settings: Settings) -> None:
    """Run the gateway until it is told to stop; the embedded database stops with it.

    Raises:
        CannotStart: the database cannot be reached.
    """
    # uvicorn hands a signal on to the handler it found, and only an exception lets the database stop too
    signal.signal(signal.SIGTERM, _stop)
    configure_logs(settings.log_level)
    try:
        with running_database(settings) as database:
            with ProgressBar() as bar:
                prepare(settings, database.url, today_in_seoul(), bar.show)
            _greet(settings, database)
            _run(settings, database.url)
    except KeyboardInterrupt:
        pass


def _run(settings: Settings, database_url: str) -> None:
    if settings.workers == 1:
        uvicorn.run(
            create_app(settings, database_url),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=_GRACEFUL_SECONDS,
        )
        return
    hand_down({"DATABASE_URL": database_url, "JWT_SECRET": settings.signing_secret})
    uvicorn.run(
        "gateway.app:app_from_environment",
        factory=True,
        workers=settings.workers,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_GRACEFUL_SECONDS,
    )


def _stop(_: int, __: FrameType | None) -> None:
    sys.exit(0)


def _greet(settings: Settings, database: RunningDatabase) -> None:
    """Print the addresses and, in development, a token a role and the contract's first curl line."""
    base = f"http://{settings.host}:{settings.port}"
    click.echo(f"Database  {database.description}")
    click.echo(f"GraphQL   {base}/graphql (open it in a browser for GraphiQL)")
    click.echo(f"REST      {base}/api/v1 (described by {base}/api/v1/openapi.json)")
    click.echo(f"Health    {base}/livez {base}/readyz")
    if not settings.development:
        return
    tokens = Tokens(settings.signing_secret)
    click.echo(f"\nTokens, good for {_TOKEN_LIFETIME.seconds // 3600} hours:")
    token = ""
    for role, subject, scopes in _DEMO_TOKENS:
        token = tokens.make(subject=subject, role=role, scopes=scopes, lifetime=_TOKEN_LIFETIME)
        click.echo(f"\n{role} ({subject})\n{token}")
    click.echo(f'\nTry it:\ncurl -X GET "{base}/api/v1/customers/123/detail" \\')
    click.echo(f'  -H "Authorization: Bearer {token}"\n')
