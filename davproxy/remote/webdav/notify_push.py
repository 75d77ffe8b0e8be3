"""A Nextcloud's notify_push (the app Client Push): a websocket that reports changes of the account's files."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI, WebSocketException
from websockets.sync.client import ClientConnection, connect

from davproxy.errors import SignInRefused, Unavailable

OPEN_SECONDS = 10.0
"""How long the server may take to open the connection, and to answer the sign-in."""
LONGEST_MESSAGE = 1024 * 1024
"""Bytes of the longest message: one with the ids of many files."""
_CHANGED = ("notify_file", "notify_file_id")


def endpoint(capabilities: Mapping[str, Any], base: str) -> str:
    """The address of the websocket by the server's capabilities; empty where it has none.

    Our password is sent there, so it is one on the host of `base`, the address that we know the server by, and
    encrypted where that is.
    """
    found = capabilities.get("notify_push")
    endpoints = found.get("endpoints") if isinstance(found, dict) else None
    given = endpoints.get("websocket") if isinstance(endpoints, dict) else None
    known = urlsplit(base)
    try:
        named = urlsplit(given if isinstance(given, str) else "")
        host, _ = named.hostname, named.port
    except ValueError:
        return ""
    if named.scheme not in ("ws", "wss"):
        return ""
    scheme = "wss" if known.scheme == "https" else "ws"
    address = named.netloc if (host, named.scheme) == (known.hostname, scheme) else known.netloc
    return urlunsplit((scheme, address, named.path, named.query, ""))


class NotifyPush:
    """One connection, signed in. Iterating yields once for each report of changed files, until `close`."""

    def __init__(self, address: str, username: str, password: str, certificates: ssl.SSLContext) -> None:
        """Raises Unavailable, SignInRefused."""
        with _translate_errors(address):
            self._socket: ClientConnection = connect(
                address,
                ssl=certificates if address.startswith("wss:") else None,
                proxy=None,
                open_timeout=OPEN_SECONDS,
                close_timeout=1.0,
                max_size=LONGEST_MESSAGE,
                user_agent_header="davproxy",
            )
        try:
            with _translate_errors(address):
                self._sign_in(username, password)
        except BaseException:
            self._socket.close()
            raise
        self._address = address

    def _sign_in(self, username: str, password: str) -> None:
        self._socket.send(username)
        self._socket.send(password)
        answer = self._socket.recv(OPEN_SECONDS)
        if answer != "authenticated":
            raise SignInRefused(f"The Nextcloud's notify_push refuses our sign-in: {str(answer)[:100]}.")

    def __iter__(self) -> Iterator[None]:
        """Wait for reports. Raises Unavailable where the connection breaks; ends after `close`."""
        with _translate_errors(self._address):
            for message in self._socket:
                if isinstance(message, str) and message.partition(" ")[0] in _CHANGED:
                    yield

    def close(self) -> None:
        """End the connection; from any thread."""
        self._socket.close()


@contextmanager
def _translate_errors(address: str) -> Iterator[None]:
    host = urlsplit(address).netloc
    try:
        yield
    except (InvalidHandshake, InvalidURI) as error:
        raise Unavailable(f"{host} does not open the websocket of notify_push: {error}.") from error
    except ConnectionClosed as error:
        raise Unavailable(f"{host} closed the websocket of notify_push.") from error
    except (WebSocketException, OSError) as error:
        raise Unavailable(f"The websocket of notify_push at {host} broke: {error or 'it does not answer'}.") from error
