"""The parameters of the documented routes: what each may say, and what it becomes in GraphQL."""

from collections.abc import Iterable
from dataclasses import replace

from rest_compat.parameters import (
    LARGEST_INTEGER,
    Parameter,
    customer_number,
    day,
    one_of,
    some_of,
    text,
    whole_number,
)


def _upper(*names: str) -> dict[str, str]:
    """Return words with their names in GraphQL."""
    return {name: name.upper() for name in names}


_SERVICES = _upper("brain", "pulse", "lymph", "red", "ai_bike")
_PACKAGE_STATUSES = _upper("active", "expiring", "expired")
_MEMBERSHIP_LEVELS = _upper("basic", "premium", "vip")
_RISK_LEVELS = _upper("stable", "warning", "danger")
_SORTS = _upper("name", "last_visit", "total_visits", "revenue")
_KINDS = _upper("service", "package", "schedule")
_PERIODS = {"30d": "DAYS_30", "90d": "DAYS_90", "180d": "DAYS_180", "1y": "YEAR_1"}

METRICS = ("visitPattern", "serviceUsage", "revenueContribution", "healthMetrics", "riskAssessment")
"""The blocks of the analytics, each of which can be asked for alone."""

_METRIC_NAMES = {name: name for name in METRICS}


def _words(names: Iterable[str]) -> dict[str, object]:
    return {"type": "string", "enum": list(names)}


def _list_of(names: Iterable[str]) -> dict[str, object]:
    # nothing between two commas is passed over
    return {"type": "array", "items": _words([*names, ""])}


CUSTOMER = Parameter(
    "customer_id",
    "id",
    customer_number,
    {"type": "integer", "minimum": 1, "maximum": LARGEST_INTEGER},
    "고객 번호",
)
ANSWERED = (
    replace(CUSTOMER, variable="customerId"),
    Parameter(
        "recommendation_id",
        "recommendationId",
        str,
        {"type": "string", "minLength": 1, "maxLength": 40},
        "추천의 recommendation_id",
    ),
)
"""A customer, and a recommendation made for them."""

PERIOD = Parameter("period", "period", one_of(_PERIODS), _words(_PERIODS), "분석 기간 (기본값 90d)")
METRIC = Parameter(
    "metrics",
    "metrics",
    some_of(_METRIC_NAMES),
    _list_of(METRICS),
    "포함할 메트릭, 쉼표로 구분 (기본값: 모두)",
)
KIND = Parameter("type", "types", some_of(_KINDS), _list_of(_KINDS), "추천 유형, 쉼표로 구분 (기본값: 모두)")
COUNT = Parameter(
    "count",
    "count",
    whole_number,
    {"type": "integer", "minimum": 1, "maximum": 20},
    "추천 개수 (기본값 5)",
)
SEARCH = (
    Parameter(
        "q",
        "q",
        text,
        {"type": "string", "maxLength": 100},
        "검색어: 이름의 일부, 또는 전화번호의 숫자 세 자리 이상",
    ),
    Parameter(
        "service_filter",
        "services",
        some_of(_SERVICES),
        _list_of(_SERVICES),
        "이용한 서비스, 쉼표로 구분: 하나라도 이용한 고객",
    ),
    Parameter(
        "package_status",
        "packageStatus",
        one_of(_PACKAGE_STATUSES),
        _words(_PACKAGE_STATUSES),
        "패키지 상태",
    ),
    Parameter(
        "membership_level",
        "membershipLevel",
        one_of(_MEMBERSHIP_LEVELS),
        _words(_MEMBERSHIP_LEVELS),
        "멤버십 레벨",
    ),
    Parameter("risk_level", "riskLevel", one_of(_RISK_LEVELS), _words(_RISK_LEVELS), "위험도"),
    Parameter(
        "last_visit_from", "lastVisitFrom", day, {"type": "string", "format": "date"}, "최근 방문 시작일"
    ),
    Parameter("last_visit_to", "lastVisitTo", day, {"type": "string", "format": "date"}, "최근 방문 종료일"),
    Parameter(
        "sort_by", "sortBy", one_of(_SORTS), _words(_SORTS), "정렬 기준 (기본값 last_visit, 이름만 오름차순)"
    ),
    Parameter("page", "page", whole_number, {"type": "integer", "minimum": 1}, "페이지 번호 (기본값 1)"),
    Parameter(
        "size",
        "size",
        whole_number,
        {"type": "integer", "minimum": 1, "maximum": 100},
        "페이지 크기 (기본값 20)",
    ),
)

FILTERS = (
    "q",
    "service_filter",
    "package_status",
    "membership_level",
    "risk_level",
    "last_visit_from",
    "last_visit_to",
)
"""The search parameters that filter, as `filters_applied` repeats them."""

CODED_FILTERS = ("service_filter", "package_status", "membership_level", "risk_level")
"""Those of them whose words are enums in GraphQL."""
