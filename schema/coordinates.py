"""The fields of the schema by their coordinates, such as "Customer.phone"."""

from collections.abc import Mapping
from typing import Any

import strawberry
from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema


def core_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """Return graphql-core's schema, which Strawberry keeps to itself."""
    return schema._schema  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


def fields_by_coordinate(schema: strawberry.Schema) -> Mapping[str, GraphQLField]:
    """Return every field of our own types; introspection's are not among them."""
    types: Mapping[str, Any] = core_schema(schema).type_map
    return {
        f"{name}.{field_name}": field
        for name, named in types.items()
        if isinstance(named, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__")
        for field_name, field in named.fields.items()
    }
