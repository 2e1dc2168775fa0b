"""What the audit keeps of one operation: who, when, where from, what, and whose data came out how."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from operator import attrgetter

_LONGEST_TEXT = 400  # characters: an index entry, which is what bounds it, has room for 2700 bytes
_LARGEST_CUSTOMER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Customers for whom the same field classes came out the same way.

    The classes are the policy's words: "open", "contact", "personal", "money", "health".
    """

    customers: tuple[int, ...]
    returned: tuple[str, ...]
    masked: tuple[str, ...]
    denied: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One operation, as the audit keeps it: no variables, no values, only whose data and of which classes.

    `at` is aware. `actor` is the token's subject; without a trusted token, actor and role are None. `address`
    is where the request came from, `door` which way ("graphql", "rest"). `task` is "query", "mutation",
    "subscription" or "unknown", `operation` its name, `document_hash` the SHA-256 of the document's text in
    hexadecimal. `outcome` is "OK", "STARTED" (a write that is about to run) or an error code.
    """

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


_TEXTS = (
    "actor",
    "role",
    "address",
    "user_agent",
    "door",
    "task",
    "operation",
    "document_hash",
    "outcome",
    "request_id",
)
_texts_of = attrgetter(*_TEXTS)


def customers_of(disclosures: Sequence[Disclosure]) -> list[int]:
    """Return everybody whose data the disclosures are about, once, in the order of their numbers."""
    return sorted({customer for disclosure in disclosures for customer in disclosure.customers})


def storable(record: AuditRecord) -> AuditRecord:
    """Return the record as the database can hold it, so that no client's text spoils the others of a batch.

    The time is moved to UTC; texts are cut to 400 characters, and what UTF-8 or PostgreSQL cannot hold in
    them (a lone surrogate, NUL) is replaced.

    Raises:
        ValueError: the time is naive, or a customer's number is none.
    """
    if record.at.tzinfo is None:
        raise ValueError("an audit record needs an aware time")
    customers = customers_of(record.disclosures)
    if customers and not 0 < customers[0] <= customers[-1] <= _LARGEST_CUSTOMER:
        raise ValueError(f"{customers[0]} or {customers[-1]} is no customer's number")
    at = record.at.astimezone(UTC)
    texts = {
        name: mended
        for name, text in zip(_TEXTS, _texts_of(record), strict=True)
        if text and (mended := _storable_text(text)) != text
    }
    return record if at is record.at and not texts else replace(record, at=at, **texts)


def _storable_text(text: str) -> str:
    cut = text[:_LONGEST_TEXT].replace("\x00", "\ufffd")
    return cut if cut.isascii() else cut.encode("utf-8", "replace").decode()
