"""One signed-in HTTP connection to a DAV server: pinned to its host, retried, its answers checked and translated."""

import random
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import TypeVar
from urllib.parse import urlsplit

import httpcore
import httpx
import tenacity
from loguru import logger

from davproxy.errors import (
    Locked,
    SignInRefused,
    Unavailable,
)
from davproxy.remote.webdav.failures import InDoubt, Transient, error_for, retry_after, translated

ANSWER = 30.0
"""Seconds to wait for the next bytes of an answer."""
LONG_ANSWER = 600.0
"""The same where the server works before it answers: putting an upload together, copying a folder."""
SLOWEST = 16 * 1024
"""Bytes a second; an answer slower than this over more than ANSWER seconds of waiting is given up."""

_REFUSED = (
    "The server refuses our user name or password. Check NEXTCLOUD_USERNAME and NEXTCLOUD_PASSWORD; "
    "an app password is made in Nextcloud under Settings, Security."
)
_REPEATABLE = {"GET", "HEAD", "OPTIONS", "PROPFIND", "PROPPATCH", "SEARCH", "MKCOL"}
_REFUSED_FOR_NOW = {423, 429, 503}
_FAILED = {500, 502, 504}
Content = bytes | Iterator[bytes] | Callable[[], Iterator[bytes]]
"""A request's body. One that may be sent again is in memory or made anew by a function."""
T = TypeVar("T")

STEP = 256 * 1024
"""Bytes of a body that are taken and handed on at a time; the library's own 64 KiB cost a third more processor time."""
LARGE = 8 * 1024 * 1024
"""Bytes of a body from which on a connection is worth its speed."""
httpcore.HTTP11Connection.READ_NUM_BYTES = STEP


class Connection:
    """HTTP to one server. A request that fails in passing is retried for `patience` seconds, if repeating is safe.

    Session cookies are kept: on a Nextcloud they make a request ten times cheaper than the password does.
    """

    def __init__(self, url: str, username: str, password: str, *, patience: float = 4.0) -> None:
        parts = urlsplit(url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._patience = patience
        self._refusal = _Refusal()
        self._client = httpx.Client(
            auth=httpx.BasicAuth(username, password) if username else None,
            follow_redirects=False,
            trust_env=False,
            verify=_certificates(),
            timeout=httpx.Timeout(ANSWER, connect=5.0),
            limits=httpx.Limits(max_connections=40, max_keepalive_connections=16, keepalive_expiry=30.0),
            headers={"User-Agent": "davproxy"},
        )

    def keep_sessions(self) -> None:
        """Send the cookie without which a Nextcloud makes a new session, and checks the password, for each request.

        It sets it itself, but without a path, so that it would not come back from other folders.
        """
        host = urlsplit(self.origin).hostname or ""
        # The library appends `.local` to names without a dot.
        self._client.cookies.set("cookie_test", "test", domain=host if "." in host else f"{host}.local", path="/")

    def _forget_session(self) -> bool:
        """Drop the session cookies; False where there were none."""
        kept = ("cookie_test", "nc_sameSiteCookielax", "nc_sameSiteCookiestrict")
        jar = self._client.cookies.jar
        sessions = [cookie for cookie in jar if not cookie.name.endswith(kept)]
        for cookie in sessions:
            jar.clear(cookie.domain, cookie.path, cookie.name)
        return bool(sessions)

    def close(self) -> None:
        self._client.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        expect: set[int],
        about: str,
        headers: Mapping[str, str] | None = None,
        content: Content = b"",
        wait: float = ANSWER,
        repeatable: bool | None = None,
    ) -> httpx.Response:
        """The whole answer, whose status is in `expect`; any other raises. `about` is the tree path for messages.

        A `content` that is an iterator is there only once, so nothing is retried.
        Raises InDoubt where an answer was lost and repeating is not known to be harmless.
        """
        may_repeat = method in _REPEATABLE if repeatable is None else repeatable

        def once() -> httpx.Response:
            with self._open(method, url, expect, about, headers, content, wait, may_repeat) as response:
                with translated(about, may_repeat):
                    response.read()
                return response

        return self._patiently(once, 0.0 if isinstance(content, Iterator) else self._patience)

    @contextmanager
    def stream(
        self,
        method: str,
        url: str,
        *,
        expect: set[int],
        about: str,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        wait: float = ANSWER,
    ) -> Iterator[httpx.Response]:
        """An answer whose body is still to be read, by `blocks`. Only its beginning is retried."""
        with ExitStack() as stack:

            def once() -> httpx.Response:
                return stack.enter_context(self._open(method, url, expect, about, headers, content, wait, True))

            yield self._patiently(once, self._patience)

    def _patiently(self, once: Callable[[], T], patience: float) -> T:
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(Transient),
            wait=_pause,
            stop=_Deadline(patience),
            reraise=True,
        )
        try:
            return retrying(once)
        except Transient as last:
            raise last.error from last.__cause__

    @contextmanager
    def _open(
        self,
        method: str,
        url: str,
        expect: set[int],
        about: str,
        headers: Mapping[str, str] | None,
        content: Content,
        wait: float,
        may_repeat: bool,
    ) -> Iterator[httpx.Response]:
        if not url.startswith(f"{self.origin}/"):
            raise Unavailable("The server names an address on another host; it was not asked.")
        self._refusal.check()
        request = self._client.build_request(
            method,
            url,
            headers=headers,
            content=content() if callable(content) else content,
            timeout=httpx.Timeout(ANSWER, connect=5.0, read=wait),
        )
        began = time.monotonic()
        with translated(about, may_repeat):
            response = self._client.send(request, stream=True)
        try:
            logger.trace(
                "{} {}: {} after {:.0f} ms", method, url, response.status_code, (time.monotonic() - began) * 1000
            )
            if response.status_code not in expect:
                self._fail(method, response, about, may_repeat)
            self._refusal.forget()
            yield response
        finally:
            response.close()

    def _fail(self, method: str, response: httpx.Response, about: str, may_repeat: bool) -> None:
        """Raise the error that an unexpected answer stands for."""
        status = response.status_code
        with translated(about, may_repeat):
            response.read()
        if status == 401:
            # An expired session may be refused with the right password beside it: once more without it.
            if self._forget_session():
                raise Transient(SignInRefused(_REFUSED))
            self._refusal.remember()
            raise SignInRefused(_REFUSED)
        error = error_for(method, response, about)
        locked = (status == 500 and b"LockedException" in response.content) or b"is locked" in response.content
        if locked:
            raise Transient(Locked(f"“{about}” is being used on the server. Try again in a moment."))
        if status in _REFUSED_FOR_NOW or (status in _FAILED and may_repeat):
            raise Transient(error, retry_after(response))
        if status in _FAILED:
            raise InDoubt(error.message)
        raise error


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """TLS with verification; reading the authorities takes a fifth of a second, so once is enough."""
    return httpx.create_ssl_context(trust_env=False)


