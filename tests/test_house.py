"""The rules of the house, held up by machines: imports, settings, documents, transactions, the schema."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import build_schema as schema_from_text
from graphql import parse, validate

from access import FIELD_CAPABILITIES, FIELD_LIMITS
from gateway.settings import Settings
from rest_compat.routes import ROUTES, Route
from schema import build_schema

HOUSE = Path(__file__).parent.parent
ROOMS = ("access", "db", "execution", "gateway", "insight", "resolvers", "rest_compat", "schema")


def modules() -> Iterator[Path]:
    for room in ROOMS:
        yield from (HOUSE / room).rglob("*.py")


def attribute_reads(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def test_imports_point_down_only() -> None:
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        path.relative_to(HOUSE).as_posix() for path in modules() if "os.environ" in attribute_reads(path)
    }

    assert readers == {"gateway/settings.py"}


def test_transactions_begin_only_where_writes_live() -> None:
    begins = {
        path.relative_to(HOUSE).as_posix()
        for path in modules()
        if any(read.endswith(("database.transaction", "database.write")) for read in attribute_reads(path))
    }

    assert begins == {
        "resolvers/updates.py",
        "resolvers/feedback.py",
        "resolvers/recommendation_sets.py",
        "db/audit/writing.py",
    }


def test_every_module_says_what_it_is() -> None:
    silent = [
        path for path in modules() if ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ]

    assert silent == []


def test_no_module_outgrows_its_story() -> None:
    long = {
        path.relative_to(HOUSE).as_posix(): lines
        for path in modules()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 300
    }

    assert long == {}


def test_every_setting_is_documented() -> None:
    documented = set(
        re.findall(r"^\| `([A-Z_]+)` \|", (HOUSE / "docs/operations.md").read_text(), re.MULTILINE)
    )

    assert documented == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_stored_document_fits_the_printed_schema(route: Route) -> None:
    schema = schema_from_text((HOUSE / "schema/schema.graphql").read_text(encoding="utf-8"))

    assert validate(schema, parse(route.document)) == []


def test_the_printed_schema_is_the_schema_of_the_code() -> None:
    printed = (HOUSE / "schema/schema.graphql").read_text(encoding="utf-8")

    assert printed == build_schema().as_str() + "\n"


def test_every_field_of_the_policy_is_in_the_schema_and_every_door_in_the_policy() -> None:
    types = schema_from_text(build_schema().as_str()).type_map
    doors = {f"{root}.{field}" for root in ("Query", "Mutation") for field in types[root].fields}

    assert doors <= set(FIELD_CAPABILITIES)
    for coordinate in FIELD_CAPABILITIES:
        type_name, field = coordinate.split(".")
        assert field in types[type_name].fields


def test_every_limited_field_is_in_the_schema() -> None:
    types = schema_from_text(build_schema().as_str()).type_map

    for coordinate in FIELD_LIMITS:
        type_name, field = coordinate.split(".")
        assert field in types[type_name].fields


def test_every_error_code_of_the_contract_has_its_status() -> None:
    from gateway import problems  # noqa: PLC0415

    known = [*problems._BY_ERROR.values(), problems.INTERNAL_ERROR, problems.RATE_LIMIT_EXCEEDED]
    statuses = {problem.code: problem.status for problem in known}

    assert statuses["CUSTOMER_NOT_FOUND"] == 404
    assert statuses["RECOMMENDATION_NOT_FOUND"] == 404
    assert statuses["INSUFFICIENT_DATA"] == 400
    assert statuses["UNAUTHORIZED_ACCESS"] == 403
    assert statuses["INTERNAL_ERROR"] == 500
    assert statuses["UNAUTHENTICATED"] == 401
    assert statuses["VALIDATION_ERROR"] == 400
    assert statuses["RATE_LIMIT_EXCEEDED"] == 429
