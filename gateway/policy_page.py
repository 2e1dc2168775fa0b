"""The policy as a table for people: who sees which field, and what changed since it was last printed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import strawberry
from graphql import GraphQLField, get_named_type, is_abstract_type

from access import FIELD_CAPABILITIES, FIELD_RULES, ROLES_WITH, FieldRule, Role, Verdict
from access.policy import SCOPES, VERDICTS
from schema.coordinates import core_schema, fields_by_coordinate

_ROW = re.compile(r"^\| `(?P<coordinate>\w+\.\w+)` \| (?P<cells>.*) \|$", re.MULTILINE)
_NOTHING, _DENIED, _MASKED, _VALUE = "-", "denied", "masked", "value"

_HEAD = """# Who sees what

Printed by `python -m gateway policy`; `make check` compares it with the code. `value`: as it is. `masked`: a
mask, or null for a number. `-`: behind a door that the role does not open. A scope such as `health:read`: the
value with that scope in the token, else denied. `needs`: the capability that opens its door. `limit`: the
limit of which it costs a unit for each customer that it is computed for; each request costs a general one.
`rests on`: a class of data with a say in the answer; who does not see that class gets an answer that does not
depend on it, and is told so.

| field | class | STAFF | MANAGER | ADMIN | needs | cache | limit | rests on |
|---|---|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class _Row:
    coordinate: str
    rule: FieldRule
    cells: Mapping[Role, str]

    def __str__(self) -> str:
        seen = " | ".join(self.cells[role] for role in Role)
        needs = FIELD_CAPABILITIES.get(self.coordinate) or ""
        cells = self.rule.field_class, seen, needs, self.rule.cache, self.rule.limit, self.rule.rests_on
        return " | ".join([f"| `{self.coordinate}`", *(str(cell or "") for cell in cells)]) + " |"


def policy_page(schema: strawberry.Schema) -> str:
    """Return the policy as a Markdown page."""
    return _HEAD + "".join(f"{row}\n" for row in _rows(schema))


def changes_since(page: str, schema: strawberry.Schema) -> list[str]:
    """Return what differs from an earlier page, in words such as "exposes Customer.phone to STAFF"."""
    before = {match["coordinate"]: match["cells"].split(" | ")[1:4] for match in _ROW.finditer(page)}
    after = {row.coordinate: [row.cells[role] for role in Role] for row in _rows(schema)}
    return [
        f"{_told(coordinate, role, was, now)} ({was} -> {now})"
        for coordinate in sorted(before | after)
        for role, was, now in zip(
            Role, before.get(coordinate, [_NOTHING] * 3), after.get(coordinate, [_NOTHING] * 3), strict=True
        )
        if was != now
    ]


def _told(coordinate: str, role: Role, was: str, now: str) -> str:
    exposed = _openness(now) > _openness(was)
    return f"exposes {coordinate} to {role}" if exposed else f"hides {coordinate} from {role}"


def _openness(cell: str) -> int:
    order = [_NOTHING, _DENIED, *sorted(set(SCOPES.values())), _MASKED, _VALUE]
    return order.index(cell)


def _rows(schema: strawberry.Schema) -> Iterator[_Row]:
    reachable = {role: _reachable(schema, role) for role in Role}
    for coordinate in sorted(fields_by_coordinate(schema)):
        rule = FIELD_RULES[coordinate]
        cells = {role: _cell(rule, role) if coordinate in reachable[role] else _NOTHING for role in Role}
        yield _Row(coordinate, rule, cells)


def _cell(rule: FieldRule, role: Role) -> str:
    verdict = VERDICTS[rule.field_class][role]
    if verdict is Verdict.VALUE:
        return _VALUE
    return SCOPES.get(rule.field_class) or {Verdict.MASKED: _MASKED, Verdict.DENIED: _DENIED}[verdict]


def _reachable(schema: strawberry.Schema, role: Role) -> set[str]:
    """Return the fields that a role reaches through the doors it may open."""
    fields = fields_by_coordinate(schema)
    found: set[str] = set()
    types = {"Query", "Mutation", "Node"}
    unseen = set(types)
    while unseen:
        type_name = unseen.pop()
        for coordinate, field in fields.items():
            needed = FIELD_CAPABILITIES.get(coordinate)
            if not coordinate.startswith(f"{type_name}.") or (needed and role not in ROLES_WITH[needed]):
                continue
            found.add(coordinate)
            answered = _answered(schema, field) - types
            types |= answered
            unseen |= answered
    return found


def _answered(schema: strawberry.Schema, field: GraphQLField) -> set[str]:
    """Return the types that a field may answer, an interface among them."""
    named = cast("Any", get_named_type(cast("Any", field).type))
    possible = core_schema(schema).get_possible_types(named) if is_abstract_type(named) else []
    return {str(kind.name) for kind in (named, *possible)}
