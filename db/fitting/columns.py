"""Rows of numbers straight into arrays, by COPY in PostgreSQL's binary format."""

from collections.abc import Generator, Mapping
from typing import Any, LiteralString, TypeAlias

import numpy as np
from numpy.typing import NDArray

from db.engine import Parameters
from db.fitting.session import FittingConnection, long_transaction

Columns: TypeAlias = dict[str, NDArray[Any]]

_HEADER_BYTES = 19  # the signature, the flags and an empty extension
_TRAILER_BYTES = 2
_BATCH_BYTES = 16 * 1024 * 1024


def read_columns(
    connection: FittingConnection, statement: LiteralString, parameters: Parameters, types: Mapping[str, str]
) -> Columns:
    """Run a SELECT of numbers, none of them null, and return its columns as arrays.

    Args:
        connection: Where to run it.
        statement: Its columns must have the types that `types` says.
        parameters: The statement's.
        types: Name and numpy type of each column, in the order of the statement: "i4" for integer, "i8" for
            bigint, "f8" for double precision.

    Raises:
        ValueError: A value is null, or of another width.
    """
    layout = _layout(types)
    batches = [
        {name: rows[name].astype(kind) for name, kind in types.items()}
        for rows in _batches(connection, statement, parameters, layout)
    ]
    return {
        name: np.concatenate([np.zeros(0, kind), *(batch[name] for batch in batches)])
        for name, kind in types.items()
    }


def _layout(types: Mapping[str, str]) -> np.dtype[np.void]:
    """Return how a row lies in the stream: the number of fields, then each behind its length."""
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in types.items():
        fields += [(f"length of {name}", ">i4"), (name, f">{kind}")]
    return np.dtype(fields)


def _batches(
    connection: FittingConnection,
    statement: LiteralString,
    parameters: Parameters,
    layout: np.dtype[np.void],
) -> Generator[NDArray[np.void]]:
    stream = bytearray()
    skip = _HEADER_BYTES
    with long_transaction(connection), connection.cursor() as cursor:
        with cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT BINARY)", parameters) as copy:
            for part in copy:
                stream += part
                if len(stream) >= _BATCH_BYTES:
                    count = (len(stream) - skip) // layout.itemsize
                    yield _rows(bytes(stream[skip : skip + count * layout.itemsize]), layout)
                    del stream[: skip + count * layout.itemsize]
                    skip = 0
        yield _rows(bytes(stream[skip:-_TRAILER_BYTES]), layout)


def _rows(stream: bytes, layout: np.dtype[np.void]) -> NDArray[np.void]:
    """Read whole rows; a null has no bytes, so that nothing behind it stands where it should."""
    if len(stream) % layout.itemsize:
        raise ValueError("a row of numbers has a null, or a value of another width")
    rows = np.frombuffer(stream, layout)
    names = layout.names or ()
    expected = {"fields": (len(names) - 1) // 2}
    expected |= {f"length of {name}": layout[name].itemsize for name in names[2::2]}
    if any((rows[name] != value).any() for name, value in expected.items()):
        raise ValueError("a row of numbers has a null, or a value of another width")
    return rows
