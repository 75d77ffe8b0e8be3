"""GET and HEAD: files whole or in part, streamed in blocks; folders as a page for a browser."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import fields
from html import escape
from operator import attrgetter
from typing import Any
from wsgiref.types import StartResponse

from werkzeug.http import parse_if_range_header

from davproxy import paths
from davproxy.contents.contents import SMALL
from davproxy.dav import urls
from davproxy.dav.view import View
from davproxy.errors import Conflict, Unavailable
from davproxy.media_types import media_type
from davproxy.model import Entry
from davproxy.server.dates import http_date
from davproxy.server.ranges import requested_range
from davproxy.server.response_cache import Repeatable

Environ = dict[str, Any]
Headers = list[tuple[str, str]]

KIND = "content"
"""First value of the key of a response that `repeat` gives again."""
REPEATED = 128 * 1024
"""Largest file, in bytes, whose response is given again without a thread."""
_values = attrgetter(*(field.name for field in fields(Entry)))
"""The values of an entry; `astuple` takes longer than all else in a response."""
_CUT = "The storage sent less than it announced. Try again."
_HARMLESS = (("X-Content-Type-Options", "nosniff"), ("Content-Security-Policy", "sandbox"))
"""A page among a player's files must not act in the name of our own pages."""


def serve(view: View, path: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer GET or HEAD of a tree path, whose conditions hold. Raises NotFound.

    Where the file changed elsewhere and the index did not know, it is read as it is now.
    """
    try:
        return _serve(view, path, environ, start_response)
    except Conflict:
        return _serve(view, path, environ, start_response)


def not_modified(view: View, path: str, start_response: StartResponse) -> Iterable[bytes]:
    """Answer 304 to a client that has the file as it is."""
    start_response("304 Not Modified", [*_validators(view.stat(path)), ("Content-Length", "0")])
    return []


def _serve(view: View, path: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    entry = view.stat(path)
    if entry.is_folder:
        return _page(view, entry, environ, start_response)
    headers = [*_validators(entry), ("Content-Type", media_type(path)), ("Accept-Ranges", "bytes"), *_HARMLESS]
    if entry.checksums:
        headers.append(("OC-Checksum", entry.checksums))
    status, start, stop = "200 OK", 0, entry.size
    if part := _part(entry, environ):
        start, stop = part
        if start >= entry.size:
            nothing = [("Content-Range", f"bytes */{entry.size}"), ("Content-Length", "0")]
            start_response("416 Range Not Satisfiable", nothing)
            return []
        status = "206 Partial Content"
        headers.append(("Content-Range", f"bytes {start}-{stop - 1}/{entry.size}"))
    headers.append(("Content-Length", str(stop - start)))
    body: Iterable[bytes] = []
    if environ["REQUEST_METHOD"] != "HEAD" and stop > start:
        body = _body(view, entry, start, stop, repeatable="HTTP_IF" not in environ)
    start_response(status, headers)
    return body


def _body(view: View, entry: Entry, start: int, stop: int, *, repeatable: bool) -> Iterable[bytes]:
    if entry.size > SMALL:
        return _Blocks(view, entry, start, stop - start)
    content = view.read(entry)
    if len(content) != entry.size:
        raise Unavailable(_CUT)
    body = [content[start:stop]]
    if repeatable and entry.size <= REPEATED and view.is_stored(entry.path):
        return Repeatable(body, (KIND, start, stop, *_values(entry)))
    return body


def repeat(view: View, start: int, stop: int, *entry: Any) -> bytes | None:
    """The same body, while the entry is as it was: everything else that it depends on is in the key."""
    known = Entry(*entry)
    content = view.library.tree.cached(known)
    return content[start:stop] if content is not None and len(content) == known.size else None


class _Blocks:
    """The blocks of a large file. The first is read before the response begins, so that a failure has a status."""

    def __init__(self, view: View, entry: Entry, start: int, length: int) -> None:
        self._open = ExitStack()
        self._blocks = self._open.enter_context(view.stream(entry, start, length))
        self._missing = length
        self._first = self._next()

    def _next(self) -> bytes:
        block = next(self._blocks, b"")
        if not block:
            self.close()
            raise Unavailable(_CUT)
        self._missing -= len(block)
        return block

    def __iter__(self) -> Iterator[bytes]:
        yield self._first
        while self._missing > 0:
            yield self._next()

    def close(self) -> None:
        self._open.close()


def _validators(entry: Entry) -> Headers:
    """What a client sends back in conditions."""
    headers = [("ETag", f'"{entry.etag}"')] if entry.etag else []
    return [*headers, ("Last-Modified", http_date(int(entry.modified)))]


def _part(entry: Entry, environ: Environ) -> tuple[int, int] | None:
    """(start, stop) of the part that a GET asks for, None for the whole. HEAD knows no ranges (RFC 9110, 14.2)."""
    header = environ.get("HTTP_RANGE")
    if not header or not entry.size or environ["REQUEST_METHOD"] == "HEAD":
        return None
    condition = parse_if_range_header(environ.get("HTTP_IF_RANGE"))
    if condition.date is not None:
        is_current = condition.date.timestamp() == int(entry.modified)
    else:
        is_current = condition.etag in (None, entry.etag)
    return requested_range(header, entry.size) if is_current else None


def _page(view: View, folder: Entry, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """A folder in a web browser: names to click, and what this address is for."""
    entries = view.children(folder.path)
    lines = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        f"<title>{escape(folder.path)}</title><h1>{escape(folder.path)}</h1>",
        "<p>This is the WebDAV address: mount it as a network drive, or browse it here.</p><ul>",
        f'<li><a href="{urls.href(paths.parent_of(folder.path), is_folder=True)}">..</a>',
        *(
            f'<li><a href="{urls.href(entry.path, is_folder=entry.is_folder)}">'
            f"{escape(paths.name_of(entry.path))}{'/' if entry.is_folder else ''}</a>"
            for entry in entries
        ),
        "</ul></html>\n",
    ]
    page = "\n".join(lines).encode()
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page)))]
    start_response("200 OK", [*headers, ("Content-Security-Policy", "default-src 'none'")])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [page]
