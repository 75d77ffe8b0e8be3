"""Sign-in: the one user name and password, checked the same way at both doors, with a limit on guesses."""

import base64
import binascii
import hashlib
import hmac
import ipaddress
import os
import re
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from davproxy.errors import TooManyAttempts

REALM = "davproxy"
WRONG_A_MINUTE = 10
"""Wrong passwords that an address may send in a minute; then even the right one has to wait."""

_NONCE_SECONDS = 300
_ADDRESSES = 10_000
_DIGEST_PAIR = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')


@lru_cache(maxsize=1024)
def is_loopback(address: str) -> bool:
    """Whether `address` can only be reached from this machine."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address.lower() == "localhost"


class Access:
    """The credentials, and how often each address sent wrong ones. One instance serves both doors.

    Without credentials every request is allowed; the server then listens on loopback only. `clock` gives seconds.
    """

    def __init__(self, username: str, password: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._username = username.encode()
        self._password = password.encode()
        self._clock = clock
        self._nonce_key = os.urandom(32)
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def required(self) -> bool:
        """Whether clients have to sign in."""
        return bool(self._username)

    def check(self, username: str, password: str, address: str) -> bool:
        """Whether these are the credentials, compared in constant time.

        Raises TooManyAttempts after too many wrong ones from `address` within the last minute.
        """
        return self._counted(
            address,
            lambda: (
                hmac.compare_digest(username.encode("utf-8", "replace"), self._username)
                & hmac.compare_digest(password.encode("utf-8", "replace"), self._password)
            ),
        )

    def is_suspicious(self, address: str) -> bool:
        """Whether a wrong password came from `address` within the last minute: each of its requests is checked then."""
        if not self._wrong:
            return False
        with self._lock:
            wrong = self._wrong.get(_network(address))
            return bool(wrong and wrong[-1] > self._clock() - 60)

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
                try:
                    name, _, password = base64.b64decode(given.strip(), validate=True).decode().partition(":")
                except (binascii.Error, UnicodeDecodeError):
                    name = password = ""
                return self.check(name, password, address)
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

    def _counted(self, address: str, right: Callable[[], bool]) -> bool:
        """The result of `right`, where a false one counts as a wrong attempt. Raises TooManyAttempts."""
        who, now = _network(address), self._clock()
        with self._lock:
            wrong = self._wrong.get(who, deque())
            while wrong and wrong[0] <= now - 60:
                wrong.popleft()
            if len(wrong) >= WRONG_A_MINUTE:
                raise TooManyAttempts("Too many wrong passwords from this address. Wait a minute and try again.")
            if right():
                return True
            wrong.append(now)
            self._wrong[who] = wrong
            self._wrong.move_to_end(who)
            if len(self._wrong) > _ADDRESSES:
                self._wrong.popitem(last=False)
            return False

    def _digest(self, given: str, environ: Mapping[str, Any], address: str) -> bool:
        """RFC 7616 with MD5 and qop=auth, as Windows sends it. The nonce is a signed time, valid for a few minutes."""
        pairs = {name.lower(): quoted or bare for name, quoted, bare in _DIGEST_PAIR.findall(given)}
        stamp, _, signature = pairs.get("nonce", "").partition(":")
        if not stamp.isdigit() or not hmac.compare_digest(signature.encode(), self._sign(stamp).encode()):
            return False  # a nonce of an earlier run, or an invented one: no attempt, but a new challenge
        target = environ.get("REQUEST_URI", "")
        if _path(pairs.get("uri", "")) != _path(target):
            return False

        def right() -> bool:
            secret = _md5(b":".join((self._username, REALM.encode(), self._password)))
            request = _md5(f"{environ['REQUEST_METHOD']}:{pairs.get('uri', '')}".encode())
            middle = ":".join(pairs.get(name, "") for name in ("nonce", "nc", "cnonce", "qop"))
            expected = _md5(f"{secret}:{middle}:{request}".encode())
            named = hmac.compare_digest(_digest_name(pairs.get("username", "")), self._username)
            return (
                named & hmac.compare_digest(pairs.get("response", "").encode(), expected.encode())
                and pairs.get("qop") == "auth"
            )

        if not self._counted(address, right):
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


def _digest_name(name: str) -> bytes:
    """The bytes of the user name. WSGI decodes headers as latin-1; clients send UTF-8."""
    return re.sub(r"\\(.)", r"\1", name).encode("latin-1", "replace")


def _network(address: str) -> str:
    """The address by which attempts are counted: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
