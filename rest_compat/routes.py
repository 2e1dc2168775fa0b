"""The documented routes, as a table: method, path, parameters, document, shape."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rest_compat.parameters import Parameter, Value, day, one_of, some_of, text, whole_number
from rest_compat.shapes import Shape, code, keyed, lift, membership, pluck, spread

_DOCUMENTS = Path(__file__).parent / "documents"

_SERVICES = {name: name.upper() for name in ("brain", "pulse", "lymph", "red", "ai_bike")}
_PACKAGE_STATUSES = {name: name.upper() for name in ("active", "expiring", "expired")}
_MEMBERSHIP_LEVELS = {name: name.upper() for name in ("basic", "premium", "vip")}
_RISK_LEVELS = {name: name.upper() for name in ("stable", "warning", "danger")}
_SORTS = {name: name.upper() for name in ("name", "last_visit", "total_visits", "revenue")}
_PERIODS = {"30d": "DAYS_30", "90d": "DAYS_90", "180d": "DAYS_180", "1y": "YEAR_1"}
METRICS = ("visitPattern", "serviceUsage", "revenueContribution", "healthMetrics")
"""The blocks of the analytics, each of which can be asked for alone."""

_METRIC_NAMES = {name: name for name in METRICS}


@dataclass(frozen=True, slots=True)
class Route:
    """One documented path.

    `answer` is the path of keys in the document's data under which the contract's `data` lies, `shapes` turn
    it into the contract's form, and `answer_keys` are the keys that it then always has. `echo_filters` adds
    what was filtered by, as the search's answer has it.
    """

    method: str
    path: str
    name: str
    summary: str
    document: str
    answer: Sequence[str]
    shapes: Sequence[Shape] = ()
    parameters: Sequence[Parameter] = ()
    takes_changes: bool = False
    echo_filters: bool = False
    answer_keys: Sequence[str] = ()


def _document(*names: str) -> str:
    return "\n".join((_DOCUMENTS / f"{name}.graphql").read_text(encoding="utf-8") for name in names)


def _words(names: Iterable[str]) -> dict[str, object]:
    return {"type": "string", "enum": list(names)}


def _list_of(names: Iterable[str]) -> dict[str, object]:
    # nothing between two commas is passed over
    return {"type": "array", "items": _words([*names, ""])}


_PERIOD = Parameter("period", "period", one_of(_PERIODS), _words(_PERIODS), "분석 기간 (기본값 90d)")
_METRIC = Parameter(
    "metrics",
    "metrics",
    some_of(_METRIC_NAMES),
    _list_of(METRICS),
    "포함할 메트릭, 쉼표로 구분 (기본값: 모두)",
)
_SEARCH = (
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

_CODED_FILTERS = ("service_filter", "package_status", "membership_level", "risk_level")

_DETAIL_SHAPES = (
    lift("customer", "serviceHistory", "activePackages", "preferences"),
    membership("customer"),
    code("customer", "gender"),
    code("customer", "customer_status"),
    code("customer", "risk_level"),
    code("customer", "preferred_time_slots"),
    pluck("serviceHistory", key="nodes"),
    code("serviceHistory", "service_type"),
    keyed("activePackages", "service_breakdown", by="service"),
    code("preferences", "preferred_services"),
    code("preferences", "preferred_time"),
    code("preferences", "preferred_intensity"),
    code("preferences", "communication_preference"),
)

_DETAIL_KEYS = ("customer", "serviceHistory", "activePackages", "preferences")

ROUTES: Sequence[Route] = (
    Route(
        "GET",
        "/customers/search",
        "customer_search",
        "고객 검색",
        _document("customer_search"),
        answer=("customerSearch",),
        shapes=(
            membership("customers"),
            code("customers", "risk_level"),
            *(code("filters_applied", name) for name in _CODED_FILTERS),
            spread("customers", "activePackage", keys=("active_package", "package_usage_summary")),
        ),
        parameters=_SEARCH,
        answer_keys=("customers", "pagination", "filters_applied"),
        echo_filters=True,
    ),
    Route(
        "GET",
        "/customers/{customer_id}/detail",
        "customer_detail",
        "고객 상세 조회",
        _document("customer_detail", "customer_detail_fields"),
        answer=(),
        shapes=_DETAIL_SHAPES,
        answer_keys=_DETAIL_KEYS,
    ),
    Route(
        "PUT",
        "/customers/{customer_id}/detail",
        "update_customer_detail",
        "고객 상세 정보 업데이트",
        _document("update_customer_detail", "customer_detail_fields"),
        answer=("updateCustomer",),
        shapes=_DETAIL_SHAPES,
        answer_keys=_DETAIL_KEYS,
        takes_changes=True,
    ),
    Route(
        "GET",
        "/customers/{customer_id}/analytics",
        "customer_analytics",
        "고객 분석 데이터 조회",
        _document("customer_analytics"),
        answer=("customer", "analytics"),
        shapes=(
            code("serviceUsage", "most_used_service"),
            keyed("serviceUsage", "service_distribution", by="service", value="percent"),
            keyed("serviceUsage", "satisfaction_by_service", by="service", value="mean_rating"),
            keyed("serviceUsage", "growth_trend", by="service", value="label"),
            keyed("healthMetrics", "reported_improvements", by="metric"),
        ),
        parameters=(_PERIOD, _METRIC),
    ),
)


def variables_of(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the variables of a document; the metrics asked for become one switch each."""
    variables = dict(values)
    metrics = variables.pop("metrics", None)
    if isinstance(metrics, list):
        variables |= {name: name in metrics for name in METRICS}
    return variables
