"""The domain's words and records that the schema describes."""

from db.audit import AuditFilter
from db.queries.customers import Customer
from db.queries.packages import PackagePurchase, PackageService
from db.queries.preferences import Preferences
from db.search import CustomerFilter, CustomerSort
from db.vocabulary import (
    Channel,
    CustomerStatus,
    Gender,
    Intensity,
    MembershipLevel,
    PackageStatus,
    RiskLevel,
    ServiceCode,
    SessionStatus,
    TimeSlot,
)
from insight.recommend.feedback import Action as FeedbackAction
from insight.recommend.records import Factor, RecommendationKind
from insight.shortfalls import Shortfall
from insight.usage import ServiceGrowth, growth_text

__all__ = [
    "AuditFilter",
    "Channel",
    "Customer",
    "CustomerFilter",
    "CustomerSort",
    "CustomerStatus",
    "Factor",
    "FeedbackAction",
    "Gender",
    "Intensity",
    "MembershipLevel",
    "PackagePurchase",
    "PackageService",
    "PackageStatus",
    "Preferences",
    "RecommendationKind",
    "RiskLevel",
    "ServiceCode",
    "ServiceGrowth",
    "SessionStatus",
    "Shortfall",
    "TimeSlot",
    "growth_text",
]
