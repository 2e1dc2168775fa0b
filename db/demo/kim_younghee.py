"""Customer 123, 김영희: the customer of the contract's examples, with the figures printed there.

Her dates are those of the example, moved by as many days as today is away from the example's day.
"""

from datetime import date, datetime, time, timedelta

from psycopg.types.json import Jsonb

from db.demo.catalogue import PREMIUM_CARE
from db.demo.ledger import Ledger, Recommended, Session
from db.demo.recommended import service_document
from db.demo.services import GOALS, SERVICES
from db.vocabulary import ServiceCode

CUSTOMER_ID = 123
NEWEST_SESSION_ID = 456
PURCHASE_ID = 789
EXAMPLE_DAY = date(2024, 6, 6)
"""The day on which her package has 25 days left, as printed."""

_BRAIN, _PULSE, _LYMPH, _RED = ServiceCode.BRAIN, ServiceCode.PULSE, ServiceCode.LYMPH, ServiceCode.RED
_MINUTES = {_BRAIN: 40, _PULSE: 30, _LYMPH: 60, _RED: 30}

_SINGLE_VISITS = (
    (date(2023, 12, 28), (_BRAIN,)),  # a trial, before the center wrote her down
    (date(2024, 1, 15), (_BRAIN, _PULSE)),
    (date(2024, 1, 26), (_BRAIN, _PULSE)),
    (date(2024, 2, 5), (_BRAIN, _PULSE, _RED)),
    (date(2024, 2, 16), (_BRAIN, _LYMPH)),
    (date(2024, 2, 26), (_BRAIN, _PULSE, _RED)),
    (date(2024, 3, 11), (_BRAIN, _PULSE, _RED)),
    (date(2024, 3, 22), (_PULSE, _LYMPH)),
)
_PACKAGE_VISITS = (
    (date(2024, 4, 8), (_PULSE, _PULSE, _LYMPH, _BRAIN, _BRAIN)),
    (date(2024, 4, 26), (_PULSE, _LYMPH, _BRAIN, _BRAIN)),
    (date(2024, 5, 13), (_PULSE, _PULSE, _LYMPH, _BRAIN, _BRAIN)),
    (date(2024, 5, 30), (_PULSE, _LYMPH, _BRAIN, _BRAIN)),
)
_RATINGS = {
    _BRAIN: (5, 5, 5, 5, 5, 5, 5, 5, None, 5, 5, None, 5, 5, 5),
    _PULSE: (4, 5, 5, 4, None, 5, 5, 5, 4, None, 5, 5),
    _LYMPH: (4, 5, None, 5, 4, 5),
    _RED: (4, 5, None),
}
"""Her ratings of each service in their order: 30 of them, 4.80 on average."""
_NOTES = {
    date(2023, 12, 28): "체험 후 상담 희망",
    date(2024, 2, 16): "림프 첫 진행, 반응 좋음",
    date(2024, 5, 13): "수면 시간이 늘었다고 하심",
    date(2024, 5, 30): "컨디션 매우 좋음",
}
_PAYMENTS = (
    (date(2024, 1, 15), 180_000),
    (date(2024, 1, 26), 170_000),
    (date(2024, 2, 5), 150_000),
    (date(2024, 2, 16), 150_000),
    (date(2024, 2, 26), 150_000),
    (date(2024, 3, 11), 250_000),
    (date(2024, 3, 22), 170_000),
)
_PACKAGE_PRICE, _SUPPLEMENT, _REFUND = 1_200_000, 100_000, 20_000
_MEASURED_ON = (date(2024, 3, 11), date(2024, 3, 22), date(2024, 5, 13), date(2024, 5, 30))
_MEASURED = {"stress_level": (7, 7, 4, 4), "sleep_quality": (6, 6, 8, 8), "focus_level": (5, 5, 8, 8)}
_ACCEPTED = (
    (date(2024, 3, 11), (_BRAIN, _PULSE, _LYMPH)),
    (date(2024, 3, 22), (_BRAIN, _PULSE, _RED)),
    (date(2024, 4, 8), (_BRAIN, _LYMPH)),
    (date(2024, 4, 26), (_BRAIN, _PULSE, _RED)),
    (date(2024, 5, 13), (_BRAIN, _LYMPH)),
)
"""The 13 services that she accepted: she came for 11 of them within 30 days, and not for red."""
_PRIORS = {_BRAIN: 0.46, _PULSE: 0.31, _LYMPH: 0.14, _RED: 0.09}
_GOALS_OF = {
    _BRAIN: ("stress_management", "sleep_quality"),
    _PULSE: ("stress_management",),
    _LYMPH: ("sleep_quality",),
    _RED: ("sleep_quality",),
}

