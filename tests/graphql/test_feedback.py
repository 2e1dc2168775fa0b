"""Answers to recommendations through GraphQL, and what the next recommendations learn from them."""

from typing import Any

import psycopg
import pytest
from harness import Gateway, token
from psycopg.rows import dict_row

GIVE = """mutation ($input: GiveRecommendationFeedbackInput!) { giveRecommendationFeedback(input: $input) {
    feedback { recommendationId action feedbackScore comment createdAt updatedAt } } }"""
SERVICES = """query ($id: ID!) { customer(id: $id) { recommendations(types: [SERVICE], count: 20) {
    recommendations { recommendationId confidenceScore ... on ServiceRecommendation { service } }
    metadata { factorsConsidered } } } }"""


def services(gateway: Gateway, customer_id: int, role: str = "ADMIN") -> dict[str, dict[str, Any]]:
    """Return what is recommended of services to a customer, by service."""
    found = gateway.data(SERVICES, {"id": customer_id}, role=role)["customer"]["recommendations"]
    return {item["service"]: item for item in found["recommendations"]}


def give(gateway: Gateway, customer_id: object, recommendation_id: str, **answer: Any) -> dict[str, Any]:
    sent = {"customerId": customer_id, "recommendationId": recommendation_id, "action": "ACCEPTED", **answer}
    return gateway.graphql(GIVE, {"input": sent})


@pytest.fixture
def newcomer(writable_gateway: Gateway) -> int:
    """Somebody without a visit, who is offered all five services."""
    with psycopg.connect(writable_gateway.database_url, autocommit=True) as connection:
        ((customer_id,),) = connection.execute(
            "INSERT INTO customers (name) VALUES ('남새봄') RETURNING customer_id"
        )
    return customer_id


def test_an_answer_comes_back_as_stored(writable_gateway: Gateway, newcomer: int) -> None:
    recommendation_id = services(writable_gateway, newcomer)["brain".upper()]["recommendationId"]

    body = give(writable_gateway, newcomer, recommendation_id, feedbackScore=4, comment="좋음")

    feedback = body["data"]["giveRecommendationFeedback"]["feedback"]
    assert feedback.pop("createdAt") == feedback.pop("updatedAt")
    assert feedback == {
        "recommendationId": recommendation_id,
        "action": "ACCEPTED",
        "feedbackScore": 4,
        "comment": "좋음",
    }


def test_a_customer_may_be_named_by_their_global_id(writable_gateway: Gateway, newcomer: int) -> None:
    global_id = writable_gateway.data("query ($id: ID!) { customer(id: $id) { id } }", {"id": newcomer})
    recommendation_id = services(writable_gateway, newcomer)["RED"]["recommendationId"]

    assert "errors" not in give(writable_gateway, global_id["customer"]["id"], recommendation_id)


@pytest.mark.parametrize("score", [None, 1, 5])
def test_accepting_raises_a_service_at_once(
    writable_gateway: Gateway, newcomer: int, score: int | None
) -> None:
    before = services(writable_gateway, newcomer)["RED"]

    give(writable_gateway, newcomer, before["recommendationId"], feedbackScore=score)

    after = services(writable_gateway, newcomer)["RED"]
    assert after["confidenceScore"] > before["confidenceScore"]
    assert after["recommendationId"] != before["recommendationId"]


def test_what_was_rejected_rests(writable_gateway: Gateway, newcomer: int) -> None:
    before = services(writable_gateway, newcomer)

    give(writable_gateway, newcomer, before["PULSE"]["recommendationId"], action="REJECTED")

    assert services(writable_gateway, newcomer).keys() == before.keys() - {"PULSE"}


def test_feedback_is_a_factor_once_it_moved_something(writable_gateway: Gateway, newcomer: int) -> None:
    recommendation_id = services(writable_gateway, newcomer)["LYMPH"]["recommendationId"]

    give(writable_gateway, newcomer, recommendation_id, feedbackScore=5)

    found = writable_gateway.data(SERVICES, {"id": newcomer})["customer"]["recommendations"]
    assert "FEEDBACK" in found["metadata"]["factorsConsidered"]


def test_an_answer_counts_for_everybody_who_asks(writable_gateway: Gateway, newcomer: int) -> None:
    before = services(writable_gateway, newcomer, "MANAGER")["RED"]["confidenceScore"]

    give(writable_gateway, newcomer, services(writable_gateway, newcomer)["RED"]["recommendationId"])

    assert services(writable_gateway, newcomer, "MANAGER")["RED"]["confidenceScore"] > before


