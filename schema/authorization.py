"""Put the policy on the schema: every door asks for its capability, every private field for the viewer."""

from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import GraphQLField, GraphQLResolveInfo

from access import MASKS, Capability, FieldClass, FieldRule, Mask, Verdict
from resolvers.context import OperationContext
from schema.coordinates import fields_by_coordinate

Info = GraphQLResolveInfo[OperationContext]
Resolve = Callable[..., Any]


class UnguardedField(Exception):
    """A field has no entry in the policy, or the policy names a field that is not there."""


def guard(
    schema: strawberry.Schema, rules: Mapping[str, FieldRule], doors: Mapping[str, Capability | None]
) -> None:
    """Wrap the resolver of every field that is behind a door or not open to everyone.

    Raises:
        UnguardedField: the policy and the schema do not fit.
    """
    fields = fields_by_coordinate(schema)
    roots = {name for name in fields if name.startswith(("Query.", "Mutation."))}
    for what, missing in (("rule", set(fields) - set(rules)), ("capability", roots - set(doors))):
        if missing:
            raise UnguardedField(f"the policy has no {what} for {sorted(missing)}")
    if unknown := (set(rules) | set(doors)) - set(fields):
        raise UnguardedField(f"the schema has no {sorted(unknown)}")
    for coordinate, rule in rules.items():
        field = fields[coordinate]
        if rule.field_class is not FieldClass.OPEN and field.resolve is not None:
            field.resolve = _shown_by_class(field.resolve, rule)
        if rule.rests_on is not None:
            field.resolve = _told_what_it_rests_on(_resolver(coordinate, field), rule.rests_on)
    for coordinate, capability in doors.items():
        if capability is not None:
            field = fields[coordinate]
            field.resolve = _behind_door(_resolver(coordinate, field), capability)


def _resolver(coordinate: str, field: GraphQLField) -> Resolve:
    if field.resolve is None:
        raise UnguardedField(f"{coordinate} needs a resolver of its own")
    return field.resolve


def _behind_door(resolve: Resolve, capability: Capability) -> Resolve:
    def checked(root: Any, info: Info, **arguments: Any) -> Any:
        info.context.require(capability)
        return resolve(root, info, **arguments)

    return checked


def _told_what_it_rests_on(resolve: Resolve, resting_on: FieldClass) -> Resolve:
    """Return a resolver that keeps the record of an answer in which a class of data has, or lacks, its say.

    The resolver itself looks at the viewer's verdict and leaves the class out. An answer without it is as
    good as a mask of the one with it; where there is no answer, nothing is told.
    """

    async def told(root: Any, info: Info, **arguments: Any) -> Any:
        value = resolve(root, info, **arguments)
        value = await value if isawaitable(value) else value
        if value is None:
            return None
        shown = info.context.verdicts[resting_on] is Verdict.VALUE
        verdict = Verdict.VALUE if shown else Verdict.MASKED
        info.context.disclosures.note(root.customer_id, resting_on, verdict)
        if not shown:
            info.context.disclosures.redact(tuple(info.path.as_list()), verdict)
        return value

    return told


def _shown_by_class(resolve: Resolve, rule: FieldRule) -> Resolve:
    """Return a resolver that shows, masks or withholds, and keeps the record of it.

    What is denied is not even resolved: neither its errors nor the time it takes tell what is there.
    """

    def shown(root: Any, info: Info, **arguments: Any) -> Any:
        verdict = info.context.verdicts[rule.field_class]
        if verdict is Verdict.DENIED:
            return _recorded(None, root, info, rule, verdict)
        value = resolve(root, info, **arguments)
        if isawaitable(value):
            return _shown_later(value, root, info, rule)
        return _recorded(value, root, info, rule, verdict)

    return shown


async def _shown_later(value: Awaitable[Any], root: Any, info: Info, rule: FieldRule) -> Any:
    return _recorded(await value, root, info, rule, info.context.verdicts[rule.field_class])


def _recorded(value: Any, root: Any, info: Info, rule: FieldRule, verdict: Verdict) -> Any:
    """Return what the viewer gets of a value.

    A null that the viewer could tell from a mask anyway stays a plain null; where a mask is null itself,
    whether there was a value is not told.
    """
    if verdict is Verdict.MASKED and value is None and rule.mask is not Mask.NOTHING:
        return None
    context = info.context
    if (customer_id := getattr(root, "customer_id", None)) is not None:
        context.disclosures.note(customer_id, rule.field_class, verdict)
    if verdict is Verdict.VALUE:
        return value
    context.disclosures.redact(tuple(info.path.as_list()), verdict)
    return MASKS[rule.mask](value) if verdict is Verdict.MASKED and value is not None else None
