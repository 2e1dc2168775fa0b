"""Recommendations through GraphQL: three kinds behind one interface, and whose health has a say in them."""

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from harness import Gateway, running_gateway, token
from psycopg.rows import dict_row

RECOMMENDATIONS = """
query ($id: ID!, $types: [RecommendationType!], $count: Int! = 5) {
  customer(id: $id) { recommendations(types: $types, count: $count) { ...Everything } }
}
fragment Everything on Recommendations {
  recommendations {
    __typename type recommendationId confidenceScore reason
    ... on ServiceRecommendation {
      service serviceName expectedBenefit suggestedSchedule { frequency duration bestTimes }
    }
    ... on PackageRecommendation {
      packageId packageName
      packageDetails { services { service sessions } totalSessions price savings }
      personalization { basedOn optimization }
    }
    ... on ScheduleRecommendation { scheduleName weeklyPlan { day time service duration reason } }
  }
  metadata { generatedAt modelVersion factorsConsidered expiresAt }
}
"""
TYPES = {
    "SERVICE": "ServiceRecommendation",
    "PACKAGE": "PackageRecommendation",
    "SCHEDULE": "ScheduleRecommendation",
}


def recommended(gateway: Gateway, customer_id: int, role: str = "ADMIN", **variables: Any) -> dict[str, Any]:
    answer = gateway.data(RECOMMENDATIONS, {"id": customer_id, **variables}, role=role)
    return answer["customer"]["recommendations"]


def ask(gateway: Gateway, document: str, role: str, *scopes: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token(role, scopes=scopes)}"}
    return gateway.request("POST", "/graphql", headers=headers, json={"query": document}).json()


def test_each_kind_has_a_type_of_its_own(gateway: Gateway) -> None:
    found = recommended(gateway, 123, count=20)["recommendations"]

    assert {item["type"] for item in found} >= {"SERVICE", "SCHEDULE"}
    assert all(item["__typename"] == TYPES[item["type"]] for item in found)


def test_every_recommendation_says_why(gateway: Gateway) -> None:
    for item in recommended(gateway, 123, count=20)["recommendations"]:
        assert item["reason"]


@pytest.mark.parametrize("kinds", [["SERVICE"], ["SCHEDULE", "PACKAGE"], [], None])
def test_only_the_kinds_asked_for_are_answered(gateway: Gateway, kinds: list[str] | None) -> None:
    found = recommended(gateway, 123, types=kinds, count=20)["recommendations"]

    assert found
    assert {item["type"] for item in found} <= set(kinds or TYPES)


@pytest.mark.parametrize("count", [0, -1, 21, 2**31 - 1])
def test_a_count_out_of_bounds_is_refused_by_its_name(gateway: Gateway, count: int) -> None:
    body = gateway.graphql(RECOMMENDATIONS, {"id": 123, "count": count})

    (error,) = body["errors"]
    assert error["extensions"]["code"] == "VALIDATION_ERROR"
    assert error["extensions"]["detail"]["fields"].keys() == {"count"}


def test_both_doors_give_the_same(gateway: Gateway) -> None:
    ours = recommended(gateway, 123)

    theirs = gateway.rest("/customers/123/recommendations").json()["data"]

    assert [item["recommendation_id"] for item in theirs["recommendations"]] == [
        item["recommendationId"] for item in ours["recommendations"]
    ]
    assert [item["confidence_score"] for item in theirs["recommendations"]] == [
        item["confidenceScore"] for item in ours["recommendations"]
    ]
    metadata = theirs["recommendation_metadata"]
    assert metadata["generated_at"] == ours["metadata"]["generatedAt"]
    assert metadata["model_version"] == ours["metadata"]["modelVersion"]


@pytest.mark.parametrize("role", ["MANAGER", "ADMIN"])
def test_managers_and_admins_see_recommendations(gateway: Gateway, role: str) -> None:
    assert recommended(gateway, 123, role)["recommendations"]


def test_staff_get_the_customer_without_them(gateway: Gateway) -> None:
    document = "{ customer(id: 123) { name recommendations { metadata { modelVersion } } } }"

    body = gateway.graphql(document, role="STAFF")

    assert body["data"] == {"customer": {"name": "김영희", "recommendations": None}}
    (error,) = body["errors"]
    assert error["extensions"] == {
        "code": "UNAUTHORIZED_ACCESS",
        "detail": {"required": "read_recommendations"},
    }


def test_who_may_not_see_health_is_told_that_it_had_no_say(gateway: Gateway) -> None:
    document = "{ customer(id: 123) { advice: recommendations { metadata { factorsConsidered } } } }"

    without, with_scope = ask(gateway, document, "MANAGER"), ask(gateway, document, "MANAGER", "health:read")

    assert without["extensions"]["redactions"] == [{"path": ["customer", "advice"], "state": "MASKED"}]
    assert "HEALTH_GOALS" not in json.dumps(without)
    assert "extensions" not in with_scope


def test_rest_tells_it_of_the_whole_answer(gateway: Gateway) -> None:
    answer = gateway.rest("/customers/123/recommendations", role="MANAGER").json()

    assert answer["redactions"] == [{"path": [], "state": "MASKED"}]
    assert "redactions" not in gateway.rest("/customers/123/recommendations").json()


