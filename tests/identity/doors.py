"""One question through each door, with a token of the test's own."""

from typing import Any

import httpx
from harness import Gateway

GRAPHQL, REST = "graphql", "rest"
DOORS = (GRAPHQL, REST)


def knock(gateway: Gateway, door: str, token: str | None, **headers: str) -> httpx.Response:
    """Ask for what every role may see."""
    sent = {"Authorization": f"Bearer {token}", **headers} if token is not None else headers
    if door == REST:
        return gateway.rest("/customers/123/detail", role=None, headers=sent)
    document = {"query": "{ customer(id: 123) { name } me { role subject scopes } }"}
    return gateway.request("POST", "/graphql", role=None, headers=sent, json=document)


def code(answer: httpx.Response) -> str:
    """Return the error code of an answer from either door."""
    body: dict[str, Any] = answer.json()
    return body["error"]["code"] if "error" in body else body["errors"][0]["extensions"]["code"]


def assert_unauthenticated(answer: httpx.Response) -> None:
    """See that a sent token was refused, and that nothing says why."""
    assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    problem = answer.json().get("error") or answer.json()["errors"][0]
    assert problem["message"] == "인증이 필요합니다"
    assert not problem.get("detail")
    assert set(problem.get("extensions", {"code"})) == {"code"}


def me(gateway: Gateway, token: str) -> dict[str, Any]:
    """Return who a token is for the gateway."""
    answer = knock(gateway, GRAPHQL, token)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["me"]
