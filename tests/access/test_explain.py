"""accessExplain tells what the policy would do with an operation, and execution then does just that."""

from typing import Any

import pytest
from harness import Gateway, token
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXPLAIN = """
query ($document: String!, $role: Role!, $scopes: [String!]!, $variables: JSON) {
  accessExplain(document: $document, role: $role, scopes: $scopes, variables: $variables) {
    fields { path coordinate fieldClass decision rule } cost { limit units } cacheSeconds
  }
}
"""

VIEWERS = [(role, scopes) for role in ("STAFF", "MANAGER", "ADMIN") for scopes in ([], ["health:read"])]


def explained(gateway: Gateway, document: str, role: str, **variables: Any) -> dict[str, Any]:
    wanted = {"document": document, "role": role, "scopes": [], **variables}
    return gateway.data(EXPLAIN, wanted)["accessExplain"]


def decisions(explanation: dict[str, Any]) -> dict[str, str]:
    return {field["path"]: field["decision"] for field in explanation["fields"]}


def test_each_field_has_its_decision_and_the_rule(gateway: Gateway) -> None:
    document = "{ customer(id: 123) { name tel: phone healthGoals analytics { period } } }"

    explanation = explained(gateway, document, "STAFF")

    assert decisions(explanation) == {
        "customer": "ALLOW",
        "customer.name": "ALLOW",
        "customer.tel": "MASK",
        "customer.healthGoals": "DENY",
        "customer.analytics": "FORBID",
        "customer.analytics.period": "FORBID",
    }
    rules = {field["coordinate"]: field["rule"] for field in explanation["fields"]}
    assert rules["Customer.phone"] == "contact is masked for STAFF"
    assert rules["Customer.healthGoals"] == "health needs health:read"
    assert rules["Customer.analytics"] == "STAFF lacks read_analytics"


@pytest.mark.parametrize(
    "field", ["segment { primarySegment }", "recommendations { metadata { modelVersion } }"]
)
def test_what_rests_on_health_is_answered_without_it_for_who_may_not_see_it(
    gateway: Gateway, field: str
) -> None:
    document = f"{{ customer(id: 123) {{ answer: {field} }} }}"

    def told(role: str, *scopes: str) -> tuple[str, str]:
        fields = explained(gateway, document, role, scopes=list(scopes))["fields"]
        return next((one["decision"], one["rule"]) for one in fields if one["path"] == "customer.answer")

    assert told("MANAGER") == ("MASK", "answered without health: health needs health:read")
    assert told("MANAGER", "health:read")[0] == "ALLOW"
    assert told("ADMIN") == ("ALLOW", "rests on health: health is shown to ADMIN")
    assert told("STAFF", "health:read")[0] == "FORBID"


def test_the_cost_and_the_time_it_may_be_kept_are_told(gateway: Gateway) -> None:
    document = "query ($n: Int!) { customerSearch(size: $n) { customers { analytics { period } } } }"

    explanation = explained(gateway, document, "MANAGER", variables={"n": 7})

    assert explanation["cost"] == [{"limit": "general", "units": 1}, {"limit": "analytics", "units": 7}]
    assert explanation["cacheSeconds"] == 300
    assert explained(gateway, "{ me { role } }", "STAFF")["cacheSeconds"] == 0


def test_nothing_runs(gateway: Gateway) -> None:
    document = 'mutation { updateCustomer(input: {id: 124, name: "바뀐 이름"}) { customer { name } } }'

    assert decisions(explained(gateway, document, "STAFF"))["updateCustomer"] == "FORBID"
    assert decisions(explained(gateway, document, "ADMIN"))["updateCustomer.customer.name"] == "ALLOW"
    assert gateway.data("{ customer(id: 124) { name } }")["customer"]["name"] != "바뀐 이름"


@pytest.mark.parametrize("role", ["STAFF", "MANAGER"])
def test_only_an_admin_may_ask(gateway: Gateway, role: str) -> None:
    variables = {"document": "{ me { role } }", "role": "ADMIN", "scopes": []}

    assert gateway.error_code(EXPLAIN, variables, role=role) == "UNAUTHORIZED_ACCESS"


