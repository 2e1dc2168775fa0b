"""Small readings that several queries share: of text, JSON lists, and rows grouped by customer."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar, cast

_Key = TypeVar("_Key")
_Record = TypeVar("_Record")


def words(value: object) -> tuple[str, ...]:
    """Read a list of words from an array or a JSON value; anything else in it is left out."""
    if not isinstance(value, list):
        return ()
    return tuple(word for word in cast("list[object]", value) if isinstance(word, str) and word)


def grouped(
    keys: Sequence[_Key], records: Iterable[_Record], key_of: Callable[[_Record], _Key]
) -> list[list[_Record]]:
    """Return the records of each key, in the order of the keys, each list in the order of the rows."""
    by_key: defaultdict[_Key, list[_Record]] = defaultdict(list)
    for record in records:
        by_key[key_of(record)].append(record)
    return [by_key[key] for key in keys]
