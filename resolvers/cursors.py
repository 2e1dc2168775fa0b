"""Cursors: places in a list, opaque to clients and free of personal data."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from db.audit import AuditPlace
from db.queries.sessions import Session, SessionCursor
from db.search import CustomerSort
from resolvers.errors import InvalidInput
from resolvers.inputs import MAX_ID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST_SEQ = 2**63 - 1


def session_cursor(session: Session) -> str:
    """Return the place just after this session in a service history."""
    day = session.service_date.isoformat()
    return _encode("session", f"{session.customer_id}/{day}", str(session.session_id))


def read_session_cursor(cursor: str, customer_id: int) -> SessionCursor:
    """Read a cursor of a customer's service history.

    Raises:
        InvalidInput: it is not one of ours, or of another customer's history.
    """
    try:
        place, session_id = _decode("session", cursor)
        owner, day = place.split("/")
        if owner != str(customer_id):
            raise InvalidInput({"after": "다른 고객의 커서입니다"})
        return SessionCursor(date.fromisoformat(day), int(session_id))
    except ValueError:
        raise InvalidInput({"after": "이 목록의 커서가 아닙니다"}) from None


def customer_cursor(sort: CustomerSort, customer_id: int) -> str:
    """Return the place of this customer in a list sorted so."""
    return _encode("customer", str(sort), str(customer_id))


def read_customer_cursor(name: str, cursor: str, sort: CustomerSort) -> int:
    """Read a cursor of a list of customers; `name` is the argument it came in.

    Raises:
        InvalidInput: it is not one of ours, or of a list sorted otherwise.
    """
    try:
        sorted_by, customer_id = _decode("customer", cursor)
        if sorted_by != sort:
            raise InvalidInput({name: "다른 정렬 기준의 커서입니다"})
        return int(customer_id)
    except ValueError:
        raise InvalidInput({name: "이 목록의 커서가 아닙니다"}) from None


def audit_cursor(place: AuditPlace) -> str:
    """Return the place of a record in the audit log."""
    microseconds = (place.at - _EPOCH) // _MICROSECOND
    return _encode("audit", f"{microseconds}/{place.chain.hex}", str(place.seq))


def read_audit_cursor(cursor: str) -> AuditPlace:
    """Read a cursor of the audit log.

    Raises:
        InvalidInput: it is not one of ours.
    """
    try:
        place, seq = _decode("audit", cursor, _LARGEST_SEQ)
        microseconds, chain = place.split("/")
        return AuditPlace(_EPOCH + int(microseconds) * _MICROSECOND, UUID(chain), int(seq))
    except (ValueError, OverflowError):
        raise InvalidInput({"after": "이 목록의 커서가 아닙니다"}) from None


def _encode(*parts: str) -> str:
    return urlsafe_b64encode(":".join(parts).encode()).decode().rstrip("=")


def _decode(kind: str, cursor: str, largest: int = MAX_ID) -> tuple[str, str]:
    padded = cursor + "=" * (-len(cursor) % 4)
    found, place, number = urlsafe_b64decode(padded.encode()).decode().split(":")
    if found != kind or not number.isascii() or not number.isdigit() or int(number) > largest:
        raise ValueError(cursor)
    return place, number
