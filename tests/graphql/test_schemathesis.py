"""Schemathesis reads the GraphQL schema and tries what it allows against a running gateway."""

from pathlib import Path

import pytest
import schemathesis
from graphql.language import IntValueNode, StringValueNode
from harness import Gateway, token
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

_PRINTED = Path(__file__).parents[2] / "schema" / "schema.graphql"


def _texts(*words: str) -> st.SearchStrategy[StringValueNode]:
    return st.sampled_from(words).map(lambda word: StringValueNode(value=word))


schemathesis.graphql.scalar("Date", _texts("2026-06-15", "0001-01-01", "9999-12-31"))
schemathesis.graphql.scalar("DateTime", _texts("2026-06-08T15:30:00Z", "2026-06-08T15:30:00+09:00"))
schemathesis.graphql.scalar("Time", _texts("10:00", "23:59:59"))
schemathesis.graphql.scalar("KRW", st.integers(0, 2**31).map(lambda won: IntValueNode(value=str(won))))

_SCHEMA = schemathesis.graphql.from_path(_PRINTED, config=schemathesis.Config(seed=1))


@_SCHEMA.parametrize()
@settings(
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@pytest.mark.filterwarnings("ignore:Do not use the .random. module inside strategies")
def test_what_the_schema_allows_is_answered(case: schemathesis.Case, writable_gateway: Gateway) -> None:
    response = case.call(
        base_url=f"{writable_gateway.url}/graphql", headers={"Authorization": f"Bearer {token()}"}
    )

    assert response.status_code in {200, 400}, response.text
    codes = {error["extensions"]["code"] for error in response.json().get("errors", [])}
    assert "INTERNAL_ERROR" not in codes, (case.body, response.text)
