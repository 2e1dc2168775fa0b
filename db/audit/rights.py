"""Whom the gateway's connections act as, and whether that user could change what the audit holds."""

from dataclasses import dataclass
from typing import LiteralString

from db.engine import ROLE, Database

_ACTING: LiteralString = """
SELECT current_user::text,
       count(oid) > 0,
       coalesce(bool_or(pg_has_role(session_user, oid,
           CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END)),
           false),
       EXISTS (SELECT FROM pg_catalog.pg_class
                WHERE relname = 'audit_record' AND relnamespace = to_regnamespace('gateway'))
  FROM pg_catalog.pg_roles WHERE rolname = %(role)s
"""

# The heads of the chains move, so that some of their columns may be updated; no head may vanish.
# An owner can put every trigger out of action that would refuse a change.
_FORBIDDEN: LiteralString = """
WITH guarded AS (
    SELECT relid AS oid, ARRAY['UPDATE', 'DELETE', 'TRUNCATE'] AS rights
      FROM pg_partition_tree('gateway.audit_record')
     UNION ALL
    SELECT 'gateway.audit_chain'::regclass, ARRAY['DELETE', 'TRUNCATE']
)
SELECT granted FROM guarded, unnest(rights) AS granted
 WHERE has_table_privilege(oid, granted) OR (granted = 'UPDATE' AND has_any_column_privilege(oid, granted))
 UNION
SELECT 'ownership' FROM guarded JOIN pg_catalog.pg_class USING (oid) WHERE pg_has_role(relowner, 'USAGE')
 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Acting:
    """The user that a connection acts as, once it assumed its role or could not; and why it could not.

    `may_assume` is about the user that the connection logged in as.
    """

    user: str
    role_exists: bool
    may_assume: bool
    audit_exists: bool


async def acting_user(database: Database) -> Acting:
    """Return whom connections act as, in a database that need not be migrated."""
    ((user, role_exists, may_assume, audit_exists),) = await database.fetch(_ACTING, {"role": ROLE})
    return Acting(user, role_exists, may_assume, audit_exists)


async def forbidden_rights(database: Database) -> list[str]:
    """Return the rights, such as "UPDATE" or "ownership", by which connections could change the audit."""
    return [right for (right,) in await database.fetch(_FORBIDDEN, {})]
