"""Where a live answer may differ from the contract's printed examples, and why: the only list of it.

A place is a path of keys; `[]` stands for any item of a list, `*` for any key of a map.
"""

from datetime import date

EXAMPLE_DAY = date(2024, 6, 6)
"""The day on which the example was written: her package, which ends on 2024-07-01, has 25 days left."""

MAPS = frozenset(
    {
        "data.activePackages[].service_breakdown",
        "data.serviceUsage.service_distribution",
        "data.serviceUsage.satisfaction_by_service",
        "data.serviceUsage.growth_trend",
        "data.healthMetrics.reported_improvements",
        "data.recommendations[].package_details",
    }
)
"""Objects whose keys are data: services, metrics. Their values are compared, their keys are not."""

ADDED = frozenset(
    {
        "data.customer.region",  # the form of the center has these four, the example leaves them out
        "data.customer.referral_source",
        "data.customer.health_concerns",
        "data.customer.notes",
        "data.visitPattern.insufficient_data",  # which figures are null, and how little is known
        "data.serviceUsage.insufficient_data",
        "data.revenueContribution.insufficient_data",
        "data.healthMetrics.insufficient_data",
        "data.riskAssessment.insufficient_data",
        "data.insufficient_data",  # of a segment
        "data.filters_applied.q",  # the test asks for her
        # the envelope that section "공통 응답 형식" asks of every answer, and the examples shorten
        "message",
        "timestamp",
    }
)
"""Keys that we answer and the examples do not print."""

NULLABLE = frozenset(
    {
        "data.serviceHistory[].satisfaction_rating",  # not every session is rated
        "data.serviceHistory[].session_notes",  # nor noted
        "data.serviceHistory[].package_name",  # nor paid by a package
    }
)
"""Places that may hold null although the example prints a value."""
