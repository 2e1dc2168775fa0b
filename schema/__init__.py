"""The GraphQL contract: what can be asked and changed, and who may."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from access import FIELD_CAPABILITIES, FIELD_RULES
from schema.authorization import guard
from schema.mutation import Mutation
from schema.query import Query
from schema.recommendations import KINDS
from schema.scalars import SCALARS

__all__ = ["build_schema"]


def build_schema() -> strawberry.Schema:
    """Build the schema with its policy on it."""
    schema = strawberry.Schema(
        query=Query, mutation=Mutation, types=KINDS, config=StrawberryConfig(scalar_map=SCALARS)
    )
    guard(schema, FIELD_RULES, FIELD_CAPABILITIES)
    return schema
