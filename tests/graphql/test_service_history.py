"""The service history: filters, pages by cursor, and totals."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from harness import TODAY, Gateway

from db.demo import HARD_CASES

Rows = Callable[..., list[dict[str, Any]]]

HISTORY = """
query ($id: ID!, $services: [ServiceType!], $statuses: [SessionStatus!], $since: Date, $until: Date,
       $first: Int! = 20, $after: String) {
  customer(id: $id) {
    serviceHistory(services: $services, statuses: $statuses, since: $since, until: $until, first: $first,
                   after: $after) {
      edges { cursor node { sessionId serviceDate service status } }
      nodes { sessionId }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      totalCount
    }
  }
}
"""

SESSIONS = """
SELECT u.usage_id AS id, u.service_date AS day, coalesce(d.status, 'completed') AS status,
       coalesce(c.code, 'other') AS service
  FROM service_usage u
  LEFT JOIN gateway.session_detail d ON d.usage_id = u.usage_id
  LEFT JOIN gateway.service_code c ON c.service_type_id = u.service_type_id
 WHERE u.customer_id = %s
 ORDER BY u.service_date DESC, u.usage_id DESC
"""

BUSIEST = "SELECT customer_id FROM service_usage GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"


def history(gateway: Gateway, customer_id: int, **wanted: object) -> dict[str, Any]:
    answer = gateway.data(HISTORY, {"id": customer_id, **wanted})
    return answer["customer"]["serviceHistory"]


def ids(page: dict[str, Any]) -> list[int]:
    return [edge["node"]["sessionId"] for edge in page["edges"]]


def pages(gateway: Gateway, customer_id: int, **wanted: object) -> Iterator[dict[str, Any]]:
    after = None
    while True:
        page = history(gateway, customer_id, after=after, **wanted)
        yield page
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def refusal(gateway: Gateway, **wanted: object) -> dict[str, str]:
    (error,) = gateway.graphql(HISTORY, {"id": 123, **wanted})["errors"]
    assert error["extensions"]["code"] == "VALIDATION_ERROR"
    return error["extensions"]["detail"]["fields"]


@pytest.fixture(scope="session")
def busiest(rows: Rows) -> int:
    return rows(BUSIEST)[0]["customer_id"]


def test_the_newest_session_of_kim_younghee_is_the_printed_one(gateway: Gateway) -> None:
    document = """{ customer(id: 123) { serviceHistory(first: 1) { nodes {
        sessionId serviceDate startTime service serviceName status durationMinutes satisfactionRating
        sessionNotes staffName packageName } } } }"""

    (newest,) = gateway.data(document)["customer"]["serviceHistory"]["nodes"]

    assert newest["sessionId"] == 456
    assert newest["serviceDate"] == "2026-06-08"
    assert newest["service"] == "BRAIN"
    assert newest["status"] == "COMPLETED"
    assert newest["durationMinutes"] == 40
    assert newest["satisfactionRating"] == 5
    assert newest["sessionNotes"] == "컨디션 매우 좋음"
    assert not newest["packageName"].endswith("패키지")


def test_a_page_holds_twenty_sessions_unless_told_otherwise(gateway: Gateway) -> None:
    answer = gateway.data("{ customer(id: 123) { serviceHistory { nodes { sessionId } } } }")

    assert len(answer["customer"]["serviceHistory"]["nodes"]) == 20


@pytest.mark.parametrize("first", [1, 7, 100])
def test_following_the_cursors_meets_every_session_once_and_newest_first(
    gateway: Gateway, rows: Rows, busiest: int, first: int
) -> None:
    held = [
        row["id"] for row in rows(SESSIONS, busiest) if row["status"] == "completed" and row["day"] <= TODAY
    ][: 30 * first]

    met: list[int] = []
    for page in pages(gateway, busiest, first=first):
        met += ids(page)
        if len(met) >= len(held):
            break

    assert met == held


def test_only_the_last_page_says_that_nothing_follows(gateway: Gateway) -> None:
    found = list(pages(gateway, 123, first=18))

    assert [page["pageInfo"]["hasNextPage"] for page in found] == [True, False]
    assert [page["pageInfo"]["hasPreviousPage"] for page in found] == [False, True]
    assert [len(page["edges"]) for page in found] == [18, 18]
    assert {page["totalCount"] for page in found} == {36}


def test_the_ends_of_a_page_are_its_first_and_last_cursor(gateway: Gateway) -> None:
    page = history(gateway, 123, first=5)

    cursors = [edge["cursor"] for edge in page["edges"]]
    assert page["pageInfo"]["startCursor"] == cursors[0]
    assert page["pageInfo"]["endCursor"] == cursors[-1]
    assert [node["sessionId"] for node in page["nodes"]] == ids(page)


def test_a_page_can_go_on_from_the_middle_of_another(gateway: Gateway) -> None:
    page = history(gateway, 123, first=10)

    following = history(gateway, 123, first=5, after=page["edges"][4]["cursor"])

    assert ids(following) == ids(page)[5:]


def test_the_page_after_the_last_session_is_empty(gateway: Gateway) -> None:
    last = history(gateway, 123, first=100)["pageInfo"]["endCursor"]

    page = history(gateway, 123, after=last)

    assert page["edges"] == []
    assert page["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": True,
        "startCursor": None,
        "endCursor": None,
    }
    assert page["totalCount"] == 36


def test_a_customer_without_sessions_has_an_empty_page(gateway: Gateway) -> None:
    page = history(gateway, HARD_CASES["no_visits"])

    assert (page["edges"], page["totalCount"], page["pageInfo"]["hasNextPage"]) == ([], 0, False)


FILTERS: dict[str, dict[str, Any]] = {
    "one service": {"services": ["BRAIN"]},
    "two services": {"services": ["PULSE", "AI_BIKE"]},
    "services nobody lists": {"services": ["OTHER"]},
    "cancelled": {"statuses": ["CANCELLED"]},
    "missed or planned": {"statuses": ["NO_SHOW", "SCHEDULED"]},
    "every status": {"statuses": ["COMPLETED", "SCHEDULED", "CANCELLED", "NO_SHOW"]},
    "since": {"since": str(TODAY - timedelta(days=60))},
    "until": {"until": str(TODAY - timedelta(days=60))},
    "one day": {"since": str(TODAY - timedelta(days=7)), "until": str(TODAY - timedelta(days=7))},
    "all of it": {
        "services": ["BRAIN", "RED"],
        "statuses": ["COMPLETED", "SCHEDULED"],
        "since": str(TODAY - timedelta(days=300)),
        "until": str(TODAY + timedelta(days=10)),
    },
}


def expected(rows: Rows, customer_id: int, wanted: dict[str, Any]) -> list[int]:
    services = {service.lower() for service in wanted.get("services", [])}
    statuses = {status.lower() for status in wanted.get("statuses", ["COMPLETED"])}
    since = date.fromisoformat(wanted.get("since", "0001-01-01"))
    until = date.fromisoformat(wanted.get("until", "9999-12-31"))
    return [
        row["id"]
        for row in rows(SESSIONS, customer_id)
        if (not services or row["service"] in services)
        and row["status"] in statuses
        and since <= row["day"] <= until
        and (row["day"] <= TODAY or row["status"] in {"scheduled", "cancelled"})
    ]


@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS)
def test_a_filter_keeps_what_a_recount_keeps(
    gateway: Gateway, rows: Rows, busiest: int, wanted: dict[str, Any]
) -> None:
    for customer_id in (123, busiest, HARD_CASES["nothing_held"], HARD_CASES["unknown_service"]):
        kept = expected(rows, customer_id, wanted)

        page = history(gateway, customer_id, first=100, **wanted)

        assert ids(page) == kept[:100]
        assert page["totalCount"] == len(kept)
        assert page["pageInfo"]["hasNextPage"] is (len(kept) > 100)


def test_a_session_marked_completed_ahead_of_its_day_is_hidden(gateway: Gateway) -> None:
    page = history(gateway, HARD_CASES["nothing_held"])

    assert (page["edges"], page["totalCount"]) == ([], 0)


def test_it_stays_hidden_when_planned_sessions_are_asked_for_too(gateway: Gateway) -> None:
    page = history(gateway, HARD_CASES["nothing_held"], statuses=["COMPLETED", "SCHEDULED"])

    assert [edge["node"]["status"] for edge in page["edges"]] == ["SCHEDULED"]
    assert page["edges"][0]["node"]["serviceDate"] > str(TODAY)


def test_a_session_cancelled_ahead_of_its_day_is_shown(
    writable_gateway: Gateway, execute: Callable[..., list[tuple[object, ...]]]
) -> None:
    execute(
        """UPDATE gateway.session_detail SET status = 'cancelled'
            WHERE status = 'scheduled' AND customer_id = %s""",
        HARD_CASES["nothing_held"],
    )

    page = history(writable_gateway, HARD_CASES["nothing_held"], statuses=["CANCELLED"])

    assert page["edges"][0]["node"]["serviceDate"] > str(TODAY)
    assert page["totalCount"] == 3


def test_a_session_without_details_counts_as_completed(
    writable_gateway: Gateway, execute: Callable[..., list[tuple[object, ...]]]
) -> None:
    execute("DELETE FROM gateway.session_detail WHERE customer_id = 123")

    page = history(writable_gateway, 123, first=100)

    assert len(page["edges"]) == 36
    assert {edge["node"]["status"] for edge in page["edges"]} == {"COMPLETED"}


def test_the_total_is_counted_only_when_it_is_asked_for(statements: Callable[..., int]) -> None:
    page = "{ customer(id: 123) { serviceHistory { nodes { sessionId } %s } } }"

    assert statements(page % "") == 2
    assert statements(page % "totalCount") == 3


def test_the_total_is_that_of_the_filter_and_not_of_the_page(gateway: Gateway) -> None:
    page = history(gateway, 123, first=2, services=["RED"])

    assert (len(page["edges"]), page["totalCount"]) == (2, 3)


@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1])
def test_a_page_size_out_of_bounds_is_refused(gateway: Gateway, first: int) -> None:
    assert list(refusal(gateway, first=first)) == ["first"]


def test_a_first_day_after_the_last_is_refused(gateway: Gateway) -> None:
    assert list(refusal(gateway, since="2026-06-02", until="2026-06-01")) == ["since"]


def encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


FOREIGN_CURSORS = {
    "garbage": "garbage",
    "not base64": "한글",
    "bytes that are no text": "____",
    "in the clear": encoded("session:123/2026-06-08:456"),
}


@pytest.mark.parametrize("cursor", FOREIGN_CURSORS.values(), ids=FOREIGN_CURSORS)
def test_a_cursor_of_another_kind_is_refused(gateway: Gateway, cursor: str) -> None:
    assert list(refusal(gateway, after=cursor)) == ["after"]


def test_a_cursor_of_another_customers_history_is_refused(gateway: Gateway) -> None:
    cursor = history(gateway, HARD_CASES["unknown_level"])["pageInfo"]["endCursor"]

    assert list(refusal(gateway, after=cursor)) == ["after"]


def test_a_real_cursor_of_a_list_of_customers_is_refused(gateway: Gateway) -> None:
    listed = gateway.data("{ customers(first: 1) { pageInfo { endCursor } } }")

    assert list(refusal(gateway, after=listed["customers"]["pageInfo"]["endCursor"])) == ["after"]


@pytest.mark.parametrize("day", ["2026-02-30", "20260608", "2026-W24-1", "yesterday", 20260608, ""])
def test_a_day_that_is_not_written_as_a_day_is_refused(gateway: Gateway, day: object) -> None:
    assert gateway.error_code(HISTORY, {"id": 123, "since": day}) == "VALIDATION_ERROR"


@pytest.mark.parametrize(("since", "until"), [("0001-01-01", "9999-12-31"), ("9999-12-31", None)])
def test_the_ends_of_the_calendar_are_days(gateway: Gateway, since: str, until: str | None) -> None:
    page = history(gateway, 123, since=since, until=until)

    assert page["totalCount"] == (36 if until else 0)


def test_a_cursor_still_leads_on_after_its_session_was_deleted(
    writable_gateway: Gateway, execute: Callable[..., list[tuple[object, ...]]]
) -> None:
    customer_id = HARD_CASES["beyond_quota"]
    before = history(writable_gateway, customer_id, first=10)
    execute("DELETE FROM service_usage WHERE usage_id = %s", ids(before)[4])

    page = history(writable_gateway, customer_id, first=5, after=before["edges"][4]["cursor"])

    assert ids(page) == ids(before)[5:]
