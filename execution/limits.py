"""How large a document may be, counted before anything slow looks at it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)
from graphql.language.ast import QUERY_DOCUMENT_KEYS


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """How much a document and its variables may hold, and how much is kept of all documents.

    Depth, aliases and root fields are counted as if every fragment stood where it is spread, all else as
    written. `introspections` counts questions for the schema and aliases within them: one can take 15 ms.
    `comparisons` bounds how often fields of one name are compared with each other in validation: 10,000 take
    some 40 ms. `errors` is how many mistakes are told. `kept` is in characters; the shortest names take 200
    bytes of memory for each.
    """

    characters: int = 32 * 1024
    tokens: int = 2000
    depth: int = 15
    aliases: int = 200
    root_fields: int = 100
    operations: int = 20
    fragments: int = 50
    variables: int = 100
    directives: int = 100
    values: int = 300
    introspections: int = 5
    variable_values: int = 1000
    variable_depth: int = 16
    comparisons: int = 10_000
    errors: int = 20
    kept: int = 256 * 1024


_Nested = Mapping[str, object] | list[object]

_INTROSPECTION = frozenset({"__schema", "__type"})

_COUNTED: Mapping[str, tuple[str, ...]] = {
    "operations": ("operation_definition",),
    "fragments": ("fragment_definition",),
    "variables": ("variable_definition",),
    "directives": ("directive",),
    "values": (
        "int_value",
        "float_value",
        "string_value",
        "boolean_value",
        "null_value",
        "enum_value",
        "list_value",
        "object_value",
    ),
}
"""Which nodes each limit counts."""


def excesses(document: DocumentNode, limits: DocumentLimits) -> list[GraphQLError]:
    """Return what a parsed document has too much of.

    Raises:
        RecursionError: its fragments spread one another in too long a chain to be followed.
    """
    kinds = Counter(node.kind for node in _nodes(document))
    found = {name: sum(kinds[kind] for kind in counted) for name, counted in _COUNTED.items()}
    size = _Measure(document).of_document()
    found |= {"root_fields": size.fields, "aliases": size.aliases, "introspections": size.introspections}
    errors = [
        GraphQLError(f"The document has more than {most} {name.replace('_', ' ')}.")
        for name, number in found.items()
        if number > (most := cast("int", getattr(limits, name)))
    ]
    if size.levels - 1 > limits.depth:
        errors.append(GraphQLError(f"The document nests deeper than {limits.depth} levels."))
    return errors


def variables_excess(variables: Mapping[str, object], limits: DocumentLimits) -> GraphQLError | None:
    """Return what the values of variables have too much of: keys, items of lists, or levels."""
    level: list[_Nested] = [variables]
    number = 0
    for _ in range(limits.variable_depth):
        number += sum(len(nested) for nested in level)
        if number > limits.variable_values:
            return GraphQLError(f"The variables hold more than {limits.variable_values} values.")
        items = (item for nested in level for item in _items(nested))
        level = [cast("_Nested", item) for item in items if isinstance(item, dict | list)]
        if not level:
            return None
    return GraphQLError(f"The variables nest deeper than {limits.variable_depth} levels.")


def reads_schema(document: DocumentNode) -> bool:
    """Return whether a valid document asks for `__schema` or `__type` anywhere.

    Both are fields of a root type alone, so that nothing below a field is looked at.
    """
    waiting = [
        definition.selection_set
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, InlineFragmentNode):
                waiting.append(selection.selection_set)
            elif isinstance(selection, FieldNode) and selection.name.value in _INTROSPECTION:
                return True
    return False


def _items(nested: _Nested) -> Iterable[object]:
    return nested.values() if isinstance(nested, Mapping) else nested


def _nodes(document: DocumentNode) -> Iterator[Node]:
    waiting: list[Node] = [document]
    while waiting:
        node = waiting.pop()
        yield node
        for key in QUERY_DOCUMENT_KEYS.get(node.kind, ()):
            child = getattr(node, key)
            if isinstance(child, Node):
                waiting.append(child)
            elif child:
                waiting += child


@dataclass(frozen=True, slots=True)
class _Size:
    """What some selections hold: fields at their own level, levels of fields, and the rest at any level."""

    fields: int = 0
    levels: int = 0
    aliases: int = 0
    introspections: int = 0


_NOTHING = _Size()


class _Measure:
    """Measures the selections of one document; an unknown or circular fragment counts for nothing.

    Each fragment is measured once, however often it is spread: a dozen that spread each other twice unfold
    into thousands. The levels of introspection are left out, since graphql-core bounds them.
    """

    def __init__(self, document: DocumentNode) -> None:
        self._operations = [
            node for node in document.definitions if isinstance(node, OperationDefinitionNode)
        ]
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._sizes: dict[str, _Size] = {}

    def of_document(self) -> _Size:
        return _beside([self._of_selections(operation.selection_set) for operation in self._operations])

    def _of_selections(self, selections: SelectionSetNode | None) -> _Size:
        return (
            _beside([self._of(selection) for selection in selections.selections]) if selections else _NOTHING
        )

    def _of(self, selection: SelectionNode) -> _Size:
        match selection:
            case FieldNode():
                below = self._of_selections(selection.selection_set)
                aliases = below.aliases + (selection.alias is not None)
                if selection.name.value in _INTROSPECTION:
                    return _Size(1, 0, aliases, 1 + below.aliases)
                return _Size(1, below.levels + 1, aliases, below.introspections)
            case InlineFragmentNode():
                return self._of_selections(selection.selection_set)
            case FragmentSpreadNode():
                return self._of_fragment(selection.name.value)
            case _:
                return _NOTHING

    def _of_fragment(self, name: str) -> _Size:
        if name not in self._sizes:
            self._sizes[name] = _NOTHING  # stands while the fragment is measured, which ends a cycle
            fragment = self._fragments.get(name)
            self._sizes[name] = self._of_selections(fragment.selection_set) if fragment else _NOTHING
        return self._sizes[name]


def _beside(sizes: list[_Size]) -> _Size:
    return _Size(
        sum(size.fields for size in sizes),
        max((size.levels for size in sizes), default=0),
        sum(size.aliases for size in sizes),
        sum(size.introspections for size in sizes),
    )
