"""The one table of everything that can go wrong: HTTP status, code, and message for the client."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from db.engine import DatabaseUnavailable, InvalidValue
from gateway.audit import AuditUnavailable
from gateway.identity.refusals import KeysUnavailable, TooManyAttempts, Unauthenticated
from resolvers.errors import (
    CustomerNotFound,
    InsufficientData,
    InvalidInput,
    ModelsNotReady,
    NotAllowed,
    NotVisible,
    RecommendationNotFound,
    UpdateConflict,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that went wrong, as a client is told; `detail` holds what the client sent or may know.

    `headers` are those that this one needs beside what `headers_of` gives every problem of its status.
    """

    status: int
    code: str
    message: str
    detail: Mapping[str, object] = field(default_factory=dict[str, object])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def with_detail(self, detail: Mapping[str, object]) -> "Problem":
        """Return the same problem with its particulars."""
        return replace(self, detail=detail)

    def with_headers(self, headers: Mapping[str, str]) -> "Problem":
        """Return the same problem with headers of its own."""
        return replace(self, headers=headers)


INTERNAL_ERROR = Problem(500, "INTERNAL_ERROR", "서버 내부 오류가 발생했습니다")
RATE_LIMIT_EXCEEDED = Problem(429, "RATE_LIMIT_EXCEEDED", "요청 한도를 초과했습니다. 잠시 후 다시 시도하세요")
TIMEOUT = Problem(504, "TIMEOUT", "요청 처리 시간이 초과되었습니다")
_UNAUTHORIZED = Problem(403, "UNAUTHORIZED_ACCESS", "권한이 없습니다")
UNAVAILABLE = Problem(
    503, "SERVICE_UNAVAILABLE", "일시적으로 서비스를 이용할 수 없습니다. 잠시 후 다시 시도하세요"
)
VALIDATION_ERROR = Problem(400, "VALIDATION_ERROR", "입력값이 올바르지 않습니다")
INTROSPECTION_REFUSED = Problem(403, "UNAUTHORIZED_ACCESS", "스키마를 조회할 권한이 없습니다")

_BY_ERROR: Mapping[type[Exception], Problem] = {
    CustomerNotFound: Problem(404, "CUSTOMER_NOT_FOUND", "고객을 찾을 수 없습니다"),
    RecommendationNotFound: Problem(404, "RECOMMENDATION_NOT_FOUND", "추천을 찾을 수 없습니다"),
    InsufficientData: Problem(400, "INSUFFICIENT_DATA", "분석을 위한 데이터가 부족합니다"),
    Unauthenticated: Problem(401, "UNAUTHENTICATED", "인증이 필요합니다"),
    AuditUnavailable: Problem(
        503, "AUDIT_UNAVAILABLE", "접근 기록을 남길 수 없어 응답할 수 없습니다. 잠시 후 다시 시도하세요"
    ),
    TooManyAttempts: RATE_LIMIT_EXCEEDED,
    NotAllowed: _UNAUTHORIZED,
    NotVisible: _UNAUTHORIZED,
    UpdateConflict: Problem(409, "CONFLICT", "다른 사용자가 먼저 수정했습니다. 다시 불러온 뒤 시도하세요"),
    InvalidInput: VALIDATION_ERROR,
    InvalidValue: VALIDATION_ERROR,
    DatabaseUnavailable: UNAVAILABLE,
    ModelsNotReady: UNAVAILABLE,
    KeysUnavailable: UNAVAILABLE,
    TimeoutError: TIMEOUT,
}

_BY_STATUS: Mapping[int, Problem] = {
    400: VALIDATION_ERROR,
    404: Problem(404, "NOT_FOUND", "요청한 경로를 찾을 수 없습니다"),
    405: Problem(405, "METHOD_NOT_ALLOWED", "허용되지 않는 메서드입니다"),
    406: Problem(406, "NOT_ACCEPTABLE", "JSON으로만 응답할 수 있습니다"),
    408: Problem(408, "REQUEST_TIMEOUT", "요청 본문이 제시간에 도착하지 않았습니다"),
    413: Problem(413, "PAYLOAD_TOO_LARGE", "요청 본문이 너무 큽니다"),
    414: Problem(414, "URI_TOO_LONG", "요청 주소가 너무 깁니다"),
    415: Problem(415, "UNSUPPORTED_MEDIA_TYPE", "요청 본문은 UTF-8로 쓴 application/json이어야 합니다"),
    431: Problem(431, "HEADERS_TOO_LARGE", "요청 헤더가 너무 많거나 큽니다"),
}

_LONGEST_ID = 40

RETRY_AFTER_SECONDS = 1
"""What a client is told to wait when the database is away; it is usually back within two seconds."""


def problem_of(error: Exception) -> Problem:
    """Return what a client is told about an error; INTERNAL_ERROR for one that nobody expected."""
    problem = _BY_ERROR.get(type(error), INTERNAL_ERROR)
    return replace(problem, detail=_detail_of(error), headers=_own_headers_of(error))


def _detail_of(error: Exception) -> dict[str, object]:
    match error:
        case InvalidInput():
            return {"fields": error.fields}
        case NotAllowed():
            return {"required": str(error.capability)}
        case NotVisible():
            return {"argument": error.argument, "field_class": str(error.field_class)}
        case CustomerNotFound() | InsufficientData() | UpdateConflict():
            return {"customer_id": error.customer_id}
        case RecommendationNotFound():
            # an id longer than ours is not sent back
            return {
                "customer_id": error.customer_id,
                "recommendation_id": error.recommendation_id[:_LONGEST_ID],
            }
        case _:
            return {}


def _own_headers_of(error: Exception) -> dict[str, str]:
    match error:
        case Unauthenticated():
            return {"WWW-Authenticate": error.challenge}
        case TooManyAttempts():
            return {"Retry-After": str(error.retry_after)}
        case _:
            return {}


def problem_of_status(status: int) -> Problem:
    """Return what a client is told about a request that HTTP alone refuses."""
    return _BY_STATUS.get(status, VALIDATION_ERROR if status < INTERNAL_ERROR.status else INTERNAL_ERROR)


def headers_of(problem: Problem) -> dict[str, str]:
    """Return the headers that go with a problem."""
    if problem.status == UNAVAILABLE.status:
        return {"Retry-After": str(RETRY_AFTER_SECONDS), **problem.headers}
    return dict(problem.headers)
