"""Which fields an operation selects, found without running it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    get_operation_ast,
    get_variable_values,
)
from graphql.execution.collect_fields import GroupedFieldSet
from graphql.execution.values import VariableValues

from execution.collecting import FieldCollector
from execution.documents import InvalidDocument


@dataclass(frozen=True, slots=True)
class SelectedField:
    """One field of the answer: its response keys from the root down, positions in lists aside.

    Below a field that may answer objects of several types, each of them selects fields of its own.
    """

    path: tuple[str, ...]
    coordinate: str


def selected_fields(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None,
    variables: Mapping[str, object],
    *,
    most: int,
) -> list[SelectedField]:
    """Return the fields of one operation of a validated document, each parent before its children.

    Introspection is left out.

    Raises:
        InvalidDocument: the name fits no operation, the variables do not fit it, or it selects more than
            `most` fields.
    """
    operation = get_operation_ast(document, operation_name)
    root = schema.get_root_type(operation.operation) if operation else None
    if operation is None or root is None:
        raise InvalidDocument([GraphQLError("operationName must name one operation of the document.")])
    values = get_variable_values(schema, operation.variable_definitions or (), dict(variables))
    if not isinstance(values, VariableValues):
        raise InvalidDocument(list(values))
    collector = FieldCollector(schema, document, operation, values)
    found: list[SelectedField] = []
    for selected in _selected(collector, root, collector.of_root(root), ()):
        found.append(selected)
        if len(found) > most:
            raise InvalidDocument([GraphQLError(f"The operation selects more than {most} fields.")])
    return found


def _selected(
    collector: FieldCollector, parent: GraphQLObjectType, fields: GroupedFieldSet, path: tuple[str, ...]
) -> Iterator[SelectedField]:
    for key, same in fields.items():
        name = same[0].node.name.value
        field = parent.fields.get(name)
        if field is None:  # __typename, __schema and __type
            continue
        here = (*path, key)
        yield SelectedField(here, f"{parent.name}.{name}")
        for kind in collector.possible_types(field.type):
            yield from _selected(collector, kind, collector.below(same, kind), here)