@pytest.mark.parametrize(
    "document", ["{ nothing }", "{", "query A { me { role } } query B { me { role } }", ""]
)
def test_a_document_that_would_not_run_is_refused(gateway: Gateway, document: str) -> None:
    variables = {"document": document, "role": "ADMIN", "scopes": []}

    assert gateway.error_code(EXPLAIN, variables) == "VALIDATION_ERROR"


LEAVES = ["name", "phone", "email", "birthYear", "notes", "totalRevenue", "healthGoals", "healthConcerns"]
BLOCKS = {
    "preferences": ["preferredTime", "healthInterests"],
    "packages": ["packageName", "pricePaid"],
    "activePackage": ["pricePaid"],
    "analytics": ["period", "healthMetrics { goalAchievementRate }", "revenueContribution { totalRevenue }"],
    "segment": [
        "primarySegment",
        "characteristics { spendingLevel }",
        "peerComparison { spendingPercentile }",
    ],
    "recommendations": ["metadata { modelVersion }", "recommendations { reason }"],
}


@st.composite
def selections(draw: st.DrawFn) -> str:
    """Some fields of a customer, under aliases, in fragments, and in blocks."""
    fields = draw(st.lists(st.sampled_from(LEAVES), min_size=1, max_size=6))
    for block in draw(st.lists(st.sampled_from(sorted(BLOCKS)), max_size=3, unique=True)):
        inner = draw(st.lists(st.sampled_from(BLOCKS[block]), min_size=1, max_size=2))
        fields.append(f"{block} {{ {' '.join(inner)} }}")
    written = [
        draw(st.sampled_from([field, f"a{number}: {field}", f"... on Customer {{ {field} }}"]))
        for number, field in enumerate(fields)
    ]
    return " ".join(written)


ROOTS = [
    "{{ customer(id: 123) {{ {} }} }}",
    "{{ customerSearch(size: 3) {{ customers {{ {} }} }} }}",
    '{{ node(id: "Q3VzdG9tZXI6MTIz") {{ id ... on Customer {{ {} }} }} }}',
    "{{ customers(first: 2) {{ edges {{ node {{ {} }} }} }} }}",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(selected=selections(), root=st.sampled_from(ROOTS), viewer=st.sampled_from(VIEWERS))
def test_what_is_told_is_what_happens(
    gateway: Gateway, selected: str, root: str, viewer: tuple[str, list[str]]
) -> None:
    role, scopes = viewer
    document = root.format(selected)
    told = decisions(explained(gateway, document, role, scopes=scopes))
    headers = {"Authorization": f"Bearer {token(role, scopes=tuple(scopes))}"}
    answer = gateway.request("POST", "/graphql", headers=headers, json={"query": document}).json()

    redacted = {
        ".".join(key for key in redaction["path"] if isinstance(key, str)): redaction["state"]
        for redaction in answer.get("extensions", {}).get("redactions", [])
    }
    assert all(told[path] == {"MASKED": "MASK", "DENIED": "DENY"}[state] for path, state in redacted.items())
    forbidden = {
        ".".join(key for key in error["path"] if isinstance(key, str))
        for error in answer.get("errors", [])
        if error["extensions"]["code"] == "UNAUTHORIZED_ACCESS"
    }
    assert all(told[path] == "FORBID" for path in forbidden)
    for path, values in answered(answer["data"], ()):
        match told[path]:
            case "DENY":
                assert values is None
                assert redacted[path] == "DENIED"
            case "FORBID":
                assert values is None
                assert path in forbidden
            case "MASK":
                assert values is None or redacted[path] == "MASKED"
            case _:
                assert path not in redacted


def answered(value: Any, path: tuple[str, ...]) -> list[tuple[str, Any]]:
    """Return each field of an answer with its path, positions in lists aside."""
    if isinstance(value, list):
        return [found for item in value for found in answered(item, path)]
    if not isinstance(value, dict):
        return []
    here = [(".".join((*path, key)), inner) for key, inner in value.items()]
    return here + [found for key, inner in value.items() for found in answered(inner, (*path, key))]
