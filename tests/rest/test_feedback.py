"""POST feedback on a recommendation: what is stored, and what is refused."""

from typing import Any

import httpx
import pytest
from harness import Gateway, token
from rest.answers import data_of, error_of, invalid_fields, recommendations
from rest.rows import a_customer, rows

_STORED = """SELECT actor, action, feedback_score, comment FROM gateway.recommendation_feedback
              WHERE recommendation_id = %(recommendation_id)s ORDER BY actor"""


@pytest.fixture(scope="module")
def customer_id(center: Gateway) -> int:
    """A newcomer, who is offered the center's five services."""
    return a_customer(center)


@pytest.fixture
def recommendation_id(center: Gateway, customer_id: int) -> str:
    """A recommendation of today; whatever earlier tests answered, there is one."""
    return recommendations(center, customer_id, count=1)["recommendations"][0]["recommendation_id"]


def _answer(
    center: Gateway, customer_id: object, recommendation_id: str, body: Any = None, **options: Any
) -> httpx.Response:
    path = f"/customers/{customer_id}/recommendations/{recommendation_id}/feedback"
    sent = {"json": {"action": "accepted"} if body is None else body} if "content" not in options else {}
    return center.rest(path, method="POST", **sent, **options)


def _as(subject: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {token('MANAGER', subject=subject)}"}}


def test_an_answer_is_stored_and_shown_as_stored(
    center: Gateway, customer_id: int, recommendation_id: str
) -> None:
    body = {"action": "accepted", "feedback_score": 5, "comment": " 추천이 매우 도움이 되었습니다 "}

    answer = data_of(_answer(center, customer_id, recommendation_id, body))

    assert answer.pop("created_at") == answer.pop("updated_at")
    assert answer == {
        "recommendation_id": recommendation_id,
        "action": "accepted",
        "feedback_score": 5,
        "comment": "추천이 매우 도움이 되었습니다",
    }
    assert rows(center, _STORED, recommendation_id=recommendation_id) == [
        ("admin@center.example", "accepted", 5, "추천이 매우 도움이 되었습니다")
    ]


def test_the_same_answer_again_changes_nothing(
    center: Gateway, customer_id: int, recommendation_id: str
) -> None:
    body = {"action": "deferred", "feedback_score": 3, "comment": "다음 달에"}
    first = data_of(_answer(center, customer_id, recommendation_id, body))

    assert data_of(_answer(center, customer_id, recommendation_id, body)) == first
    assert len(rows(center, _STORED, recommendation_id=recommendation_id)) == 1


def test_another_answer_takes_the_place_of_the_first(
    center: Gateway, customer_id: int, recommendation_id: str
) -> None:
    first = data_of(
        _answer(center, customer_id, recommendation_id, {"action": "deferred", "feedback_score": 2})
    )

    second = data_of(_answer(center, customer_id, recommendation_id, {"action": "accepted"}))

    assert (second["action"], second["feedback_score"]) == ("accepted", None)
    assert second["created_at"] == first["created_at"]
    assert second["updated_at"] > first["updated_at"]
    assert len(rows(center, _STORED, recommendation_id=recommendation_id)) == 1


def test_each_person_has_an_answer_of_their_own(
    center: Gateway, customer_id: int, recommendation_id: str
) -> None:
    one = data_of(
        _answer(
            center, customer_id, recommendation_id, {"action": "accepted", "comment": "좋음"}, **_as("one@x")
        )
    )
    other = data_of(_answer(center, customer_id, recommendation_id, {"action": "rejected"}, **_as("other@x")))

    assert one["comment"] == "좋음"
    assert other["comment"] is None
    assert [row[:2] for row in rows(center, _STORED, recommendation_id=recommendation_id)] == [
        ("one@x", "accepted"),
        ("other@x", "rejected"),
    ]


def test_an_action_may_be_written_in_capitals_and_the_rest_be_null(
    center: Gateway, customer_id: int, recommendation_id: str
) -> None:
    body = {"action": "ACCEPTED", "feedback_score": None, "comment": None}

    answer = data_of(_answer(center, customer_id, recommendation_id, body))

    assert (answer["action"], answer["feedback_score"], answer["comment"]) == ("accepted", None, None)


@pytest.mark.parametrize("given", ["rec_0123456789abcdef", "rec_x", "1", "%00", "rec_" + "a" * 4000, "추천"])
def test_an_unknown_recommendation_is_not_found(center: Gateway, customer_id: int, given: str) -> None:
    status, code, detail = error_of(_answer(center, customer_id, given))

    assert (status, code) == (404, "RECOMMENDATION_NOT_FOUND")
    assert detail["customer_id"] == customer_id


def test_a_recommendation_of_another_customer_is_not_found(center: Gateway, recommendation_id: str) -> None:
    answer = _answer(center, 123, recommendation_id)

    assert error_of(answer)[:2] == (404, "RECOMMENDATION_NOT_FOUND")
    assert answer.json()["error"]["message"] == "추천을 찾을 수 없습니다"


def test_a_customer_who_is_not_there_is_not_found(center: Gateway, recommendation_id: str) -> None:
    answer = _answer(center, 999999, recommendation_id)

    assert error_of(answer) == (404, "CUSTOMER_NOT_FOUND", {"customer_id": 999999})


def test_an_expired_recommendation_can_still_be_answered(
    center: Gateway, customer_id: int, recommendation_id: str
) -> None:
    rows(
        center,
        """UPDATE gateway.recommendation SET expires_at = now() - interval '40 days'
            WHERE recommendation_id = %(recommendation_id)s RETURNING 1""",
        recommendation_id=recommendation_id,
    )

    assert _answer(center, customer_id, recommendation_id).status_code == 200


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"action"}),
        ({"action": None}, {"action"}),
        ({"action": "maybe"}, {"action"}),
        ({"action": 1}, {"action"}),
        ({"feedback_score": 5}, {"action"}),
        ({"action": "accepted", "feedback_score": 0}, {"feedback_score"}),
        ({"action": "accepted", "feedback_score": 6}, {"feedback_score"}),
        ({"action": "accepted", "feedback_score": 4.5}, {"feedback_score"}),
        ({"action": "accepted", "feedback_score": "5"}, {"feedback_score"}),
        ({"action": "accepted", "feedback_score": True}, {"feedback_score"}),
        ({"action": "accepted", "feedback_score": 10**30}, {"feedback_score"}),
        ({"action": "accepted", "comment": "가" * 2001}, {"comment"}),
        ({"action": "accepted", "comment": "줄\u0000"}, {"comment"}),
        ({"action": "accepted", "comment": "벨\u0007"}, {"comment"}),
        ({"action": "accepted", "comment": ["글"]}, {"comment"}),
        ({"action": "accepted", "rating": 5, "customer_id": 1}, {"rating", "customer_id"}),
    ],
)
def test_what_breaks_a_rule_is_refused_by_its_name(
    center: Gateway, customer_id: int, recommendation_id: str, body: Any, fields: set[str]
) -> None:
    assert invalid_fields(_answer(center, customer_id, recommendation_id, body)) == fields


