"""The audit record of a request: who asked from where for what, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address

from starlette.requests import Request

from access import Viewer
from db.audit import AuditRecord, Disclosure
from gateway.audit.log import AuditLog

OK = "OK"
"""The outcome of an operation without errors; otherwise it is the code of the gravest."""

STARTED = "STARTED"
"""The outcome that stands in the record made before a write runs: no write without a record of it."""

_LONGEST_USER_AGENT = 200


@dataclass(frozen=True, slots=True)
class Source:
    """Where a request came from, and through which door."""

    door: str
    address: str | None
    user_agent: str | None
    request_id: str


@dataclass(frozen=True, slots=True)
class Task:
    """What a caller wants done: a query or a mutation, its name, and the SHA-256 of its document."""

    kind: str = "unknown"
    name: str | None = None
    document_hash: str | None = None


def source_of(request: Request, door: str) -> Source:
    """Return where a request came from."""
    agent = request.headers.get("user-agent")
    return Source(
        door=door,
        address=_network_address(request.client.host) if request.client else None,
        user_agent=agent[:_LONGEST_USER_AGENT] if agent else None,
        request_id=request.state.request_id,
    )


def _network_address(host: str) -> str | None:
    """Return an address as the audit keeps it; None where a proxy's X-Forwarded-For holds something else.

    Behind the percent sign of an IPv6 address anything may stand, too.
    """
    try:
        return str(ip_address(host.partition("%")[0]))
    except ValueError:
        return None


class Recorder:
    """Commits a record for each request, before its answer leaves."""

    def __init__(self, audit: AuditLog, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._audit = audit
        self._clock = clock

    async def record(
        self,
        source: Source,
        viewer: Viewer | None,
        task: Task,
        outcome: str,
        disclosures: tuple[Disclosure, ...] = (),
    ) -> None:
        """Return when the record is committed; `viewer` is None where no token was trusted.

        Raises:
            AuditUnavailable: it could not be; nothing may be disclosed.
        """
        await self._audit.commit(
            AuditRecord(
                at=self._clock(),
                actor=viewer.subject if viewer else None,
                role=str(viewer.role) if viewer else None,
                address=source.address,
                user_agent=source.user_agent,
                door=source.door,
                task=task.kind,
                operation=task.name,
                document_hash=task.document_hash,
                outcome=outcome,
                request_id=source.request_id,
                disclosures=disclosures,
            )
        )
