"""Whether the server lives, and whether it is ready to answer."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse

from db.engine import Database, DatabaseUnavailable, Reader
from db.migrate import newest_migration
from db.queries.migrations import applied_migration
from db.replica import Replica
from db.replication import ReplicaState
from gateway.audit import AuditLog
from gateway.changes import ChangeFeed, FeedState
from gateway.limits import Counting, RateLimits

_LIMITS: Mapping[Counting, str] = {
    "local": "ok",
    "shared": "ok",
    "away": "RATE_LIMIT_URL does not answer: each worker counts for itself",
}

_CHANGES: Mapping[FeedState, str] = {
    "heard": "ok",
    "lost": "not heard: every answer is read anew",
    "off": "not heard behind a pooler without DATABASE_DIRECT_URL: every answer is read anew",
}

_REPLICA: Mapping[ReplicaState, str] = {
    "used": "ok",
    "behind": "lags too far behind: the primary answers",
    "away": "DATABASE_REPLICA_URL does not answer: the primary does",
    "promoted": "DATABASE_REPLICA_URL is no standby: the primary answers",
    "foreign": "DATABASE_REPLICA_URL is no standby of this database: the primary answers",
}


class Health:
    """The two questions that an orchestrator asks."""

    def __init__(
        self,
        database: Database,
        limits: RateLimits,
        audit: AuditLog,
        changes: ChangeFeed,
        replica: Replica | None,
    ) -> None:
        self._database = database
        self._limits = limits
        self._audit = audit
        self._changes = changes
        self._replica = replica
        self._newest = newest_migration()

    async def live(self, _: Request) -> JSONResponse:
        """Answer that the process runs; says nothing about the database."""
        return JSONResponse({"status": "ok"})

    async def ready(self, _: Request) -> JSONResponse:
        """Answer 200 when the database is there and fully migrated, else 503 with the reasons.

        Requests are answered without the store of the limits, the change feed and a read replica too, so
        their state is told and no reason. Nor is an audit log that failed at its last try: nobody but a
        request makes it try again, and a server that is not ready gets none.
        """
        checks = {"database": "ok", "migrations": "ok"}
        try:
            applied = await applied_migration(Reader(self._database))
        except DatabaseUnavailable:
            checks = {"database": "unavailable", "migrations": "unknown"}
        else:
            if applied != self._newest:
                checks["migrations"] = (
                    f"at {applied or 'nothing'}, not at {self._newest}: run python -m gateway migrate"
                )
        ready = set(checks.values()) == {"ok"}
        checks["audit"] = "failing" if self._audit.health.failing else "ok"
        checks["changes"] = _CHANGES[self._changes.state]
        checks["limits"] = _LIMITS[self._limits.counting]
        if self._replica is not None:
            checks["replica"] = _REPLICA[self._replica.state]
        return JSONResponse(
            {"status": "ok" if ready else "unavailable", "checks": checks}, 200 if ready else 503
        )