def test_no_reason_speaks_of_health_to_who_may_not_see_it(gateway: Gateway) -> None:
    document = """{ customers(first: 40, sortBy: TOTAL_VISITS) { nodes { recommendations(count: 20) {
        recommendations { reason ... on ServiceRecommendation { expectedBenefit } }
        metadata { factorsConsidered } } } } }"""

    told = json.dumps(ask(gateway, document, "MANAGER"), ensure_ascii=False)
    shown = json.dumps(ask(gateway, document, "ADMIN"), ensure_ascii=False)

    assert "HEALTH_GOALS" in shown
    assert "목표" in shown
    assert "HEALTH_GOALS" not in told
    assert "목표" not in told


def test_an_answer_without_health_never_depends_on_it(
    writable_gateway: Gateway, execute: Callable[..., Any]
) -> None:
    """Ids and all: who may not see the goals learns not even that they changed."""
    before = recommended(writable_gateway, 123, "MANAGER", count=20)
    admins_before = recommended(writable_gateway, 123, count=20)

    execute(
        """UPDATE customers SET health_goals = '살을 빼고 싶어요, 근력 향상', updated_at = now()
            WHERE customer_id = 123"""
    )
    execute("UPDATE customer_preferences SET health_interests = '{다이어트}' WHERE customer_id = 123")

    assert recommended(writable_gateway, 123, "MANAGER", count=20) == before
    assert recommended(writable_gateway, 123, count=20) != admins_before


def test_an_answer_made_anew_without_health_never_depends_on_it(
    writable_gateway: Gateway, execute: Callable[..., Any]
) -> None:
    def content() -> list[dict[str, Any]]:
        execute("DELETE FROM gateway.recommendation WHERE customer_id = 125 AND basis = 'without_health'")
        found = recommended(writable_gateway, 125, "MANAGER", count=20)["recommendations"]
        return [{key: value for key, value in item.items() if key != "recommendationId"} for item in found]

    execute("UPDATE customers SET health_goals = '스트레스 해소, 수면 개선' WHERE customer_id = 125")
    before = content()
    execute("UPDATE customers SET health_goals = '체중 감량, 통증 완화' WHERE customer_id = 125")

    assert content() == before


def test_the_record_says_whether_health_was_in_it(gateway: Gateway) -> None:
    def disclosed(role: str) -> list[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {token(role)}"}
        body = {"query": "{ customer(id: 123) { recommendations { metadata { modelVersion } } } }"}
        answer = gateway.request("POST", "/graphql", headers=headers, json=body)
        with psycopg.connect(gateway.database_url, row_factory=dict_row) as connection:
            record = connection.execute(
                "SELECT disclosures FROM gateway.audit_record WHERE request_id = %s",
                [answer.headers["x-request-id"]],
            ).fetchone()
        return record["disclosures"]

    assert disclosed("ADMIN") == [
        {"customers": [123], "returned": ["health", "open"], "masked": [], "denied": []}
    ]
    assert disclosed("MANAGER") == [
        {"customers": [123], "returned": ["open"], "masked": ["health"], "denied": []}
    ]


def test_the_fifty_first_customer_of_an_hour_is_refused(gateway: Gateway) -> None:
    with running_gateway(gateway.database_url, rate_limit_recommendations="50/hour") as limited:
        aliases = " ".join(f"c{number}: customer(id: {200 + number}) {{ ...A }}" for number in range(49))
        fragment = "fragment A on Customer { recommendations(count: 20) { metadata { modelVersion } } }"
        body = {"query": f"{{ {aliases} }} {fragment}"}
        assert limited.request("POST", "/graphql", json=body).status_code == 200

        answers = [limited.rest("/customers/123/recommendations?count=20") for _ in range(2)]

        assert [answer.status_code for answer in answers] == [200, 429]
        assert '"recommendations";r=0;' in answers[0].headers["RateLimit"]
        assert answers[1].json()["error"]["detail"]["class"] == "recommendations"


@pytest.mark.parametrize("count", [1, 20])
def test_one_customer_costs_one_unit_however_many_are_asked_for(gateway: Gateway, count: int) -> None:
    with running_gateway(gateway.database_url, rate_limit_recommendations="50/hour") as limited:
        answer = limited.rest(f"/customers/123/recommendations?count={count}")

    assert '"recommendations";r=49;' in answer.headers["RateLimit"]


def test_a_stored_set_takes_one_statement_and_its_names_another(
    gateway: Gateway, statements: Callable[..., int]
) -> None:
    recommended(gateway, 123)
    document = "{ customer(id: 123) { recommendations { recommendations { %s } } } }"

    assert statements(document % "reason") == 2
    assert statements(document % "... on ServiceRecommendation { serviceName }") == 3


def test_stored_sets_of_many_customers_take_as_many_statements_as_one(statements: Callable[..., int]) -> None:
    document = """query ($n: Int!) { customers(first: $n, sortBy: NAME) { nodes {
        recommendations { recommendations { reason } } } } }"""
    statements(document, {"n": 30})

    assert statements(document, {"n": 30}) == statements(document, {"n": 1})


@pytest.mark.parametrize(
    "arguments",
    [
        "types: [SPA]",
        "types: SERVICE, count: null",
        'count: "5"',
        "count: 1.5",
        "count: 99999999999999999999",
        "types: [null]",
    ],
)
def test_hostile_arguments_are_refused(gateway: Gateway, arguments: str) -> None:
    document = f"{{ customer(id: 123) {{ recommendations({arguments}) {{ metadata {{ modelVersion }} }} }} }}"

    assert gateway.error_code(document) == "VALIDATION_ERROR"
