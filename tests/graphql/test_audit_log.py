"""The audit log as an ADMIN looks through it, and nobody else."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from audit_records import a_disclosure, a_record, write
from conftest import Databases
from harness import Gateway, running_gateway

LOG = """
query ($customerId: ID, $actor: String, $outcome: String, $since: DateTime, $until: DateTime,
       $first: Int! = 20, $after: String) {
  auditLog(customerId: $customerId, actor: $actor, outcome: $outcome, since: $since, until: $until,
           first: $first, after: $after) {
    edges { place cursor node { requestId } }
    nodes { at actor role address userAgent door task operation documentHash outcome requestId
            disclosures { customers returned masked denied } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
# a month ahead, so that no record of the test's own requests lies there
NOON = (datetime.now(UTC) + timedelta(days=31)).replace(hour=12, minute=0, second=0, microsecond=1)
SIZE = 30


@pytest.fixture(scope="module")
def audited(databases: Databases, demo_template: str) -> Iterator[Gateway]:
    """A gateway over an audit of two chains, with several records of the same moment."""
    records = [
        a_record(
            at=NOON + timedelta(minutes=number // 4),
            actor="staff@center.example" if number % 3 else "other@center.example",
            outcome="UNAUTHORIZED_ACCESS" if number % 10 == 0 else "OK",
            request_id=f"request-{number}",
            disclosures=(a_disclosure(number + 1, 900), a_disclosure(901, masked=("contact",))),
        )
        for number in range(SIZE)
    ]
    with databases.temporary(demo_template) as url:
        write(url, records[: SIZE // 2])
        write(url, records[SIZE // 2 :])
        with running_gateway(url) as running:
            yield running


def log(audited: Gateway, **wanted: object) -> dict[str, Any]:
    bounds = {"since": str(NOON), "until": str(NOON + timedelta(hours=1))}
    return audited.data(LOG, {**bounds, **wanted})["auditLog"]


def numbers(page: dict[str, Any]) -> list[int]:
    return [int(edge["node"]["requestId"].removeprefix("request-")) for edge in page["edges"]]


@pytest.mark.parametrize("role", ["STAFF", "MANAGER"])
def test_nobody_but_an_admin_reads_the_log(audited: Gateway, role: str) -> None:
    assert audited.error_code(LOG, role=role) == "UNAUTHORIZED_ACCESS"


@pytest.mark.parametrize("size", [1, 7, 100])
def test_the_log_is_walked_from_the_newest_record_without_losing_any(audited: Gateway, size: int) -> None:
    met: list[int] = []
    cursor = None
    while True:
        page = log(audited, first=size, after=cursor)
        met += numbers(page)
        if not page["pageInfo"]["hasNextPage"]:
            break
        cursor = page["pageInfo"]["endCursor"]

    assert sorted(met) == list(range(SIZE))
    assert [number // 4 for number in met] == sorted((number // 4 for number in range(SIZE)), reverse=True)


def test_a_record_is_told_whole(audited: Gateway) -> None:
    (record,) = log(audited, customerId="6")["nodes"]

    assert record == {
        "at": (NOON + timedelta(minutes=1)).isoformat().replace("+00:00", "Z"),
        "actor": "staff@center.example",
        "role": "STAFF",
        "address": "192.0.2.7",
        "userAgent": "a browser",
        "door": "graphql",
        "task": "query",
        "operation": "CustomerDetail",
        "documentHash": "ab" * 32,
        "outcome": "OK",
        "requestId": "request-5",
        "disclosures": [
            {"customers": [6, 900], "returned": ["open"], "masked": [], "denied": []},
            {"customers": [901], "returned": ["open"], "masked": ["contact"], "denied": []},
        ],
    }


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"customerId": "900"}, set(range(SIZE))),
        ({"customerId": "4"}, {3}),
        ({"customerId": "Q3VzdG9tZXI6NA=="}, {3}),
        ({"customerId": "899"}, set()),
        ({"actor": "other@center.example"}, set(range(0, SIZE, 3))),
        ({"actor": "other"}, set()),
        ({"outcome": "UNAUTHORIZED_ACCESS"}, {0, 10, 20}),
        ({"outcome": "UNAUTHORIZED_ACCESS", "actor": "staff@center.example"}, {10, 20}),
        ({"since": str(NOON + timedelta(minutes=6))}, set(range(24, SIZE))),
        ({"until": str(NOON + timedelta(minutes=1))}, set(range(4))),
    ],
)
def test_a_filter_keeps_what_it_says(audited: Gateway, wanted: dict[str, str], expected: set[int]) -> None:
    found = [one["requestId"] for one in log(audited, **{"first": 100, **wanted})["nodes"]]

    assert {int(one.removeprefix("request-")) for one in found} == expected


def test_a_place_is_a_chain_and_a_number_in_it(audited: Gateway) -> None:
    places = [edge["place"].split("/") for edge in log(audited, first=100)["edges"]]

    assert len({chain for chain, _ in places}) == 2
    assert sorted(int(seq) for _, seq in places) == sorted([*range(1, 16), *range(1, 16)])


def encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


CHAIN = "0" * 32


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"first": 0}, "first"),
        ({"first": 101}, "first"),
        ({"customerId": "0"}, "customerId"),
        ({"customerId": ""}, "customerId"),
        ({"customerId": "nobody"}, "customerId"),
        ({"since": "2026-06-02T00:00:00Z", "until": "2026-06-01T00:00:00Z"}, "since"),
        ({"after": "garbage"}, "after"),
        ({"after": encoded("customer:name:123")}, "after"),
        ({"after": encoded(f"audit:1/{CHAIN}:-1")}, "after"),
        ({"after": encoded(f"audit:1/{CHAIN}:{2**63}")}, "after"),
        ({"after": encoded(f"audit:{'9' * 40}/{CHAIN}:1")}, "after"),
        ({"after": encoded("audit:1/chain:1")}, "after"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(
    audited: Gateway, wanted: dict[str, object], field: str
) -> None:
    (error,) = audited.graphql(LOG, wanted)["errors"]

    assert error["extensions"]["code"] == "VALIDATION_ERROR"
    assert list(error["extensions"]["detail"]["fields"]) == [field]


def test_text_that_the_database_cannot_hold_is_refused(audited: Gateway) -> None:
    assert audited.error_code(LOG, {"actor": "a\x00b"}) == "VALIDATION_ERROR"
