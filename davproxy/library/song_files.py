"""The files of a song, alike whether it is a folder or one .sng."""

import contextlib
from collections.abc import Iterator, Mapping

from davproxy.errors import NotFound
from davproxy.formats import sng
from davproxy.library.sng_files import SngFiles
from davproxy.library.song_rows import is_sng
from davproxy.library.tree import Tree
from davproxy.model import Song
from davproxy.paths import join


class SongFiles:
    """Names, sizes, etags and bytes."""

    def __init__(self, tree: Tree, sng_files: SngFiles) -> None:
        self._tree, self._sng_files = tree, sng_files

    def sizes(self, song: Song) -> Mapping[str, int]:
        """The size of each file in the song's folder, or packed in its .sng, by name."""
        entry = self._tree.stat(song.path)
        if not is_sng(entry):
            return song.files
        return self._sng_files.header(entry).sizes

    def etag(self, song: Song, name: str) -> str:
        """A value that changes with the bytes of the file called `name`."""
        entry = self._tree.stat(song.path)
        return entry.etag if is_sng(entry) else self._tree.stat(join(song.path, name)).etag

    @contextlib.contextmanager
    def stream(self, song: Song, name: str, start: int = 0, length: int | None = None) -> Iterator[Iterator[bytes]]:
        """The bytes of the file called `name` from `start`, `length` of them or to the end. Raises NotFound."""
        entry = self._tree.stat(song.path)
        if not is_sng(entry):
            with self._tree.stream(join(song.path, name), start, length) as blocks:
                yield blocks
            return
        header = self._sng_files.header(entry)
        member = header.members.get(name)
        if member is None:
            raise NotFound(f"There is no “{name}” in this song.")
        wanted = min(max(0, member.size - start), member.size if length is None else length)
        with self._tree.stream(song.path, member.offset + start, wanted) as blocks:
            yield _unmask(header, blocks, start)


def _unmask(header: sng.Sng, blocks: Iterator[bytes], start: int) -> Iterator[bytes]:
    for block in blocks:
        yield sng.unmask(header, block, start)
        start += len(block)
