"""The words the gateway speaks, and how a center's own words are read as them.

A center's labels drift: a word that no table here knows is passed on or read as "other", never an error.
"""

from collections.abc import Mapping
from enum import StrEnum
from unicodedata import normalize


class ServiceCode(StrEnum):
    """A service of the center, whatever its name and id there."""

    BRAIN = "brain"
    PULSE = "pulse"
    LYMPH = "lymph"
    RED = "red"
    AI_BIKE = "ai_bike"
    OTHER = "other"


class MembershipLevel(StrEnum):
    """A membership level as the contract knows it; OTHER is a label that no table here knows."""

    BASIC = "basic"
    PREMIUM = "premium"
    VIP = "vip"
    OTHER = "other"


class CustomerStatus(StrEnum):
    """How recently a customer came: within 30 days, within 90, or longer ago (or never)."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DORMANT = "dormant"


class Gender(StrEnum):
    """A customer's gender."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class TimeSlot(StrEnum):
    """A part of the day or the week that a customer prefers."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    WEEKDAY = "weekday"
    WEEKEND = "weekend"


class Intensity(StrEnum):
    """How strong a customer wants a service."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Channel(StrEnum):
    """How a customer wants to be reached."""

    KAKAO = "kakao"
    SMS = "sms"
    PHONE = "phone"
    EMAIL = "email"


class PackageStatus(StrEnum):
    """Where a purchased package stands today.

    ACTIVE has sessions and more than 30 days, EXPIRING has sessions and 30 days or less, COMPLETED is used
    up within its time, EXPIRED is past its date.
    """

    ACTIVE = "active"
    EXPIRING = "expiring"
    COMPLETED = "completed"
    EXPIRED = "expired"


class SessionStatus(StrEnum):
    """What became of a session."""

    COMPLETED = "completed"
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class RiskLevel(StrEnum):
    """How likely a customer is to stay away, from the fitted churn model."""

    STABLE = "stable"
    WARNING = "warning"
    DANGER = "danger"


EXPIRING_DAYS = 30
"""A package with sessions left and this many days or fewer is expiring."""

SERVICE_BITS: Mapping[ServiceCode, int] = {code: 1 << position for position, code in enumerate(ServiceCode)}
"""The bit of each service in `gateway.customer_summary.services`."""

MEMBERSHIP_LABELS: Mapping[str, MembershipLevel] = {
    "basic": MembershipLevel.BASIC,
    "bronze": MembershipLevel.BASIC,
    "silver": MembershipLevel.PREMIUM,
    "gold": MembershipLevel.PREMIUM,
    "platinum": MembershipLevel.PREMIUM,
    "premium": MembershipLevel.PREMIUM,
    "vip": MembershipLevel.VIP,
}

_SERVICE_NAMES: Mapping[str, ServiceCode] = {
    "브레인": ServiceCode.BRAIN,
    "펄스": ServiceCode.PULSE,
    "림프": ServiceCode.LYMPH,
    "레드": ServiceCode.RED,
    "ai바이크": ServiceCode.AI_BIKE,
    **{str(code): code for code in ServiceCode},
}

_GENDERS: Mapping[str, Gender] = {
    "female": Gender.FEMALE,
    "f": Gender.FEMALE,
    "여": Gender.FEMALE,
    "여성": Gender.FEMALE,
    "여자": Gender.FEMALE,
    "male": Gender.MALE,
    "m": Gender.MALE,
    "남": Gender.MALE,
    "남성": Gender.MALE,
    "남자": Gender.MALE,
    "other": Gender.OTHER,
    "기타": Gender.OTHER,
}

_TIME_SLOTS: Mapping[str, TimeSlot] = {
    "오전": TimeSlot.MORNING,
    "오후": TimeSlot.AFTERNOON,
    "저녁": TimeSlot.EVENING,
    "평일": TimeSlot.WEEKDAY,
    "주말": TimeSlot.WEEKEND,
    **{str(slot): slot for slot in TimeSlot},
}

_INTENSITIES: Mapping[str, Intensity] = {
    "약": Intensity.LOW,
    "약함": Intensity.LOW,
    "중": Intensity.MEDIUM,
    "보통": Intensity.MEDIUM,
    "강": Intensity.HIGH,
    "강함": Intensity.HIGH,
    **{str(intensity): intensity for intensity in Intensity},
}

_CHANNELS: Mapping[str, Channel] = {
    "카카오톡": Channel.KAKAO,
    "카톡": Channel.KAKAO,
    "문자": Channel.SMS,
    "전화": Channel.PHONE,
    "이메일": Channel.EMAIL,
    **{str(channel): channel for channel in Channel},
}


def service_code(name: str | None) -> ServiceCode:
    """Read a service's name or code by its beginning: "브레인 피드백" is BRAIN, an unknown one OTHER."""
    key = _key(name)
    matches = (code for prefix, code in _SERVICE_NAMES.items() if key.startswith(prefix))
    return next(matches, ServiceCode.OTHER)


def membership_level(label: str | None) -> MembershipLevel | None:
    """Read a membership label: silver, gold and platinum are PREMIUM, an unknown label is OTHER."""
    key = _key(label)
    return MEMBERSHIP_LABELS.get(key, MembershipLevel.OTHER) if key else None


def gender(label: str | None) -> Gender | None:
    """Read a gender; None where nothing or something unknown stands."""
    return _GENDERS.get(_key(label))


def time_slot(label: str | None) -> TimeSlot | None:
    """Read a time slot; None where nothing or something unknown stands."""
    return _TIME_SLOTS.get(_key(label))


def intensity(label: str | None) -> Intensity | None:
    """Read an intensity; None where nothing or something unknown stands."""
    return _INTENSITIES.get(_key(label))


def channel(label: str | None) -> Channel | None:
    """Read a channel; None where nothing or something unknown stands."""
    return _CHANNELS.get(_key(label))


def _key(label: str | None) -> str:
    return normalize("NFKC", label or "").replace(" ", "").lower()
