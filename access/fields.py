"""The one policy table: every field of the GraphQL schema with its class, mask, cache class and cost.

A schema with a field that is not here cannot be built. A field of any class but OPEN can come out null, or
cannot be reached but through a field of its own class.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from access.classes import CacheClass, FieldClass
from access.limits import LimitClass
from access.masks import Mask


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What the policy says of one field.

    `mask` is used where the viewer's verdict is MASKED. `limit` is the class of limits of which the field
    costs a unit for each object that it is computed for; None where it costs nothing beyond its request.
    `rests_on` is a class of data that has a say in the answer: who does not see that class gets an answer
    that does not depend on it, and is told so.
    """

    field_class: FieldClass
    cache: CacheClass
    mask: Mask = Mask.NOTHING
    limit: LimitClass | None = None
    rests_on: FieldClass | None = None


@dataclass(frozen=True, slots=True)
class _TypeRules:
    """The fields of one GraphQL type by class, names separated by spaces, and the masks of some of them."""

    cache: CacheClass
    open: str = ""
    contact: str = ""
    personal: str = ""
    money: str = ""
    health: str = ""
    masks: Mapping[str, Mask] = field(default_factory=dict[str, Mask])

    def rules(self) -> Iterator[tuple[str, FieldRule]]:
        """Return each field's name and rule."""
        for field_class in FieldClass:
            names: str = getattr(self, field_class)
            for name in names.split():
                yield name, FieldRule(field_class, self.cache, self.masks.get(name, Mask.NOTHING))


_ANY_RECOMMENDATION = "type recommendationId confidenceScore reason"

