"""Changes of a song's metadata and album art, in its song.ini and folder or in its .sng."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import chain

from davproxy.errors import BadInput, BreaksScores
from davproxy.formats import sng, song_fields, song_ini
from davproxy.formats.identify import INI_NAME
from davproxy.library.album_art import AlbumArt
from davproxy.library.sng_files import SngFiles
from davproxy.library.song_rows import is_sng
from davproxy.library.tree import Tree
from davproxy.model import ABSENT, Guard, Song
from davproxy.paths import join
from davproxy.remote.protocol import send

Changes = Mapping[str, song_fields.Value | float | None]
"""New values of song.ini fields; None removes a field."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field as it stands in song.ini before and after an edit; None where it is absent."""

    key: str
    before: str | None
    after: str | None


class SongEditing:
    """Writes what differs and leaves every other byte as it is."""

    def __init__(self, tree: Tree, sng_files: SngFiles, album_art: AlbumArt) -> None:
        self._tree, self._sng_files, self._album_art = tree, sng_files, album_art

    def edit(
        self, song: Song, changes: Changes, *, breaks_scores: bool = False, dry_run: bool = False
    ) -> list[FieldChange]:
        """Write `changes`, unless it is a `dry_run`. Returns what differs then.

        Raises BadIni for a value that games would not understand, and BreaksScores for a field that scores depend on,
        unless `breaks_scores` is set.
        """
        old, new = self._preview(song, changes)
        if not breaks_scores and (keys := _identity_changes(old, new)):
            raise BreaksScores(
                f"Changing {', '.join(keys)} makes games take this for another song: players would lose their scores."
                " Confirm if you mean it."
            )
        differing = _differing(old, new)
        if dry_run:
            return differing
        guard = Guard(etag=song.etag) if song.etag else ABSENT
        if is_sng(self._tree.stat(song.path)):
            self._edit_sng(song, differing, guard)
        elif song_ini.render(new) != song_ini.render(old) or not song.etag:
            self._tree.write(join(song.path, INI_NAME), song_ini.render(new), guard=guard)
        return differing

    def _preview(self, song: Song, changes: Changes) -> tuple[song_ini.SongIni, song_ini.SongIni]:
        """The song's song.ini as it is, and as `changes` would make it."""
        if is_sng(self._tree.stat(song.path)):
            old = song_ini.of_pairs(song.metadata)
        else:
            old = song_ini.parse(self._tree.read(join(song.path, INI_NAME))) if song.etag else song_ini.create({})
        return old, song_ini.edit(old, _with_title_as_name(changes, old.pairs))

    def set_art(self, song: Song, picture: bytes) -> None:
        """Write `picture`, cut to a square, as album.jpg or album.png. Raises BadImage, BadInput."""
        if is_sng(self._tree.stat(song.path)):
            raise BadInput("The picture inside an .sng file cannot be replaced. Unpack it into a folder first.")
        name, content = self._album_art.make(picture)
        self._tree.write(join(song.path, name), content)
        for other in ("album.jpg", "album.jpeg", "album.png"):
            if other != name and other in song.files:
                self._tree.delete(join(song.path, other))

    def extend_sng(
        self,
        song: Song,
        fields: Mapping[str, str],
        sizes: Mapping[str, int],
        blocks: Callable[[str], AbstractContextManager[Iterator[bytes]]],
    ) -> None:
        """Write the .sng with `fields` changed and with files added, of `sizes` by name; `blocks` gives their bytes."""
        entry = self._tree.stat(song.path)
        start = self._sng_files.header_bytes(entry)
        packed = sng.parse(start, entry.size)
        header, end = sng.extend(start, entry.size, {**packed.pairs, **fields}, sizes)
        rest = entry.size - end

        def content() -> Iterator[bytes]:
            yield header
            with self._tree.stream(song.path, end, rest) as old:
                yield from old
            for name in sizes:
                offset = 0
                with blocks(name) as new:
                    for block in new:
                        yield sng.unmask(packed, block, offset)
                        offset += len(block)

        size = len(header) + rest + sum(sizes.values())
        send(self._tree.upload(song.path, size=size, guard=Guard(etag=entry.etag)), content())

    def _edit_sng(self, song: Song, differing: Sequence[FieldChange], guard: Guard) -> None:
        """Write the .sng with what differs in its metadata; its files keep every byte."""
        if not differing:
            return
        entry = self._tree.stat(song.path)
        start = self._sng_files.header_bytes(entry)
        pairs = dict(sng.parse(start, entry.size).pairs) | {each.key: each.after or "" for each in differing}
        header, end = sng.edit(start, pairs)
        rest = entry.size - end
        with self._tree.stream(song.path, end, rest) as blocks:
            send(self._tree.upload(song.path, size=len(header) + rest, guard=guard), chain([header], blocks))


def _with_title_as_name(changes: Changes, pairs: Mapping[str, str]) -> Changes:
    """`changes` with `title` as another word for `name`, because no game reads a line `title` in song.ini.

    One that is in `pairs` is removed where it is changed; None removes that line and leaves the name. Where a client
    sends the name as it is beside a new title, the title counts. Raises BadInput where both are new and differ.
    """
    by_key = {key.strip().lower(): value for key, value in changes.items()}
    if (title := by_key.pop("title", None)) is None:
        return changes
    title, name = song_fields.to_text("name", title), by_key.get("name")
    if title == pairs.get("title"):
        return by_key
    if name is not None and song_fields.to_text("name", name) not in (title, pairs.get("name")):
        raise BadInput("title: the song's name is given twice, as “name” and as “title”. Give one of them.")
    return {**by_key, "name": title, **({"title": None} if "title" in pairs else {})}


def _differing(old: song_ini.SongIni, new: song_ini.SongIni) -> list[FieldChange]:
    return [
        FieldChange(key, old.pairs.get(key), new.pairs.get(key))
        for key in {**old.pairs, **new.pairs}
        if old.pairs.get(key) != new.pairs.get(key)
    ]


def _identity_changes(old: song_ini.SongIni, new: song_ini.SongIni) -> list[str]:
    """The fields that scores depend on whose meaning differs."""
    return [
        key
        for key in song_fields.IDENTITY_KEYS
        if song_fields.value(old.pairs, key) != song_fields.value(new.pairs, key)
    ]
