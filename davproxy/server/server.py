"""One server: the listener, the front, the mount and the web pages on one address."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from wsgiref.types import WSGIApplication

from davproxy import log
from davproxy.access import Access, is_loopback, local_host
from davproxy.errors import SettingsError
from davproxy.log import RequestLine
from davproxy.server.access_log import AccessLog
from davproxy.server.front import Front, Mount
from davproxy.server.listener import Listener
from davproxy.server.origin import Origin
from davproxy.server.response_cache import ResponseCache
from davproxy.settings import Settings


class Server:
    """Serves the mount and the web pages as the settings say.

    Raises SettingsError where the settings would leave the library open to others.
    """

    def __init__(
        self,
        settings: Settings,
        access: Access,
        mount: Mount,
        pages: WSGIApplication,
        write_requests: Callable[[Sequence[RequestLine]], None] = log.write_requests,
    ) -> None:
        """`write_requests` is called with the log lines of requests, a moment after their answers."""
        if not access.required and not is_loopback(settings.host):
            raise SettingsError(
                f"APP_HOST {settings.host} is reachable by others: set APP_USERNAME and APP_PASSWORD, "
                "or listen on 127.0.0.1."
            )
        origin = Origin(settings.host, settings.allowed_hosts, settings.trusted_proxies)
        encrypted = settings.tls_certificate != Path()
        self._scheme = "https" if encrypted else "http"
        self._log = AccessLog(write_requests)
        self._listener = Listener(
            Front(mount, pages, access, origin, settings.upload_limit),
            ResponseCache(mount.repeat, access.is_locked_out, self._log),
            self._log,
            settings.host,
            settings.port,
            threads=settings.server_threads,
            certificate=settings.tls_certificate if encrypted else None,
            key=settings.tls_key if encrypted else None,
        )

    @property
    def address(self) -> str:
        """The URL of the server, such as `http://127.0.0.1:8000`; with the real port once started."""
        host, port = self._listener.address
        return f"{self._scheme}://{local_host(host)}:{port}"

    @property
    def seconds_idle(self) -> float:
        """Seconds since the last response, or else since the start."""
        return time.monotonic() - self._log.last

    def start(self) -> None:
        """Listen and serve in the server's own threads. Raises SettingsError when the address is in use."""
        self._listener.start()
        self._log.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Stop listening, give running requests `timeout` seconds, then close their connections."""
        self._listener.stop(timeout)
        self._log.close()
