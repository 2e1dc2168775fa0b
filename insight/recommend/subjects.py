"""What a recommendation is about, in the words that answers to it are kept under."""

from insight.recommend.records import (
    PackageRecommendation,
    Recommendation,
    RecommendationKind,
    ServiceRecommendation,
)

WEEKLY = "weekly"
"""The subject of every schedule: there is one a customer."""


def kind_of(recommendation: Recommendation) -> RecommendationKind:
    """Return the kind of a recommendation."""
    match recommendation:
        case ServiceRecommendation():
            return RecommendationKind.SERVICE
        case PackageRecommendation():
            return RecommendationKind.PACKAGE
        case _:
            return RecommendationKind.SCHEDULE


def subject_of(recommendation: Recommendation) -> str:
    """Return the service's code, the package's number, or "weekly"."""
    match recommendation:
        case ServiceRecommendation():
            return recommendation.service
        case PackageRecommendation():
            return str(recommendation.package_id)
        case _:
            return WEEKLY
