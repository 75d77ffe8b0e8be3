"""The pages and links of an Ogg file.

Concatenated Ogg files are one chained file (RFC 3533, section 4), of which libsndfile reads only the first link.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mutagen.ogg import OggPage, error

from davproxy.errors import BadAudio

MAGIC = b"OggS"


@dataclass(frozen=True)
class Link:
    """A link of a chained file: its bytes `start` to `stop` are an Ogg file of their own. `ended` tells whether the
    last page has the end-of-stream flag; without it, the file may have been cut short."""

    start: int
    stop: int
    ended: bool


def is_ogg(path: Path) -> bool:
    """Whether the file begins with the signature of Ogg."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def pages(file: BinaryIO) -> Iterator[OggPage]:
    """The pages from the position of `file` to its end. Raises mutagen's `error` where no page begins."""
    while True:
        try:
            yield OggPage(file)  # type: ignore[no-untyped-call]
        except EOFError:
            return


def page_bytes(page: OggPage) -> bytes:
    """The bytes of a page, with the checksum that they should have."""
    return bytes(page.write())  # type: ignore[no-untyped-call]


def links(path: Path) -> list[Link]:
    """The links of the Ogg file at `path`. Raises BadAudio if pages are damaged or missing, or if several streams are
    multiplexed, as in a video."""
    found: list[Link] = []
    start = stop = 0
    headers, ended = True, False  # a link begins with the first page of each of its streams
    with path.open("rb") as file:
        try:
            for page in pages(file):
                end = file.tell()
                file.seek(stop)
                if page_bytes(page) != file.read(end - stop):
                    raise BadAudio(f"{path.name} is damaged.")
                if page.first and stop > start:
                    if headers:
                        raise BadAudio(f"{path.name} holds several streams.")
                    found.append(Link(start, stop, ended))
                    start = stop
                stop, headers, ended = end, page.first, page.last
        except error as damage:
            file.seek(stop + 1)
            if MAGIC in file.read():
                raise BadAudio(f"{path.name} is damaged.") from damage
    return [*found, Link(start, stop, ended)]
