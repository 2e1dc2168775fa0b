"""The assembly: what the server is made of, from the outside in."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from db.engine import Database
from db.replica import Replica
from gateway.audit import AuditLog, AuditUnavailable, Recorder
from gateway.bounds import operation_bounds
from gateway.changes import ChangeFeed
from gateway.fitting.background import BackgroundFit
from gateway.guard import Guard, request_bounds
from gateway.health import Health
from gateway.http_graphql import GraphQLDoor, refuse
from gateway.identity import REFUSALS, build_identity
from gateway.limits import RateLimits
from gateway.logs import configure_logs
from gateway.middleware import RequestId
from gateway.models import ModelKeeper
from gateway.opening_hours import read_opening_hours
from gateway.operations import Operations
from gateway.rest import RestOperations
from gateway.settings import Settings, read_settings
from gateway.signing_secret import random_secret
from resolvers.cache import DomainCache
from resolvers.cursors import Cursors
from rest_compat import rest_app
from schema import build_schema

VERSION = "0.1.0"

ExceptionHandler = Callable[[Request, Exception], Awaitable[Response]]

_REFUSED: tuple[Any, ...] = (HTTPException, AuditUnavailable, *REFUSALS, Exception)
_SEOUL = ZoneInfo("Asia/Seoul")
_REST = "/api/v1"


def today_in_seoul() -> date:
    """Return the center's day."""
    return datetime.now(_SEOUL).date()


def create_app(
    settings: Settings, database_url: str, today: Callable[[], date] = today_in_seoul
) -> Starlette:
    """Put the server together. Nothing is opened before its lifespan begins."""
    database = Database(
        database_url, size=settings.database_pool, wait_seconds=settings.database_wait_seconds
    )
    direct_url = settings.database_direct_url or database_url
    replica = _replica(settings, database, database_url)
    audit = AuditLog(
        Database(database_url, size=1, wait_seconds=settings.audit_wait_seconds),
        wait_seconds=settings.audit_wait_seconds,
        capacity=settings.audit_queue,
    )
    identity = build_identity(settings, database)
    store = settings.rate_limit_url
    limits = RateLimits(
        settings.quotas,
        url=store.get_secret_value() if store else None,
        wait_seconds=settings.rate_limit_wait_seconds,
    )
    keeper = ModelKeeper(
        database,
        today=today,
        seconds=settings.model_check_seconds,
        background=BackgroundFit(database, direct_url, log_level=settings.log_level)
        if settings.model_refresh
        else None,
    )
    changes = ChangeFeed(direct_url)
    cache = DomainCache(settings.cache_rows, is_current=lambda: changes.is_current)
    # the replica first: what the cache drops is read again at once
    changes.subscribe(*([replica] if replica else []), cache)
    operations = Operations(
        build_schema(),
        database,
        limits,
        Recorder(audit),
        keeper,
        cache=cache,
        replica=replica,
        today=today,
        hours=read_opening_hours(settings.opening_hours),
        cursors=Cursors(settings.secret_of_cursors or random_secret()),
        bounds=operation_bounds(settings),
    )
    graphql = GraphQLDoor(operations, identity, show_statements=settings.development)
    rest = rest_app(
        RestOperations(operations, identity), version=VERSION, show_statements=settings.development
    )
    health = Health(database, limits, audit, changes, replica)
    refused = _refusal(rest)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        await database.open()
        if replica is not None:
            await replica.open()
        await audit.open()
        await limits.open()
        await keeper.open()
        await changes.open()
        yield
        await changes.close()
        await keeper.close()
        await limits.close()
        await audit.close()
        if replica is not None:
            await replica.close()
        await database.close()

    app = Starlette(
        routes=[
            Route("/", _index),
            *(Route(path, graphql.answer, methods=["GET", "POST"]) for path in ("/graphql", "/graphql/")),
            Route("/livez", health.live),
            Route("/readyz", health.ready),
            Mount(_REST, rest),
        ],
        middleware=[
            Middleware(RequestId),
            Middleware(
                CORSMiddleware,
                allow_origins=settings.origins,
                allow_credentials=True,
                allow_methods=["GET", "POST", "PUT"],
                allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
                expose_headers=["X-Request-ID", "Retry-After", "RateLimit", "RateLimit-Policy"],
            ),
            Middleware(Guard, bounds=request_bounds(settings), refuse=refused),
        ],
        exception_handlers=dict.fromkeys(_REFUSED, refused),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


def app_from_environment() -> Starlette:
    """Return the server of a worker process, whose settings its parent handed down."""
    settings = read_settings()
    configure_logs(settings.log_level)
    if settings.database_url is None:
        raise RuntimeError("a worker needs DATABASE_URL: start the server with python -m gateway serve")
    return create_app(settings, settings.database_url)


def _replica(settings: Settings, primary: Database, primary_url: str) -> Replica | None:
    if settings.database_replica_url is None:
        return None
    return Replica(
        primary,
        primary_url=primary_url,
        replica_url=settings.database_replica_url,
        size=settings.database_pool,
        wait_seconds=settings.database_wait_seconds,
        staleness_seconds=settings.replica_staleness_seconds,
    )


def _refusal(rest: Starlette) -> ExceptionHandler:
    """Return who answers a request that reached no endpoint: the door whose address it had."""
    refuse_in_envelope = cast("ExceptionHandler", rest.exception_handlers[HTTPException])

    async def refused(request: Request, error: Exception) -> Response:
        # a path that Mount cannot match, such as one with a line break, is REST's all the same
        if request.url.path.startswith(_REST):
            return await refuse_in_envelope(request, error)
        return await refuse(request, error)

    return refused


async def _index(_: Request) -> JSONResponse:
    return JSONResponse(
        {
            "name": "wellness-gateway",
            "version": VERSION,
            "graphql": "/graphql",
            "rest": "/api/v1/openapi.json",
            "health": ["/livez", "/readyz"],
        }
    )
