"""Invented audit records, and ways to write them and to tamper with them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg

from db.audit import AuditRecord, Disclosure
from db.engine import Database
from gateway.audit import AuditLog


def a_disclosure(*customers: int, **classes: tuple[str, ...]) -> Disclosure:
    """Return a disclosure of the open fields of some customers."""
    return Disclosure(customers, **{"returned": ("open",), "masked": (), "denied": (), **classes})


def a_record(**changes: Any) -> AuditRecord:
    """Return the record of a harmless query of now."""
    record = AuditRecord(
        at=datetime.now(UTC),
        actor="staff@center.example",
        role="STAFF",
        address="192.0.2.7",
        user_agent="a browser",
        door="graphql",
        task="query",
        operation="CustomerDetail",
        document_hash="ab" * 32,
        outcome="OK",
        request_id=uuid4().hex,
        disclosures=(a_disclosure(123),),
    )
    return replace(record, **changes)


@asynccontextmanager
async def open_log(url: str, *, wait_seconds: float = 10, capacity: int = 1000) -> AsyncIterator[AuditLog]:
    """Give an audit log, and close it at the end."""
    database = Database(url, size=1, wait_seconds=wait_seconds)
    log = AuditLog(database, wait_seconds=wait_seconds, capacity=capacity)
    await log.open()
    try:
        yield log
    finally:
        await log.close()


def write(url: str, records: Sequence[AuditRecord]) -> None:
    """Commit records in one chain, in their order."""

    async def commit_all() -> None:
        async with open_log(url) as log:
            await asyncio.gather(*(log.commit(record) for record in records))

    asyncio.run(commit_all())


def rows(url: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Run a statement as the owner of the database."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement, values)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []


def tamper(url: str, statement: str, *values: object) -> None:
    """Run a statement as an owner who has put every trigger out of action."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement, values)  # type: ignore[arg-type]
