"""The one policy table fits the schema, and says in words what a change to it exposes."""

from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLNonNull, get_named_type
from process.program import command

from access import FIELD_RULES, FieldClass
from schema import build_schema
from schema.coordinates import fields_by_coordinate

FIELDS: dict[str, Any] = dict(fields_by_coordinate(build_schema()))
PRIVATE = [name for name, rule in FIELD_RULES.items() if rule.field_class is not FieldClass.OPEN]


def test_every_field_of_the_schema_has_a_rule_and_every_rule_a_field() -> None:
    assert set(FIELD_RULES) == set(FIELDS)


@pytest.mark.parametrize("coordinate", PRIVATE)
def test_a_private_field_can_be_withheld(coordinate: str) -> None:
    """It is nullable, or every way to it is a field of its own class, which is withheld before it."""
    field_class = FIELD_RULES[coordinate].field_class
    type_name = coordinate.split(".", maxsplit=1)[0]
    ways = [name for name, field in FIELDS.items() if get_named_type(field.type).name == type_name]

    closed = bool(ways) and all(FIELD_RULES[way].field_class is field_class for way in ways)
    assert closed or not isinstance(FIELDS[coordinate].type, GraphQLNonNull)


@pytest.mark.parametrize("coordinate", PRIVATE)
def test_a_masked_text_is_a_text(coordinate: str) -> None:
    if FIELD_RULES[coordinate].mask != "nothing":
        assert get_named_type(FIELDS[coordinate].type).name == "String"


def test_a_change_is_told_in_words(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs/policy.md"
    earlier = tmp_path / "policy.md"
    row = "| `Customer.phone` | contact | masked | value | value |"
    assert row in page.read_text(encoding="utf-8")
    earlier.write_text(
        page.read_text(encoding="utf-8")
        .replace(row, "| `Customer.phone` | contact | - | value | value |")
        .replace("| `Customer.notes` | personal | masked |", "| `Customer.notes` | personal | value |"),
        encoding="utf-8",
    )

    told = command("policy", "--check", str(earlier), cwd=tmp_path)

    assert told.returncode == 1
    assert "exposes Customer.phone to STAFF (- -> masked)" in told.stderr
    assert "hides Customer.notes from STAFF (value -> masked)" in told.stderr


@pytest.mark.slow
def test_the_printed_policy_is_the_policy_of_the_code(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs/policy.md"

    assert command("policy", "--check", str(page), cwd=tmp_path).returncode == 0
    assert command("policy", cwd=tmp_path).stdout == page.read_text(encoding="utf-8")
