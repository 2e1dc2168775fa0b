"""Where an answer is masked or denied, told by the places of the finished answer.

The shapes move values about. So each redacted value travels through them in a wrapping that names its state,
and is unwrapped where it ends up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, cast

from rest_compat.runner import Redaction


@dataclass(frozen=True, slots=True)
class _Wrapped:
    value: object
    state: str


def wrap(data: dict[str, Any], redactions: Sequence[Redaction]) -> None:
    """Wrap the redacted values in a document's data."""
    for redaction in redactions:
        *parents, last = redaction.path
        parent = reduce(lambda found, key: found[key], parents, cast("Any", data))
        parent[last] = _Wrapped(parent[last], redaction.state)


def unwrap(answer: dict[str, Any]) -> list[dict[str, object]]:
    """Unwrap them in the finished answer, and return where they are: path and state of each."""
    return list(_unwrapped(answer, ()))


def _unwrapped(found: object, path: tuple[str | int, ...]) -> Iterator[dict[str, object]]:
    for key, value in _items(found):
        here = (*path, key)
        if isinstance(value, _Wrapped):
            cast("dict[str | int, Any]", found)[key] = value.value
            yield {"path": list(here), "state": value.state}
        else:
            yield from _unwrapped(value, here)


def _items(found: object) -> list[tuple[str | int, object]]:
    if isinstance(found, dict):
        return list(cast("dict[str | int, object]", found).items())
    return list(enumerate(cast("list[object]", found))) if isinstance(found, list) else []
