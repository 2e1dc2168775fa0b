"""The `info` that resolvers of the schema get, with our context in it."""

from typing import TypeAlias

import strawberry

from resolvers.context import OperationContext

Info: TypeAlias = strawberry.Info[OperationContext, None]
