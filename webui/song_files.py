"""The files of a song as answers: whole or a part of one, or all of them as a zip that is made while it is sent."""

import io
import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack

from flask import Response, request
from werkzeug.datastructures import ContentRange, Range
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import ClosingIterator

from davproxy.library import Library
from davproxy.media_types import media_type
from davproxy.model import Song
from davproxy.paths import name_of, safe_name


def answer(library: Library, song: Song, name: str, etag: str) -> Response:
    """The file `name` of `song`: the whole, or the one range that was asked for."""
    size = library.song_files(song)[name]
    asked = _one_range(etag)
    part = asked.range_for_length(size) if asked else None
    if asked and part is None:
        raise RequestedRangeNotSatisfiable(size)
    start, stop = part or (0, size)
    response = Response(_blocks(library.stream_song_file(song, name, start, stop - start)))
    response.content_type = media_type(name)
    response.content_length = stop - start
    response.accept_ranges = "bytes"
    response.set_etag(etag)
    if part:
        response.status_code = 206
        response.content_range = ContentRange("bytes", start, stop, size)
    elif etag in request.if_none_match:
        response.response.close()  # type: ignore[union-attr]
        response = Response(status=304)
        response.set_etag(etag)
    return response


def _one_range(etag: str) -> Range | None:
    """The range asked for, if it is one of bytes and of the file as it is now."""
    asked, condition = request.range, request.if_range
    current = condition.date is None and condition.etag in (None, etag)
    return asked if asked and asked.units == "bytes" and len(asked.ranges) == 1 and current else None


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
            for name, size in library.song_files(song).items():
                member = zipfile.ZipInfo(f"{folder}/{name_of(name)}", time.localtime(max(song.modified, 315619200))[:6])
                with target.open(member, "w", force_zip64=size > 2**31) as file, _whole(library, song, name) as blocks:
                    for block in blocks:
                        file.write(block)
                        yield sink.take()
    yield sink.take()


def _whole(library: Library, song: Song, name: str) -> AbstractContextManager[Iterator[bytes]]:
    return library.stream_song_file(song, name)


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
