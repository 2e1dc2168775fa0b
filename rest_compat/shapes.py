"""The few turns from GraphQL's shapes to the contract's: lists to maps, enum names to codes.

A place is a path of keys, and a list on the way means each of its items. What is absent or null stays so.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

Shape = Callable[[dict[str, Any]], None]
Place = tuple[str, ...]

_MEMBERSHIP = {"BASIC": "basic", "PREMIUM": "premium", "VIP": "VIP"}


def code(*path: str) -> Shape:
    """Write an enum name, or a list of them, as the contract's code: AI_BIKE becomes ai_bike."""

    def turn(value: Any) -> Any:
        return (
            [name.lower() for name in cast("list[str]", value)] if isinstance(value, list) else value.lower()
        )

    return _changing(path, turn)


def keyed(*path: str, by: str, value: str | None = None) -> Shape:
    """Turn a list of objects into a map: by one of their keys, to another one or to all the rest.

    An item whose value is null is left out: what is missing stays missing.
    """

    def turn(items: list[dict[str, Any]]) -> dict[str, Any]:
        if value is None:
            return {item.pop(by).lower(): item for item in items}
        return {item[by].lower(): item[value] for item in items if item[value] is not None}

    return _changing(path, turn)


def pluck(*path: str, key: str) -> Shape:
    """Put one of an object's values in the place of the object."""
    return _changing(path, lambda value: value[key])


def lift(name: str, *keys: str) -> Shape:
    """Move some keys of the top-level object `name` up, beside the object itself."""

    def shape(data: dict[str, Any]) -> None:
        inner = data[name]
        data.update({key: inner.pop(key) for key in keys})

    return shape


def spread(*path: str, keys: tuple[str, ...]) -> Shape:
    """Put the keys of an object in its own place; where the object is null, each of them is."""
    *parents, name = path

    def shape(data: dict[str, Any]) -> None:
        for parent in _objects_at(data, tuple(parents)):
            inner: dict[str, Any] = parent.pop(name) or {}
            parent.update({key: inner.get(key) for key in keys})

    return shape


def inline(*path: str) -> Shape:
    """Put the keys of a map, whatever they are, in its own place among those of its parent."""
    *parents, name = path

    def shape(data: dict[str, Any]) -> None:
        for parent in _objects_at(data, tuple(parents)):
            keys = list(parent.items())
            parent.clear()
            for key, value in keys:
                parent.update(value if key == name else {key: value})

    return shape


def membership(*path: str) -> Shape:
    """Write a membership level as the contract does ("VIP"), or as the center's own word when unknown."""

    def shape(data: dict[str, Any]) -> None:
        for customer in _objects_at(data, path):
            level, label = customer["membership_level"], customer.pop("membership_label")
            customer["membership_level"] = _MEMBERSHIP.get(level, label)

    return shape


def _changing(path: Place, turn: Callable[[Any], Any]) -> Shape:
    *parents, key = path

    def shape(data: dict[str, Any]) -> None:
        for parent in _objects_at(data, tuple(parents)):
            if parent.get(key) is not None:
                parent[key] = turn(parent[key])

    return shape


def _objects_at(data: dict[str, Any], path: Place) -> Iterator[dict[str, Any]]:
    if not path:
        yield data
        return
    key, *rest = path
    found = data.get(key)
    if isinstance(found, list):
        for item in cast("list[dict[str, Any]]", found):
            yield from _objects_at(item, tuple(rest))
    elif isinstance(found, Mapping):
        yield from _objects_at(cast("dict[str, Any]", found), tuple(rest))
