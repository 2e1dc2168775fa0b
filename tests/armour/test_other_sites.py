"""What a page of another site can make a browser send without asking first: nothing comes of it."""

import pytest
from harness import Gateway

MUTATION = 'mutation { updateCustomer(input: {id: "123", name: "몰래"}) { customer { name } } }'
ELSEWHERE = {"Origin": "https://elsewhere.example", "Cookie": "session=1", "Sec-Fetch-Site": "cross-site"}
NAME = "{ customer(id: 123) { name } }"

FORMS = {
    "application/x-www-form-urlencoded": {"data": {"query": MUTATION}},
    "multipart/form-data": {"files": {"query": (None, MUTATION)}},
    "text/plain": {
        "content": '{"query": "' + MUTATION.replace('"', '\\"') + '", "a": "="}',
        "headers": {"Content-Type": "text/plain"},
    },
    "no type at all": {"content": '{"query": "' + MUTATION.replace('"', '\\"') + '"}'},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("role", [None, "ADMIN"], ids=["without a token", "even with one"])
def test_a_form_changes_nothing(gateway: Gateway, form: dict[str, dict[str, str]], role: str | None) -> None:
    headers = {**form.get("headers", {}), **ELSEWHERE}

    response = gateway.request("POST", "/graphql", role=role, **{**form, "headers": headers})

    assert response.status_code == (415 if role else 401)
    assert "access-control-allow-origin" not in response.headers
    assert gateway.data(NAME) == {"customer": {"name": "김영희"}}


@pytest.mark.parametrize("document", [NAME, MUTATION])
def test_an_address_tells_and_changes_nothing(gateway: Gateway, document: str) -> None:
    response = gateway.request("GET", "/graphql", role=None, params={"query": document}, headers=ELSEWHERE)

    assert response.status_code == 401
    assert list(response.json()) == ["errors"]


@pytest.mark.parametrize("header", ["authorization", "content-type"])
def test_what_would_identify_a_sender_has_to_be_asked_for_and_is_refused(
    gateway: Gateway, header: str
) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": header}

    response = gateway.request("OPTIONS", "/graphql", role=None, headers={**ELSEWHERE, **asked})

    assert response.status_code == 400
    assert "access-control-allow-origin" not in response.headers


def test_a_query_by_get_needs_its_token_and_nothing_else(gateway: Gateway) -> None:
    response = gateway.request("GET", "/graphql", params={"query": NAME})

    assert response.json() == {"data": {"customer": {"name": "김영희"}}}
