"""Customers 124 to 140: one for each case that reading a center's rows must survive."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from types import MappingProxyType

from db.demo.catalogue import SERVICE_TYPES, TRIAL_EVENT
from db.demo.ledger import Ledger, Recommended, Session, Value
from db.demo.recommended import NEVER_USED, service_document
from db.demo.services import SERVICES
from db.vocabulary import ServiceCode

UNKNOWN_LEVEL = "family"
"""A membership level that this center added and no table of the gateway lists."""

_BRAIN, _PULSE, _RED = ServiceCode.BRAIN, ServiceCode.PULSE, ServiceCode.RED
_CONSULTATION = 1
_BRAIN_TEN, _BRAIN_TEN_PRICE = 1, 800_000


@dataclass(frozen=True, slots=True)
class _Scene:
    """Where a case is written down: for one customer, some days back from today."""

    ledger: Ledger
    customer_id: int
    today: date

    def back(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def visits(self, *days: int, service: ServiceCode | int = _BRAIN, rating: int | None = 4) -> None:
        sessions = [Session(self.back(day), service, rating) for day in days]
        self.ledger.sessions(self.customer_id, sessions)

    def pays(self, *days: int, amount: int = 150_000) -> None:
        for day in days:
            self.ledger.payment(self.customer_id, self.back(day), amount)


def _nothing(_: _Scene) -> None:
    """Write no further rows."""


def _one_visit(scene: _Scene) -> None:
    scene.visits(40)
    scene.pays(40)


def _one_day(scene: _Scene) -> None:
    day = scene.back(20)
    starts = ((_BRAIN, 600), (_PULSE, 660), (_RED, 720))
    scene.ledger.sessions(scene.customer_id, [Session(day, service, 5, minute) for service, minute in starts])
    scene.pays(20, amount=370_000)


def _fully_refunded(scene: _Scene) -> None:
    days = (scene.back(70), scene.back(-110))
    scene.ledger.purchase(scene.customer_id, _BRAIN_TEN, days, (10, 0), _BRAIN_TEN_PRICE, is_active=False)
    scene.visits(75, rating=2)
    scene.pays(75)
    for amount in (_BRAIN_TEN_PRICE, 150_000):
        scene.ledger.payment(scene.customer_id, scene.back(60), amount, "refund", notes="전액 환불")


def _expired(scene: _Scene) -> None:
    scene.visits(420, 400, 380)
    for bought in (430, 700):
        days = (scene.back(bought), scene.back(bought - 180))
        scene.ledger.purchase(scene.customer_id, _BRAIN_TEN, days, (10, 0), _BRAIN_TEN_PRICE)


def _regular(scene: _Scene) -> None:
    scene.visits(60, 45, 30, 15)
    scene.pays(60, 45, 30, 15)


def _nothing_held(scene: _Scene) -> None:
    cancelled = [Session(scene.back(day), _BRAIN, None, status="cancelled") for day in (50, 20)]
    planned = Session(scene.back(-5), _PULSE, None, status="scheduled")
    dated_ahead = Session(scene.back(-9), _BRAIN, None)  # marked completed, though its day is yet to come
    missed = Session(scene.back(35), _RED, None, status="no_show")
    scene.ledger.sessions(scene.customer_id, [*cancelled, missed, planned, dated_ahead])
    scene.ledger.reservation(scene.customer_id, planned)


def _before_sign_up(scene: _Scene) -> None:
    scene.visits(110, 80, 50)  # signed up 100 days ago
    scene.pays(110, 80, 50)


def _zero_quota(scene: _Scene) -> None:
    days = (scene.back(25), scene.back(-5))
    scene.ledger.purchase(scene.customer_id, TRIAL_EVENT, days, (0, 0), 0)
    scene.visits(25, 12)
    scene.pays(12)


def _beyond_quota(scene: _Scene) -> None:
    used = 12
    days = (scene.back(120), scene.back(-60))
    purchase = scene.ledger.purchase(scene.customer_id, _BRAIN_TEN, days, (10, used), _BRAIN_TEN_PRICE)
    scene.ledger.breakdown(scene.customer_id, purchase, {_BRAIN: (10, used)})
    sessions = [
        Session(scene.back(118 - 9 * number), _BRAIN, 5, purchase=purchase, package=_BRAIN_TEN)
        for number in range(used)
    ]
    scene.ledger.sessions(scene.customer_id, sessions)


def _unknown_service(scene: _Scene) -> None:
    scene.visits(64, 33, service=_CONSULTATION)
    scene.pays(64, 33, amount=100_000)


def _every_service(scene: _Scene) -> None:
    sessions = [
        Session(scene.back(90 - 7 * number), kind.service_type_id, 4, duration=kind.duration)
        for number, kind in enumerate(SERVICE_TYPES)
    ]
    scene.ledger.sessions(scene.customer_id, sessions)
    scene.pays(90, 60, 30, amount=400_000)


def _never_rated(scene: _Scene) -> None:
    scene.visits(70, 56, 42, 28, 14, rating=None)
    scene.pays(70, 56, 42, 28, 14)


def _duplicates(scene: _Scene) -> None:
    scene.visits(48, 48, 48, 30, 30, 12)
    scene.pays(48, 30, 12)


def _turned_down(scene: _Scene) -> None:
    _regular(scene)
    answers = (
        (45, _RED, "rejected", 2, "시간이 맞지 않음"),
        (15, _PULSE, "rejected", 1, "관심이 없다고 하심"),
        (15, _RED, "deferred", 3, None),
    )
    for days, service, action, score, comment in answers:
        given = Recommended(
            day=scene.back(days),
            kind="service",
            subject=str(service),
            document=service_document(SERVICES.index(service), NEVER_USED),
            prior=0.3,
            place=1 if service is _PULSE else 2,
            action=action,
            score=score,
            comment=comment,
        )
        scene.ledger.recommendation(scene.customer_id, given)


@dataclass(frozen=True, slots=True)
class _Case:
    """A hard case: the names tests know it by, the customer's name, odd columns, and what else is written."""

    keys: tuple[str, ...]
    name: str
    write: Callable[[_Scene], None]
    columns: Mapping[str, Value] = field(default_factory=dict[str, Value])


