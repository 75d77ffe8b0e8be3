"""One signed-in HTTP connection to a DAV server: only to its host, with retries, with checked statuses."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import TypedDict, Unpack
from urllib.parse import urlsplit

import httpx
from loguru import logger

from davproxy.errors import Locked, SignInRefused, Unavailable
from davproxy.remote.webdav.bodies import READ_TIMEOUT
from davproxy.remote.webdav.failures import InDoubt, Transient, error_for, retry_after, translate_errors
from davproxy.remote.webdav.retry import retry
from davproxy.remote.webdav.turns import Turns

CONNECT_TIMEOUT = 5.0
"""Seconds to wait for a new connection."""
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 300.0
"""Seconds without a request after a refused password, doubled each time: a directory server that was away is asked
again soon, and a Nextcloud does not lock our address out."""
LONG_TIMEOUT = 600.0
"""Seconds to wait for a response where the server works first: assembling an upload, copying a folder."""

_REFUSED = (
    "The server refuses our user name or password. Check NEXTCLOUD_USERNAME and NEXTCLOUD_PASSWORD; "
    "an app password is made in Nextcloud under Settings, Security."
)
_REPEATABLE = {"GET", "HEAD", "OPTIONS", "PROPFIND", "PROPPATCH", "REPORT", "SEARCH", "MKCOL"}
_REFUSED_FOR_NOW = {423, 425, 429, 503}
_FAILED = {408, 499, 500, 502, 504, *range(520, 528), 530}
"""Statuses of a server that broke, or of a proxy before it that waited no longer, Cloudflare's among them: the server
may have done the request, or may yet do it."""

Content = bytes | Iterator[bytes] | Callable[[], Iterator[bytes]]
"""The body of a request. One that can be sent twice is bytes or a function that returns a new iterator."""


class Options(TypedDict, total=False):
    """How a request is sent.

    `wait` is the seconds until the response begins, READ_TIMEOUT by default. `repeatable` says whether sending it twice
    is safe, by default what the method says. With `signed_in` false our password is not sent. With `in_turn` it is sent
    alone where the server cannot do two such requests at a time.
    """

    headers: Mapping[str, str] | None
    content: Content
    wait: float
    repeatable: bool
    signed_in: bool
    in_turn: bool


def _may_repeat(method: str, options: Options) -> bool:
    return options.get("repeatable", method in _REPEATABLE)


class Connection:
    """HTTP to one server. Transient failures are retried for `patience` seconds where a repetition is safe.

    Session cookies are kept: on a Nextcloud they make a request ten times cheaper than the password does.
    """

    def __init__(self, url: str, username: str, password: str, *, patience: float = 4.0) -> None:
        self.move_to(url)
        self.patience = patience
        self.sign_in = SignInPause()
        self.requests: Mapping[tuple[str, str], int] = {}
        """How many were sent, by method and status; `none` where no answer came."""
        self._counting = threading.Lock()
        self.turns = Turns()
        self._auth = httpx.BasicAuth(username, password) if username else None
        self._client = httpx.Client(
            follow_redirects=False,
            trust_env=False,
            verify=certificates(),
            timeout=httpx.Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT),
            limits=httpx.Limits(max_connections=40, max_keepalive_connections=16, keepalive_expiry=30.0),
            headers={"User-Agent": "davproxy"},
        )

    def move_to(self, url: str) -> None:
        """Send requests to the host of `url` from now on."""
        parts = urlsplit(url)
        self.origin = f"{parts.scheme}://{parts.netloc}"

    def keep_sessions(self) -> None:
        """Send the cookie without which a Nextcloud makes a new session, and checks the password, for each request.

        The server sets it itself, but without a path, so that it would not be sent for other folders.
        """
        host = urlsplit(self.origin).hostname or ""
        # http.cookiejar appends `.local` to names without a dot.
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
        self, method: str, url: str, *, expect: set[int], about: str, **options: Unpack[Options]
    ) -> httpx.Response:
        """The whole response; a status that is not in `expect` raises. `about` is the tree path for messages.

        A `content` that is an iterator exists only once, so nothing is retried. Raises InDoubt where a response was
        lost and a repetition may do harm.
        """
        once = isinstance(options.get("content"), Iterator)

        def attempt() -> httpx.Response:
            with self._open(method, url, expect, about, options) as response:
                with translate_errors(about, _may_repeat(method, options)):
                    response.read()
                return response

        again = self.turns.send if options.get("in_turn") and not once else retry
        return again(attempt, 0.0 if once else self.patience)

    @contextmanager
    def stream(
        self, method: str, url: str, *, expect: set[int], about: str, **options: Unpack[Options]
    ) -> Iterator[httpx.Response]:
        """A response whose body is still to be read, with `body_blocks`. Only its beginning is retried."""
        with ExitStack() as stack:

            def attempt() -> httpx.Response:
                return stack.enter_context(self._open(method, url, expect, about, options))

            yield retry(attempt, self.patience)

    @contextmanager
    def _open(self, method: str, url: str, expect: set[int], about: str, options: Options) -> Iterator[httpx.Response]:
        if not url.startswith(f"{self.origin}/"):
            raise Unavailable("The server names an address on another host; it was not asked.")
        if self._client.is_closed:
            raise Unavailable("The connection to the server is closed.")
        signed_in, may_repeat = options.get("signed_in", True), _may_repeat(method, options)
        if signed_in:
            self.sign_in.check()
        content = options.get("content", b"")
        timeout = httpx.Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT, read=options.get("wait", READ_TIMEOUT))
        address, _, query = url.partition("?")
        # httpx reads each character of a URL several times, and the query that names the files of a zip has thousands.
        target = {"target": url.removeprefix(self.origin).encode("ascii")} if query else None
        began = time.monotonic()
        with translate_errors(about, may_repeat):
            request = self._client.build_request(
                method,
                address,
                headers=options.get("headers"),
                content=content() if callable(content) else content,
                timeout=timeout,
                extensions=target,
            )
            try:
                response = self._client.send(request, stream=True, auth=self._auth if signed_in else None)
            except httpx.HTTPError:
                self._count(method, "none")
                raise
        self._count(method, str(response.status_code))
        try:
            logger.trace(
                "{} {}: {} after {:.0f} ms", method, url, response.status_code, (time.monotonic() - began) * 1000
            )
            if response.status_code not in expect:
                self._fail(method, response, about, may_repeat, signed_in)
            if signed_in:
                self.sign_in.succeeded()
            yield response
        finally:
            response.close()

    def _count(self, method: str, status: str) -> None:
        with self._counting:
            self.requests = {**self.requests, (method, status): self.requests.get((method, status), 0) + 1}

    def _fail(self, method: str, response: httpx.Response, about: str, may_repeat: bool, signed_in: bool) -> None:
        """Raise the error that an unexpected status means."""
        status = response.status_code
        with translate_errors(about, may_repeat):
            response.read()
        if status == 401 and not signed_in:
            raise SignInRefused(_REFUSED)
        if status == 401:
            # An expired session can be refused although the password is right: one more attempt without it.
            if self._forget_session():
                raise Transient(SignInRefused(_REFUSED))
            self.sign_in.refused()
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
def certificates() -> ssl.SSLContext:
    """TLS with verification; cached, because reading the certificate authorities takes a fifth of a second."""
    return httpx.create_ssl_context(trust_env=False)


class SignInPause:
    """A growing pause after each refused password, so that the server does not lock our address out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._refusals = 0
        self._until = 0.0

    def check(self) -> None:
        """Raises SignInRefused during a pause."""
        if time.monotonic() < self._until:
            raise SignInRefused(_REFUSED)

    def refused(self) -> None:
        with self._lock:
            self._refusals += 1
            self._until = time.monotonic() + min(FIRST_PAUSE * 2 ** (self._refusals - 1), LONGEST_PAUSE)

    def end(self) -> None:
        """End a pause now; the next one is as long as if there had been none."""
        self._refusals, self._until = 0, 0.0

    def succeeded(self) -> None:
        self._refusals = 0
