"""What every demo center has: staff, services, packages and one questionnaire. All names are invented."""

from dataclasses import dataclass

import numpy as np

from db.demo.arrays import Ints
from db.vocabulary import ServiceCode


@dataclass(frozen=True, slots=True)
class Staff:
    """A user of the center's system; nobody can sign in, the password hash is a mark that matches nothing."""

    user_id: int
    email: str
    name: str
    role: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class ServiceType:
    """A service as the center lists it: price in KRW, duration in minutes."""

    service_type_id: int
    name: str
    color: str
    duration: int
    price: int
    code: ServiceCode
    description: str


@dataclass(frozen=True, slots=True)
class Package:
    """A package on sale, or once on sale: sessions of brain, pulse, lymph, red and ai_bike."""

    package_id: int
    name: str
    quotas: tuple[int, int, int, int, int]
    months: int
    price: int
    is_active: bool = True

    @property
    def total_sessions(self) -> int:
        """Sessions of all services."""
        return sum(self.quotas)


NO_PASSWORD = "!"  # noqa: S105 - no hash is "!", so no password fits

STAFF = (
    Staff(1, "admin@center.example", "박관리", "admin"),
    Staff(2, "manager@center.example", "최매니저", "manager"),
    Staff(3, "staff@center.example", "이직원", "staff"),
    Staff(4, "haneul.jung@center.example", "정하늘", "staff"),
    Staff(5, "bom.kang@center.example", "강새봄", "staff"),
    Staff(6, "sol.yoon@center.example", "윤한솔", "staff"),
    Staff(7, "garam.lim@center.example", "임가람", "staff"),
    Staff(8, "naru.oh@center.example", "오나루", "staff"),
    Staff(9, "dasom.shin@center.example", "신다솜", "staff"),
    Staff(10, "maru.han@center.example", "한마루", "staff"),
    Staff(11, "byeol.seo@center.example", "서은별", "staff"),
    Staff(12, "left.kwon@center.example", "권여름", "staff", is_active=False),
)
THERAPISTS = np.array(
    [person.user_id for person in STAFF if person.role == "staff" and person.is_active], dtype=np.int32
)
"""Users who give sessions."""

SERVICE_TYPES = (
    ServiceType(1, "상담", "#9CA3AF", 30, 100_000, ServiceCode.OTHER, "초기 및 정기 상담"),
    ServiceType(2, "브레인 피드백", "#6366F1", 60, 150_000, ServiceCode.BRAIN, "뇌파 기반 이완과 집중 훈련"),
    ServiceType(3, "펄스", "#EF4444", 45, 120_000, ServiceCode.PULSE, "전자기 펄스 근육 이완"),
    ServiceType(4, "레드", "#F97316", 30, 100_000, ServiceCode.RED, "적색광 케어"),
    ServiceType(5, "림프", "#10B981", 90, 180_000, ServiceCode.LYMPH, "림프 순환 케어"),
    ServiceType(7, "인바디측정", "#64748B", 15, 20_000, ServiceCode.OTHER, "체성분 측정"),
    ServiceType(8, "AI바이크", "#3B82F6", 40, 80_000, ServiceCode.AI_BIKE, "맞춤 강도 유산소 운동"),
    ServiceType(9, "종합대사기능검사", "#8B5CF6", 30, 200_000, ServiceCode.OTHER, "소변 유기산 검사"),
    ServiceType(10, "음식물과민증검사", "#A855F7", 30, 150_000, ServiceCode.OTHER, "지연성 반응 검사"),
    ServiceType(11, "영양중금속검사", "#14B8A6", 30, 180_000, ServiceCode.OTHER, "모발 검사"),
)

PREMIUM_CARE = 19
TRIAL_EVENT = 26

