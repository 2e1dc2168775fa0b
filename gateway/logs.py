"""Logs as JSON lines, without personal data: no paths, variables, tokens or names are ever logged."""

import logging.config

_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def configure_logs(level: str) -> None:
    """Send every log, uvicorn's too, to standard error as JSON lines."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": "pythonjsonlogger.json.JsonFormatter",
                    "fmt": _FORMAT,
                    "rename_fields": {"asctime": "at", "levelname": "level", "name": "logger"},
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"level": level, "handlers": ["stderr"]},
            "loggers": {
                "alembic": {"level": "WARNING"},
                # its warnings repeat every attempt to connect, addresses included; /readyz tells the state
                "psycopg.pool": {"level": "ERROR"},
                "uvicorn.error": {"level": level},
                "uvicorn.access": {"level": "CRITICAL", "propagate": False},
            },
        }
    )
