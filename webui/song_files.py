"""Responses with the files of a song: one file, whole or a range; or all files as a zip, made while it is sent."""

import io
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack

from flask import Response, request
from werkzeug.datastructures import ContentRange
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import ClosingIterator

from davproxy.library import Library
from davproxy.media_types import media_type
from davproxy.model import Song
from davproxy.paths import name_of, safe_name

Stream = Callable[[int, int], AbstractContextManager[Iterator[bytes]]]
"""Opens a stream of a file: (start, length), both in bytes."""


def file_response(library: Library, song: Song, name: str, etag: str) -> Response:
    """The file `name` of `song`, as `content_response`."""

    def stream(start: int, length: int) -> AbstractContextManager[Iterator[bytes]]:
        return library.songs.stream_file(song, name, start, length)

    return content_response(name, library.songs.files(song)[name], etag, stream)


def content_response(name: str, size: int, etag: str, stream: Stream) -> Response:
    """A file: 200 with all of it, 206 with the requested range, or 304 if the client has it."""
    if etag in request.if_none_match:
        response = Response(status=304)
        response.set_etag(etag)
        return response
    requested = _requested_range(etag, size)
    start, stop = requested or (0, size)
    response = Response(_blocks(stream(start, stop - start)))
    response.content_type = media_type(name)
    response.content_length = stop - start
    response.accept_ranges = "bytes"
    response.set_etag(etag)
    if requested:
        response.status_code = 206
        response.content_range = ContentRange("bytes", start, stop, size)
    return response


def _requested_range(etag: str, size: int) -> tuple[int, int] | None:
    """(start, stop) in bytes of the requested range; None for the whole file, also if several ranges are requested.

    Raises RequestedRangeNotSatisfiable.
    """
    requested, condition = request.range, request.if_range
    is_current = condition.date is None and condition.etag in (None, etag)
    if not requested or requested.units != "bytes" or len(requested.ranges) != 1 or not is_current:
        return None
    span = requested.range_for_length(size)
    if span is None:
        raise RequestedRangeNotSatisfiable(size)
    return span


def _blocks(context: AbstractContextManager[Iterator[bytes]]) -> ClosingIterator:
    """The blocks of `context`, entered now, so that its error becomes the response and does not cut it off."""
    closing = ExitStack()
    return ClosingIterator(closing.enter_context(context), closing.close)


def zip_blocks(library: Library, songs: Iterable[Song]) -> Iterator[bytes]:
    """A zip with a folder for each song, without compression, in blocks."""
    buffer = ZipBuffer()
    with zipfile.ZipFile(buffer, "w") as target:
        for song in songs:
            folder = safe_name(f"{song.artist} - {song.title}") + f" [{song.id:x}]"
            for name, size in library.songs.files(song).items():
                member = zipfile.ZipInfo(f"{folder}/{name_of(name)}", time.localtime(max(song.modified, 315619200))[:6])
                with (
                    target.open(member, "w", force_zip64=size > 2**31) as file,
                    library.songs.stream_file(song, name) as blocks,
                ):
                    for block in blocks:
                        file.write(block)
                        yield buffer.take()
    yield buffer.take()


class ZipBuffer(io.RawIOBase):
    """A buffer of the bytes that a zip has written, until `take` returns them."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._bytes += data
        return len(data)

    def take(self) -> bytes:
        """All bytes in the buffer, which is empty then."""
        content = bytes(self._bytes)
        self._bytes.clear()
        return content
