"""One line in the log for each request."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref.types import StartResponse

from loguru import logger

from davproxy import paths


class AccessLog:
    """Writes the line of a request once its response is sent: method, path, status, duration."""

    def __init__(self, environ: dict[str, Any], start_response: StartResponse) -> None:
        self._method = environ["REQUEST_METHOD"]
        self._uri = environ["REQUEST_URI"]
        self._began = time.perf_counter()
        self._begin = start_response
        self.status = "500"

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """WSGI's start_response; notes the status."""
        self.status = status[:3]
        return self._begin(status, headers, exc_info)

    def watch(self, body: Iterable[bytes]) -> Iterable[bytes]:
        """`body`; the line is written when it ends."""
        if isinstance(body, list):
            self.write()
            return body
        return _Body(body, self.write)

    def write(self) -> None:
        """Write the line."""
        write_line(self._method, self._uri, self.status, self._began)


def write_line(method: str, uri: str, status: str, began: float) -> None:
    """Write the line of one request that began at `began` by `time.perf_counter`, without its query, which may hold
    secrets."""
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


class _Body:
    """A body that calls `over` when it is closed."""

    def __init__(self, body: Iterable[bytes], over: Callable[[], None]) -> None:
        self._body = body
        self._over = over

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        try:
            if hasattr(self._body, "close"):
                self._body.close()
        finally:
            self._over()
