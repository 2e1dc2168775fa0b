"""What an operation costs, computed before anything of it runs: limited fields, and objects in the answer."""

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from weakref import finalize

from cachetools import LRUCache
from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    VariableNode,
    Visitor,
    get_operation_ast,
    get_variable_values,
    visit,
)
from graphql.execution.collect_fields import FieldDetails, GroupedFieldSet
from graphql.execution.values import VariableValues

from execution.collecting import FieldCollector
from execution.documents import InvalidDocument
from execution.pages import PageSizes

Unit = TypeVar("Unit", bound=Hashable)

_REMEMBERED = 100  # costs of a document


@dataclass(frozen=True, slots=True)
class Cost(Generic[Unit]):
    """Units of each kind, and how many objects the answer may hold."""

    units: Mapping[Unit, int]
    nodes: int


class Costs(Generic[Unit]):
    """Computes the cost of operations on one schema.

    `unit_of` names the fields that cost a unit for each object they are computed for, by coordinate:
    `{"Customer.analytics": ...}`. A document's costs are remembered as long as it lives.
    """

    def __init__(
        self, schema: GraphQLSchema, unit_of: Mapping[str, Unit], pages: PageSizes, *, max_nodes: int
    ) -> None:
        self._schema = schema
        self._unit_of = unit_of
        self._pages = pages
        self._max_nodes = max_nodes
        self._known: dict[int, _Known[Unit]] = {}

    def of(
        self, document: DocumentNode, operation_name: str | None, variables: Mapping[str, object]
    ) -> Cost[Unit]:
        """Return the cost of one operation of a validated document.

        Variables that do not fit cost nothing: the execution refuses them before it runs anything.

        Raises:
            InvalidDocument: a directive's condition is null, or the answer could hold too many objects.
        """
        operation = get_operation_ast(document, operation_name)
        root = self._schema.get_root_type(operation.operation) if operation else None
        if operation is None or root is None:
            return Cost({}, 0)
        known = self._known_of(document)
        values = VariableValues({}, {})
        if known.deciding:
            coerced = get_variable_values(self._schema, operation.variable_definitions or (), dict(variables))
            if not isinstance(coerced, VariableValues):
                return Cost({}, 0)
            values = coerced
        key = (operation_name, *(values.coerced.get(name, "absent") for name in known.deciding))
        cost = known.costs.get(key)
        if cost is None:
            collector = FieldCollector(self._schema, document, operation, values)
            walk = _Walk(collector, self._unit_of, self._pages, self._max_nodes, values)
            cost = known.costs[key] = walk.of(root)
        return cost

    def _known_of(self, document: DocumentNode) -> "_Known[Unit]":
        # by id and not by value: a document's hash walks all of it
        known = self._known.get(id(document))
        if known is None:
            finder = _DecidingVariables(self._pages.arguments)
            visit(document, finder)
            known = self._known[id(document)] = _Known(sorted(finder.found), LRUCache(_REMEMBERED))
            finalize(document, self._known.pop, id(document), None).atexit = False
        return known


@dataclass(frozen=True, slots=True)
class _Known(Generic[Unit]):
    """What is known of a document: the variables that its costs depend on, and costs by their values."""

    deciding: Sequence[str]
    costs: LRUCache[Hashable, Cost[Unit]]


class _DecidingVariables(Visitor):
    """Finds the variables of page sizes and of conditions: small numbers and switches."""

    def __init__(self, arguments: Collection[str]) -> None:
        super().__init__()
        self._arguments = arguments
        self.found: set[str] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self._add(
            argument.value for argument in node.arguments or () if argument.name.value in self._arguments
        )

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        self._add(argument.value for argument in node.arguments or ())

    def _add(self, values: Any) -> None:
        self.found.update(value.name.value for value in values if isinstance(value, VariableNode))


class _Walk(Generic[Unit]):
    """Measures the selections of one operation.

    What one object costs depends on the fields that select it and not on the way there, so it is measured
    once and multiplied: fragments that spread each other twice at each level are still measured once each.
    """

    def __init__(
        self,
        collector: FieldCollector,
        unit_of: Mapping[str, Unit],
        pages: PageSizes,
        max_nodes: int,
        values: VariableValues,
    ) -> None:
        self._collector = collector
        self._unit_of = unit_of
        self._pages = pages
        self._max_nodes = max_nodes
        self._values = values
        self._measured: dict[tuple[Hashable, ...], Cost[Unit]] = {}

    def of(self, root: GraphQLObjectType) -> Cost[Unit]:
        """Return the cost of the operation."""
        try:
            return self._of_fields(root, self._collector.of_root(root), None)
        except GraphQLError as error:
            # null as a condition; it would else stop one field while the others run
            raise InvalidDocument([error]) from None

    def _of_fields(self, parent: GraphQLObjectType, fields: GroupedFieldSet, page: int | None) -> Cost[Unit]:
        """Return what the fields of one object cost; `page` is how long its lists are, where it is a page."""
        units: Counter[Unit] = Counter()
        nodes = 0
        for same in fields.values():
            node = same[0].node
            field = parent.fields.get(node.name.value)
            if field is None:  # introspection, which graphql-core bounds itself
                continue
            limited = self._unit_of.get(f"{parent.name}.{node.name.value}")
            if limited is not None:
                units[limited] += 1
            size = self._pages.size(field, node, self._values.coerced)
            each = self._of_value(field.type, same, size)
            many = self._pages.length(field.type, size or page)
            for unit, count in each.units.items():
                units[unit] += many * count
            nodes += many * each.nodes
        if nodes > self._max_nodes:
            raise GraphQLError(
                f"The answer could hold more than {self._max_nodes} objects: ask for smaller pages."
            )
        return Cost(units, nodes)

    def _of_value(self, output: Any, fields: list[FieldDetails], page: int | None) -> Cost[Unit]:
        """Return what one value of a type costs; of several types that it may have, the dearest counts."""
        units: dict[Unit, int] = {}
        nodes = 0
        for possible in self._collector.possible_types(output):
            cost = self._of_object(possible, fields, page)
            units |= {unit: max(count, units.get(unit, 0)) for unit, count in cost.units.items()}
            nodes = max(nodes, cost.nodes)
        return Cost(units, nodes)

    def _of_object(self, kind: GraphQLObjectType, fields: list[FieldDetails], page: int | None) -> Cost[Unit]:
        key = (kind.name, page, *(id(field.node) for field in fields))
        measured = self._measured.get(key)
        if measured is None:
            inside = self._of_fields(kind, self._collector.below(fields, kind), page)
            measured = self._measured[key] = Cost(inside.units, inside.nodes + 1)
        return measured