_TYPES: Mapping[str, _TypeRules] = {
    "Query": _TypeRules(
        CacheClass.DETAIL, open="customer customers customerSearch node me auditLog accessExplain"
    ),
    "Mutation": _TypeRules(CacheClass.NONE, open="updateCustomer giveRecommendationFeedback"),
    "UpdateCustomerPayload": _TypeRules(CacheClass.NONE, open="customer"),
    "GiveRecommendationFeedbackPayload": _TypeRules(CacheClass.NONE, open="feedback"),
    "RecommendationFeedback": _TypeRules(
        CacheClass.NONE, open="recommendationId action feedbackScore comment createdAt updatedAt"
    ),
    "Me": _TypeRules(CacheClass.NONE, open="subject role scopes name"),
    "AccessExplanation": _TypeRules(CacheClass.NONE, open="fields cost cacheSeconds"),
    "FieldDecision": _TypeRules(CacheClass.NONE, open="path coordinate fieldClass decision rule"),
    "OperationUnits": _TypeRules(CacheClass.NONE, open="limit units"),
    "AuditLogConnection": _TypeRules(CacheClass.NONE, open="edges nodes pageInfo"),
    "AuditLogEdge": _TypeRules(CacheClass.NONE, open="node place cursor"),
    "AuditRecord": _TypeRules(
        CacheClass.NONE,
        open=(
            "at actor role address userAgent door task operation documentHash outcome requestId disclosures"
        ),
    ),
    "AuditDisclosure": _TypeRules(CacheClass.NONE, open="customers returned masked denied"),
    "Node": _TypeRules(CacheClass.DETAIL, open="id"),
    "PageInfo": _TypeRules(CacheClass.DETAIL, open="hasNextPage hasPreviousPage startCursor endCursor"),
    "Pagination": _TypeRules(CacheClass.DETAIL, open="total page size totalPages"),
    "CustomerPage": _TypeRules(CacheClass.DETAIL, open="customers pagination"),
    "CustomerConnection": _TypeRules(CacheClass.DETAIL, open="edges nodes pageInfo totalCount"),
    "CustomerEdge": _TypeRules(CacheClass.DETAIL, open="node cursor"),
    "Customer": _TypeRules(
        CacheClass.DETAIL,
        open=(
            "id customerId name gender region referralSource membershipLevel membershipLabel customerStatus "
            "firstVisitDate lastVisitDate totalVisits averageVisitInterval averageSatisfaction riskLevel "
            "preferredTimeSlots assignedStaff createdAt updatedAt serviceHistory packages activePackage "
            "preferences analytics segment recommendations"
        ),
        contact="phone email address emergencyContact",
        personal="birthYear occupation notes",
        money="totalRevenue",
        health="healthGoals healthConcerns",
        masks={
            "phone": Mask.PHONE,
            "email": Mask.EMAIL,
            "address": Mask.ADDRESS,
            "emergencyContact": Mask.PHONE,
            "occupation": Mask.TEXT,
            "notes": Mask.TEXT,
        },
    ),
    "ServiceSessionConnection": _TypeRules(CacheClass.DETAIL, open="edges nodes pageInfo totalCount"),
    "ServiceSessionEdge": _TypeRules(CacheClass.DETAIL, open="node cursor"),
    "ServiceSession": _TypeRules(
        CacheClass.DETAIL,
        open=(
            "sessionId serviceDate startTime service serviceName status durationMinutes satisfactionRating "
            "staffName packageName"
        ),
        health="sessionNotes",
    ),
    "PackagePurchase": _TypeRules(
        CacheClass.DETAIL,
        open=(
            "purchaseId packageName shortName purchaseDate expiryDate totalSessions usedSessions "
            "remainingSessions usageRate daysRemaining status services usageSummary"
        ),
        money="pricePaid",
    ),
    "PackageService": _TypeRules(CacheClass.DETAIL, open="service total used remaining"),
    "Preferences": _TypeRules(
        CacheClass.DETAIL,
        open=("preferredServices preferredTime preferredIntensity communicationPreference marketingConsent"),
        health="healthInterests",
    ),
    "Analytics": _TypeRules(
        CacheClass.ANALYTICS,
        open="period visitPattern serviceUsage revenueContribution riskAssessment",
        health="healthMetrics",
    ),
    "VisitPattern": _TypeRules(
        CacheClass.ANALYTICS,
        open=(
            "averageIntervalDays visitFrequency consistencyScore preferredDays preferredTimes monthlyVisits "
            "insufficientData"
        ),
    ),
    "MonthlyVisits": _TypeRules(CacheClass.ANALYTICS, open="month visits"),
    "ServiceUsage": _TypeRules(
        CacheClass.ANALYTICS,
        open="mostUsedService serviceDistribution satisfactionByService growthTrend insufficientData",
    ),
    "ServiceShare": _TypeRules(CacheClass.ANALYTICS, open="service percent"),
    "ServiceSatisfaction": _TypeRules(CacheClass.ANALYTICS, open="service meanRating"),
    "ServiceGrowth": _TypeRules(CacheClass.ANALYTICS, open="service percent label"),
    "RevenueContribution": _TypeRules(
        CacheClass.ANALYTICS,
        open="insufficientData",
        money="totalRevenue averageMonthlyRevenue revenueTrend ltvEstimate revenuePercentile",
    ),
    "MonthlyRevenue": _TypeRules(CacheClass.ANALYTICS, money="month amount"),
    "HealthMetrics": _TypeRules(
        CacheClass.ANALYTICS,
        health="reportedImprovements goalAchievementRate recommendationCompliance insufficientData",
    ),
    "ReportedImprovement": _TypeRules(CacheClass.ANALYTICS, health="metric before after change improvedBy"),
    "RiskAssessment": _TypeRules(
        CacheClass.ANALYTICS,
        open=(
            "churnRisk churnProbability riskFactors retentionScore nextActionRecommendation insufficientData"
        ),
    ),
    "InsufficientData": _TypeRules(CacheClass.ANALYTICS, open="field counted needed found"),
    "Segment": _TypeRules(
        CacheClass.ANALYTICS,
        open="primarySegment secondarySegments characteristics peerComparison insufficientData",
    ),
    "SegmentCharacteristics": _TypeRules(
        CacheClass.ANALYTICS, open="visitFrequency serviceDiversity loyaltyLevel", money="spendingLevel"
    ),
    "PeerComparison": _TypeRules(
        CacheClass.ANALYTICS,
        open="visitFrequencyPercentile satisfactionPercentile",
        money="spendingPercentile",
    ),
    "Recommendations": _TypeRules(CacheClass.RECOMMENDATIONS, open="recommendations metadata"),
    "RecommendationMetadata": _TypeRules(
        CacheClass.RECOMMENDATIONS, open="generatedAt modelVersion factorsConsidered expiresAt"
    ),
    "Recommendation": _TypeRules(CacheClass.RECOMMENDATIONS, open=_ANY_RECOMMENDATION),
    "ServiceRecommendation": _TypeRules(
        CacheClass.RECOMMENDATIONS,
        open=f"{_ANY_RECOMMENDATION} service serviceName expectedBenefit suggestedSchedule",
    ),
    "SuggestedSchedule": _TypeRules(CacheClass.RECOMMENDATIONS, open="frequency duration bestTimes"),
    "PackageRecommendation": _TypeRules(
        CacheClass.RECOMMENDATIONS,
        open=f"{_ANY_RECOMMENDATION} packageId packageName packageDetails personalization",
    ),
    "PackageDetails": _TypeRules(CacheClass.RECOMMENDATIONS, open="services totalSessions price savings"),
    "ServiceSessions": _TypeRules(CacheClass.RECOMMENDATIONS, open="service sessions"),
    "PackagePersonalization": _TypeRules(CacheClass.RECOMMENDATIONS, open="basedOn optimization"),
    "ScheduleRecommendation": _TypeRules(
        CacheClass.RECOMMENDATIONS, open=f"{_ANY_RECOMMENDATION} scheduleName weeklyPlan"
    ),
    "PlannedVisit": _TypeRules(CacheClass.RECOMMENDATIONS, open="day time service duration reason"),
}

# what is about the viewer or the log itself is asked anew each time
_NEVER_KEPT = ("Query.me", "Query.auditLog", "Query.accessExplain")

_LIMITED = {
    "Customer.analytics": LimitClass.ANALYTICS,
    "Customer.segment": LimitClass.ANALYTICS,
    "Customer.recommendations": LimitClass.RECOMMENDATIONS,
}

_RESTING = {"Customer.segment": FieldClass.HEALTH, "Customer.recommendations": FieldClass.HEALTH}


def _rule(coordinate: str, rule: FieldRule) -> FieldRule:
    return replace(
        rule,
        cache=CacheClass.NONE if coordinate in _NEVER_KEPT else rule.cache,
        limit=_LIMITED.get(coordinate),
        rests_on=_RESTING.get(coordinate),
    )


FIELD_RULES: Mapping[str, FieldRule] = {
    f"{type_name}.{name}": _rule(f"{type_name}.{name}", rule)
    for type_name, rules in _TYPES.items()
    for name, rule in rules.rules()
}
"""The rule of every field, by its coordinate such as "Customer.phone"."""

FIELD_LIMITS: Mapping[str, LimitClass] = {
    coordinate: rule.limit for coordinate, rule in FIELD_RULES.items() if rule.limit is not None
}
"""The fields that cost more than their request, and the class of limits that they count towards."""
