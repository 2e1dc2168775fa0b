"""Whatever the schema allows, the gateway answers without an internal error."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from graphql import GraphQLSchema, build_client_schema, get_introspection_query
from graphql.language import (
    ArgumentNode,
    DocumentNode,
    ObjectFieldNode,
    StringValueNode,
    Visitor,
    print_ast,
    visit,
)
from harness import Gateway, running_gateway, token
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import mutations, queries

# the connection pool of the gateway, which runs in a thread beside the test, rolls the dice while we draw
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the .random. module inside strategies")

EXPECTED = {
    "CONFLICT",
    "CUSTOMER_NOT_FOUND",
    "INSUFFICIENT_DATA",
    "RECOMMENDATION_NOT_FOUND",
    "UNAUTHORIZED_ACCESS",
    "VALIDATION_ERROR",
}
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


class Client:
    """Sends documents over one connection."""

    def __init__(self, gateway: Gateway, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._http = httpx.Client(
            base_url=gateway.url,
            headers={"Authorization": f"Bearer {token('ADMIN')}"},
            timeout=30,
        )

    def close(self) -> None:
        self._http.close()

    def check(self, document: str, **more: object) -> dict[str, Any]:
        """Send a document, and see that the answer is one that a client can count on."""
        response = self._http.post("/graphql", json={"query": document, **more})
        body = response.json()
        assert response.status_code in {200, 400}, (document, body)
        assert set(body) <= {"data", "errors"}
        errors = body.get("errors", [])
        assert {error["extensions"]["code"] for error in errors} <= EXPECTED, (document, body)
        assert response.status_code == 200 or "data" not in body
        return body


def literals(*words: str) -> st.SearchStrategy[Any]:
    """Literals of a scalar: some that it takes, and any text that it may not."""
    texts = st.one_of(st.sampled_from(words), st.text(max_size=12))
    return texts.map(lambda text: StringValueNode(value=text))


SCALARS = {
    "Date": literals("2026-06-15", "0001-01-01", "9999-12-31", "2026-02-29"),
    "DateTime": literals("2026-06-08T15:30:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
    "Time": literals("10:00", "24:00"),
    "KRW": st.integers().map(lambda amount: StringValueNode(value=str(amount))),
}


@pytest.fixture(scope="module")
def schema(gateway: Gateway) -> GraphQLSchema:
    return build_client_schema(gateway.data(get_introspection_query()))


@pytest.fixture(scope="module")
def reader(gateway: Gateway, schema: GraphQLSchema) -> Iterator[Client]:
    client = Client(gateway, schema)
    yield client
    client.close()


@pytest.fixture(scope="module")
def writer(databases: Any, demo_template: str, schema: GraphQLSchema) -> Iterator[Client]:
    with databases.temporary(demo_template) as url, running_gateway(url) as gateway:
        client = Client(gateway, schema)
        yield client
        client.close()


class RealCustomers(Visitor):
    """Puts real customers where a document names somebody, so that its fields run."""

    def enter_argument(self, node: ArgumentNode, *_: object) -> ArgumentNode | None:
        return ArgumentNode(name=node.name, value=_REAL) if node.name.value == "id" else None

    def enter_object_field(self, node: ObjectFieldNode, *_: object) -> ObjectFieldNode | None:
        return ObjectFieldNode(name=node.name, value=_REAL) if node.name.value in _NAMES else None


_NAMES = {"id", "customerId"}
_REAL = StringValueNode(value="Q3VzdG9tZXI6MTIz")


def written(document: DocumentNode) -> str:
    return print_ast(visit(document, RealCustomers()))


def check_generated(client: Client, data: st.DataObject, strategy: Callable[..., Any]) -> None:
    document = data.draw(strategy(client.schema, custom_scalars=SCALARS, print_ast=written))
    client.check(document)


@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=QUIET)
@given(data=st.data())
def test_any_query_of_the_schema_is_answered(reader: Client, data: st.DataObject) -> None:
    check_generated(reader, data, queries)


@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=QUIET)
@given(data=st.data())
def test_any_mutation_of_the_schema_is_answered(writer: Client, data: st.DataObject) -> None:
    check_generated(writer, data, mutations)


@pytest.mark.slow
@settings(max_examples=600, derandomize=True, deadline=None, suppress_health_check=QUIET)
@given(data=st.data())
def test_any_of_many_queries_is_answered(reader: Client, data: st.DataObject) -> None:
    check_generated(reader, data, queries)


@pytest.mark.slow
@settings(max_examples=600, derandomize=True, deadline=None, suppress_health_check=QUIET)
@given(data=st.data())
def test_any_of_many_mutations_is_answered(writer: Client, data: st.DataObject) -> None:
    check_generated(writer, data, mutations)


ANY_TEXT = st.text(max_size=60)
ANY_WORD = st.one_of(st.none(), ANY_TEXT)
WORDS = (
    "name",
    "address",
    "occupation",
    "emergencyContact",
    "region",
    "referralSource",
    "notes",
    "healthGoals",
    "healthConcerns",
    "assignedStaff",
)
PROFILE = st.fixed_dictionaries(
    {"id": st.sampled_from([123, "124", "Q3VzdG9tZXI6MTIz"])},
    optional={
        **dict.fromkeys(WORDS, ANY_WORD),
        "phone": st.one_of(ANY_WORD, st.from_regex(r"0[0-9]{1,2}-?[0-9]{3,4}-?[0-9]{4}", fullmatch=True)),
        "email": st.one_of(ANY_WORD, st.emails()),
        "birthYear": st.integers(-(2**31), 2**31 - 1),
        "gender": st.sampled_from(["FEMALE", "MALE", "OTHER", None]),
        "preferredTimeSlots": st.lists(st.sampled_from(["MORNING", "WEEKEND"])),
        "updatedAt": st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
        "preferences": st.fixed_dictionaries(
            {}, optional={"healthInterests": st.lists(ANY_TEXT), "marketingConsent": st.booleans()}
        ),
    },
)


@settings(max_examples=100, derandomize=True, deadline=None, suppress_health_check=QUIET)
@given(changes=PROFILE)
def test_any_text_in_a_change_is_stored_or_refused(writer: Client, changes: dict[str, Any]) -> None:
    document = """mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { customer {
        name phone email notes preferences { healthInterests } } } }"""
    # JSON has no lone surrogates; the door's own tests send them
    body = json.loads(json.dumps(changes).encode("ascii"))

    writer.check(document, variables={"input": body})


@settings(max_examples=100, derandomize=True, deadline=None, suppress_health_check=QUIET)
@given(text=ANY_TEXT, cursor=st.one_of(ANY_TEXT, st.from_regex(r"[A-Za-z0-9_-]{4,40}", fullmatch=True)))
def test_any_text_is_a_search_a_cursor_or_a_mistake(reader: Client, text: str, cursor: str) -> None:
    document = """query ($text: String, $cursor: String, $id: ID!) {
        customers(filter: {q: $text}, first: 1) { totalCount }
        customerSearch(filter: {q: $text}, size: 1) { pagination { total } }
        customer(id: $id) { name }
        kim: customer(id: 123) { serviceHistory(after: $cursor) { totalCount } }
    }"""

    reader.check(document, variables={"text": text, "cursor": cursor, "id": text})
