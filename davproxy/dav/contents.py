"""GET and HEAD: whole or ranged, conditional, streamed in blocks; nothing of WsgiDAV's machinery in between."""

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import astuple
from email.utils import parsedate_to_datetime
from html import escape
from typing import Any
from wsgiref.types import StartResponse

from davproxy import paths
from davproxy.contents.contents import SMALL
from davproxy.dav import urls
from davproxy.dav.view import View
from davproxy.errors import Conflict, Unavailable
from davproxy.media_types import media_type
from davproxy.model import Entry
from davproxy.server.dates import http_date
from davproxy.server.response_cache import Repeatable

Environ = dict[str, Any]
Headers = list[tuple[str, str]]

KIND = "content"
"""First value of the key of a content that can be repeated."""

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
AT_ONCE = 128 * 1024
"""Files up to this size are read again without giving the request a thread."""
_CUT = "The storage sent less than it announced. Try again."
_HARMLESS = (("X-Content-Type-Options", "nosniff"), ("Content-Security-Policy", "sandbox"))
"""A page among a player's files must not act in the name of our own pages."""


def serve(view: View, path: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer GET or HEAD of a tree path. Raises NotFound.

    Where the file was changed elsewhere since the index heard of it, it is looked at again: the index then knows.
    """
    try:
        return _serve(view, path, environ, start_response)
    except Conflict:
        return _serve(view, path, environ, start_response)


def _serve(view: View, path: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    entry = view.stat(path)
    if entry.is_folder:
        return _listing(view, entry, environ, start_response)
    headers = _describe(entry)
    if refusal := _precondition(entry, environ):
        start_response(refusal, [*headers, ("Content-Length", "0")])
        return []
    headers += [("Content-Type", media_type(path)), ("Accept-Ranges", "bytes"), *_HARMLESS]
    status, start, length = "200 OK", 0, entry.size
    if asked := _part(entry, environ):
        start, length = asked
        if start >= entry.size:
            nothing = [("Content-Range", f"bytes */{entry.size}"), ("Content-Length", "0")]
            start_response("416 Range Not Satisfiable", nothing)
            return []
        status = "206 Partial Content"
        headers.append(("Content-Range", f"bytes {start}-{start + length - 1}/{entry.size}"))
    headers.append(("Content-Length", str(length)))
    body: Iterable[bytes] = []
    if environ["REQUEST_METHOD"] != "HEAD" and length:
        body = _small(view, entry, start, length) if entry.size <= SMALL else _Blocks(view, entry, start, length)
        if isinstance(body, list) and entry.size <= AT_ONCE and view.is_stored(path):
            body = Repeatable(body, (KIND, start, length, *astuple(entry)))
    start_response(status, headers)
    return body


def repeat(view: View, start: int, length: int, *entry: Any) -> bytes | None:
    """The same bytes, while the index knows the same entry: all else that the response depends on is in the key."""
    known = Entry(*entry)
    content = view.library.tree.cached(known)
    return content[start : start + length] if content is not None and len(content) == known.size else None


def _small(view: View, entry: Entry, start: int, length: int) -> list[bytes]:
    content = view.read(entry)
    if len(content) != entry.size:
        raise Unavailable(_CUT)
    return [content[start : start + length]]


class _Blocks:
    """A large file's bytes on their way. Opened before the answer begins, so that a failure still has its status."""

    def __init__(self, view: View, entry: Entry, start: int, length: int) -> None:
        self._open = ExitStack()
        self._blocks = self._open.enter_context(view.stream(entry, start, length))
        self._missing = length
        self._first = self._take()

    def _take(self) -> bytes:
        block = next(self._blocks, b"")
        if not block:
            self.close()
            raise Unavailable(_CUT)
        self._missing -= len(block)
        return block

    def __iter__(self) -> Iterator[bytes]:
        yield self._first
        while self._missing > 0:
            yield self._take()

    def close(self) -> None:
        self._open.close()


def _describe(entry: Entry) -> Headers:
    headers = [("ETag", f'"{entry.etag}"')] if entry.etag else []
    if entry.modified:
        headers.append(("Last-Modified", http_date(int(entry.modified))))
    return headers


def _precondition(entry: Entry, environ: Environ) -> str | None:
    """The status that answers the request's conditions at once, if one does (RFC 9110, 13.2.2)."""
    tags = environ.get("HTTP_IF_NONE_MATCH")
    if (match := environ.get("HTTP_IF_MATCH")) and not _names(match, entry):
        return "412 Precondition Failed"
    if not match and _seconds(environ.get("HTTP_IF_UNMODIFIED_SINCE"), entry.modified) < int(entry.modified):
        return "412 Precondition Failed"
    if tags:
        return "304 Not Modified" if _names(tags, entry) else None
    if entry.modified and int(entry.modified) <= _seconds(environ.get("HTTP_IF_MODIFIED_SINCE"), -1):
        return "304 Not Modified"
    return None


def _names(header: str, entry: Entry) -> bool:
    """Whether a list of etags, weak or not, holds that of `entry`, or is `*`."""
    return header.strip() == "*" or f'"{entry.etag}"' in header


def _seconds(header: str | None, otherwise: float) -> float:
    try:
        return parsedate_to_datetime(header).timestamp() if header else otherwise
    except (ValueError, TypeError, OverflowError):
        return otherwise


def _part(entry: Entry, environ: Environ) -> tuple[int, int] | None:
    """(start, length) of the part that is asked for; None for the whole, also when several parts are asked for."""
    asked = _RANGE.fullmatch(environ.get("HTTP_RANGE", ""))
    if not asked or not entry.size or asked[0] == "bytes=-":
        return None
    wished = environ.get("HTTP_IF_RANGE")
    if wished and wished != f'"{entry.etag}"' and _seconds(wished, -1) != int(entry.modified):
        return None
    if not asked[1]:
        length = min(int(asked[2]), entry.size)
        return (entry.size - length, length) if length else (entry.size, 0)
    start, end = int(asked[1]), min(int(asked[2] or entry.size - 1), entry.size - 1)
    if asked[2] and int(asked[2]) < start:
        return None
    return start, end - start + 1


def _listing(view: View, folder: Entry, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
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