def test_the_same_document_shows_what_follows_from_an_answer(
    writable_gateway: Gateway, newcomer: int
) -> None:
    recommendation_id = services(writable_gateway, newcomer)["PULSE"]["recommendationId"]
    document = """mutation ($id: ID!, $rec: String!) {
        giveRecommendationFeedback(input: {customerId: $id, recommendationId: $rec, action: REJECTED}) {
            feedback { action } }
        updateCustomer(input: {id: $id, occupation: "교사"}) { customer {
            recommendations(count: 20) { recommendations { recommendationId
                ... on ServiceRecommendation { service } } } } } }"""

    found = writable_gateway.data(document, {"id": newcomer, "rec": recommendation_id})

    offered = found["updateCustomer"]["customer"]["recommendations"]["recommendations"]
    assert offered
    assert "PULSE" not in {item["service"] for item in offered}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"recommendationId": "rec_0123456789abcdef"}, "RECOMMENDATION_NOT_FOUND"),
        ({"recommendationId": ""}, "RECOMMENDATION_NOT_FOUND"),
        ({"recommendationId": "\u0000"}, "RECOMMENDATION_NOT_FOUND"),
        ({"customerId": 999999}, "CUSTOMER_NOT_FOUND"),
        ({"customerId": "x"}, "VALIDATION_ERROR"),
        ({"customerId": 10**20}, "VALIDATION_ERROR"),
        ({"action": "LATER"}, "VALIDATION_ERROR"),
        ({"feedbackScore": 0}, "VALIDATION_ERROR"),
        ({"feedbackScore": 6}, "VALIDATION_ERROR"),
        ({"comment": "가" * 2001}, "VALIDATION_ERROR"),
        ({"comment": "\u0000"}, "VALIDATION_ERROR"),
        ({"colour": "red"}, "VALIDATION_ERROR"),
    ],
)
def test_what_cannot_be_stored_is_refused(
    writable_gateway: Gateway, newcomer: int, answer: dict[str, Any], code: str
) -> None:
    recommendation_id = services(writable_gateway, newcomer)["RED"]["recommendationId"]

    (error,) = give(writable_gateway, newcomer, recommendation_id, **answer)["errors"]

    assert error["extensions"]["code"] == code


def test_a_rule_is_named_in_the_schemas_words(writable_gateway: Gateway, newcomer: int) -> None:
    recommendation_id = services(writable_gateway, newcomer)["RED"]["recommendationId"]

    (error,) = give(writable_gateway, newcomer, recommendation_id, feedbackScore=9, comment="\u0007")[
        "errors"
    ]

    assert error["extensions"]["detail"]["fields"].keys() == {"feedbackScore", "comment"}


def test_staff_may_not_answer(writable_gateway: Gateway, newcomer: int) -> None:
    recommendation_id = services(writable_gateway, newcomer)["RED"]["recommendationId"]
    sent = {"customerId": newcomer, "recommendationId": recommendation_id, "action": "ACCEPTED"}

    assert writable_gateway.error_code(GIVE, {"input": sent}, role="STAFF") == "UNAUTHORIZED_ACCESS"


def test_an_answer_has_a_record_before_and_one_after(writable_gateway: Gateway, newcomer: int) -> None:
    recommendation_id = services(writable_gateway, newcomer)["RED"]["recommendationId"]
    answer = writable_gateway.rest(
        f"/customers/{newcomer}/recommendations/{recommendation_id}/feedback",
        method="POST",
        json={"action": "accepted", "comment": "기록에 없을 말"},
        headers={"Authorization": f"Bearer {token('MANAGER')}"},
    )

    with psycopg.connect(writable_gateway.database_url, row_factory=dict_row) as connection:
        before, after = connection.execute(
            "SELECT * FROM gateway.audit_record WHERE request_id = %s ORDER BY seq",
            [answer.headers["x-request-id"]],
        ).fetchall()
    assert (before["outcome"], before["operation"]) == ("STARTED", "RecommendationFeedback")
    assert (after["outcome"], after["actor"]) == ("OK", "manager@center.example")
    assert after["disclosures"] == [
        {"customers": [newcomer], "returned": ["open"], "masked": [], "denied": []}
    ]
    assert "기록에 없을 말" not in str((before, after))
