"""The origin of a request: client address, scheme and host, also behind a trusted proxy."""

import ipaddress
import socket
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from davproxy.access import is_loopback, plain_address
from davproxy.errors import Forbidden, SettingsError

_FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PREFIX",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_FORWARDED",
)
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Origin:
    """Determines client address, scheme and host of each request, and refuses foreign host names.

    The check of the host name stops DNS rebinding, in which a foreign page reaches this server under its own name. An
    IP address cannot be rebound, so a server that listens beyond loopback accepts any.
    """

    def __init__(self, listened: str, allowed: Sequence[str], proxies: Sequence[str]) -> None:
        """`listened` is the address of the server. Raises SettingsError for a proxy that is no address."""
        self._any = "*" in allowed
        self._loopback_only = is_loopback(listened)
        own = socket.gethostname().lower()
        self._names = {"localhost", listened.lower(), *(host.lower() for host in allowed)}
        if not self._loopback_only:
            self._names |= {own, own.partition(".")[0], own.partition(".")[0] + ".local"}
        try:
            self._proxies: list[_Network] = [ipaddress.ip_network(proxy, strict=False) for proxy in proxies]
        except ValueError as error:
            raise SettingsError(f"TRUSTED_PROXIES must hold addresses, 10.0.0.2 or 10.0.0.0/8: {error}.") from None

    def resolve(self, environ: dict[str, Any]) -> bool:
        """Apply the forwarding headers of a trusted proxy to the environ, drop all others, and check the host.

        Returns whether the request had such headers. Raises Forbidden for a foreign host name.
        """
        forwarded = {name: environ.pop(name) for name in _FORWARDED if name in environ}
        if forwarded and self._trusts(environ["REMOTE_ADDR"]):
            self._apply(forwarded, environ)
        host = environ.get("HTTP_HOST", "")
        if not host and environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
            environ["HTTP_HOST"] = host = f"localhost:{environ['SERVER_PORT']}"
        if not self.is_ours(host):
            raise Forbidden("This server is not known by that name. ALLOWED_HOSTS lists the names it answers to.")
        return bool(forwarded)

    def is_ours(self, host: str) -> bool:
        """Whether `host`, with or without a port, is a name of this server."""
        name = _host_name(host)
        if self._any or name in self._names:
            return True
        if not _is_address(name):
            return False
        return is_loopback(name) if self._loopback_only else True

    def _trusts(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._proxies)

    def _apply(self, forwarded: dict[str, str], environ: dict[str, Any]) -> None:
        """Replace address, scheme and host by those that a trusted proxy forwards.

        The client's address is the last one in the list that no trusted proxy has.
        """
        for part in reversed(forwarded.get("HTTP_X_FORWARDED_FOR", "").split(",")):
            address = plain_address(part.strip())
            if not _is_address(address):
                break
            environ["REMOTE_ADDR"] = address
            if not self._trusts(address):
                break
        scheme = forwarded.get("HTTP_X_FORWARDED_PROTO", "").strip().lower()
        if scheme in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme
        if host := forwarded.get("HTTP_X_FORWARDED_HOST", "").partition(",")[0].strip():
            environ["HTTP_HOST"] = host


@lru_cache(maxsize=1024)
def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _host_name(host: str) -> str:
    """A Host header without its port, brackets and trailing dot."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower().rstrip(".")