class _Refusal:
    """Remembers that the password was refused, so that we do not try it until the server locks our address out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times = 0
        self._until = 0.0

    def check(self) -> None:
        if time.monotonic() < self._until:
            raise SignInRefused(_REFUSED)

    def remember(self) -> None:
        with self._lock:
            self._times += 1
            self._until = time.monotonic() + min(60.0 * 2 ** (self._times - 1), 3600.0)

    def forget(self) -> None:
        self._times = 0


def blocks(response: httpx.Response, about: str, clock: Callable[[], float] = time.monotonic) -> Iterator[bytes]:
    """The body, decoded, in blocks of STEP bytes or a little more. Raises Unavailable when it ends early or drips."""
    gathered: list[bytes] = []
    held = received = 0
    waited = 0.0
    chunks = _chunks(response)
    while True:
        began = clock()
        with translated(about, may_repeat=True, final=True):
            chunk = next(chunks, b"")
        waited += clock() - began
        if not chunk:
            break
        gathered.append(chunk)
        held += len(chunk)
        received += len(chunk)
        if waited > ANSWER + received / SLOWEST:
            raise Unavailable(f"The server sends “{about}” too slowly. Try again later.")
        if held >= STEP:
            yield b"".join(gathered)
            gathered, held = [], 0
    if gathered:
        yield b"".join(gathered)


def _chunks(response: httpx.Response) -> Iterator[bytes]:
    """The body, decoded, as it comes; a LARGE one straight from the socket: the library copies each byte five times.

    After the first chunk the library holds none back. It closes the connection after a body that it did not see end.
    """
    chunks = response.iter_bytes()
    yield next(chunks, b"")
    rest = int(response.headers.get("Content-Length", 0)) - response.num_bytes_downloaded
    if rest < LARGE or "Content-Encoding" in response.headers:
        yield from chunks
        return
    stream: httpcore.NetworkStream = response.extensions["network_stream"]
    try:
        while rest and (chunk := stream.read(min(STEP, rest), ANSWER)):
            rest -= len(chunk)
            yield chunk
    except (httpcore.NetworkError, httpcore.TimeoutException) as error:
        raise httpx.ReadError(str(error)) from error


class _Deadline:
    """Stops `patience` seconds after the first failure, so that a long upload that fails at its end gets its retry."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._first: float | None = None

    def __call__(self, state: tenacity.RetryCallState) -> bool:
        now = time.monotonic()
        self._first = now if self._first is None else self._first
        return now + state.upcoming_sleep - self._first > self._patience


def _pause(state: tenacity.RetryCallState) -> float:
    """Seconds before the next attempt: doubling from 0.1, or as long as the server asks."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.after if isinstance(error, Transient) else 0.0
    own: float = min(0.1 * 2 ** (state.attempt_number - 1), 2.0) * random.uniform(0.8, 1.2)  # noqa: S311
    return max(asked, own)
