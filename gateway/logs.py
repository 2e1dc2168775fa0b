"""Logs as JSON lines, without personal data: no paths, variables, tokens or names are ever logged."""

import logging
import logging.config
import re
import traceback
from types import TracebackType

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

_ErrorInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

_VALUES = re.compile(r"[\n(<].*", re.DOTALL)
_FORMAT = "%(levelname)s %(name)s %(message)s"


class JsonLines(JsonFormatter):
    """Writes an error as its kinds and places: PostgreSQL's messages quote the row that they are about."""

    def formatException(self, ei: _ErrorInfo) -> str:  # noqa: N802 - the name is the library's
        """Return the chain of errors, the first cause in front, without any message."""
        lines: list[str] = []
        error = ei[1]
        while error is not None:
            kind = f"{type(error).__module__}.{type(error).__qualname__}"
            frames = traceback.extract_tb(error.__traceback__)
            places = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
            lines[:0] = [kind, *places]
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(lines)


class WithoutValues(logging.Filter):
    """Cuts asyncio's messages where they begin to quote: the task it is about, and the error in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Cut the message, and let the record pass."""
        record.msg, record.args = _VALUES.sub("", record.getMessage()).rstrip(), None
        return True


def configure_logs(level: str) -> None:
    """Send every log, uvicorn's too, to standard error as JSON lines."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": JsonLines,
                    "fmt": _FORMAT,
                    "timestamp": "at",
                    "rename_fields": {"levelname": "level", "name": "logger"},
                    # uvicorn repeats some messages for terminals
                    "reserved_attrs": [*RESERVED_ATTRS, "color_message"],
                }
            },
            "filters": {"without_values": {"()": WithoutValues}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"level": level, "handlers": ["stderr"]},
            "loggers": {
                "alembic": {"level": "WARNING"},
                "asyncio": {"filters": ["without_values"]},
                # its warnings repeat every attempt to connect, addresses included; /readyz tells the state
                "psycopg.pool": {"level": "ERROR"},
                "uvicorn.error": {"level": level},
                "uvicorn.access": {"level": "CRITICAL", "propagate": False},
            },
        }
    )
