"""What a connection and a request need of their server."""

from typing import Any, Protocol
from wsgiref.types import WSGIApplication

from davproxy.server.access_log import Log
from davproxy.server.response_cache import ResponseCache
from davproxy.server.streams import Reader, Writer


class Turns(Protocol):
    """Limits how many requests transfer bodies at the same time."""

    def enter(self) -> bool:
        """Take a turn if one is free."""

    def leave(self) -> None:
        """Give the turn back."""


class Peer(Protocol):
    """The connection of a request."""

    rfile: Reader
    wfile: Writer
    remote_addr: str | None
    remote_port: int | None


class Host(Protocol):
    """The server behind a connection."""

    wsgi_app: WSGIApplication
    log: Log
    response_cache: ResponseCache
    server_name: str
    bind_addr: tuple[str, int]
    ssl_adapter: Any

    @property
    def ready(self) -> bool:
        """Whether the server takes requests; false once it stops."""

    @property
    def transfers(self) -> Turns:
        """The turns of requests that transfer bodies."""

    @property
    def spare_threads(self) -> bool:
        """Whether a thread may wait a moment for its connection's next request."""
