"""What an invented recommendation says: the documents that are stored, without their figures and goals."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from db.demo import phrases
from db.demo.catalogue import SERVICE_TYPES, Package
from db.demo.services import DURATIONS, GOALS, PRICES, SERVICES, TYPE_IDS

Document: TypeAlias = Mapping[str, Any]

DEMO_VERSION = "demo"
"""Inputs' and model's version of what no model of this center recommended."""

NEVER_USED, USED = len(GOALS), len(GOALS) + 1
"""Grounds of a recommendation after the goals: a service never used, and one used before."""

_EXPECTED_USE = 0.9
_NAMES = {kind.service_type_id: kind.name for kind in SERVICE_TYPES}


def service_document(service: int, ground: int) -> Document:
    """Return the recommendation of a service, by its position, on some ground; without its figures."""
    name = _NAMES[int(TYPE_IDS[service])]
    if ground == NEVER_USED:
        reason, factors = f"아직 이용하지 않은 {name}", ("peer_patterns", "seasonal_trends")
    elif ground == USED:
        reason, factors = f"꾸준히 이용해 온 {name}", ("service_history", "satisfaction_ratings")
    else:
        reason = f"{phrases.GOAL_LABELS[ground]} 목표와 맞는 {name}"
        factors = ("health_goals", "service_history")
    return {
        "service": str(SERVICES[service]),
        "reason": reason,
        "expected_benefit": phrases.BENEFITS[service],
        "suggested_schedule": {
            "frequency": "주 1회",
            "duration": f"{DURATIONS[service]}분",
            "best_times": [],
        },
        "factors": factors,
    }


def package_document(package: Package) -> Document:
    """Return the recommendation of a package, without its figures."""
    worth = sum(int(price) * quota for price, quota in zip(PRICES, package.quotas, strict=False))
    return {
        "package_id": package.package_id,
        "package_name": package.name,
        "reason": "지금의 이용 속도로 기간 안에 대부분 쓰는 구성",
        "sessions": [
            {"service": str(service), "sessions": quota}
            for service, quota in zip(SERVICES, package.quotas, strict=True)
            if quota
        ],
        "total_sessions": package.total_sessions,
        "price": package.price,
        "savings": max(0, round(_EXPECTED_USE * worth) - package.price),
        "based_on": "지난 방문 기록",
        "optimization": "이용률과 절감액",
        "factors": ("visit_pattern", "package_prices"),
    }
