"""Digests that a client sends with a body, checked while the body is read.

The headers are Content-MD5 (RFC 1864), Digest (RFC 3230), Repr-Digest and Content-Digest (RFC 9530), and OC-Checksum of
ownCloud and Nextcloud.
"""

import hashlib
import zlib
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from davproxy.errors import BadBody

_LISTS = ("HTTP_DIGEST", "HTTP_REPR_DIGEST", "HTTP_CONTENT_DIGEST")


class _Hash(Protocol):
    def update(self, block: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Adler32:
    """Adler-32, which the ownCloud clients send."""

    def __init__(self) -> None:
        self._value = 1

    def update(self, block: bytes, /) -> None:
        self._value = zlib.adler32(block, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4)


_HASHES: Mapping[str, Callable[[], _Hash]] = {
    "adler32": _Adler32,
    "md5": lambda: hashlib.md5(usedforsecurity=False),
    "sha": lambda: hashlib.sha1(usedforsecurity=False),
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha-256": hashlib.sha256,
    "sha256": hashlib.sha256,
    "sha-512": hashlib.sha512,
    "sha512": hashlib.sha512,
}


class Digests:
    """The digests in the headers of one request; unknown algorithms are ignored."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._expected = [
            (_HASHES[name](), digest) for name, digest in set(_announced_digests(environ)) if name in _HASHES
        ]

    def update(self, block: bytes) -> None:
        """Add the next bytes of the body."""
        for computed, _ in self._expected:
            computed.update(block)

    def check(self) -> None:
        """Raise BadBody where the body does not match a digest."""
        if any(computed.digest() != digest for computed, digest in self._expected):
            raise BadBody("The file arrived with other bytes than its checksum says. Send it again.")


def _announced_digests(environ: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """(algorithm in lower case, digest). A digest that cannot be decoded is empty, so it never matches."""
    if header := environ.get("HTTP_CONTENT_MD5"):
        yield "md5", _decode(header.strip())
    for name in _LISTS:
        for item in filter(None, environ.get(name, "").split(",")):
            algorithm, _, value = item.strip().partition("=")
            value = value.partition(";")[0].strip().strip(":")  # RFC 9530 encloses it in colons
            adler32 = algorithm.lower() == "adler32"  # which RFC 3230 writes in hexadecimal digits
            yield algorithm.lower(), _from_hex(value) if adler32 else _decode(value)
    for item in environ.get("HTTP_OC_CHECKSUM", "").replace(",", " ").split():
        algorithm, _, value = item.partition(":")
        yield algorithm.lower(), _from_hex(value)


def _decode(value: str) -> bytes:
    try:
        return b64decode(value, validate=True)
    except (Base64Error, ValueError):
        return b""


def _from_hex(value: str) -> bytes:
    try:
        return bytes.fromhex(value)
    except ValueError:
        return b""
