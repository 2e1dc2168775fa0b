"""How large a document may be once its fragments are unfolded: how deep, and with how many aliases."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

_Size = tuple[int, int]  # levels of fields, aliases

_NOTHING: _Size = (0, 0)


def limit_rule(depth: int, aliases: int) -> type[ASTValidationRule]:
    """Return the rule that refuses more than `depth` levels under a root field, or more aliases.

    Each fragment is measured once, however often it is spread: Strawberry's own rules walk every spread, so a
    dozen fragments that spread each other twice keep them busy for seconds. Introspection is left out, since
    graphql-core bounds it.
    """

    class SizeLimit(ASTValidationRule):
        """Measures every operation of a document."""

        def enter_document(self, document: DocumentNode, *_: Any) -> None:
            """Report what is beyond a limit."""
            measure = _Measure(document)
            sizes = [
                measure.of_selections(definition.selection_set)
                for definition in document.definitions
                if isinstance(definition, OperationDefinitionNode)
            ]
            if any(levels - 1 > depth for levels, _ in sizes):
                self.report_error(GraphQLError(f"The document nests deeper than {depth} levels."))
            if sum(spent for _, spent in sizes) > aliases:
                self.report_error(GraphQLError(f"The document has more than {aliases} aliases."))

    return SizeLimit


class _Measure:
    """Measures selections of one document; an unknown or circular fragment counts for nothing."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments: Mapping[str, FragmentDefinitionNode] = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._sizes: dict[str, _Size] = {}

    def of_selections(self, selections: SelectionSetNode | None) -> _Size:
        sizes = [self._of(selection) for selection in selections.selections] if selections else []
        return max((levels for levels, _ in sizes), default=0), sum(spent for _, spent in sizes)

    def _of(self, selection: SelectionNode) -> _Size:
        match selection:
            case FieldNode() if selection.name.value.startswith("__"):
                return _NOTHING
            case FieldNode():
                levels, spent = self.of_selections(selection.selection_set)
                return levels + 1, spent + (selection.alias is not None)
            case InlineFragmentNode():
                return self.of_selections(selection.selection_set)
            case FragmentSpreadNode():
                return self._of_fragment(selection.name.value)
            case _:
                return _NOTHING

    def _of_fragment(self, name: str) -> _Size:
        if name not in self._sizes:
            self._sizes[name] = _NOTHING  # stands while the fragment is measured, which ends a cycle
            fragment = self._fragments.get(name)
            self._sizes[name] = self.of_selections(fragment.selection_set) if fragment else _NOTHING
        return self._sizes[name]
