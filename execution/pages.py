"""How long the lists of an answer can be: by the size that a page was asked for, or by a guess."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLList,
    GraphQLWrappingType,
    IntValueNode,
    ValueNode,
    VariableNode,
)


@dataclass(frozen=True, slots=True)
class PageSizes:
    """The rules of a schema.

    A field with one of `arguments` is a page: its lists hold as many objects as the argument says, `default`
    when it says nothing, and never more than `largest`. Any other list counts as `elsewhere`.
    """

    arguments: Collection[str]
    default: int
    largest: int
    elsewhere: int = 10

    def size(self, field: GraphQLField, node: FieldNode, variables: Mapping[str, object]) -> int | None:
        """Return the size of the page that a field is; None where it is none."""
        names = [name for name in self.arguments if name in field.args]
        if not names:
            return None
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        asked = [_value(given.get(name), field.args[name], variables) for name in names]
        size = max((size for size in asked if isinstance(size, int)), default=self.default)
        # a size out of bounds is refused later
        return min(max(size, 1), self.largest)

    def length(self, output: Any, page: int | None) -> int:
        """Return how many objects a value of a type holds, at most, inside or outside a page."""
        length = 1
        while isinstance(output, GraphQLWrappingType):
            if isinstance(output, GraphQLList):
                length *= page or self.elsewhere
            output = output.of_type  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return length


def _value(value: ValueNode | None, argument: GraphQLArgument, variables: Mapping[str, object]) -> object:
    match value:
        case IntValueNode():
            return int(value.value)
        case VariableNode() if value.name.value in variables:
            return variables[value.name.value]
        case None | VariableNode():
            return _default_of(argument)
        case _:
            return None


def _default_of(argument: GraphQLArgument) -> object:
    if argument.default is None:
        return argument.default_value
    literal = argument.default.literal
    return int(literal.value) if isinstance(literal, IntValueNode) else argument.default.value
