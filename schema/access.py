"""What the policy would do with an operation."""

import strawberry

from access import FieldClass
from resolvers.explain import Decision

strawberry.enum(
    FieldClass,
    name="FieldClass",
    description="How private a field is; OPEN is for every reader of customers.",
)
strawberry.enum(
    Decision,
    name="AccessDecision",
    description=(
        "What becomes of a field: shown, masked, withheld as null, or an error because the role may not "
        "open its door."
    ),
)


@strawberry.type(description="What becomes of one field of an operation.")
class FieldDecision:
    """A decision on a field."""

    path: str = strawberry.field(
        description="Its response keys from the root down, positions in lists aside."
    )
    coordinate: str = strawberry.field(description="The field's place in the schema, such as Customer.phone.")
    field_class: FieldClass = strawberry.field(description="How private the field is.")
    decision: Decision = strawberry.field(description="What becomes of it.")
    rule: str = strawberry.field(description="The rule that says so.")


@strawberry.type(description="What an operation costs of one limit.")
class OperationUnits:
    """Units of a limit."""

    limit: str = strawberry.field(description="The limit: general, analytics or recommendations.")
    units: int = strawberry.field(description="Units the operation costs.")


@strawberry.type(description="What the policy would do with an operation, found without running it.")
class AccessExplanation:
    """An explanation."""

    fields: list[FieldDecision] = strawberry.field(description="Every field, parents before children.")
    cost: list[OperationUnits] = strawberry.field(description="What it costs, by limit.")
    cache_seconds: int = strawberry.field(
        description="How long its answer may be kept: as long as the shortest of its parts."
    )