@pytest.mark.parametrize("content", [b"", b"[]", b'"accepted"', b"{", b"\xff", b'{"action": "\\ud800"}'])
def test_a_body_that_is_no_json_object_is_refused(
    center: Gateway, customer_id: int, recommendation_id: str, content: bytes
) -> None:
    answer = _answer(
        center,
        customer_id,
        recommendation_id,
        content=content,
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {token()}"},
    )

    assert error_of(answer)[:2] == (400, "VALIDATION_ERROR")


def test_a_form_is_refused(center: Gateway, customer_id: int, recommendation_id: str) -> None:
    answer = _answer(center, customer_id, recommendation_id, content="action=accepted")

    assert error_of(answer)[:2] == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_huge_body_is_refused(center: Gateway, customer_id: int, recommendation_id: str) -> None:
    body = {"action": "accepted", "comment": "가" * 500_000}

    assert error_of(_answer(center, customer_id, recommendation_id, body))[:2] == (413, "PAYLOAD_TOO_LARGE")


def test_other_methods_are_refused(center: Gateway, customer_id: int, recommendation_id: str) -> None:
    path = f"/customers/{customer_id}/recommendations/{recommendation_id}/feedback"

    assert error_of(center.rest(path))[:2] == (405, "METHOD_NOT_ALLOWED")
    assert error_of(center.rest("/customers/123/recommendations", method="POST"))[:2] == (
        405,
        "METHOD_NOT_ALLOWED",
    )


@pytest.mark.parametrize(("role", "status"), [("STAFF", 403), ("MANAGER", 200), ("ADMIN", 200), (None, 401)])
def test_managers_and_admins_may_answer(
    center: Gateway, customer_id: int, recommendation_id: str, role: str | None, status: int
) -> None:
    answer = _answer(center, customer_id, recommendation_id, role=role)

    assert answer.status_code == status
    if status == 403:
        assert error_of(answer)[2] == {"required": "give_feedback"}
