"""Whether a request of some length gets through to a server: proxies before it refuse long ones by their head."""

import select
import socket
import ssl
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from davproxy.errors import Unavailable

ANSWER_SECONDS = 1.0
"""A server that has said nothing by then waits for the body."""
OPEN_SECONDS = 5.0
"""How long a connection may take."""
_TOO_LARGE = 413


def accepts(url: str, size: int, certificates: ssl.SSLContext) -> bool:
    """Whether a PUT of `size` bytes to `url` is let through. Only its head is sent, without our password: nothing can
    be stored. Raises Unavailable."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    connection = (
        HTTPSConnection(host, port, timeout=OPEN_SECONDS, context=certificates)
        if parts.scheme == "https"
        else HTTPConnection(host, port, timeout=OPEN_SECONDS)
    )
    with closing(connection):
        try:
            connection.putrequest("PUT", parts.path, skip_accept_encoding=True)
            connection.putheader("Content-Length", str(size))
            connection.putheader("User-Agent", "davproxy")
            connection.endheaders()
            return not _answers(connection.sock) or connection.getresponse().status != _TOO_LARGE
        except (OSError, HTTPException) as error:
            raise Unavailable(f"{host} did not say how long requests may be: {error}.") from error


def _answers(sock: socket.socket) -> bool:
    """Whether the server answers without waiting for the body."""
    return bool(select.select([sock], [], [], ANSWER_SECONDS)[0])
