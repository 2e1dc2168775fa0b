"""COPY in PostgreSQL's binary format, built from numpy arrays without a Python object per row.

A block of rows is a matrix of bytes as wide as the widest row could be, with a mask of the bytes that count;
indexing the one with the other gives the stream.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from psycopg import Cursor, sql

from db.demo.arrays import Flags, Ints, Words

Bytes: TypeAlias = NDArray[np.uint8]

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_ROWS_A_BLOCK = 16_384  # a few MB: stays near the processor
_LENGTH = 4
_NULL_LENGTH = -1


class Field(Protocol):
    """A column's values, able to write any slice of itself."""

    @property
    def rows(self) -> int:
        """How many values there are."""
        ...

    @property
    def width(self) -> int:
        """Bytes of the longest value, without its length."""
        ...

    def write(self, rows: slice, length: NDArray[np.int32], value: Bytes, keep: Flags) -> None:
        """Write the lengths, the bytes and which of these count; `keep` comes all true."""
        ...


@dataclass(frozen=True, slots=True)
class _Fixed:
    """Values of one width, as big-endian bytes."""

    values: Bytes
    missing: Flags | None

    @property
    def rows(self) -> int:
        return len(self.values)

    @property
    def width(self) -> int:
        return self.values.shape[1]

    def write(self, rows: slice, length: NDArray[np.int32], value: Bytes, keep: Flags) -> None:
        value[:], length[:] = self.values[rows], self.width
        if self.missing is not None:
            _drop(self.missing[rows], length, keep)


@dataclass(frozen=True, slots=True)
class _Text:
    """UTF-8 text; it holds no NUL, so every byte that is not NUL counts."""

    values: Words
    missing: Flags | None

    @property
    def rows(self) -> int:
        return len(self.values)

    @property
    def width(self) -> int:
        return self.values.dtype.itemsize

    def write(self, rows: slice, length: NDArray[np.int32], value: Bytes, keep: Flags) -> None:
        letters = np.ascontiguousarray(self.values[rows]).view(np.uint8).reshape(-1, self.width)
        value[:] = letters
        keep[:] = letters != 0
        length[:] = keep.sum(axis=1)
        if self.missing is not None:
            _drop(self.missing[rows], length, keep)


@dataclass(frozen=True, slots=True)
class _Choice:
    """One of a few ready values a row, by its position; a negative position is null."""

    positions: Ints
    table: Bytes
    lengths: Ints

    @property
    def rows(self) -> int:
        return len(self.positions)

    @property
    def width(self) -> int:
        return self.table.shape[1]

    def write(self, rows: slice, length: NDArray[np.int32], value: Bytes, keep: Flags) -> None:
        positions = self.positions[rows]
        length[:] = self.lengths[positions]
        value[:] = self.table[positions]
        keep[:] = np.arange(self.width) < length[:, None]
        _drop(positions < 0, length, keep)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows for one table, by column; every field has as many values."""

    table: tuple[str, str]
    columns: Mapping[str, Field]

    @property
    def count(self) -> int:
        """How many rows there are."""
        return next(iter(self.columns.values())).rows


@dataclass(frozen=True, slots=True)
class Stream:
    """Rows as COPY takes them, made ready while others are being sent."""

    table: tuple[str, str]
    columns: tuple[str, ...]
    count: int
    blocks: tuple[bytes, ...]


def encode(rows: Rows) -> Stream:
    """Return the rows in PostgreSQL's binary format."""
    return Stream(rows.table, tuple(rows.columns), rows.count, (_HEADER, *_blocks(rows), _TRAILER))


def copy_stream(cursor: Cursor, stream: Stream) -> None:
    """COPY the rows into their table."""
    _send(cursor, stream, sql.SQL("FORMAT binary"))


def copy_frozen(cursor: Cursor, stream: Stream) -> None:
    """COPY the rows as if they had always been there, into a table that this transaction gave new files."""
    _send(cursor, stream, sql.SQL("FORMAT binary, FREEZE"))


def _send(cursor: Cursor, stream: Stream, options: sql.SQL) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN ({})").format(
        sql.Identifier(*stream.table), sql.SQL(", ").join(map(sql.Identifier, stream.columns)), options
    )
    with cursor.copy(statement) as copy:
        for block in stream.blocks:
            copy.write(block)


def int4(values: ArrayLike, missing: Flags | None = None) -> Field:
    """Return a column of integers, or of day numbers for a date."""
    return _Fixed(_big_endian(values, ">i4"), missing)


