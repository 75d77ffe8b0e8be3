"""Who may come in: the one user name and password, checked the same way at both doors, and guessing slowed down."""

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
"""Wrong passwords an address may send in a minute; after that even the right one has to wait."""

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
    """The credentials, and how often each address guessed wrong. One instance serves both doors.

    Without credentials everybody comes in; the server then listens on loopback only. `clock` gives seconds.
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
        """Whether anybody has to sign in at all."""
        return bool(self._username)

    def check(self, username: str, password: str, address: str) -> bool:
        """Whether these are the credentials, in constant time.

        Raises TooManyAttempts when `address` guessed wrong too often within the last minute.
        """
        return self._counted(
            address,
            lambda: (
                hmac.compare_digest(username.encode("utf-8", "replace"), self._username)
                & hmac.compare_digest(password.encode("utf-8", "replace"), self._password)
            ),
        )

    def doubts(self, address: str) -> bool:
        """Whether wrong passwords came from `address` within the last minute: each request has to be checked then."""
        if not self._wrong:
            return False
        with self._lock:
            wrong = self._wrong.get(_network(address))
            return bool(wrong and wrong[-1] > self._clock() - 60)

    def authenticate(self, environ: Mapping[str, Any]) -> bool:
        """Whether the WSGI request carries the credentials, as Basic or Digest; always, where none are required.

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
        """The headers of a 401: Digest too on plain http, where Windows sends no Basic."""
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
        """RFC 7616 with MD5 and qop=auth, which is what Windows speaks; the nonce is ours, signed and short-lived."""
        pairs = {name.lower(): quoted or bare for name, quoted, bare in _DIGEST_PAIR.findall(given)}
        stamp, _, signature = pairs.get("nonce", "").partition(":")
        if not stamp.isdigit() or not hmac.compare_digest(signature.encode(), self._sign(stamp).encode()):
            return False  # a nonce of an earlier run, or made up: ask again, nothing was guessed
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
                environ["davproxy.stale_nonce"] = True  # the client answers the next challenge without asking anybody
            return False
        return True

    def _sign(self, stamp: str) -> str:
        return hmac.new(self._nonce_key, stamp.encode(), hashlib.sha256).hexdigest()


def _md5(value: bytes) -> str:
    return hashlib.md5(value, usedforsecurity=False).hexdigest()


def _path(uri: str) -> str:
    return unquote(urlsplit(uri).path)


def _digest_name(name: str) -> bytes:
    """The user name's bytes; headers arrive as latin-1 and clients write UTF-8 into them."""
    return re.sub(r"\\(.)", r"\1", name).encode("latin-1", "replace")


def _network(address: str) -> str:
    """What is counted together: an IPv4 address, or an IPv6 network of one customer."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
