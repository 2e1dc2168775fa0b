"""One record of the disclosure audit."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Customers for whom the same field classes came out the same way."""

    customers: tuple[int, ...]
    returned: tuple[str, ...]
    masked: tuple[str, ...]
    denied: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One operation, as the audit keeps it."""

    at: datetime
    actor: str | None
    role: str | None
    address: str | None
    user_agent: str | None
    door: str
    task: str
    operation: str | None
    document_hash: str | None
    outcome: str
    request_id: str
    disclosures: tuple[Disclosure, ...]
