"""Put the policy on the schema: every door asks for its capability before it opens."""

from collections.abc import Mapping
from typing import Any, cast

import strawberry
from graphql import GraphQLField, GraphQLObjectType, GraphQLResolveInfo

from access import Capability
from resolvers.context import OperationContext


class UnguardedField(Exception):
    """A root field has no entry in the policy, or the policy names a field that is not there."""


def guard(schema: strawberry.Schema, policy: Mapping[str, Capability | None]) -> None:
    """Wrap the resolver of every field in the policy so that it checks the viewer first.

    Raises:
        UnguardedField: the policy and the schema do not fit.
    """
    types = schema._schema.type_map  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    roots = [f"{root}.{name}" for root in ("Query", "Mutation") for name in _fields(types, root)]
    if missing := set(roots) - set(policy):
        raise UnguardedField(f"no capability is named for {sorted(missing)}")
    for coordinate, capability in policy.items():
        type_name, field_name = coordinate.split(".")
        if field_name not in _fields(types, type_name):
            raise UnguardedField(f"the schema has no {coordinate}")
        if capability is not None:
            _require(_fields(types, type_name)[field_name], capability)


def _fields(types: Mapping[str, Any], name: str) -> Mapping[str, GraphQLField]:
    return cast("GraphQLObjectType", types[name]).fields


def _require(field: GraphQLField, capability: Capability) -> None:
    resolve = field.resolve
    if resolve is None:
        raise UnguardedField("a guarded field needs a resolver of its own")

    def checked(root: Any, info: GraphQLResolveInfo[OperationContext], **arguments: Any) -> Any:
        info.context.require(capability)
        return resolve(root, info, **arguments)

    field.resolve = checked
