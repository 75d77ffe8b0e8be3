"""Byte ranges of files (RFC 9110, section 14): the request header, and the requested bytes out of the response."""

import re
from collections.abc import Iterator

import httpx

from davproxy.errors import Unavailable
from davproxy.remote.webdav.bodies import body_blocks

_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


def range_header(start: int, length: int | None) -> str:
    """The Range header for `length` bytes from `start`, or all to the end.

    The whole file is requested as a range too, so that the response says how long the file is. A Nextcloud takes `0-0`
    for the whole file, so at least two bytes are requested.
    """
    last = "" if length is None else max(start + length - 1, 1)
    return f"bytes={start}-{last}"


def range_blocks(path: str, response: httpx.Response, start: int, length: int | None) -> Iterator[bytes]:
    """The bytes from `start`, `length` of them or to the end, out of a response that may hold more.

    Raises Unavailable where the response lacks some of them.
    """
    first, total = 0, int(response.headers.get("Content-Length", -1))
    if response.status_code == 206:
        sent = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if not sent or int(sent[1]) > start:
            raise Unavailable(f"The server sent another part of “{path}” than it was asked for. Try again.")
        first, total = int(sent[1]), -1 if sent[2] == "*" else int(sent[2])
    skip = start - first
    rest = length if total < 0 else max(total - start, 0) if length is None else min(length, max(total - start, 0))
    for block in body_blocks(response, path):
        piece = block[skip:]
        skip -= len(block) - len(piece)
        if rest is not None:
            piece = piece[:rest]
            rest -= len(piece)
        if piece:
            yield piece
        if rest == 0:
            return
    if rest:
        raise Unavailable(f"The server ended “{path}” too early. Try again.")
