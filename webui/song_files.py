"""The files of a song as answers: whole or a part of one, or all of them as a zip that is made while it is sent."""

import io
import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack

from flask import Response, request
from werkzeug.datastructures import ContentRange
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import ClosingIterator

from davproxy.library import Library
from davproxy.media_types import media_type
from davproxy.model import Song
from davproxy.paths import name_of, safe_name


def answer(library: Library, song: Song, name: str, etag: str) -> Response:
    """The file `name` of `song`: 200 with all of it, 206 with the one range asked for, or 304 if the client has it."""
    if etag in request.if_none_match:
        response = Response(status=304)
        response.set_etag(etag)
        return response
    size = library.songs.files(song)[name]
    part = _range(etag, size)
    start, stop = part or (0, size)
    response = Response(_blocks(library.songs.stream_file(song, name, start, stop - start)))
    response.content_type = media_type(name)
    response.content_length = stop - start
    response.accept_ranges = "bytes"
    response.set_etag(etag)
    if part:
        response.status_code = 206
        response.content_range = ContentRange("bytes", start, stop, size)
    return response


def _range(etag: str, size: int) -> tuple[int, int] | None:
    """(start, stop) in bytes if the request asks for one range of the current file; several are answered with it whole.

    Raises RequestedRangeNotSatisfiable.
    """
    asked, condition = request.range, request.if_range
    is_current = condition.date is None and condition.etag in (None, etag)
    if not asked or asked.units != "bytes" or len(asked.ranges) != 1 or not is_current:
        return None
    part = asked.range_for_length(size)
    if part is None:
        raise RequestedRangeNotSatisfiable(size)
    return part


def _blocks(context: AbstractContextManager[Iterator[bytes]]) -> ClosingIterator:
    """The blocks of `context`, which is entered now, so that what is wrong is answered, not cut."""
    closing = ExitStack()
    return ClosingIterator(closing.enter_context(context), closing.close)


def archive(library: Library, songs: Iterable[Song]) -> Iterator[bytes]:
    """A zip with a folder for each of `songs`, stored without compression, in blocks."""
    sink = Sink()
    with zipfile.ZipFile(sink, "w") as target:
        for song in songs:
            folder = safe_name(f"{song.artist} - {song.title}") + f" [{song.id:x}]"
            for name, size in library.songs.files(song).items():
                member = zipfile.ZipInfo(f"{folder}/{name_of(name)}", time.localtime(max(song.modified, 315619200))[:6])
                with target.open(member, "w", force_zip64=size > 2**31) as file, _whole(library, song, name) as blocks:
                    for block in blocks:
                        file.write(block)
                        yield sink.take()
    yield sink.take()


def _whole(library: Library, song: Song, name: str) -> AbstractContextManager[Iterator[bytes]]:
    return library.songs.stream_file(song, name)


class Sink(io.RawIOBase):
    """What the zip writes into; `take` hands it on."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._waiting += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken
