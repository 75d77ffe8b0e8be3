"""Measurements in the text form of Prometheus."""

from collections.abc import Callable, Iterable

from prometheus_client import CONTENT_TYPE_LATEST as CONTENT_TYPE
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from davproxy.log import RequestLine

__all__ = ["CONTENT_TYPE", "Metrics"]

SECONDS = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0)
"""Bounds of the classes of answer times: a kept answer takes less than the first."""
METHODS = {
    "GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE",
    "LOCK", "UNLOCK",
}  # fmt: skip


class Metrics:
    """Counts requests, and reads what is shown of the rest when it is asked for."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "davproxy_requests", "Requests by method and status.", ["method", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "davproxy_request_seconds",
            "Time until the answer was sent.",
            ["method"],
            buckets=SECONDS,
            registry=self._registry,
        )

    def note(self, lines: Iterable[RequestLine]) -> None:
        """Count requests."""
        for line in lines:
            method = line.method if line.method in METHODS else "other"
            self._requests.labels(method, line.status).inc()
            self._seconds.labels(method).observe(line.milliseconds / 1000)

    def show(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Show what `read` returns as `davproxy_NAME`."""
        Gauge(f"davproxy_{name}", text, registry=self._registry).set_function(read)

    def render(self) -> bytes:
        """All of it as text."""
        return generate_latest(self._registry)
