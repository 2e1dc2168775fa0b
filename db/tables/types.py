"""The column type for the center's PostgreSQL enums."""

from typing import Any

from sqlalchemy.types import UserDefinedType


class CenterEnum(UserDefinedType[str]):
    """A PostgreSQL enum of the center, read and written as plain text without a bind cast.

    SQLAlchemy's `String` makes `=` and `IN` fail on an enum column under psycopg 3, and its `ENUM` raises
    `LookupError` on a label it does not list. A center's labels drift, so neither will do; this type works on
    an enum and on a varchar column alike.
    """

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        """Return the enum's name, as DDL wants it."""
        return self.name
