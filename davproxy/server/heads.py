"""Request heads (RFC 9112, 2 to 6), read strictly: where a proxy and a server differ, requests can be smuggled."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

LINE_LIMIT = 16 * 1024
"""Longest request line, in bytes."""

_TOKEN = re.compile(rb"[!#$%&'*+.^`|~0-9A-Za-z-]+")
"""A method, or a header's name; without underscores, because WSGI cannot tell them from hyphens."""
_ONCE = ("CONTENT_LENGTH", "HTTP_HOST", "HTTP_TRANSFER_ENCODING")


@dataclass(frozen=True, slots=True)
class RequestLine:
    """Method, target and version of a request; the target is a path with its query, or `*`."""

    method: str
    target: str
    version: str


class BadHead(Exception):
    """A head that is no valid HTTP/1.1 request: the status to refuse it with, and a message.

    `line` holds what could be read of a malformed request line, because the path decides the form of the refusal.
    """

    def __init__(self, status: int, message: str, line: RequestLine | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.line = line


def read_line(line: bytes) -> RequestLine:
    """The request line without its line end. Raises BadHead."""
    method, _, rest = line.partition(b" ")
    target, _, version = rest.partition(b" ")
    if target.lower().startswith((b"http://", b"https://")):  # RFC 9112, 3.2.2; Host says the same again
        target = b"/" + target.partition(b"//")[2].partition(b"/")[2]
    read = RequestLine(method.decode("latin-1"), target.decode("latin-1"), version.decode("latin-1"))
    if not _TOKEN.fullmatch(method):
        raise BadHead(400, "This is not an HTTP request.")
    if len(line) > LINE_LIMIT:
        raise BadHead(414, "This address is too long.", read)
    if not version.startswith(b"HTTP/"):
        raise BadHead(400, "This is not an HTTP request.", read)
    if version not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise BadHead(505, "This server speaks HTTP/1.1.", read)
    if (not target.startswith(b"/") and target != b"*") or b"#" in target:
        raise BadHead(400, "This is not an address of this server.", read)
    return read


def read_fields(lines: Iterable[bytes]) -> dict[str, str]:
    """Header fields by their names in a WSGI environ. Raises BadHead."""
    fields: dict[str, str] = {}
    for line in lines:
        name, value = _field(line) if len(line) <= _CACHED else read_field(line)
        if not name:
            continue
        if name not in fields:
            fields[name] = value
        elif name in _ONCE:
            raise BadHead(400, "A header of the request is there twice.")
        else:
            fields[name] += ", " + value
    return fields


def read_field(line: bytes) -> tuple[str, str]:
    """Name and value of one field; an empty name for one that is ignored. Raises BadHead."""
    name, colon, value = line.partition(b":")
    if not colon or not _TOKEN.fullmatch(name.replace(b"_", b"-")) or b"\n" in line or b"\r" in line or b"\0" in line:
        raise BadHead(400, "A header of the request is malformed.")
    if b"_" in name:
        return "", ""
    key = name.decode("latin-1").upper().replace("-", "_")
    return (
        key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}",
        value.strip(b" \t").decode("latin-1"),
    )


_CACHED = 200
"""Longest field, in bytes, whose parsed form is cached: a client sends the same ones with each request."""
_field = lru_cache(maxsize=2048)(read_field)


@dataclass(frozen=True, slots=True)
class BodyFraming:
    """How the body of a request is delimited: `length` bytes, or chunks."""

    length: int
    chunked: bool


def read_framing(version: str, fields: dict[str, str]) -> BodyFraming:
    """How the body is delimited. Raises BadHead where two readers might disagree."""
    length, coding = fields.get("CONTENT_LENGTH", "0"), fields.get("HTTP_TRANSFER_ENCODING")
    if not (length.isascii() and length.isdigit()) or len(length) > 18:
        raise BadHead(400, "Content-Length is not a number.")
    if coding is None:
        return BodyFraming(int(length), chunked=False)
    if "CONTENT_LENGTH" in fields or version == "HTTP/1.0":
        raise BadHead(400, "Content-Length and Transfer-Encoding exclude each other.")
    if coding.lower() != "chunked":
        raise BadHead(501, "Only the chunked transfer coding is understood.")
    return BodyFraming(0, chunked=True)
