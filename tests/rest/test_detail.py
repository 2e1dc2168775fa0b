"""GET /customers/{customer_id}/detail: what a customer's own rows say, the odd ones included."""

from itertools import pairwise

import pytest
from harness import TODAY, Gateway
from rest.answers import detail, error_of

from db.demo import HARD_CASES


@pytest.mark.parametrize("case", HARD_CASES)
def test_every_hard_case_answers(gateway: Gateway, case: str) -> None:
    assert detail(gateway, HARD_CASES[case])["customer"]["customer_id"] == HARD_CASES[case]


@pytest.mark.parametrize("role", ["STAFF", "MANAGER", "ADMIN"])
def test_every_role_reads_a_customer(gateway: Gateway, role: str) -> None:
    assert detail(gateway, 123, role)["customer"]["name"] == "김영희"


def test_a_customer_who_is_not_there_is_not_found(gateway: Gateway) -> None:
    answer = gateway.rest("/customers/999999/detail")

    assert error_of(answer) == (404, "CUSTOMER_NOT_FOUND", {"customer_id": 999999})


def test_a_history_is_newest_first(gateway: Gateway) -> None:
    sessions = detail(gateway, 123)["serviceHistory"]

    places = [(session["service_date"], session["session_id"]) for session in sessions]
    assert all(newer > older for newer, older in pairwise(places))


def test_a_history_holds_the_fifty_newest_sessions(gateway: Gateway) -> None:
    busiest = gateway.rest("/customers/search?sort_by=total_visits&size=1").json()["data"]["customers"][0]
    assert busiest["total_visits"] > 50

    assert len(detail(gateway, busiest["customer_id"])["serviceHistory"]) == 50


def test_a_history_leaves_out_what_did_not_take_place(gateway: Gateway) -> None:
    # cancelled, missed, planned, and one marked completed whose day is yet to come
    assert detail(gateway, HARD_CASES["nothing_held"])["serviceHistory"] == []


def test_several_sessions_on_one_day_are_one_visit(gateway: Gateway) -> None:
    answer = detail(gateway, HARD_CASES["one_day"])

    assert len(answer["serviceHistory"]) == 3
    assert answer["customer"]["total_visits"] == 1


def test_a_customer_without_visits_has_totals_of_nothing(gateway: Gateway) -> None:
    customer = detail(gateway, HARD_CASES["no_visits"])["customer"]

    assert customer["total_visits"] == 0
    assert customer["total_revenue"] == 0
    assert customer["average_visit_interval"] is None
    assert customer["average_satisfaction"] is None
    assert customer["last_visit_date"] is None
    assert customer["customer_status"] == "dormant"


def test_without_ratings_there_is_no_satisfaction(gateway: Gateway) -> None:
    assert detail(gateway, HARD_CASES["never_rated"])["customer"]["average_satisfaction"] is None


def test_what_was_paid_back_is_no_revenue(gateway: Gateway) -> None:
    assert detail(gateway, HARD_CASES["fully_refunded"])["customer"]["total_revenue"] == 0


def test_a_level_that_no_table_knows_is_passed_on(gateway: Gateway) -> None:
    assert detail(gateway, HARD_CASES["unknown_level"])["customer"]["membership_level"] == "family"


@pytest.mark.parametrize("key", ["phone", "email", "gender", "emergency_contact", "membership_level"])
def test_empty_text_of_the_center_is_null(gateway: Gateway, key: str) -> None:
    assert detail(gateway, HARD_CASES["dirty_row"])["customer"][key] is None


def test_a_service_that_no_code_fits_is_other_under_its_own_name(gateway: Gateway) -> None:
    sessions = detail(gateway, HARD_CASES["unknown_service"])["serviceHistory"]

    assert {(session["service_type"], session["service_name"]) for session in sessions} == {("other", "상담")}


def test_services_have_the_codes_of_the_contract(gateway: Gateway) -> None:
    sessions = detail(gateway, HARD_CASES["every_service"])["serviceHistory"]

    codes = {session["service_name"]: session["service_type"] for session in sessions}
    assert {name: code for name, code in codes.items() if code != "other"} == {
        "브레인 피드백": "brain",
        "펄스": "pulse",
        "림프": "lymph",
        "레드": "red",
        "AI바이크": "ai_bike",
    }


@pytest.mark.parametrize("case", ["expired", "fully_refunded", "zero_quota", "beyond_quota"])
def test_a_package_that_pays_for_nothing_more_is_not_active(gateway: Gateway, case: str) -> None:
    assert detail(gateway, HARD_CASES[case])["activePackages"] == []


def test_without_a_row_of_preferences_they_are_null(gateway: Gateway) -> None:
    assert detail(gateway, HARD_CASES["no_visits"])["preferences"] is None


@pytest.mark.parametrize(
    ("case", "status"), [("never_rated", "active"), ("one_visit", "inactive"), ("expired", "dormant")]
)
def test_the_status_tells_how_long_ago_the_last_visit_was(gateway: Gateway, case: str, status: str) -> None:
    assert detail(gateway, HARD_CASES[case])["customer"]["customer_status"] == status


def test_active_packages_can_be_used_today(gateway: Gateway) -> None:
    found = gateway.rest("/customers/search?package_status=active&size=10").json()["data"]["customers"]

    for customer in found:
        packages = detail(gateway, customer["customer_id"])["activePackages"]
        assert packages
        assert all(package["expiry_date"] >= TODAY.isoformat() for package in packages)
        assert all(package["remaining_sessions"] > 0 for package in packages)