PACKAGES = (
    Package(1, "브레인 10회", (10, 0, 0, 0, 0), 6, 800_000),
    Package(2, "브레인 20회", (20, 0, 0, 0, 0), 12, 1_400_000),
    Package(3, "브레인 30회", (30, 0, 0, 0, 0), 12, 1_800_000),
    Package(4, "펄스 10회", (0, 10, 0, 0, 0), 6, 700_000),
    Package(5, "펄스 20회", (0, 20, 0, 0, 0), 12, 1_200_000),
    Package(6, "펄스 30회", (0, 30, 0, 0, 0), 12, 1_500_000),
    Package(7, "림프 10회", (0, 0, 10, 0, 0), 6, 700_000),
    Package(8, "림프 20회", (0, 0, 20, 0, 0), 12, 1_200_000),
    Package(9, "림프 30회", (0, 0, 30, 0, 0), 12, 1_500_000),
    Package(10, "레드 10회", (0, 0, 0, 10, 0), 6, 500_000),
    Package(11, "레드 20회", (0, 0, 0, 20, 0), 12, 900_000),
    Package(12, "레드 30회", (0, 0, 0, 30, 0), 12, 1_200_000),
    Package(13, "대사개선 + 식욕조절", (20, 20, 0, 0, 0), 12, 2_340_000),
    Package(14, "대사개선 + 붓기케어", (0, 20, 20, 0, 0), 12, 2_160_000),
    Package(15, "대사개선 + 화이트닝", (0, 20, 0, 20, 0), 12, 1_890_000),
    Package(16, "올케어 40회", (10, 10, 10, 10, 0), 6, 2_430_000),
    Package(17, "올케어 80회", (20, 20, 20, 20, 0), 12, 3_990_000),
    Package(18, "올케어 120회", (30, 30, 30, 30, 0), 18, 4_980_000),
    Package(PREMIUM_CARE, "프리미엄 케어 패키지", (10, 10, 10, 10, 0), 3, 2_400_000),
    Package(20, "스타터", (4, 4, 0, 4, 0), 3, 1_200_000),
    Package(21, "프리미엄", (10, 10, 5, 10, 10), 6, 3_000_000),
    Package(22, "AI바이크 10회", (0, 0, 0, 0, 10), 6, 500_000),
    Package(23, "AI바이크 20회", (0, 0, 0, 0, 20), 12, 900_000),
    Package(24, "AI바이크 30회", (0, 0, 0, 0, 30), 12, 1_200_000),
    Package(25, "VIP", (60, 60, 40, 40, 40), 12, 5_000_000, is_active=False),
    Package(TRIAL_EVENT, "체험 이벤트권", (0, 0, 0, 0, 0), 1, 0, is_active=False),
)

ON_SALE = tuple(package for package in PACKAGES if package.is_active)
PACKAGE_QUOTAS: Ints = np.array([package.quotas for package in ON_SALE], dtype=np.int32)
PACKAGE_IDS: Ints = np.array([package.package_id for package in ON_SALE], dtype=np.int32)
PACKAGE_PRICES: Ints = np.array([package.price for package in ON_SALE], dtype=np.int32)
PACKAGE_DAYS: Ints = np.array([package.months * 30 for package in ON_SALE], dtype=np.int32)

TEMPLATE_ID = 1
SLEEP_QUESTION, STRESS_QUESTION, GOAL_QUESTION = 1, 2, 3
QUESTIONS = (
    (
        SLEEP_QUESTION,
        "HEALTH_STATUS",
        "SCALE",
        "HEALTH_001",
        "지난 한 달 동안 수면의 질은 어땠습니까? (0 나쁨, 10 좋음)",
    ),
    (
        STRESS_QUESTION,
        "HEALTH_STATUS",
        "SCALE",
        "HEALTH_003",
        "요즘 스트레스는 어느 정도입니까? (0 없음, 10 심함)",
    ),
    (GOAL_QUESTION, "GOALS", "MULTIPLE_CHOICE", "GOAL_001", "이루고 싶은 건강 목표를 골라 주세요 (최대 3개)"),
)
"""Id, section, type, code and text of each question."""
