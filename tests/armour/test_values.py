"""Hostile bodies and variables: refused with a short reason, whatever they hold."""

import json
from typing import Any

import httpx
import pytest
from harness import Gateway

FILTER = "query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }"
COUNT = "query ($n: Int) { customers(first: $n) { totalCount } }"
CUSTOMER = "query ($id: ID!) { customer(id: $id) { name } }"
QUESTION = '{"query": "{ me { role } }"}'


def post(gateway: Gateway, content: bytes, content_type: str = "application/json") -> httpx.Response:
    return gateway.request("POST", "/graphql", content=content, headers={"Content-Type": content_type})


def with_variables(document: str, variables: str) -> bytes:
    return f'{{"query": {json.dumps(document)}, "variables": {variables}}}'.encode()


def errors(response: httpx.Response) -> list[dict[str, Any]]:
    assert {error["extensions"]["code"] for error in response.json()["errors"]} == {"VALIDATION_ERROR"}
    return response.json()["errors"]


REFUSED: dict[str, bytes] = {
    "a number of 900,000 digits": with_variables(COUNT, '{"n": "' + "9" * 900_000 + '"}'),
    "a list of 300,000 numbers": with_variables(COUNT, '{"n": [' + "1," * 300_000 + "1]}"),
    "100,000 unknown words": with_variables(FILTER, '{"f": {"services": [' + '"XED",' * 100_000 + '"XED"]}}'),
    "100,000 known words": with_variables(FILTER, '{"f": {"services": [' + '"RED",' * 100_000 + '"RED"]}}'),
    "900 unknown words": with_variables(FILTER, '{"f": {"services": [' + '"XED",' * 900 + '"XED"]}}'),
    "a word of 900,000 letters": with_variables(FILTER, '{"f": {"services": ["' + "x" * 900_000 + '"]}}'),
    "a key of 900,000 letters": with_variables(FILTER, '{"f": {"' + "x" * 900_000 + '": 1}}'),
    "80,000 keys": with_variables(FILTER, '{"f": {' + ",".join(f'"k{n}": 1' for n in range(80_000)) + "}}"),
    "80,000 variables": with_variables(FILTER, "{" + ",".join(f'"k{n}": 1' for n in range(80_000)) + "}"),
    "lists in lists": with_variables(FILTER, '{"f": {"services": ' + "[" * 500 + "]" * 500 + "}}"),
    "objects in objects": with_variables(FILTER, '{"f": ' + '{"a":' * 500 + "1" + "}" * 500 + "}"),
    "an unknown variable that nests": with_variables(COUNT, '{"x": ' + "[" * 500 + "]" * 500 + "}"),
    "a third of a million lists": with_variables(FILTER, '{"f": [' + "[]," * 330_000 + "[]]}"),
    "lists in the extensions": f'{QUESTION[:-1]}, "extensions": {{"a": [{"[]," * 330_000}[]]}}}}'.encode(),
    "an operation name of 900,000 letters": f'{QUESTION[:-1]}, "operationName": "{"x" * 900_000}"}}'.encode(),
    "a document of 900,000 letters": json.dumps({"query": "{ me { " + "x" * 900_000 + " } }"}).encode(),
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_values_beyond_reason_are_refused_in_few_words(gateway: Gateway, body: bytes) -> None:
    response = post(gateway, body)

    assert response.status_code == 400
    assert "data" not in response.json()
    assert len(errors(response)) <= 20
    assert max(len(error["message"]) for error in errors(response)) <= 300
    assert len(response.content) < 12_000


@pytest.mark.parametrize(
    "value", ["9" * 5000, "9" * 900_000, "Q3VzdG9tZXI6" * 50_000, "-1", "1e3", "\x00", "１２"]
)
def test_an_id_that_nobody_can_have_is_told_apart_from_a_failure(gateway: Gateway, value: str) -> None:
    response = post(gateway, with_variables(CUSTOMER, json.dumps({"id": value})))

    assert response.status_code == 200
    assert response.json()["data"] == {"customer": None}
    assert len(errors(response)) == 1
    assert len(response.content) < 1000


def test_as_many_values_as_a_person_would_send_are_taken(gateway: Gateway) -> None:
    variables = json.dumps({"f": {"services": ["RED"] * 900}})

    assert "errors" not in post(gateway, with_variables(FILTER, variables)).json()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-32-be", "utf-8-sig", "euc-kr"])
def test_a_body_in_another_encoding_is_refused_and_told_which_one_to_use(
    gateway: Gateway, encoding: str
) -> None:
    response = post(gateway, '{"query": "{ me { role } } # 가"}'.encode(encoding))

    assert response.status_code == 400
    (error,) = errors(response)
    assert "UTF-8" in error["extensions"]["detail"]["reason"]


OTHER = ["utf-16", "UTF-32", "latin1", "euc-kr", "utf-8; charset=utf-16", ""]


@pytest.mark.parametrize("charset", OTHER)
@pytest.mark.parametrize(("method", "path"), [("POST", "/graphql"), ("PUT", "/api/v1/customers/123/detail")])
def test_a_content_type_of_another_encoding_is_415(
    gateway: Gateway, method: str, path: str, charset: str
) -> None:
    headers = {"Content-Type": f"application/json; charset={charset}"}

    assert gateway.request(method, path, content=QUESTION, headers=headers).status_code == 415


@pytest.mark.parametrize(
    "parameters", ["charset=utf-8", 'charset="UTF-8"', "charset=utf8", "profile=x", "CHARSET=Utf-8 ; a=b"]
)
def test_utf_8_can_be_spelled_in_many_ways(gateway: Gateway, parameters: str) -> None:
    assert post(gateway, QUESTION.encode(), f"application/json; {parameters}").status_code == 200


def test_a_key_that_comes_twice_counts_as_its_last(gateway: Gateway) -> None:
    body = with_variables(CUSTOMER, '{"id": "0", "id": "123"}')

    assert post(gateway, body).json() == {"data": {"customer": {"name": "김영희"}}}


@pytest.mark.parametrize("batch", ["[]", f"[{QUESTION}]", f"[{QUESTION}, {QUESTION}]"])
def test_several_operations_in_one_request_are_refused(gateway: Gateway, batch: str) -> None:
    response = post(gateway, batch.encode())

    assert response.status_code == 400
    (error,) = errors(response)
    assert error["extensions"]["detail"]["reason"] == "the body must be a JSON object with a query"


def test_rest_refuses_a_body_of_too_many_lists_too(gateway: Gateway) -> None:
    body = b'{"preferred_time_slots": [' + b"[]," * 330_000 + b"[]]}"

    response = gateway.rest(
        "/customers/123/detail", method="PUT", content=body, headers={"Content-Type": "application/json"}
    )

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "VALIDATION_ERROR"
