"""A customer's segment through GraphQL."""

import json

import psycopg
from harness import Gateway, token
from psycopg.rows import dict_row

SEGMENT = """query ($id: ID!) { customer(id: $id) { segment {
    primarySegment secondarySegments
    characteristics { visitFrequency spendingLevel serviceDiversity loyaltyLevel }
    peerComparison { visitFrequencyPercentile spendingPercentile satisfactionPercentile }
    insufficientData { field counted needed found } } } }"""


def test_both_doors_give_the_same(gateway: Gateway) -> None:
    ours = gateway.data(SEGMENT, {"id": 123})["customer"]["segment"]

    theirs = gateway.rest("/customers/segments/123").json()["data"]

    assert theirs == {
        "primary_segment": ours["primarySegment"],
        "secondary_segments": ours["secondarySegments"],
        "characteristics": {
            "visit_frequency": ours["characteristics"]["visitFrequency"],
            "spending_level": ours["characteristics"]["spendingLevel"],
            "service_diversity": ours["characteristics"]["serviceDiversity"],
            "loyalty_level": ours["characteristics"]["loyaltyLevel"],
        },
        "peer_comparison": {
            "visit_frequency_percentile": ours["peerComparison"]["visitFrequencyPercentile"],
            "spending_percentile": ours["peerComparison"]["spendingPercentile"],
            "satisfaction_percentile": ours["peerComparison"]["satisfactionPercentile"],
        },
        "insufficient_data": ours["insufficientData"],
    }


def test_staff_get_the_customer_without_it(gateway: Gateway) -> None:
    body = gateway.graphql("{ customer(id: 123) { name segment { primarySegment } } }", role="STAFF")

    assert body["data"] == {"customer": {"name": "김영희", "segment": None}}
    assert body["errors"][0]["extensions"]["detail"] == {"required": "read_analytics"}


def test_the_scope_of_a_token_decides_whether_goals_count(gateway: Gateway) -> None:
    def ask(*scopes: str) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {token('MANAGER', scopes=scopes)}"}
        body = {"query": SEGMENT, "variables": {"id": 123}}
        return gateway.request("POST", "/graphql", headers=headers, json=body).json()

    without, with_scope = ask(), ask("health:read")

    assert with_scope["data"] == gateway.graphql(SEGMENT, {"id": 123})["data"]
    assert without["extensions"] == {"redactions": [{"path": ["customer", "segment"], "state": "MASKED"}]}
    assert "extensions" not in with_scope


def test_the_record_says_what_was_in_it(gateway: Gateway) -> None:
    def disclosed(document: str, role: str) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {token(role)}"}
        answer = gateway.request("POST", "/graphql", headers=headers, json={"query": document})
        with psycopg.connect(gateway.database_url, row_factory=dict_row) as connection:
            (record,) = connection.execute(
                "SELECT disclosures FROM gateway.audit_record WHERE request_id = %s",
                [answer.headers["x-request-id"]],
            ).fetchall()
        (disclosure,) = record["disclosures"]
        return disclosure

    whole = disclosed(SEGMENT.replace("query ($id: ID!) ", "").replace("$id", "123"), "ADMIN")
    name_only = disclosed("{ customer(id: 123) { segment { primarySegment } } }", "MANAGER")

    assert whole["returned"] == ["health", "money", "open"]
    assert (name_only["returned"], name_only["masked"]) == (["open"], ["health"])


def test_no_goal_stands_in_a_segment(gateway: Gateway) -> None:
    assert "목표" not in json.dumps(gateway.graphql(SEGMENT, {"id": 123}), ensure_ascii=False)