SESSION_COUNT = sum(len(services) for _, services in _SINGLE_VISITS + _PACKAGE_VISITS)
FIRST_SESSION_ID = NEWEST_SESSION_ID - SESSION_COUNT + 1


def write_kim_younghee(ledger: Ledger, today: date) -> None:
    """Note her rows; the ledger's next session is `FIRST_SESSION_ID`, its next purchase `PURCHASE_ID`."""
    shift = today - EXAMPLE_DAY
    _customer(ledger, shift)
    purchase = ledger.purchase(
        CUSTOMER_ID,
        PREMIUM_CARE,
        (date(2024, 4, 1) + shift, date(2024, 7, 1) + shift),
        (40, 18),
        _PACKAGE_PRICE,
        notes="재등록 할인",
    )
    ledger.breakdown(
        CUSTOMER_ID, purchase, {_BRAIN: (10, 8), _PULSE: (10, 6), _LYMPH: (10, 4), _RED: (10, 0)}
    )
    ledger.sessions(CUSTOMER_ID, _sessions(purchase, shift))
    for day, amount in _PAYMENTS:
        ledger.payment(CUSTOMER_ID, day + shift, amount)
    ledger.payment(CUSTOMER_ID, date(2024, 5, 13) + shift, _SUPPLEMENT, "additional", notes="수면 보조 제품")
    ledger.payment(CUSTOMER_ID, date(2024, 5, 20) + shift, _REFUND, "refund", notes="제품 일부 반품")
    for metric, values in _MEASURED.items():
        for day, value in zip(_MEASURED_ON, values, strict=True):
            ledger.observation(CUSTOMER_ID, metric, day + shift, value)
    for day, services in _ACCEPTED:
        for place, service in enumerate(services, start=1):
            ledger.recommendation(CUSTOMER_ID, _accepted(day + shift, service, place))


def _customer(ledger: Ledger, shift: timedelta) -> None:
    signed_up, last_visit = date(2024, 1, 15) + shift, date(2024, 5, 30) + shift
    ledger.customer(
        CUSTOMER_ID,
        "김영희",
        phone="010-1234-5678",
        email="kim@example.com",
        birth_year=1985,
        gender="female",
        region="서울 강남구",
        address="서울시 강남구 가온빛로 12, 301호",
        emergency_contact="010-8765-4321",
        occupation="회사원",
        referral_source="지인 소개",
        health_concerns="업무 스트레스로 잠들기 어려움",
        membership_level="vip",
        customer_status="active",
        first_visit_date=signed_up,
        last_visit_date=last_visit,
        total_visits=12,
        average_visit_interval=14,
        total_revenue=2_500_000,
        average_satisfaction=4.8,
        health_goals="스트레스 해소, 수면 개선",
        preferred_time_slots=Jsonb(["morning", "weekend"]),
        assigned_staff="이직원",
        created_at=datetime.combine(signed_up, time(10)),
        updated_at=datetime.combine(last_visit, time(15, 30)),
    )
    ledger.preferences(
        CUSTOMER_ID,
        preferred_services=["brain", "pulse"],
        preferred_time="morning",
        preferred_intensity="medium",
        health_interests=["stress_management", "sleep_quality"],
        communication_preference="kakao",
        marketing_consent=True,
        created_at=datetime.combine(signed_up, time(10)),
        updated_at=datetime.combine(signed_up, time(10)),
    )


def _sessions(purchase: int, shift: timedelta) -> list[Session]:
    sessions: list[Session] = []
    ratings = {service: iter(values) for service, values in _RATINGS.items()}
    for number, (day, services) in enumerate(_SINGLE_VISITS + _PACKAGE_VISITS):
        packaged = number >= len(_SINGLE_VISITS)
        minute = 600
        for place, service in enumerate(services, start=1):
            session = Session(
                day=day + shift,
                service=service,
                rating=next(ratings[service]),
                minute=minute,
                duration=_MINUTES[service],
                purchase=purchase if packaged else None,
                package=PREMIUM_CARE if packaged else None,
                notes=_NOTES.get(day) if place == len(services) else None,
            )
            sessions.append(session)
            minute += session.duration
    return sessions


def _accepted(day: date, service: ServiceCode, place: int) -> Recommended:
    goals = _GOALS_OF[service]
    return Recommended(
        day=day,
        kind="service",
        subject=str(service),
        document=service_document(SERVICES.index(service), GOALS.index(goals[0])),
        prior=_PRIORS[service],
        goals=goals,
        place=place,
        action="accepted",
        score=None if service is _RED else 5,
    )
