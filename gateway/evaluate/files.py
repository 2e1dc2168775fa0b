"""Tables in files: CSV with a header, read a row at a time, refused by line."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path

_DELIMITERS = (",", ";", "\t")
_LONGEST_CELL = 40


class BadFile(Exception):
    """A file cannot be read; the message says where and why."""

    def __init__(self, file: Path, words: str, line: int | None = None) -> None:
        super().__init__(f"{file}{'' if line is None else f', line {line}'}: {words}")


def read_rows(file: Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the line and the cells of these columns, stripped and none empty, of each row that has any.

    The first line names the columns, in any case and order, beside any others; commas, semicolons or tabs
    separate them. UTF-8, with or without a mark.

    Raises:
        BadFile: It is empty, is no UTF-8, lacks a column, or has a row that does not fit.
    """
    text = _text_of(file)
    delimiter, places, width = _header(file, text, columns)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    next(reader)
    try:
        for cells in reader:
            if len(cells) != width:
                if not "".join(cells).strip():
                    continue
                raise BadFile(file, f"{len(cells)} cells where the header has {width}", reader.line_num)
            values = [cells[place].strip() for place in places]
            if all(values):
                yield reader.line_num, values
            elif "".join(cells).strip():
                raise BadFile(file, f"no {columns[values.index('')]}", reader.line_num)
    except csv.Error as error:
        raise BadFile(file, str(error), reader.line_num) from None


def shown(cell: str) -> str:
    """Return a cell as an error message may quote it."""
    return repr(cell if len(cell) <= _LONGEST_CELL else f"{cell[:_LONGEST_CELL]}...")


def _text_of(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadFile(file, error.strerror or "cannot be read") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadFile(file, "not UTF-8; save the table as CSV UTF-8", line) from None
    if not text.strip():
        raise BadFile(file, "empty")
    return text


def _header(file: Path, text: str, columns: Sequence[str]) -> tuple[str, list[int], int]:
    """Return the delimiter, the places of the columns, and how many columns there are."""
    for delimiter in _DELIMITERS:
        try:
            header = next(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True))
        except csv.Error:
            continue
        names = [name.strip().casefold() for name in header]
        if all(names.count(column) == 1 for column in columns):
            return delimiter, [names.index(column) for column in columns], len(names)
    wanted, first = " and ".join(columns), shown(text.splitlines()[0])
    raise BadFile(file, f"the header must name {wanted}, each once, and is {first}", 1)
