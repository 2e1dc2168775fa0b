"""Recommendations are stored: the same for everybody until they expire or the customer's own rows change."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from harness import UNCACHED, Gateway, running_gateway

Execute = Callable[..., list[tuple[object, ...]]]

IDS = """query ($id: ID!) { customer(id: $id) { recommendations(count: 20) {
    recommendations { recommendationId } metadata { generatedAt expiresAt } } } }"""

VISIT = """INSERT INTO service_usage (customer_id, service_date, service_type_id)
           VALUES (%(id)s, '2026-06-14', 2)"""
CHANGES = {
    "a visit": VISIT,
    "a rating": """UPDATE gateway.session_detail SET satisfaction_rating = 6 - satisfaction_rating
                    WHERE customer_id = %(id)s""",
    "a cancellation": """UPDATE gateway.session_detail SET status = 'cancelled'
                          WHERE (customer_id, usage_id) = (SELECT customer_id, min(usage_id)
                                  FROM gateway.session_detail WHERE customer_id = %(id)s GROUP BY 1)""",
    "a payment": """INSERT INTO payments (customer_id, payment_date, amount, payment_method, payment_type)
                    VALUES (%(id)s, '2026-06-14', 70000, 'card', 'single')""",
    "a package": """INSERT INTO package_purchases (customer_id, package_id, purchase_date, expiry_date,
                           total_sessions, used_sessions, remaining_sessions, price_paid)
                    VALUES (%(id)s, 1, '2026-06-14', '2026-12-14', 10, 0, 10, 800000)""",
    "a used session": """UPDATE package_purchases SET remaining_sessions = remaining_sessions - 1
                          WHERE customer_id = %(id)s""",
    "goals": "UPDATE customers SET health_goals = '체중 감량' WHERE customer_id = %(id)s",
    "time slots": """UPDATE customers SET preferred_time_slots = '["evening"]' WHERE customer_id = %(id)s""",
    "preferences": """INSERT INTO customer_preferences (customer_id, preferred_time)
                      VALUES (%(id)s, '저녁')
                      ON CONFLICT (customer_id) DO UPDATE SET preferred_time = '저녁'""",
}


def recommended(gateway: Gateway, customer_id: int) -> dict[str, Any]:
    return gateway.data(IDS, {"id": customer_id})["customer"]["recommendations"]


def ids(gateway: Gateway, customer_id: int) -> list[str]:
    return [item["recommendationId"] for item in recommended(gateway, customer_id)["recommendations"]]


@pytest.fixture
def somebody(execute: Execute) -> int:
    """A customer with a few visits, a package and preferences, whom no other test looks at."""
    ((customer_id,),) = execute(
        "INSERT INTO customers (name, health_goals) VALUES ('한가람', '수면 개선') RETURNING customer_id"
    )
    execute(
        """WITH visit AS (INSERT INTO service_usage (customer_id, service_date, service_type_id)
                          SELECT %s, date '2026-06-12' - 7 * week, 2 FROM generate_series(0, 5) week
                          RETURNING customer_id, usage_id)
           INSERT INTO gateway.session_detail (customer_id, usage_id, satisfaction_rating, start_time)
           SELECT customer_id, usage_id, 4, '10:00' FROM visit""",
        customer_id,
    )
    execute(
        """INSERT INTO package_purchases (customer_id, package_id, purchase_date, expiry_date,
                  total_sessions, used_sessions, remaining_sessions, price_paid)
           VALUES (%s, 1, '2026-05-01', '2026-11-01', 10, 4, 6, 800000)""",
        customer_id,
    )
    return int(str(customer_id))


def test_the_same_are_given_again(writable_gateway: Gateway, somebody: int) -> None:
    first = recommended(writable_gateway, somebody)

    assert recommended(writable_gateway, somebody) == first


def test_they_stand_for_a_day(writable_gateway: Gateway, somebody: int, execute: Execute) -> None:
    metadata = recommended(writable_gateway, somebody)["metadata"]

    assert execute(
        "SELECT %s::timestamptz - %s::timestamptz", metadata["expiresAt"], metadata["generatedAt"]
    ) == execute("SELECT interval '24 hours'")


def test_two_who_ask_at_once_get_the_same(writable_gateway: Gateway, somebody: int) -> None:
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: recommended(writable_gateway, somebody), range(6)))

    assert all(answer == answers[0] for answer in answers)


def test_another_server_gives_the_same(writable_gateway: Gateway, somebody: int) -> None:
    first = recommended(writable_gateway, somebody)

    with running_gateway(writable_gateway.database_url, **UNCACHED) as other:
        assert recommended(other, somebody) == first


def test_one_customer_under_two_names_gets_one_set(
    writable_gateway: Gateway, somebody: int, execute: Execute
) -> None:
    twice = """query ($id: ID!) { customer(id: $id) { a: recommendations(count: 1) { ...Ids }
        b: recommendations(count: 20) { ...Ids } } }
        fragment Ids on Recommendations { recommendations { recommendationId } }"""

    found = writable_gateway.data(twice, {"id": somebody})["customer"]

    assert found["a"]["recommendations"] == found["b"]["recommendations"][:1]
    assert execute(
        "SELECT count(DISTINCT generated_at) FROM gateway.recommendation WHERE customer_id = %s", somebody
    ) == [(1,)]


def test_after_a_day_they_are_made_anew(writable_gateway: Gateway, somebody: int, execute: Execute) -> None:
    before = ids(writable_gateway, somebody)
    execute(
        """UPDATE gateway.recommendation SET generated_at = generated_at - interval '24 hours',
                  expires_at = expires_at - interval '24 hours' WHERE customer_id = %s""",
        somebody,
    )

    assert set(ids(writable_gateway, somebody)).isdisjoint(before)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_customers_own_rows_makes_them_anew(
    writable_gateway: Gateway, somebody: int, execute: Execute, change: str
) -> None:
    before = ids(writable_gateway, somebody)

    execute(CHANGES[change].replace("%(id)s", str(somebody)))

    assert set(ids(writable_gateway, somebody)).isdisjoint(before)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE customers SET name = '한가을', updated_at = now() WHERE customer_id = {}",
        "UPDATE service_usage SET session_details = '컨디션 좋음' WHERE customer_id = {}",
        "SELECT gateway.summarize_customers(ARRAY[{}], '2026-06-15')",
        "UPDATE service_usage SET session_details = 'of somebody else' WHERE customer_id = 123",
    ],
)
def test_a_change_that_nothing_rests_on_leaves_them(
    writable_gateway: Gateway, somebody: int, execute: Execute, change: str
) -> None:
    before = ids(writable_gateway, somebody)

    execute(change.format(somebody))

    assert ids(writable_gateway, somebody) == before


def test_sets_of_many_customers_are_made_with_as_many_statements_as_of_one(
    writable_gateway: Gateway, execute: Execute
) -> None:
    document = """query ($n: Int!) { customers(first: $n, sortBy: TOTAL_VISITS) { nodes {
        recommendations { recommendations { reason } } } } }"""

    def statements(customers: int) -> str:
        execute("DELETE FROM gateway.recommendation WHERE inputs_version <> ''")
        body = {"query": document, "variables": {"n": customers}}
        answer = writable_gateway.request("POST", "/graphql", json=body)
        assert "errors" not in answer.json()
        return answer.headers["Server-Timing"]

    assert statements(40) == statements(1)


def test_a_weekly_plan_keeps_to_the_opening_hours_of_the_setting(
    writable_gateway: Gateway, somebody: int
) -> None:
    document = """query ($id: ID!) { customer(id: $id) { recommendations(types: [SCHEDULE]) {
        recommendations { ... on ScheduleRecommendation { weeklyPlan { day time } } } } } }"""

    with running_gateway(
        writable_gateway.database_url, **UNCACHED, opening_hours="tue 14:00-20:00"
    ) as evening:
        found = evening.data(document, {"id": somebody})["customer"]["recommendations"]["recommendations"]

    assert {visit["day"] for plan in found for visit in plan["weeklyPlan"]} == {"Tuesday"}
    assert all(visit["time"] >= "14:00" for plan in found for visit in plan["weeklyPlan"])


def test_without_fitted_models_they_are_to_be_asked_for_again(databases: Any, demo_template: str) -> None:
    with databases.temporary(demo_template) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DELETE FROM gateway.fitted_model")
        with running_gateway(url, **UNCACHED) as unfitted:
            refused = unfitted.rest("/customers/123/recommendations")
            analytics = unfitted.rest("/customers/123/analytics?metrics=riskAssessment").json()["data"]

    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert refused.headers["Retry-After"]
    risk = analytics["riskAssessment"]
    assert (risk["churn_risk"], risk["churn_probability"], risk["retention_score"]) == (None, None, None)
    assert {row["counted"] for row in risk["insufficient_data"]} == {"fitted_models"}


def test_where_services_cannot_be_foreseen_the_other_kinds_are_answered(
    databases: Any, demo_template: str
) -> None:
    with databases.temporary(demo_template) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                """UPDATE gateway.fitted_model
                      SET parts = parts || '{"services": null, "services_without_health": null}'"""
            )
            ((newcomer,),) = connection.execute(
                "INSERT INTO customers (name) VALUES ('유보람') RETURNING customer_id"
            )
        with running_gateway(url, **UNCACHED) as young:
            answer = young.rest("/customers/123/recommendations").json()["data"]
            refused = young.rest(f"/customers/{newcomer}/recommendations")

    assert {item["type"] for item in answer["recommendations"]} == {"schedule"}
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "INSUFFICIENT_DATA")
