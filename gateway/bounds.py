"""The bounds of operations, as the settings draw them."""

from dataclasses import dataclass

from access import Role
from execution import DocumentLimits
from gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class OperationBounds:
    """How large documents and answers may be, who may read the schema, and how many seconds one may take.

    `nodes` is the most objects that an answer may hold. `suggestions` lets errors name words similar to a
    mistyped one, which tells of the schema too.
    """

    documents: DocumentLimits
    nodes: int
    introspection: frozenset[Role]
    seconds: float
    suggestions: bool


def operation_bounds(settings: Settings) -> OperationBounds:
    """Return the bounds that the settings ask for."""
    documents = DocumentLimits(
        tokens=settings.document_tokens,
        depth=settings.document_depth,
        aliases=settings.document_aliases,
        root_fields=settings.document_root_fields,
    )
    return OperationBounds(
        documents,
        settings.max_nodes,
        settings.introspection_roles,
        settings.operation_seconds,
        settings.development,
    )
