"""One line in the log for each request."""

import time
from collections.abc import Callable

from loguru import logger

from davproxy import paths

Log = Callable[[str, str, str, float], None]
"""Writes the line of one request: method, URI, status, and when it began by `time.perf_counter`."""


def write_line(method: str, uri: str, status: str, began: float) -> None:
    """Write the line of one request, without its query, which may hold secrets."""
    path = uri.partition("?")[0]
    level = "WARNING" if status[0] == "5" else "DEBUG" if path.startswith("/static/") else "INFO"
    logger.log(
        level,
        "{method} {path} {status} {milliseconds} ms",
        method=method,
        path=path if path.isprintable() else paths.printable(path),
        status=int(status),
        milliseconds=round((time.perf_counter() - began) * 1000, 1),
    )