_FIRST_ID = 124
_CASES = (
    _Case(("no_visits",), "송하늬", _nothing),
    _Case(("one_visit", "same_name_first"), "이수민", _one_visit, {"phone": "010-0125-7777"}),
    _Case(("one_day", "same_name_second"), "이수민", _one_day, {"phone": "010-0126-7777"}),
    _Case(("fully_refunded",), "배가온", _fully_refunded),
    _Case(("expired",), "차온새", _expired),
    _Case(("unknown_level",), "하도담", _regular, {"membership_level": UNKNOWN_LEVEL}),
    _Case(("nothing_held",), "노아라", _nothing_held),
    _Case(("before_sign_up",), "심늘품", _before_sign_up),
    _Case(("zero_quota",), "곽해솔", _zero_quota),
    _Case(("beyond_quota",), "성다온", _beyond_quota),
    _Case(("unknown_service",), "백마루", _unknown_service),
    _Case(("every_service",), "양나래", _every_service),
    _Case(("never_rated",), "허고운", _never_rated),
    _Case(
        ("dirty_row",),
        "문하람",
        _regular,
        {"phone": "", "email": "", "gender": "", "emergency_contact": "", "membership_level": None},
    ),
    _Case(("duplicates",), "남궁별", _duplicates),
    _Case(("latin_name", "turned_down"), "Anna Schmidt", _turned_down),
    _Case(("wildcard_name",), "100%_할인", _regular),
)

HARD_CASES: Mapping[str, int] = MappingProxyType(
    {key: customer_id for customer_id, case in enumerate(_CASES, start=_FIRST_ID) for key in case.keys}
)
"""Customer id of each hard case, by its name."""

LAST_ID = _FIRST_ID + len(_CASES) - 1


def write_hard_cases(ledger: Ledger, today: date) -> None:
    """Note the rows of every hard case."""
    signed_up = today - timedelta(days=100)
    for customer_id, case in enumerate(_CASES, start=_FIRST_ID):
        columns: dict[str, Value] = {
            "phone": f"010-0{customer_id}-0{customer_id}",
            "email": f"case{customer_id}@example.org",
            "gender": "female" if customer_id % 2 else "male",
            "birth_year": 1950 + customer_id % 50,
            "region": "서울 강남구",
            "first_visit_date": signed_up,
            "created_at": datetime.combine(signed_up, time(1)),
            "updated_at": datetime.combine(signed_up, time(1)),
        }
        ledger.customer(customer_id, case.name, **{**columns, **case.columns})
        case.write(_Scene(ledger, customer_id, today))
