"""Requests to servers that are run for everybody: at most one a second in all, under our own name, and no more than
needed."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from davproxy import __version__
from davproxy.errors import BadInput, Unavailable

USER_AGENT = f"davproxy/{__version__} (a manager of a person's own songs; one request a second)"
SECONDS_BETWEEN = 1.1
"""MusicBrainz takes one request a second."""
TRIES, LONGEST_PAUSE = 3, 30.0
TIMEOUT = 20.0
MOST_BYTES = 20 << 20
MOST_REDIRECTS = 5
_BUSY = (429, 500, 502, 503, 504)


class Client:
    """Asks over HTTPS. `transport` sends, `clock` and `pause` are those of the time module, unless others are given."""

    def __init__(
        self,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._client = httpx.Client(transport=transport, timeout=TIMEOUT, headers={"User-Agent": USER_AGENT})
        self._clock, self._pause = clock, pause
        self._turn = threading.Lock()
        self._next = 0.0

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def json(self, address: str, query: Mapping[str, str], hosts: Callable[[str], bool] = lambda _host: False) -> Any:
        """The JSON at an address, also where it leads to one of `hosts`; None where there is none.

        Raises BadInput where it leads elsewhere, Unavailable.
        """
        response = self._follow(address, query, hosts)
        if response is None:
            return None
        try:
            return response.json()
        except ValueError:
            raise _no_answer(response.url, "it answers something else than JSON") from None

    def content(self, address: str, hosts: Callable[[str], bool]) -> bytes:
        """The bytes at an address of `hosts`, also where it leads to another of them. Raises BadInput, Unavailable."""
        _check_host(httpx.URL(address), hosts)
        response = self._follow(address, {}, hosts)
        if response is None:
            raise BadInput(f"{httpx.URL(address).host} does not have this picture any more. Look again.")
        return response.content

    def _follow(self, address: str, query: Mapping[str, str], hosts: Callable[[str], bool]) -> httpx.Response | None:
        """The response at the end of redirects to `hosts`; None where there is none."""
        for _ in range(MOST_REDIRECTS):
            response = self._get(address, query)
            if response is None or not response.is_redirect:
                return response
            url = httpx.URL(address).join(response.headers.get("Location", "")).copy_with(scheme="https")
            _check_host(url, hosts)
            address, query = str(url), {}
        raise _no_answer(httpx.URL(address), "it leads from one address to the next")

    def _get(self, address: str, query: Mapping[str, str]) -> httpx.Response | None:
        """The response; None where there is none (404), or where the question is one that has no answer (400)."""
        for tried in range(1, TRIES + 1):
            try:
                response = self._sent(address, query)
            except Unavailable:
                if tried == TRIES:
                    raise
                self._pause(2.0**tried)
                continue
            if response.status_code in (400, 404):
                return None
            if response.status_code not in _BUSY:
                break
            if tried < TRIES:
                self._pause(_seconds(response, 2.0**tried))
        if response.status_code >= 400:
            raise _no_answer(response.url, f"status {response.status_code}")
        return response

    def _sent(self, address: str, query: Mapping[str, str]) -> httpx.Response:
        with self._turn:
            if (wait := self._next - self._clock()) > 0:
                self._pause(wait)
            self._next = self._clock() + SECONDS_BETWEEN
            try:
                with self._client.stream("GET", address, params=dict(query) or None) as response:
                    content = bytearray()
                    for block in response.iter_bytes():
                        content += block
                        if len(content) > MOST_BYTES:
                            raise _no_answer(response.url, "its answer is too large")
                    return httpx.Response(
                        response.status_code,
                        headers={name: response.headers[name] for name in _READ if name in response.headers},
                        content=bytes(content),
                        request=response.request,
                    )
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise _no_answer(httpx.URL(address), type(error).__name__) from error


_READ = ("Location", "Retry-After", "Content-Type")
"""The header fields that are read; the content is decoded already."""


def _seconds(response: httpx.Response, default: float) -> float:
    """How long a busy server asks us to wait."""
    asked = response.headers.get("Retry-After", "")
    return min(LONGEST_PAUSE, float(asked) if asked.isdecimal() else default)


def _check_host(url: httpx.URL, hosts: Callable[[str], bool]) -> None:
    if url.scheme != "https" or not hosts(url.host):
        raise BadInput(f"“{url.host}” is not asked.")


def _no_answer(url: httpx.URL, why: str) -> Unavailable:
    return Unavailable(f"{url.host} cannot be asked ({why}). Try again later.")
