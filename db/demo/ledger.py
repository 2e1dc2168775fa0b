"""Rows of customers who are written by hand, one at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias

from psycopg.types.json import Jsonb

from db.demo.catalogue import SERVICE_TYPES, STAFF
from db.demo.recommended import DEMO_VERSION, Document
from db.vocabulary import ServiceCode

Value: TypeAlias = object
CENTER, GATEWAY = "public", "gateway"

_TYPE_IDS = {kind.code: kind.service_type_id for kind in reversed(SERVICE_TYPES)}  # other: the consultation
_STAFF_NAMES = {person.user_id: person.name for person in STAFF}
_SEOUL = timedelta(hours=9)


@dataclass(frozen=True, slots=True)
class Record:
    """One row: schema and table, and its values by column."""

    table: tuple[str, str]
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Session:
    """One session as it is noted down; `minute` counts from midnight, `service` may be a type id."""

    day: date
    service: ServiceCode | int
    rating: int | None = 5
    minute: int = 600
    duration: int = 40
    purchase: int | None = None
    package: int | None = None
    status: str = "completed"
    notes: str | None = None
    staff: int = 3


@dataclass(frozen=True, slots=True)
class Recommended:
    """One recommendation as it is noted down, shown at noon, and the answer that was told an hour later.

    Attributes:
        subject: A service's code or a package's number.
        document: What was shown, without its figures and goals.
        prior: The probability, shown as the confidence too.
        action: "accepted", "rejected" or "deferred"; None where nobody answered.
    """

    day: date
    kind: str
    subject: str
    document: Document
    prior: float
    goals: tuple[str, ...] = ()
    place: int = 1
    action: str | None = None
    score: int | None = None
    comment: str | None = None


@dataclass(slots=True)
class Ledger:
    """Collects records and gives out ids, from those that the generated rows leave free."""

    usage_id: int
    purchase_id: int
    payment_id: int = 1
    reservation_id: int = 1
    recommendations: int = 0
    records: list[Record] = field(default_factory=list[Record])

    def customer(self, customer_id: int, name: str, **values: Value) -> int:
        """Note a customer."""
        self._add("customers", customer_id=customer_id, name=name, **values)
        return customer_id

    def preferences(self, customer_id: int, **values: Value) -> None:
        """Note a customer's preferences."""
        self._add("customer_preferences", preference_id=customer_id, customer_id=customer_id, **values)

    def session(self, customer_id: int, number: int, session: Session) -> int:
        """Note the session with this number among the customer's, and return its id."""
        kind = session.service
        start = time(session.minute // 60, session.minute % 60)
        noted = datetime.combine(session.day, start) - _SEOUL + timedelta(minutes=session.duration)
        usage_id, self.usage_id = self.usage_id, self.usage_id + 1
        self._add(
            "service_usage",
            usage_id=usage_id,
            customer_id=customer_id,
            service_date=session.day,
            service_type_id=_TYPE_IDS[kind] if isinstance(kind, ServiceCode) else kind,
            package_id=session.package,
            session_details=session.notes,
            session_number=number,
            created_by=_STAFF_NAMES[session.staff],
            created_at=noted,
        )
        detail = Record(
            (GATEWAY, "session_detail"),
            {
                "customer_id": customer_id,
                "usage_id": usage_id,
                "status": session.status,
                "start_time": start,
                "duration_minutes": session.duration,
                "satisfaction_rating": session.rating,
                "staff_id": session.staff,
                "purchase_id": session.purchase,
                "recorded_at": noted,
            },
        )
        self.records.append(detail)
        return usage_id

    def sessions(self, customer_id: int, sessions: list[Session]) -> None:
        """Note sessions in their order."""
        for number, session in enumerate(sessions, start=1):
            self.session(customer_id, number, session)

    def payment(self, customer_id: int, day: date, amount: int, kind: str = "single", **values: Value) -> int:
        """Note a payment of `amount` KRW, and return its id."""
        payment_id, self.payment_id = self.payment_id, self.payment_id + 1
        paid: dict[str, Value] = {
            "payment_method": "card",
            "payment_status": "completed",
            "payment_staff": "이직원",
        }
        paid |= {"payment_number": f"P{payment_id:08d}", **_stamps(day), **values}
        self._add(
            "payments",
            payment_id=payment_id,
            customer_id=customer_id,
            payment_date=day,
            amount=amount,
            payment_type=kind,
            **paid,
        )
        return payment_id

    def purchase(
        self,
        customer_id: int,
        package_id: int,
        days: tuple[date, date],
        sessions: tuple[int, int],
        price: int,
        **values: Value,
    ) -> int:
        """Note a package from its first to its last day with sessions (total, used), and return its id."""
        purchase_id, self.purchase_id = self.purchase_id, self.purchase_id + 1
        payment_id = None
        if price:
            payment_id = self.payment(
                customer_id,
                days[0],
                price,
                "package",
                reference_id=purchase_id,
                reference_type="package_purchase",
            )
        total, used = sessions
        self._add(
            "package_purchases",
            purchase_id=purchase_id,
            customer_id=customer_id,
            package_id=package_id,
            purchase_date=days[0],
            expiry_date=days[1],
            total_sessions=total,
            used_sessions=used,
            remaining_sessions=total - used,
            price_paid=price,
            payment_id=payment_id,
            **_stamps(days[0]),
            **values,
        )
        return purchase_id

    def breakdown(
        self, customer_id: int, purchase_id: int, shares: Mapping[ServiceCode, tuple[int, int]]
    ) -> None:
        """Note how many sessions (total, used) of each service a package has."""
        for code, (total, used) in shares.items():
            values = {"customer_id": customer_id, "purchase_id": purchase_id, "service_code": str(code)}
            counts = {"total_sessions": total, "used_sessions": used}
            self.records.append(Record((GATEWAY, "package_breakdown"), {**values, **counts}))

    def reservation(self, customer_id: int, session: Session) -> None:
        """Note the reservation of a session to come."""
        kind = session.service
        reservation_id, self.reservation_id = self.reservation_id, self.reservation_id + 1
        self._add(
            "reservations",
            reservation_id=reservation_id,
            customer_id=customer_id,
            service_type_id=_TYPE_IDS[kind] if isinstance(kind, ServiceCode) else kind,
            staff_id=session.staff,
            reservation_date=session.day,
            reservation_time=time(session.minute // 60, session.minute % 60),
            duration_minutes=session.duration,
            status="confirmed",
            created_by=_STAFF_NAMES[session.staff],
            **_stamps(session.day - timedelta(days=14)),
        )

    def observation(self, customer_id: int, metric: str, day: date, value: float) -> None:
        """Note what staff measured."""
        values = {"customer_id": customer_id, "metric": metric, "observed_on": day, "source": "staff"}
        noted = {"value": value, "recorded_at": datetime.combine(day, time(3))}
        self.records.append(Record((GATEWAY, "health_observation"), {**values, **noted}))

    def recommendation(self, customer_id: int, given: Recommended) -> None:
        """Note what was recommended, and its answer where there is one."""
        self.recommendations += 1
        key: dict[str, Value] = {
            "customer_id": customer_id,
            "recommendation_id": f"rec_{self.recommendations:016x}",
        }
        shown = datetime.combine(given.day, time(12), UTC) - _SEOUL
        figures = {"prior": given.prior, "confidence": given.prior}
        values: dict[str, Value] = {
            "basis": "full",
            "kind": given.kind,
            "subject": given.subject,
            "place": given.place,
            **figures,
            "goals": list(given.goals),
            "content": Jsonb({**given.document, **figures, "goals": given.goals}),
            "factors": list(given.document["factors"]),
            "inputs_version": DEMO_VERSION,
            "model_version": DEMO_VERSION,
            "generated_at": shown,
            "expires_at": shown + timedelta(days=1),
        }
        self.records.append(Record((GATEWAY, "recommendation"), {**key, **values}))
        if given.action:
            told = shown + timedelta(hours=1)
            answer: dict[str, Value] = {
                "actor": STAFF[2].email,
                "action": given.action,
                "feedback_score": given.score,
                "comment": given.comment,
                "created_at": told,
                "updated_at": told,
            }
            self.records.append(Record((GATEWAY, "recommendation_feedback"), {**key, **answer}))

    def count(self, table: str) -> int:
        """Return how many rows of a table were noted."""
        return sum(record.table[1] == table for record in self.records)

    def _add(self, table: str, **values: Value) -> None:
        self.records.append(Record((CENTER, table), values))


def _stamps(day: date) -> dict[str, Value]:
    noted = datetime.combine(day, time(2))  # 11:00 in Seoul, stored without a zone in UTC
    return {"created_at": noted, "updated_at": noted}
