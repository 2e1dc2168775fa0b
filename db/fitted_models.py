"""Fitted models as they are stored: begun, filled part by part, published in one moment, read back."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

from db.engine import Database
from db.fitting.session import FittingConnection

KEPT = 30
"""So many published models stay, so that what an older answer was made with can be looked up."""


@dataclass(frozen=True, slots=True)
class CenterData:
    """What there is to fit to: tells whether a fit that was cut off can go on where it stopped."""

    customers: int
    data_from: date | None
    data_until: date | None


@dataclass(frozen=True, slots=True)
class UnfinishedModel:
    """A model that is being fitted. `parts` is the JSON of what is there already, by its name."""

    version: str
    parts: dict[str, str]


@dataclass(frozen=True, slots=True)
class FittedModel:
    """A published model. `parts` is the JSON of each part, by its name."""

    version: str
    as_of: date
    published_at: datetime
    parts: dict[str, str]


@dataclass(frozen=True, slots=True)
class ModelState:
    """What there is, told without reading it.

    Attributes:
        version: Of the newest published model; None before the first.
        as_of: The day of that model.
        measures: How many distributions are stored.
        gathered_at: When the newest of them was computed.
        gathered_for: The day of the oldest of them.
        gathered_lately: Whether all of them are less than an hour old.
    """

    version: str | None
    as_of: date | None
    measures: int
    gathered_at: datetime | None
    gathered_for: date | None
    gathered_lately: bool


# as text, since each part is read by the type of its own
_PARTS: LiteralString = """
       ARRAY(SELECT key FROM jsonb_each(parts) ORDER BY key),
       ARRAY(SELECT value::text FROM jsonb_each(parts) ORDER BY key)
"""

_STATE: LiteralString = """
SELECT m.version, m.as_of, q.*
  FROM (SELECT count(*), max(computed_at), min(as_of),
               coalesce(min(computed_at) > now() - interval '1 hour', false)
          FROM gateway.population_quantiles) q
  LEFT JOIN (SELECT version, as_of FROM gateway.fitted_model
              WHERE published_at IS NOT NULL ORDER BY published_at DESC LIMIT 1) m ON true
"""

_NEWEST: LiteralString = f"""
SELECT version, as_of, published_at, {_PARTS}
  FROM gateway.fitted_model WHERE published_at IS NOT NULL ORDER BY published_at DESC LIMIT 1
"""

_PUBLISHED: LiteralString = """
SELECT version, as_of FROM gateway.fitted_model
 WHERE published_at IS NOT NULL ORDER BY published_at DESC LIMIT 1
"""

_CENTER: LiteralString = """
SELECT count(*)::integer, min(first_visit_on), least(max(last_visit_on), %(as_of)s)
  FROM public.customers LEFT JOIN gateway.customer_summary USING (customer_id)
"""

_UNFINISHED: LiteralString = f"""
SELECT version, {_PARTS}
  FROM gateway.fitted_model
 WHERE published_at IS NULL AND as_of = %(as_of)s AND customers = %(customers)s
   AND (data_from, data_until) IS NOT DISTINCT FROM (%(data_from)s::date, %(data_until)s::date)
 ORDER BY started_at DESC LIMIT 1
"""

_DROP_OTHERS: LiteralString = """
DELETE FROM gateway.fitted_model WHERE published_at IS NULL AND version IS DISTINCT FROM %(version)s
"""

# counted on from the last one of the day, and not from how many there are: some may have been removed
_BEGIN: LiteralString = """
INSERT INTO gateway.fitted_model (version, as_of, data_from, data_until, customers)
SELECT %(day)s || '-' || 1 + coalesce(max(split_part(version, '-', 2)::integer), 0), %(as_of)s,
       %(data_from)s, %(data_until)s, %(customers)s
  FROM gateway.fitted_model WHERE version LIKE %(day)s || '-%%'
RETURNING version
"""

_STORE_PART: LiteralString = """
UPDATE gateway.fitted_model SET parts = parts || jsonb_build_object(%(name)s::text, %(part)s::jsonb)
 WHERE version = %(version)s
"""

_PUBLISH: LiteralString = "UPDATE gateway.fitted_model SET published_at = now() WHERE version = %(version)s"

_DROP_OLD: LiteralString = """
DELETE FROM gateway.fitted_model WHERE version IN (
       SELECT version FROM gateway.fitted_model WHERE published_at IS NOT NULL
        ORDER BY published_at DESC OFFSET %(kept)s)
"""


async def model_state(database: Database) -> ModelState:
    """Return what there is, by one cheap statement."""
    ((version, as_of, *quantiles),) = await database.fetch(_STATE, {})
    return ModelState(version, as_of, *quantiles)


async def newest_model(database: Database) -> FittedModel | None:
    """Return the newest published model."""
    rows = await database.fetch(_NEWEST, {})
    return _model(*rows[0]) if rows else None


def published_model(connection: FittingConnection) -> tuple[str, date] | None:
    """Return version and day of the newest published model; None before the first."""
    row = connection.execute(_PUBLISHED).fetchone()
    return (row[0], row[1]) if row else None


def center_data(connection: FittingConnection, as_of: date) -> CenterData:
    """Return what there is to fit to."""
    row = connection.execute(_CENTER, {"as_of": as_of}).fetchone()
    return CenterData(*row) if row else CenterData(0, None, None)


def begin_or_resume(connection: FittingConnection, as_of: date, data: CenterData) -> UnfinishedModel:
    """Return the model that a fit of the same day and data left unfinished, or else begin a new one.

    Other unfinished ones are removed. The caller holds the lock of fitting.
    """
    wanted = {
        "as_of": as_of,
        "day": as_of.strftime("%Y.%m.%d"),
        "customers": data.customers,
        "data_from": data.data_from,
        "data_until": data.data_until,
    }
    with connection.transaction():
        row = connection.execute(_UNFINISHED, wanted).fetchone()
        connection.execute(_DROP_OTHERS, {"version": row[0] if row else None})
        if row:
            return UnfinishedModel(row[0], dict(zip(row[1], row[2], strict=True)))
        begun = connection.execute(_BEGIN, wanted).fetchone()
    return UnfinishedModel(begun[0] if begun else "", {})


def store_part(connection: FittingConnection, version: str, name: str, part: str) -> None:
    """Add a part, in JSON, to an unfinished model."""
    connection.execute(_STORE_PART, {"version": version, "name": name, "part": part})


def publish(connection: FittingConnection, version: str) -> None:
    """Make a model the newest one, in one moment, and remove those that are too old to be kept."""
    with connection.transaction():
        connection.execute(_PUBLISH, {"version": version})
        connection.execute(_DROP_OLD, {"kept": KEPT})


def _model(
    version: str, as_of: date, published_at: datetime, names: list[str], parts: list[str]
) -> FittedModel:
    return FittedModel(version, as_of, published_at, dict(zip(names, parts, strict=True)))
