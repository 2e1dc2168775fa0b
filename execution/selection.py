"""Which fields an operation selects, found without running it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    get_operation_ast,
    get_variable_values,
    is_abstract_type,
    is_object_type,
)
from graphql.execution.collect_fields import (
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

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
    found: list[SelectedField] = []
    for selected in _Selections(schema, document, operation, values).of(root):
        found.append(selected)
        if len(found) > most:
            raise InvalidDocument([GraphQLError(f"The operation selects more than {most} fields.")])
    return found


class _Selections:
    """Walks the selections of one operation as the execution would, with graphql-core's own functions."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        values: VariableValues,
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._values = values
        self._fragments = {
            definition.name.value: FragmentDetails(definition)
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }

    def of(self, root: GraphQLObjectType) -> Iterator[SelectedField]:
        collected = collect_fields(self._schema, self._fragments, self._values, root, self._operation)
        yield from self._of_fields(root, collected.grouped_field_set, ())

    def _of_fields(
        self, parent: GraphQLObjectType, fields: GroupedFieldSet, path: tuple[str, ...]
    ) -> Iterator[SelectedField]:
        for key, same in fields.items():
            name = same[0].node.name.value
            field = parent.fields.get(name)
            if field is None:  # __typename, __schema and __type
                continue
            here = (*path, key)
            yield SelectedField(here, f"{parent.name}.{name}")
            for kind in self._possible_types(field.type):
                inner = collect_subfields(
                    self._schema, self._fragments, self._values, self._operation, kind, same
                )
                yield from self._of_fields(kind, inner.grouped_field_set, here)

    def _possible_types(self, output: Any) -> list[GraphQLObjectType]:
        named = cast("Any", get_named_type(output))
        if is_object_type(named):
            return [named]
        return list(self._schema.get_possible_types(named)) if is_abstract_type(named) else []
