"""Logs go to standard error, one line each; standard output belongs to results."""

import logging
from typing import Any

LINE = "%(asctime)s %(levelname)s %(name)s[%(process)d] %(message)s"


def configure_logs(level: str) -> None:
    logging.basicConfig(level=level, format=LINE, force=True)


def server_logs(level: str) -> dict[str, Any]:
    """The same for granian, which wants a logging dictionary."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": LINE}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {"_granian": {"level": "WARNING"}, "granian.access": {"level": "WARNING"}},
    }
