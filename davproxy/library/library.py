"""The library: the tree, and the songs in it: found, edited, their pictures and charts."""

import contextlib
import io
from collections.abc import Iterator, Mapping
from itertools import chain

from PIL import Image, UnidentifiedImageError

from davproxy.errors import BadImage, BadInput, BreaksScores, Conflict, NotFound
from davproxy.formats import sng, song_fields, song_ini
from davproxy.formats.identify import INI_NAME
from davproxy.library.song_rows import is_sng
from davproxy.library.tree import Tree
from davproxy.model import ABSENT, Guard, Song, SongQuery
from davproxy.paths import join
from davproxy.remote.protocol import send

ART_SIDE = 512
"""Album art is a square of this many pixels, what games show best."""
ART_PIXELS = 40_000_000


class Library(Tree):
    """All that both doors use."""

    def song(self, id: int) -> Song:
        """The song with this id. Raises NotFound."""
        song = self.index.songs.get(id)
        if song is None:
            raise NotFound("There is no such song. It may have been deleted.")
        return song

    def song_of(self, path: str) -> Song | None:
        """The song that `path` is, or lies in."""
        place = self.catalogue.place_of(path)
        return self.index.songs.at(place) if place else None

    def find_songs(self, query: SongQuery) -> tuple[int, list[Song]]:
        """How many songs match in all, and the page asked for."""
        return self.index.songs.find(query)

    def read_notes(self) -> Iterator[int]:
        """Look into the notes of songs that nobody has looked into yet; yields how many are done so far."""
        return self.catalogue.read_notes()

    def edit_song(
        self,
        id: int,
        changes: Mapping[str, song_fields.Value | None],
        *,
        etag: str | None = None,
        breaks_scores: bool = False,
    ) -> Song:
        """Change fields of song.ini, or of an .sng's metadata; None takes a field out. All else stays as it is.

        `etag` is that of the Song the editor read: Conflict when it changed since. A change of one of the fields that
        scores hang on raises BreaksScores unless `breaks_scores` says that it is meant.
        """
        song = self.song(id)
        if etag is not None and etag != song.etag:
            raise Conflict("This song was changed elsewhere meanwhile. Look at it again, then repeat your change.")
        ini, edited = self.preview_edit(song, changes)
        if not breaks_scores and (keys := _identity_changes(ini, edited)):
            raise BreaksScores(
                f"Changing {', '.join(keys)} makes games take this for another song: players would lose their scores."
                " Confirm if you mean it."
            )
        guard = Guard(etag=song.etag) if song.etag else ABSENT
        if is_sng(self.stat(song.path)):
            self._edit_sng(song, ini, edited, guard)
        elif song_ini.render(edited) != song_ini.render(ini) or not song.etag:
            self.write(join(song.path, INI_NAME), song_ini.render(edited), guard=guard)
        return self.index.songs.at(song.path) or self.song(id)  # in a local folder an .sng written anew has a new id

    def _edit_sng(self, song: Song, old: song_ini.SongIni, new: song_ini.SongIni, guard: Guard) -> None:
        """Write an .sng anew with what differs between `old` and `new`; the files inside keep every byte."""
        keys = [key for key in {**old.pairs, **new.pairs} if old.pairs.get(key) != new.pairs.get(key)]
        if not keys:
            return
        entry = self.stat(song.path)
        start = self.catalogue.sng_start(entry)
        pairs = dict(sng.parse(start, entry.size).pairs) | {key: new.pairs.get(key, "") for key in keys}
        header, end = sng.edit(start, pairs)
        rest = entry.size - end
        with self.stream(song.path, end, rest) as blocks:
            send(self.upload(song.path, size=len(header) + rest, guard=guard), chain([header], blocks))

    def preview_edit(
        self, song: Song, changes: Mapping[str, song_fields.Value | None]
    ) -> tuple[song_ini.SongIni, song_ini.SongIni]:
        """A song's song.ini as it is, and as `changes` would make it. Nothing is written."""
        if is_sng(self.stat(song.path)):
            old = song_ini.of_pairs(song.metadata)
        else:
            old = song_ini.parse(self.read(join(song.path, INI_NAME))) if song.etag else song_ini.create({})
        return old, song_ini.edit(old, changes)

    def set_art(self, id: int, picture: bytes) -> Song:
        """Make `picture`, cut to a square, the album art, as album.jpg or album.png. Raises BadImage."""
        song = self.song(id)
        if is_sng(self.stat(song.path)):
            raise BadInput("The picture inside an .sng file cannot be replaced. Unpack it into a folder first.")
        name, content = album_art(picture)
        self.write(join(song.path, name), content)
        for other in ("album.jpg", "album.jpeg", "album.png"):
            if other != name and other in song.files:
                self.delete(join(song.path, other))
        return self.song(id)

    # The files of a song, alike whether it is a folder or one .sng

    def song_files(self, song: Song) -> Mapping[str, int]:
        """The song's files and their sizes: those of its folder, or those packed in its .sng."""
        entry = self.stat(song.path)
        if not is_sng(entry):
            return song.files
        return {member.name: member.size for member in self.catalogue.sng_header(entry).members.values()}

    def song_file_etag(self, song: Song, name: str) -> str:
        """What changes with the bytes of a song's file."""
        entry = self.stat(song.path)
        return entry.etag if is_sng(entry) else self.stat(join(song.path, name)).etag

    @contextlib.contextmanager
    def stream_song_file(
        self, song: Song, name: str, start: int = 0, length: int | None = None
    ) -> Iterator[Iterator[bytes]]:
        """The bytes of a song's file from `start`, `length` of them or to the end. Raises NotFound."""
        entry = self.stat(song.path)
        if not is_sng(entry):
            with self.stream(join(song.path, name), start, length) as blocks:
                yield blocks
            return
        header = self.catalogue.sng_header(entry)
        member = header.members.get(name)
        if member is None:
            raise NotFound(f"There is no “{name}” in this song.")
        wanted = min(max(0, member.size - start), member.size if length is None else length)
        with self.stream(song.path, member.offset + start, wanted) as blocks:
            yield _unmasked(header, blocks, start)


def _unmasked(header: sng.Sng, blocks: Iterator[bytes], place: int) -> Iterator[bytes]:
    for block in blocks:
        yield sng.unmask(header, block, place)
        place += len(block)


def album_art(picture: bytes) -> tuple[str, bytes]:
    """`picture` as file name and bytes of album art: a centred square of ART_SIDE pixels, PNG if it came as one."""
    try:
        with Image.open(io.BytesIO(picture), formats=("PNG", "JPEG", "WEBP", "GIF")) as opened:
            if opened.width * opened.height > ART_PIXELS:
                raise BadImage("The picture has more than 40 million pixels. Make it smaller.")
            kind = "PNG" if opened.format == "PNG" else "JPEG"
            square = min(opened.size)
            left, top = (opened.width - square) // 2, (opened.height - square) // 2
            art = opened.convert("RGB").resize(
                (ART_SIDE, ART_SIDE), Image.Resampling.LANCZOS, box=(left, top, left + square, top + square)
            )
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadImage("This is not a picture that can be used. Take a PNG or JPEG.") from error
    out = io.BytesIO()
    art.save(out, kind, quality=92, optimize=True)
    return ("album.png" if kind == "PNG" else "album.jpg"), out.getvalue()


def _identity_changes(old: song_ini.SongIni, new: song_ini.SongIni) -> list[str]:
    """The fields that scores hang on whose meaning differs."""
    return [
        key
        for key in song_fields.IDENTITY_KEYS
        if song_fields.value(old.pairs, key) != song_fields.value(new.pairs, key)
    ]
