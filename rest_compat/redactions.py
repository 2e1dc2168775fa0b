"""Where an answer is masked or denied, told by the places of the finished answer.

The shapes move values about. So each redacted value travels through them in a wrapping that names its state,
and is unwrapped where it ends up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, cast

from rest_compat.runner import Redaction


@dataclass(frozen=True, slots=True)
class _Wrapped:
    value: object
    state: str


def wrap(
    data: dict[str, Any], redactions: Sequence[Redaction], answer: Sequence[str]
) -> list[dict[str, object]]:
    """Wrap the redacted values in a document's data.

    Return the redactions of the whole answer, which lies at the path `answer` and becomes the contract's
    `data` itself: their path there is empty.
    """
    whole: list[dict[str, object]] = []
    for redaction in redactions:
        if list(redaction.path) == list(answer):
            whole.append({"path": [], "state": redaction.state})
            continue
        *parents, last = redaction.path
        parent = reduce(lambda found, key: found[key], parents, cast("Any", data))
        parent[last] = _Wrapped(parent[last], redaction.state)
    return whole


def unwrap(answer: dict[str, Any]) -> list[dict[str, object]]:
    """Unwrap them in the finished answer, and return where they are: path and state of each."""
    found: list[dict[str, object]] = []
    _unwrap(answer, (), found)
    return found


def _unwrap(inside: object, path: tuple[str | int, ...], found: list[dict[str, object]]) -> None:
    for key, value in _items(inside):
        if isinstance(value, _Wrapped):
            cast("dict[str | int, Any]", inside)[key] = value.value
            found.append({"path": [*path, key], "state": value.state})
        elif isinstance(value, (dict, list)):
            _unwrap(cast("object", value), (*path, key), found)


def _items(inside: object) -> Iterable[tuple[str | int, object]]:
    if isinstance(inside, dict):
        return list(cast("dict[str | int, object]", inside).items())
    return enumerate(cast("list[object]", inside))
