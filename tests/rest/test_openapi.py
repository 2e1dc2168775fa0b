"""The OpenAPI document, and Schemathesis, which reads it and tries what it says against a running gateway."""

from typing import Any

import pytest
import schemathesis
from harness import Gateway, token
from hypothesis import HealthCheck, settings
from rest.answers import invalid_fields
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from gateway.app import VERSION
from rest_compat.bodies import CUSTOMER_CHANGES
from rest_compat.openapi import openapi_document
from rest_compat.routes import ROUTES


@pytest.fixture(scope="module")
def document(gateway: Gateway) -> dict[str, Any]:
    return gateway.rest("/openapi.json", role=None).json()


@pytest.fixture(scope="module")
def documented(center: Gateway) -> OpenApiSchema:
    """The document as Schemathesis reads it, over a center that it may change."""
    return schemathesis.openapi.from_url(
        f"{center.url}/api/v1/openapi.json", config=schemathesis.Config(seed=1), wait_for_schema=1
    )


def test_the_document_is_openapi_3_1(documented: OpenApiSchema, document: dict[str, Any]) -> None:
    documented.validate()

    assert document["openapi"].startswith("3.1.")


def test_every_route_is_documented_and_nothing_else(document: dict[str, Any]) -> None:
    written = {(method.upper(), path) for path, item in document["paths"].items() for method in item}

    assert written == {(route.method, route.path) for route in ROUTES}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_parameter_of_a_route_is_documented(document: dict[str, Any], route: Any) -> None:
    operation = document["paths"][route.path][route.method.lower()]

    written = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"}
    assert written == {parameter.name for parameter in route.parameters}


def test_every_answer_of_a_customer_can_be_sent_back(document: dict[str, Any], gateway: Gateway) -> None:
    body = document["paths"]["/customers/{customer_id}/detail"]["put"]["requestBody"]
    written = body["content"]["application/json"]["schema"]["properties"].keys()

    answered = gateway.rest("/customers/123/detail").json()["data"]["customer"].keys()

    assert answered | {"preferences"} == written
    assert answered > set(CUSTOMER_CHANGES.read_only)


def test_every_operation_asks_for_a_token(document: dict[str, Any]) -> None:
    assert document["security"] == [{"bearer": []}]
    assert not any(
        "security" in operation for item in document["paths"].values() for operation in item.values()
    )


def test_an_unknown_key_is_refused_as_documented(center: Gateway) -> None:
    answer = center.rest("/customers/123/detail", method="PUT", json={"a": 1})

    assert invalid_fields(answer) == {"a"}


_CONFIG = schemathesis.Config(seed=1)
_CONFIG.projects.default.generation.with_security_parameters = False  # every request carries a token
_SCHEMA = schemathesis.openapi.from_dict(openapi_document(ROUTES, VERSION), config=_CONFIG)
_BEYOND_JSON_SCHEMA = {
    "customer_search",
    "update_customer_detail",
    "customer_analytics",
    "customer_segment",
    "customer_recommendations",
    "recommendation_feedback",
}
"""Operations with rules beyond JSON Schema: the order of two days, phone numbers, printable text, that a
customer without a session has no analytics, and that only what was recommended can be answered."""


def _holds(case: schemathesis.Case, center: Gateway) -> None:
    beyond = case.operation.definition.raw["operationId"] in _BEYOND_JSON_SCHEMA
    case.call_and_validate(
        base_url=f"{center.url}/api/v1",
        headers={"Authorization": f"Bearer {token()}"},
        excluded_checks=[positive_data_acceptance] if beyond else [],
    )


_REPEATABLE = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


@_SCHEMA.parametrize()
@settings(_REPEATABLE, max_examples=12)
def test_what_the_document_says_holds(case: schemathesis.Case, center: Gateway) -> None:
    _holds(case, center)


@pytest.mark.slow
@_SCHEMA.parametrize()
@settings(_REPEATABLE, max_examples=1000)
def test_what_the_document_says_holds_for_long(case: schemathesis.Case, center: Gateway) -> None:
    _holds(case, center)
