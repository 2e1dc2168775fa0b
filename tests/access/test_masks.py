"""What is left of a value once it is masked."""

import pytest

from access.masks import mask_address, mask_email, mask_phone, mask_text


@pytest.mark.parametrize(
    ("value", "mask"),
    [
        ("010-1234-5678", "010-****-5678"),
        ("01012345678", "010****5678"),
        ("02-123-4567", "02-***-4567"),
        ("031 123 4567", "031 *** 4567"),
        ("+82 10-1234-5678", "+82 1*-****-5678"),
        ("1588-1234", "1***-1234"),
    ],
)
def test_a_phone_keeps_its_area_and_its_last_four_digits(value: str, mask: str) -> None:
    assert mask_phone(value) == mask


@pytest.mark.parametrize(
    "value", ["남편 010-1234-5678", "119", "", "010-1234-5678 / 010-8765-4321", "0" * 40]
)
def test_what_is_no_phone_number_keeps_nothing(value: str) -> None:
    assert mask_phone(value) == "***"


def test_an_email_keeps_its_first_letter_and_its_domain() -> None:
    assert mask_email("kim@example.com") == "k**@example.com"
    assert mask_email("k@example.com") == "k**@example.com"  # its length is not told either


@pytest.mark.parametrize("value", ["not an address", "@example.com", "a@b@c", ""])
def test_what_is_no_email_keeps_nothing(value: str) -> None:
    assert mask_email(value) == "***"


def test_an_address_keeps_its_city_and_district() -> None:
    assert mask_address("서울시 강남구 테헤란로 12 3층") == "서울시 강남구 ***"


@pytest.mark.parametrize("value", ["서울시 강남구", "서울시", ""])
def test_an_address_of_two_words_keeps_nothing(value: str) -> None:
    assert mask_address(value) == "***"


def test_a_text_keeps_nothing() -> None:
    assert mask_text("회사원") == "***"
