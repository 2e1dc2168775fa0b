"""Whether the server lives, and whether it is ready to answer."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from db.engine import Database, DatabaseUnavailable, Reader
from db.migrate import newest_migration
from db.queries.migrations import applied_migration


class Health:
    """The two questions that an orchestrator asks."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._newest = newest_migration()

    async def live(self, _: Request) -> JSONResponse:
        """Answer that the process runs; says nothing about the database."""
        return JSONResponse({"status": "ok"})

    async def ready(self, _: Request) -> JSONResponse:
        """Answer 200 when the database is there and fully migrated, else 503 with the reasons."""
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
        return JSONResponse(
            {"status": "ok" if ready else "unavailable", "checks": checks}, 200 if ready else 503
        )
