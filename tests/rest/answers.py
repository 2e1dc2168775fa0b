"""Reads answers of the REST layer: the contract's envelope around data and around errors."""

import re
from typing import Any

import httpx
from harness import Gateway

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def data_of(answer: httpx.Response) -> dict[str, Any]:
    """Return the data of an answer that must be a success in the contract's envelope."""
    body = answer.json()
    assert answer.status_code == 200, body
    assert set(body) - {"ignored", "redactions"} == {"success", "data", "message", "timestamp"}
    assert body["success"] is True
    assert body["message"] == "Success"
    assert _MOMENT.fullmatch(body["timestamp"])
    return body["data"]


def error_of(answer: httpx.Response) -> tuple[int, str, dict[str, Any]]:
    """Return status, code and detail of an answer that must be an error in the contract's envelope."""
    body = answer.json()
    assert answer.headers["content-type"].startswith("application/json")
    assert set(body) == {"success", "error", "timestamp"}, body
    assert body["success"] is False
    assert set(body["error"]) == {"code", "message", "detail"}
    assert body["error"]["message"]
    assert _MOMENT.fullmatch(body["timestamp"])
    return answer.status_code, body["error"]["code"], body["error"]["detail"]


def invalid_fields(answer: httpx.Response) -> set[str]:
    """Return the names of the fields for which an answer must refuse its request."""
    status, code, detail = error_of(answer)
    assert (status, code) == (400, "VALIDATION_ERROR")
    assert all(detail["fields"].values())
    return set(detail["fields"])


def detail(gateway: Gateway, customer_id: int, role: str = "ADMIN") -> dict[str, Any]:
    """Return the detail of a customer."""
    return data_of(gateway.rest(f"/customers/{customer_id}/detail", role=role))


def analytics(gateway: Gateway, customer_id: int, **parameters: str) -> dict[str, Any]:
    """Return the analytics of a customer."""
    return data_of(gateway.rest(f"/customers/{customer_id}/analytics", params=parameters))


def recommendations(
    gateway: Gateway, customer_id: int, *, role: str = "ADMIN", **parameters: Any
) -> dict[str, Any]:
    """Return the recommendations for a customer."""
    path = f"/customers/{customer_id}/recommendations"
    return data_of(gateway.rest(path, role=role, params=parameters))


def search(gateway: Gateway, **parameters: Any) -> dict[str, Any]:
    """Return one page of a search."""
    return data_of(gateway.rest("/customers/search", params=parameters))


def found_ids(gateway: Gateway, **parameters: Any) -> list[int]:
    """Return the ids of everybody a search finds, from all its pages."""
    first = search(gateway, size=100, **parameters)
    pages = [first] + [
        search(gateway, size=100, page=page, **parameters)
        for page in range(2, first["pagination"]["total_pages"] + 1)
    ]
    return [customer["customer_id"] for page in pages for customer in page["customers"]]
