"""The documented routes, as a table: method, path, parameters, document, shape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rest_compat.bodies import CUSTOMER_CHANGES, FEEDBACK, Body
from rest_compat.parameters import Parameter, Value
from rest_compat.route_parameters import (
    ANSWERED,
    CODED_FILTERS,
    COUNT,
    CUSTOMER,
    KIND,
    METRIC,
    METRICS,
    PERIOD,
    SEARCH,
)
from rest_compat.shapes import Shape, code, inline, keyed, lift, membership, pluck, spread

_DOCUMENTS = Path(__file__).parent / "documents"


@dataclass(frozen=True, slots=True)
class Route:
    """One documented path.

    `answer` is the path of keys in the document's data under which the contract's `data` lies, `shapes` turn
    it into the contract's form, and `answer_keys` are the keys that it then always has. With a `body`, it
    and the parts of the path are the document's `input`. `echo_filters` adds what was filtered by, as the
    search's answer has it.
    """

    method: str
    path: str
    name: str
    summary: str
    document: str
    answer: Sequence[str]
    shapes: Sequence[Shape] = ()
    path_parameters: Sequence[Parameter] = ()
    parameters: Sequence[Parameter] = ()
    body: Body | None = None
    echo_filters: bool = False
    answer_keys: Sequence[str] = ()


def _document(*names: str) -> str:
    return "\n".join((_DOCUMENTS / f"{name}.graphql").read_text(encoding="utf-8") for name in names)


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
            *(code("filters_applied", name) for name in CODED_FILTERS),
            spread("customers", "activePackage", keys=("active_package", "package_usage_summary")),
        ),
        parameters=SEARCH,
        answer_keys=("customers", "pagination", "filters_applied"),
        echo_filters=True,
    ),
    Route(
        "GET",
        "/customers/segments/{customer_id}",
        "customer_segment",
        "고객 세그먼트 분석",
        _document("customer_segment"),
        answer=("customer", "segment"),
        path_parameters=(CUSTOMER,),
        answer_keys=("primary_segment", "secondary_segments", "characteristics", "peer_comparison"),
    ),
    Route(
        "GET",
        "/customers/{customer_id}/detail",
        "customer_detail",
        "고객 상세 조회",
        _document("customer_detail", "customer_detail_fields"),
        answer=(),
        shapes=_DETAIL_SHAPES,
        path_parameters=(CUSTOMER,),
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
        path_parameters=(CUSTOMER,),
        body=CUSTOMER_CHANGES,
        answer_keys=_DETAIL_KEYS,
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
        path_parameters=(CUSTOMER,),
        parameters=(PERIOD, METRIC),
    ),
    Route(
        "GET",
        "/customers/{customer_id}/recommendations",
        "customer_recommendations",
        "개인화 서비스 추천",
        _document("customer_recommendations"),
        answer=("customer", "recommendations"),
        shapes=(
            code("recommendations", "type"),
            code("recommendations", "service_type"),
            keyed("recommendations", "package_details", "services", by="service", value="sessions"),
            inline("recommendations", "package_details", "services"),
            code("recommendations", "weekly_plan", "service"),
            code("recommendation_metadata", "factors_considered"),
        ),
        path_parameters=(CUSTOMER,),
        parameters=(KIND, COUNT),
        answer_keys=("recommendations", "recommendation_metadata"),
    ),
    Route(
        "POST",
        "/customers/{customer_id}/recommendations/{recommendation_id}/feedback",
        "recommendation_feedback",
        "추천 피드백",
        _document("recommendation_feedback"),
        answer=("giveRecommendationFeedback", "feedback"),
        shapes=(code("action"),),
        path_parameters=ANSWERED,
        body=FEEDBACK,
        answer_keys=("recommendation_id", "action", "feedback_score", "comment", "created_at", "updated_at"),
    ),
)


def variables_of(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the variables of a document; the metrics asked for become one switch each."""
    variables = dict(values)
    metrics = variables.pop("metrics", None)
    if isinstance(metrics, list):
        variables |= {name: name in metrics for name in METRICS}
    return variables