def int2(values: ArrayLike, missing: Flags | None = None) -> Field:
    """Return a column of smallints."""
    return _Fixed(_big_endian(values, ">i2"), missing)


def float8(values: ArrayLike, missing: Flags | None = None) -> Field:
    """Return a column of double precision."""
    return _Fixed(_big_endian(values, ">f8"), missing)


def boolean(values: ArrayLike) -> Field:
    """Return a column of booleans."""
    return _Fixed(_big_endian(values, "u1"), None)


def minute_of_day(minutes: Ints) -> Field:
    """Return a column of type time from minutes after midnight."""
    return _Fixed(_big_endian(minutes.astype(np.int64) * 60_000_000, ">i8"), None)


def moment(minutes: NDArray[np.int64], missing: Flags | None = None) -> Field:
    """Return a column of type timestamp (or timestamptz) from minutes after 2000-01-01 00:00 UTC."""
    return _Fixed(_big_endian(minutes * 60_000_000, ">i8"), missing)


def hundredths(values: NDArray[np.int64], missing: Flags | None = None) -> Field:
    """Return a column of numeric with two decimals; at most 12 digits before them."""
    whole, cents = np.divmod(np.abs(values), 100)
    digits = np.empty((len(values), 8), dtype=">i2")
    digits[:, 0], digits[:, 1], digits[:, 3] = 4, 2, 2  # digits, weight of the first, decimals to show
    digits[:, 2] = np.where(values < 0, 0x4000, 0)
    digits[:, 4] = whole // 10_000**2
    digits[:, 5] = whole // 10_000 % 10_000
    digits[:, 6] = whole % 10_000
    digits[:, 7] = cents * 100
    return _Fixed(digits.view(np.uint8).reshape(len(values), digits.itemsize * digits.shape[1]), missing)


def text(values: Words, missing: Flags | None = None) -> Field:
    """Return a column of text that differs from row to row."""
    return _Text(values, missing)


def choice(positions: ArrayLike, options: Sequence[str]) -> Field:
    """Return a column of text (or of an enum) out of a few options; a negative position is null."""
    return raw_choice(positions, [option.encode() for option in options])


def raw_choice(positions: ArrayLike, options: Sequence[bytes]) -> Field:
    """Return a column out of a few values that are already in PostgreSQL's binary form."""
    width = max(map(len, options))
    table = np.frombuffer(b"".join(option.ljust(width, b"\0") for option in options), dtype=np.uint8)
    lengths = np.array([len(option) for option in options], dtype=np.int32)
    return _Choice(np.asarray(positions, dtype=np.int32), table.reshape(len(options), width), lengths)


def text_array(values: Sequence[str]) -> bytes:
    """Return the binary form of a text[] with these elements."""
    text_oid = 25

    def integer(number: int) -> bytes:
        return number.to_bytes(4, "big")

    elements = [value.encode() for value in values]
    head = (1, 0, text_oid, len(elements), 1) if elements else (0, 0, text_oid)
    body = (integer(len(element)) + element for element in elements)
    return b"".join([*map(integer, head), *body])


def jsonb(document: str) -> bytes:
    """Return the binary form of a jsonb document."""
    return b"\1" + document.encode()


def _big_endian(values: ArrayLike, dtype: str) -> Bytes:
    array = np.ascontiguousarray(np.asarray(values).astype(dtype))
    return array.view(np.uint8).reshape(len(array), array.itemsize)


def _drop(missing: Flags, length: NDArray[np.int32], keep: Flags) -> None:
    length[missing] = _NULL_LENGTH
    keep[missing] = False


def _blocks(rows: Rows) -> Iterator[bytes]:
    fields = list(rows.columns.values())
    width = 2 + sum(_LENGTH + field.width for field in fields)
    for start in range(0, rows.count, _ROWS_A_BLOCK):
        part = slice(start, min(start + _ROWS_A_BLOCK, rows.count))
        block = np.empty((part.stop - part.start, width), dtype=np.uint8)
        keep = np.ones(block.shape, dtype=np.bool_)
        block[:, :2] = np.frombuffer(len(fields).to_bytes(2, "big"), dtype=np.uint8)
        at = 2
        for field in fields:
            value = slice(at + _LENGTH, at + _LENGTH + field.width)
            length = np.empty(len(block), dtype=np.int32)
            field.write(part, length, block[:, value], keep[:, value])
            block[:, at : at + _LENGTH] = _big_endian(length, ">i4")
            at = value.stop
        yield block[keep].tobytes()
