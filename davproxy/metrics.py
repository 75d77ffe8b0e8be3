"""Measurements in the text form of Prometheus."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST as CONTENT_TYPE
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

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

    def show_requests(self, name: str, text: str, read: Callable[[], Mapping[tuple[str, str], int]]) -> None:
        """Show what `read` returns, numbers of requests by method and status, as `davproxy_NAME_total`."""
        self._registry.register(_Requests(f"davproxy_{name}", text, read))

    def render(self) -> bytes:
        """All of it as text."""
        return generate_latest(self._registry)


@dataclass(frozen=True)
class _Requests(Collector):
    """Numbers of requests that are counted elsewhere."""

    name: str
    text: str
    read: Callable[[], Mapping[tuple[str, str], int]]

    def collect(self) -> Iterator[CounterMetricFamily]:
        family = CounterMetricFamily(self.name, self.text, labels=["method", "status"])
        for labels, count in self.read().items():
            family.add_metric(labels, count)
        yield family
