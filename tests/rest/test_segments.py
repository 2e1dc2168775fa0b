"""GET /customers/segments/{customer_id}: the kind of customer somebody is."""

import pytest
from harness import Gateway
from rest.answers import data_of, error_of, search
from rest.rows import a_customer, change

from db.demo import HARD_CASES

_SEGMENTS = {
    "health_enthusiast",
    "high_value",
    "regular_visitor",
    "new",
    "at_risk",
    "dormant",
    "growing",
    "bargain",
    "occasional_visitor",
}
_WITHOUT_DATA = {"no_visits", "nothing_held"}


def _segment(gateway: Gateway, customer_id: int, role: str = "ADMIN") -> dict[str, object]:
    return data_of(gateway.rest(f"/customers/segments/{customer_id}", role=role))


def test_a_segment_has_the_words_of_the_contract(gateway: Gateway) -> None:
    for customer in search(gateway, sort_by="total_visits", size=20)["customers"]:
        found = _segment(gateway, customer["customer_id"])

        assert {found["primary_segment"], *found["secondary_segments"]} <= _SEGMENTS
        assert found["primary_segment"] not in found["secondary_segments"]
        words, peers = found["characteristics"], found["peer_comparison"]
        assert words["visit_frequency"] in {"high", "medium", "low"}
        assert words["spending_level"] in {"premium", "standard", "budget"}
        assert words["service_diversity"] in {"high", "medium", "low", None}
        assert words["loyalty_level"] in {"strong", "moderate", "weak"}
        assert all(0 <= peers[key] <= 100 for key in peers if peers[key] is not None)


def test_who_comes_most_stands_above_who_came_once(gateway: Gateway) -> None:
    (busiest,) = search(gateway, sort_by="total_visits", size=1)["customers"]

    often = _segment(gateway, busiest["customer_id"])["peer_comparison"]
    once = _segment(gateway, HARD_CASES["one_visit"])["peer_comparison"]

    assert often["visit_frequency_percentile"] > once["visit_frequency_percentile"]
    assert often["spending_percentile"] > once["spending_percentile"]


def test_a_figure_that_is_null_says_why(gateway: Gateway) -> None:
    found = _segment(gateway, HARD_CASES["never_rated"])

    assert found["peer_comparison"]["satisfaction_percentile"] is None
    assert {
        "field": "peer_comparison.satisfaction_percentile",
        "counted": "ratings",
        "needed": 1,
        "found": 0,
    } in (found["insufficient_data"])


@pytest.mark.parametrize("case", sorted(_WITHOUT_DATA))
def test_without_a_completed_session_there_is_no_segment(gateway: Gateway, case: str) -> None:
    answer = gateway.rest(f"/customers/segments/{HARD_CASES[case]}")

    assert error_of(answer) == (400, "INSUFFICIENT_DATA", {"customer_id": HARD_CASES[case]})


@pytest.mark.parametrize("case", sorted(HARD_CASES.keys() - _WITHOUT_DATA))
def test_every_other_hard_case_has_one(gateway: Gateway, case: str) -> None:
    assert _segment(gateway, HARD_CASES[case])["primary_segment"] in _SEGMENTS


@pytest.mark.parametrize("given", ["0", "-1", "x", "2147483648", "1.5", "%00"])
def test_what_is_no_number_of_a_customer_is_refused(gateway: Gateway, given: str) -> None:
    assert error_of(gateway.rest(f"/customers/segments/{given}"))[:2] == (400, "VALIDATION_ERROR")


def test_a_customer_who_is_not_there_is_not_found(gateway: Gateway) -> None:
    answer = gateway.rest("/customers/segments/999999")

    assert error_of(answer) == (404, "CUSTOMER_NOT_FOUND", {"customer_id": 999999})


def test_staff_are_refused(gateway: Gateway) -> None:
    answer = gateway.rest("/customers/segments/123", role="STAFF")

    assert error_of(answer) == (403, "UNAUTHORIZED_ACCESS", {"required": "read_analytics"})


def test_it_counts_as_analytics(gateway: Gateway) -> None:
    assert '"analytics"' in gateway.rest("/customers/segments/123").headers["RateLimit-Policy"]


def test_a_segment_without_health_does_not_depend_on_it(center: Gateway) -> None:
    customer_id = a_customer(center, health_goals="")
    change(
        center,
        """INSERT INTO service_usage (customer_id, service_date, service_type_id)
           SELECT %(id)s, date '2026-06-14' - 6 * visit, 2 + visit %% 4 FROM generate_series(0, 20) visit""",
        id=customer_id,
    )
    managers, admins = _segment(center, customer_id, "MANAGER"), _segment(center, customer_id)

    change(
        center,
        """UPDATE customers SET health_goals = '스트레스 해소, 수면 개선, 체중 감량'
            WHERE customer_id = %(id)s""",
        id=customer_id,
    )

    assert _segment(center, customer_id, "MANAGER") == managers
    assert _segment(center, customer_id) != admins


def test_a_viewer_without_health_is_told_so(gateway: Gateway) -> None:
    assert gateway.rest("/customers/segments/123", role="MANAGER").json()["redactions"] == [
        {"path": [], "state": "MASKED"}
    ]
    assert "redactions" not in gateway.rest("/customers/segments/123").json()
