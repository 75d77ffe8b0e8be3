"""The server as the application wires it: one address, one front, the WebDAV door and the web pages behind it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from wsgiref.types import WSGIApplication

from davproxy.access import Access, is_loopback
from davproxy.dav.door import Door
from davproxy.errors import SettingsError
from davproxy.jobs import Jobs
from davproxy.library import Library
from davproxy.server.front import Front
from davproxy.server.listener import Listener
from davproxy.server.origin import Origin
from davproxy.settings import Settings


class Server:
    """Serves both doors. `headlines` gives the lines about the library that head `/Status/STATUS.txt`.

    Raises SettingsError where the settings would leave the library open to others.
    """

    def __init__(
        self,
        settings: Settings,
        library: Library,
        jobs: Jobs,
        access: Access,
        web: WSGIApplication,
        headlines: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        if not access.required and not is_loopback(settings.host):
            raise SettingsError(
                f"APP_HOST {settings.host} is reachable by others: set APP_USERNAME and APP_PASSWORD, "
                "or listen on 127.0.0.1."
            )
        origin = Origin(settings.host, settings.allowed_hosts, settings.trusted_proxies)
        front = Front(Door(library, jobs, headlines), web, access, origin, settings.upload_limit)
        encrypted = settings.tls_certificate != Path()
        self._scheme = "https" if encrypted else "http"
        self._listener = Listener(
            front,
            settings.host,
            settings.port,
            threads=settings.server_threads,
            certificate=settings.tls_certificate if encrypted else None,
            key=settings.tls_key if encrypted else None,
        )

    @property
    def address(self) -> str:
        """Where people and clients reach it, such as `http://127.0.0.1:8000`; the real port once started."""
        host, port = self._listener.address
        name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
        return f"{self._scheme}://{name}:{port}"

    def start(self) -> None:
        """Listen and serve in threads of its own. Raises SettingsError when the address is taken."""
        self._listener.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Stop listening at once, give running requests `timeout` seconds, then cut them off."""
        self._listener.stop(timeout)
