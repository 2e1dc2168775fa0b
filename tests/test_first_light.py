from harness import Gateway


def test_the_contracts_customer_answers(gateway: Gateway) -> None:
    answer = gateway.rest("/customers/123/detail")

    assert answer.status_code == 200
    assert answer.json()["data"]["customer"]["name"] == "김영희"


def test_a_change_is_stored(writable_gateway: Gateway) -> None:
    writable_gateway.rest("/customers/123/detail", method="PUT", json={"occupation": "프리랜서"})

    answer = writable_gateway.rest("/customers/123/detail")
    assert answer.json()["data"]["customer"]["occupation"] == "프리랜서"
