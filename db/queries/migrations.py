"""Which migration a database is at, asked through the pool."""

from typing import LiteralString

from db.engine import Reader

_HAS_MIGRATIONS: LiteralString = "SELECT to_regclass('gateway.alembic_version') IS NOT NULL"

_APPLIED: LiteralString = "SELECT version_num FROM gateway.alembic_version"


async def applied_migration(reader: Reader) -> str | None:
    """Return the newest migration that has run; None before the first."""
    has_migrations = await reader.fetch(_HAS_MIGRATIONS, {})
    if not has_migrations[0][0]:
        return None
    rows = await reader.fetch(_APPLIED, {})
    return rows[0][0] if rows else None
