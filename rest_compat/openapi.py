"""The OpenAPI 3.1 document of the routes, made from their table."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_compat.parameters import Parameter
from rest_compat.routes import Route

_REDACTIONS: Mapping[str, Any] = {
    "type": "array",
    "description": "권한에 따라 가려진 값의 위치; 가려진 값이 없으면 생략",
    "items": {
        "type": "object",
        "required": ["path", "state"],
        "properties": {
            "path": {
                "type": "array",
                "description": "data 안에서의 위치; 빈 배열은 답 전체를 가려진 정보 없이 만들었다는 뜻",
                "items": {"type": ["string", "integer"]},
            },
            "state": {"enum": ["MASKED", "DENIED"]},
        },
    },
}

_STATUS_TEXTS = {
    400: "VALIDATION_ERROR 또는 INSUFFICIENT_DATA: 입력값 오류, 분석을 위한 데이터 부족",
    401: "UNAUTHENTICATED: 토큰이 없거나 만료되었거나 유효하지 않음",
    403: "UNAUTHORIZED_ACCESS: 권한 없음",
    404: "CUSTOMER_NOT_FOUND 또는 RECOMMENDATION_NOT_FOUND: 고객이나 추천을 찾을 수 없음",
    408: "REQUEST_TIMEOUT: 요청 본문이 제시간에 도착하지 않음",
    413: "PAYLOAD_TOO_LARGE: 요청 본문이 1 MB를 넘음",
    415: "UNSUPPORTED_MEDIA_TYPE: 본문이 UTF-8로 쓴 application/json이 아님",
    429: "RATE_LIMIT_EXCEEDED: 요청 한도 초과 (Retry-After, RateLimit, RateLimit-Policy)",
    503: "SERVICE_UNAVAILABLE: 데이터베이스나 분석 모델을 일시적으로 이용할 수 없음 (Retry-After)",
}


def openapi_document(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """Return the document, ready to be written as JSON."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "고객관리 시스템 확장 API", "version": version},
        "servers": [{"url": "/api/v1"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "schemas": {"Error": _error_schema()},
            "responses": {
                f"Error{status}": _response(text, {"$ref": "#/components/schemas/Error"})
                for status, text in _STATUS_TEXTS.items()
            },
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "parameters": [
            *(_path_parameter(parameter) for parameter in route.path_parameters),
            *(_parameter(parameter) for parameter in route.parameters),
        ],
        "responses": {"200": _response("성공", _envelope_schema(route)), **_errors(route)},
    }
    if route.body:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": dict(route.body.schema)}},
        }
    return operation


def _errors(route: Route) -> dict[str, Any]:
    statuses = [400, 401, 403, 429, 503]
    if route.path_parameters:
        statuses.append(404)
    if route.body:
        statuses += [408, 413, 415]
    return {str(status): {"$ref": f"#/components/responses/Error{status}"} for status in sorted(statuses)}


def _path_parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "path",
        "required": True,
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "query",
        "required": False,
        "description": parameter.description,
        "allowEmptyValue": True,
        "explode": False,  # a list is written as words between commas
        "schema": dict(parameter.schema),
    }


def _response(description: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": dict(schema)}}}


def _envelope_schema(route: Route) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "success": {"const": True},
        "data": {"type": "object", "required": list(route.answer_keys)},
        "message": {"type": "string"},
        "timestamp": {"type": "string", "format": "date-time"},
        "redactions": _REDACTIONS,
    }
    if route.body and route.body.read_only:
        properties["ignored"] = {
            "type": "array",
            "items": {"type": "string"},
            "description": "읽기 전용이라 무시된 항목",
        }
    return {
        "type": "object",
        "required": ["success", "data", "message", "timestamp"],
        "properties": properties,
        "additionalProperties": False,
    }


def _error_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["success", "error", "timestamp"],
        "properties": {
            "success": {"const": False},
            "error": {
                "type": "object",
                "required": ["code", "message", "detail"],
                "properties": {
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "detail": {"type": "object"},
                },
            },
            "timestamp": {"type": "string", "format": "date-time"},
        },
    }
