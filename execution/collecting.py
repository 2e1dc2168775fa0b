"""The fields that an operation selects, collected by graphql-core as the execution collects them."""

from typing import Any, cast

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    is_abstract_type,
    is_object_type,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues


class FieldCollector:
    """Collects the fields of one operation with its variables, by response key.

    What merges into one field in the execution is one field here, and what a directive leaves out is not
    there. A condition that is null raises graphql-core's `GraphQLError`.
    """

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

    def of_root(self, root: GraphQLObjectType) -> GroupedFieldSet:
        """Return the fields that the operation selects of its root type."""
        collected = collect_fields(self._schema, self._fragments, self._values, root, self._operation)
        return collected.grouped_field_set

    def below(self, fields: list[FieldDetails], kind: GraphQLObjectType) -> GroupedFieldSet:
        """Return what some fields that merge into one select of an object of a type."""
        collected = collect_subfields(
            self._schema, self._fragments, self._values, self._operation, kind, fields
        )
        return collected.grouped_field_set

    def possible_types(self, output: Any) -> list[GraphQLObjectType]:
        """Return the types that an object in a field of this output type may have; none for a scalar."""
        named = cast("Any", get_named_type(output))
        if is_object_type(named):
            return [named]
        return list(self._schema.get_possible_types(named)) if is_abstract_type(named) else []
