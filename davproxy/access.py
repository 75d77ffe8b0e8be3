"""Sign-in: the one user name and password, checked the same way at both doors, with a limit on guesses."""

import base64
import hashlib
import hmac
import ipaddress
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import parse_http_list

from davproxy.errors import TooManyAttempts

REALM = "davproxy"
WRONG_A_MINUTE = 10
"""Different wrong credentials an address may send in a minute; after that even the right ones have to wait."""
CREDENTIALS_LIMIT = 4096
"""Longest credentials that are looked at, in characters; longer ones are wrong."""

_NONCE_SECONDS = 300
_ADDRESSES = 10_000


@lru_cache(maxsize=1024)
def is_loopback(address: str) -> bool:
    """Whether `address` can only be reached from this machine."""
    try:
        return ipaddress.ip_address(plain_address(address)).is_loopback
    except ValueError:
        return address.lower() == "localhost"


def local_host(listened: str) -> str:
    """The host in URLs of a server that listens on the address `listened`, for clients on this computer."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(listened, listened)  # noqa: S104
    return f"[{host}]" if ":" in host else host


@lru_cache(maxsize=1024)
def plain_address(address: str) -> str:
    """`address`, as IPv4 if it is an IPv4 address mapped into IPv6: a socket on `::` reports 192.0.2.1 as
    `::ffff:192.0.2.1`."""
    try:
        mapped = ipaddress.IPv6Address(address).ipv4_mapped
    except ValueError:
        return address
    return str(mapped) if mapped else address


class Access:
    """The credentials, and which wrong ones each address sent. One instance serves both doors.

    Without credentials every request is allowed; the server then listens on loopback only.
    """

    def __init__(
        self, username: str, password: str, *, secret: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Instances with the same `secret`, and a `clock` in seconds that they share, take each other's nonces."""
        self._username = username.encode()
        self._password = password.encode()
        self._clock = clock
        self._nonce_key = (
            hashlib.sha256(f"nonces\0{secret}\0{password}".encode()).digest() if secret else os.urandom(32)
        )
        self._subscribers: list[Callable[[str, str], None]] = []
        self._wrong: OrderedDict[str, dict[str, float]] = OrderedDict()
        """By network: fingerprints of wrong credentials, and when each was first sent."""
        self._lock = threading.Lock()

    @property
    def required(self) -> bool:
        """Whether clients have to sign in."""
        return bool(self._username)

    def check(self, username: str, password: str, address: str) -> bool:
        """Whether these are the credentials, compared in constant time.

        Raises TooManyAttempts when `address` sent too many different wrong ones within the last minute. One that it
        sends again does not count: a program with an old password would lock out the others behind its address.
        """
        name, secret = username.encode("utf-8", "replace"), password.encode("utf-8", "replace")
        return self._limit_guesses(
            address,
            name + b"\0" + secret,
            lambda: hmac.compare_digest(name, self._username) & hmac.compare_digest(secret, self._password),
        )

    def is_locked_out(self, address: str) -> bool:
        """Whether `check` would refuse even the right credentials from `address` now."""
        if not self._wrong:
            return False
        with self._lock:
            return len(self._recent(_network(address))) >= WRONG_A_MINUTE

    def note_wrong(self, network: str, fingerprint: str) -> None:
        """Count wrong credentials that were sent to another instance."""
        with self._lock:
            self._add_wrong(network, fingerprint)

    def subscribe(self, subscriber: Callable[[str, str], None]) -> None:
        """Call `subscriber` with network and fingerprint of new wrong credentials that were sent to this instance."""
        self._subscribers.append(subscriber)

    def authenticate(self, environ: Mapping[str, Any]) -> bool:
        """Whether the WSGI request has the credentials, as Basic (RFC 7617) or Digest (RFC 7616), or needs none.

        Raises TooManyAttempts. A request without credentials is no attempt.
        """
        if not self.required:
            return True
        scheme, _, given = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        address = environ.get("REMOTE_ADDR", "")
        match scheme.lower():
            case "basic":
                return self.check(*_basic(given.strip()), address)
            case "digest":
                return self._digest(given, environ, address)
        return False

    def challenges(self, environ: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The headers of a 401: Basic, and on plain http also Digest, because Windows sends Basic on https only."""
        offered = [("WWW-Authenticate", f'Basic realm="{REALM}", charset="UTF-8"')]
        if environ.get("wsgi.url_scheme") != "https":
            stamp = f"{int(self._clock())}"
            stale = ", stale=true" if environ.get("davproxy.stale_nonce") else ""
            offered.insert(
                0,
                (
                    "WWW-Authenticate",
                    f'Digest realm="{REALM}", nonce="{stamp}:{self._sign(stamp)}", qop="auth", algorithm=MD5{stale}',
                ),
            )
        return offered

    def _recent(self, network: str) -> dict[str, float]:
        """The wrong credentials that `network` sent within the last minute; older ones are forgotten."""
        wrong = self._wrong.get(network)
        if wrong is None:
            return {}
        since = self._clock() - 60
        for fingerprint in [fingerprint for fingerprint, sent in wrong.items() if sent <= since]:
            del wrong[fingerprint]
        return wrong

    def _limit_guesses(self, address: str, credentials: bytes, is_right: Callable[[], bool]) -> bool:
        """`is_right()`, unless there were too many guesses. Counts `credentials` if they are wrong."""
        network = _network(address)
        with self._lock:
            wrong = self._recent(network)
            if len(wrong) >= WRONG_A_MINUTE:
                raise TooManyAttempts("Too many wrong passwords from this address. Wait a minute and try again.")
            if is_right():
                return True
            fingerprint = hmac.digest(self._nonce_key, credentials, "sha256").hex()
            is_new = fingerprint not in wrong
            self._add_wrong(network, fingerprint)
        for subscriber in self._subscribers if is_new else ():
            subscriber(network, fingerprint)
        return False

    def _add_wrong(self, network: str, fingerprint: str) -> None:
        self._wrong.setdefault(network, {}).setdefault(fingerprint, self._clock())
        self._wrong.move_to_end(network)
        if len(self._wrong) > _ADDRESSES:
            self._wrong.popitem(last=False)

    def _digest(self, given: str, environ: Mapping[str, Any], address: str) -> bool:
        """RFC 7616 with MD5 and qop=auth, as Windows sends it. The nonce is a signed time, valid for a few minutes."""
        fields = _digest_fields(given)
        stamp, _, signature = fields.get("nonce", "").partition(":")
        if not stamp.isdigit() or not hmac.compare_digest(signature.encode(), self._sign(stamp).encode()):
            return False  # a nonce of an earlier run, or an invented one: no attempt, but a new challenge
        uri = fields.get("uri", "")
        if _path(uri) != _path(environ.get("REQUEST_URI", "")):
            return False

        def is_right() -> bool:
            secret = _md5(b":".join((self._username, REALM.encode(), self._password)))
            request = _md5(f"{environ['REQUEST_METHOD']}:{uri}".encode())
            middle = ":".join(fields.get(name, "") for name in ("nonce", "nc", "cnonce", "qop"))
            expected = _md5(f"{secret}:{middle}:{request}".encode())
            name = fields.get("username", "").encode(
                "latin-1", "replace"
            )  # WSGI decodes headers as latin-1; clients send UTF-8
            return (
                hmac.compare_digest(name, self._username)
                & hmac.compare_digest(fields.get("response", "").encode(), expected.encode())
                and fields.get("qop") == "auth"
            )

        if not self._limit_guesses(address, given.encode(), is_right):
            return False
        if self._clock() - int(stamp) > _NONCE_SECONDS:
            if isinstance(environ, dict):
                environ["davproxy.stale_nonce"] = True  # so that the client answers the challenge by itself
            return False
        return True

    def _sign(self, stamp: str) -> str:
        return hmac.new(self._nonce_key, stamp.encode(), hashlib.sha256).hexdigest()


def _md5(value: bytes) -> str:
    return hashlib.md5(value, usedforsecurity=False).hexdigest()


def _path(uri: str) -> str:
    return unquote(urlsplit(uri).path)


def _basic(given: str) -> tuple[str, str]:
    """User name and password of a Basic header (RFC 7617); both empty for a malformed one."""
    if len(given) > CREDENTIALS_LIMIT:
        return "", ""
    try:
        name, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except ValueError:  # not Base64, or not UTF-8
        return "", ""
    return name, password


def _digest_fields(given: str) -> dict[str, str]:
    """The fields of a Digest header, names in lower case, values unquoted; empty for one that is too long."""
    if len(given) > CREDENTIALS_LIMIT:
        return {}
    pairs = (field.partition("=") for field in parse_http_list(given))
    return {name.strip().lower(): _unquote(value.strip()) for name, _, value in pairs}


def _unquote(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


@lru_cache(maxsize=1024)
def _network(address: str) -> str:
    """The address by which attempts are counted: an IPv4 address, or the /64 network of an IPv6 address."""
    address = plain_address(address)
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
