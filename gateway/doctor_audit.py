"""`doctor` on the audit: whom connections act as, what they could do to records, and the months ahead."""

import asyncio
from collections.abc import Sequence

from db.audit import Acting, acting_user, forbidden_rights, months_made
from db.engine import ROLE, Database
from db.urls import is_pooled
from gateway.findings import Finding

_WAIT_SECONDS = 5.0
_NEEDED_MONTHS = 2  # this one and the next; the gateway itself makes more of them ahead, and daily

_GRANTS = "the grants of db/migrations/versions/0004_disclosure_audit.py"


def audit_findings(url: str) -> list[Finding]:
    """Look through a connection made as the gateway makes its own."""
    return asyncio.run(_look(url))


async def _look(url: str) -> list[Finding]:
    database = Database(url, size=1, wait_seconds=_WAIT_SECONDS)
    await database.open()
    try:
        acting = await acting_user(database)
        findings = [_role(acting, pooled=is_pooled(url))]
        if acting.audit_exists:
            findings.append(_rights(acting, await forbidden_rights(database)))
            findings.append(_months(await months_made(database)))
        return findings
    finally:
        await database.close()


def _role(acting: Acting, *, pooled: bool) -> Finding:
    if acting.user == ROLE:
        return Finding("role", fine=True, words=f"connections assume {ROLE}")
    stay = f"connections stay {acting.user}'s"
    if not acting.audit_exists:
        words = f"{stay}: the database is not migrated"
        return Finding("role", fine=False, words=words, advice="run python -m gateway migrate")
    if pooled:
        # what matters then is what this user may do, which is told next
        words = f"{stay}: behind a transaction pooler no role is assumed"
        advice = f"give DATABASE_URL a login of its own that begins in it: ALTER ROLE ... SET role = {ROLE}"
        return Finding("role", fine=True, words=words, advice=advice)
    if not acting.role_exists:
        advice = (
            f'as a superuser: CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO "{acting.user}"; then {_GRANTS}'
        )
        return Finding("role", fine=False, words=f"{stay}: there is no role {ROLE}", advice=advice)
    if not acting.may_assume:
        advice = f'let somebody who may: GRANT {ROLE} TO "{acting.user}"'
        return Finding("role", fine=False, words=f"{stay}, who is no member of {ROLE}", advice=advice)
    words = f"{stay}: {ROLE} may not use this database's schema gateway"
    return Finding("role", fine=False, words=words, advice=f"run {_GRANTS}")


def _rights(acting: Acting, forbidden: Sequence[str]) -> Finding:
    if not forbidden:
        return Finding("audit rights", fine=True, words=f"{acting.user} can change no record")
    if acting.user == ROLE:
        advice = f"take them from {ROLE}, and let it own no table of the audit"
    else:
        advice = f"let connections assume {ROLE}, or be a member's of it who has no rights of its own"
    words = f"{acting.user} can change records: {', '.join(forbidden)}"
    return Finding("audit rights", fine=False, words=words, advice=advice)


def _months(made: Sequence[tuple[str, bool]]) -> Finding:
    missing = [month for month, there in made[:_NEEDED_MONTHS] if not there]
    if missing:
        advice = "start the gateway, which makes them; or SELECT gateway.ensure_audit_partitions(3)"
        words = f"no partition for {', '.join(missing)}"
        return Finding("audit months", fine=False, words=words, advice=advice)
    last = max(month for month, there in made if there)
    return Finding("audit months", fine=True, words=f"partitions until {last}")
