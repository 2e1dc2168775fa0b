"""The words of the policy: how private a field is, how long an answer may be kept, how a field comes out."""

from enum import StrEnum


class FieldClass(StrEnum):
    """How private a field is. OPEN is for everyone who may read customers at all."""

    OPEN = "open"
    CONTACT = "contact"
    PERSONAL = "personal"
    MONEY = "money"
    HEALTH = "health"


class CacheClass(StrEnum):
    """How long an answer may be kept: not at all, 5 minutes, 1 hour or 24 hours."""

    NONE = "none"
    DETAIL = "detail"
    ANALYTICS = "analytics"
    RECOMMENDATIONS = "recommendations"


class Verdict(StrEnum):
    """How a field comes out for a viewer: as it is, as a mask, or not at all."""

    VALUE = "VALUE"
    MASKED = "MASKED"
    DENIED = "DENIED"
