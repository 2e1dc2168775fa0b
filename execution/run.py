"""Execute a validated document with graphql-core, the reference."""

from collections.abc import Mapping
from inspect import isawaitable
from typing import Any

import graphql
from graphql import DocumentNode, ExecutionResult, GraphQLSchema

# graphql-core's annotations leave type arguments out
_execute: Any = graphql.execute  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


async def run_document(  # noqa: PLR0913 - an operation has that many parts
    schema: GraphQLSchema,
    document: DocumentNode,
    *,
    variables: Mapping[str, object],
    operation_name: str | None,
    context: object,
    suggestions: bool,
) -> ExecutionResult:
    """Run one operation of a document. An error without a path means that nothing of it ran.

    `suggestions` lets errors in variables name words similar to a mistyped one.
    """
    result = _execute(
        schema,
        document,
        variable_values=dict(variables),
        operation_name=operation_name,
        context_value=context,
        hide_suggestions=not suggestions,
    )
    return await result if isawaitable(result) else result
