"""The domain's words and records that the schema describes."""

from db.queries.customers import Customer
from db.queries.packages import PackagePurchase, PackageService
from db.queries.preferences import Preferences
from db.queries.sessions import Session
from db.queries.staff import StaffMember
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
from insight.health import HealthMetrics
from insight.shortfalls import Shortfall
from insight.usage import ServiceGrowth, ServiceUsage, growth_text
from insight.visits import VisitPattern

__all__ = [
    "Channel",
    "Customer",
    "CustomerFilter",
    "CustomerSort",
    "CustomerStatus",
    "Gender",
    "HealthMetrics",
    "Intensity",
    "MembershipLevel",
    "PackagePurchase",
    "PackageService",
    "PackageStatus",
    "Preferences",
    "RiskLevel",
    "ServiceCode",
    "ServiceGrowth",
    "ServiceUsage",
    "Session",
    "SessionStatus",
    "Shortfall",
    "StaffMember",
    "TimeSlot",
    "VisitPattern",
    "growth_text",
]
