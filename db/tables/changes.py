"""What the change feed and the summaries leave for the dispatcher, in schema `gateway`; see `db/changes`.

The tables are filled and emptied all day: no keys and no indexes, so that a writer waits for nobody.
"""

from sqlalchemy import CheckConstraint, Column, Date, Integer, Table, text

from db.tables.center import metadata
from db.tables.gateway import SCHEMA

customer_change = Table(
    "customer_change",
    metadata,
    Column("customer_id", Integer),
    comment="Whose data changed and was not told yet; null means everybody's",
    schema=SCHEMA,
    prefixes=["UNLOGGED"],
)

summary_recount = Table(
    "summary_recount",
    metadata,
    Column("customer_id", Integer, nullable=False),
    comment="Whose summary is to be counted again, after the commit",
    schema=SCHEMA,
)

summary_day = Table(
    "summary_day",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, server_default=text("1")),
    Column("day", Date, nullable=False),
    CheckConstraint("id = 1", name="summary_day_one_row"),
    comment="The day in Asia/Seoul up to which rows written ahead have been counted",
    schema=SCHEMA,
)
