"""Steps of a migration that lock nothing for long on a live database, and may run again after a cut.

A step that needs a lock which writers feel gives up after `LOCK_MILLISECONDS`; `db.migrate` runs the
migration again a moment later. All but `lock_tables` commit what the migration did before them: they come
first in it, or alone.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

# Longer than deadlock_timeout (1 s by default), when a waiting migration makes autovacuum give way; shorter
# than twice that, so that in a deadlock it is the migration that ends and never the center's transaction.
LOCK_MILLISECONDS = 1500

_SET_LIMIT = f"SET lock_timeout = {LOCK_MILLISECONDS}"
_LIMIT_STATEMENT = f"SET LOCAL statement_timeout = {LOCK_MILLISECONDS}"
_INDEX_IS_VALID = sa.text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
_CONSTRAINT_IS_VALID = sa.text(
    "SELECT convalidated FROM pg_constraint WHERE conrelid = to_regclass(:table) AND conname = :name"
)


def limit_locks(connection: sa.Connection) -> None:
    """Let the connection give up a lock that it waits for too long, and nothing else."""
    connection.exec_driver_sql(_SET_LIMIT)
    connection.exec_driver_sql("SET statement_timeout = 0")


def lock_tables(*tables: str) -> None:
    """Take the locks that triggers on these tables and references to them need: all in time, or none.

    One after the other, as the statements that need them would, the waits could add up, and whoever writes
    into a table that is locked already would wait for all of them.
    """
    op.execute(_LIMIT_STATEMENT)
    op.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")
    op.execute("SET LOCAL statement_timeout = 0")


def build_index(table: str, name: str, definition: str) -> None:
    """Build an index while others write, unless it stands; replace an invalid one that a cut-off build left.

    A table without rows, as in a fresh database, gets it within the migration's transaction, which is faster.

    Args:
        table: with its schema, which the index goes into too.
        name: of the index, without a schema.
        definition: what follows the table's name, such as `(customer_id, service_date DESC)`.
    """
    place = f"{table.partition('.')[0]}.{name}"
    valid = op.get_bind().scalar(_INDEX_IS_VALID, {"name": place})
    if valid:
        return
    if not op.get_bind().scalar(sa.text(f"SELECT EXISTS (SELECT FROM {table})")):
        op.execute(f"DROP INDEX IF EXISTS {place}")
        op.execute(f"CREATE INDEX {name} ON {table} {definition}")
        return
    with op.get_context().autocommit_block():
        # it waits for every older transaction, and nobody who reads or writes waits for it
        op.execute("SET lock_timeout = 0")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {place}")
        op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {table} {definition}")
        op.execute(_SET_LIMIT)


def add_constraint(table: str, name: str, definition: str) -> None:
    """Add a CHECK or a FOREIGN KEY, and only then hold the rows that are there against it.

    New rows are checked at once, under a short lock; the old ones while others write.

    Args:
        table: with its schema.
        name: of the constraint.
        definition: such as `CHECK (amount >= 0)`.
    """
    with op.get_context().autocommit_block():
        valid = op.get_bind().scalar(_CONSTRAINT_IS_VALID, {"table": table, "name": name})
        if valid is None:
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition} NOT VALID")
        if not valid:
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def backfill(
    table: str, key: str, statement: str, *, values: Mapping[str, Any] | None = None, batch: int = 10_000
) -> None:
    """Run a statement for all rows in batches of consecutive keys, each committed at once.

    Run again after a cut, it goes over finished batches once more; so it has to leave alone what is as it
    should be: `UPDATE t SET b = ... WHERE id BETWEEN :since AND :until AND b IS NULL`.

    Args:
        table: whose keys to walk through.
        key: an integer column with an index.
        statement: names the keys of a batch as `:since` and `:until`, both included.
        values: the statement's other parameters.
        batch: rows at most.
    """
    last_of_batch = sa.text(
        f"SELECT max({key}) FROM (SELECT {key} FROM {table} WHERE {key} >= :since "
        f"ORDER BY {key} LIMIT :batch) batch"
    )
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        since = connection.scalar(sa.text(f"SELECT min({key}) FROM {table}"))
        while since is not None:
            until = connection.scalar(last_of_batch, {"since": since, "batch": batch})
            if until is None:
                return
            connection.execute(sa.text(statement), {**(values or {}), "since": since, "until": until})
            since = until + 1
