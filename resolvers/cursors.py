"""Cursors: places in a list, sealed so that clients can neither read nor make one.

A cursor holds the key that its list is sorted by, so it still leads on from its place when the row that it
came from has changed or is gone. The key can be a name or what somebody paid; so a cursor is encrypted and
authenticated (AES-SIV, RFC 5297), and padded, since its length would tell the length of a name. The same
place gives the same cursor.
"""

import json
from base64 import b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from db.audit import AuditPlace
from db.queries.sessions import Session, SessionCursor
from db.search import CustomerSort, ListPlace, SortKey
from resolvers.errors import InvalidInput

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_KEY_BYTES = 64  # AES-256 for the seal, and another for what it hides
_PURPOSE = b"wellness-gateway cursors 1"
_BLOCK = 64  # bytes: a name of seventeen syllables and the rest fit in one


class Cursors:
    """Makes the cursors of every list and reads them; those of another secret are foreign.

    Args:
        secret: whatever only the gateway's processes know; the key is derived from it.
    """

    def __init__(self, secret: str) -> None:
        derived = HKDF(SHA256(), length=_KEY_BYTES, salt=None, info=_PURPOSE).derive(secret.encode())
        self._cipher = AESSIV(derived)

    def session(self, session: Session) -> str:
        """Return the place just after this session in a service history."""
        day = session.service_date.isoformat()
        return self._seal("session", session.customer_id, day, session.session_id)

    def read_session(self, cursor: str, customer_id: int) -> SessionCursor:
        """Read a cursor of a customer's service history.

        Raises:
            InvalidInput: it is not one of ours, or of another customer's history.
        """
        owner, day, session_id = self._open("session", cursor, "after")
        if owner != customer_id:
            raise InvalidInput({"after": "다른 고객의 커서입니다"})
        return SessionCursor(date.fromisoformat(day), session_id)

    def customer(self, sort: CustomerSort, place: ListPlace) -> str:
        """Return a place in a list of customers that is sorted so."""
        key = place.key.isoformat() if isinstance(place.key, date) else place.key
        return self._seal("customer", str(sort), key, place.customer_id)

    def read_customer(self, name: str, cursor: str, sort: CustomerSort) -> ListPlace:
        """Read a cursor of a list of customers; `name` is the argument it came in.

        Raises:
            InvalidInput: it is not one of ours, or of a list sorted otherwise.
        """
        sorted_by, key, customer_id = self._open("customer", cursor, name)
        if sorted_by != sort:
            raise InvalidInput({name: "다른 정렬 기준의 커서입니다"})
        return ListPlace(_sort_key(sort, key), customer_id)

    def audit(self, place: AuditPlace) -> str:
        """Return the place of a record in the audit log."""
        microseconds = (place.at - _EPOCH) // _MICROSECOND
        return self._seal("audit", microseconds, place.chain.hex, place.seq)

    def read_audit(self, cursor: str) -> AuditPlace:
        """Read a cursor of the audit log.

        Raises:
            InvalidInput: it is not one of ours.
        """
        microseconds, chain, seq = self._open("audit", cursor, "after")
        return AuditPlace(_EPOCH + microseconds * _MICROSECOND, UUID(chain), seq)

    def _seal(self, kind: str, *place: str | int) -> str:
        text = json.dumps(place, ensure_ascii=False, separators=(",", ":")).encode()
        # what is behind a JSON text may be blank
        padded = text.ljust(-(-len(text) // _BLOCK) * _BLOCK)
        sealed = self._cipher.encrypt(padded, [kind.encode()])
        return urlsafe_b64encode(sealed).decode().rstrip("=")

    def _open(self, kind: str, cursor: str, name: str) -> tuple[Any, Any, Any]:
        try:
            sealed = b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            first, second, third = json.loads(self._cipher.decrypt(sealed, [kind.encode()]))
        except (ValueError, InvalidTag):
            raise InvalidInput({name: "이 목록의 커서가 아닙니다"}) from None
        return first, second, third


def _sort_key(sort: CustomerSort, key: Any) -> SortKey:
    return date.fromisoformat(key) if sort is CustomerSort.LAST_VISIT else key
