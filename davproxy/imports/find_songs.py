"""Step: find the songs among files, at any depth, and the files that belong to each.

What is found depends on names, sizes and contents alone, so a folder and an archive of it give the same songs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from davproxy.errors import BadInput, BadSng
from davproxy.formats import identify, notes_chart, rich_text, sng, song_fields, song_ini
from davproxy.formats.identify import Content
from davproxy.formats.song_names import names_in_song

LARGEST = 64 * 1024 * 1024
"""Bytes that a notes file or song.ini may have; real ones are far smaller."""
NO_NOTES = "It has no notes.chart or notes.mid, so there is nothing to play."
NO_SONG = "It belongs to no song."
AUDIO_ALONE = "It is audio without a chart. Put it into /Generate to have one made."


@dataclass(frozen=True, slots=True)
class FoundSong:
    """A song that is not in the library yet.

    `found_at` is the path of its folder or .sng, `identity` the MD5 of its notes. `files` maps names in the song's
    folder to the paths where the files are now; an .sng is one file, with an empty name. `pairs` are those of its
    song.ini or metadata.
    """

    found_at: str
    title: str
    artist: str
    identity: str
    files: Mapping[str, str]
    pairs: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_sng(self) -> bool:
        """Whether the song is one .sng file."""
        return "" in self.files


@dataclass(slots=True)
class FoundSongs:
    """What is in a folder. `failed` songs cannot be imported, `skipped` files belong to no song: (path, reason)."""

    songs: list[FoundSong] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def find_unpacked(folder: Path, files: Sequence[str], name: str) -> FoundSongs:
    """The songs among `files`, which are paths relative to `folder` on this disk; an .sng is known by its content.

    `name` is as in `find_songs`.
    """
    found = FoundSongs()
    sngs = [path for path in files if _is_sng(folder / path)]
    for path in sngs:
        _add(found, path, read_sng, folder / path, path)
    sizes = {path: (folder / path).stat().st_size for path in set(files).difference(sngs)}
    others = find_songs(sizes, lambda path: (folder / path).read_bytes(), name)
    return FoundSongs([*found.songs, *others.songs], [*found.failed, *others.failed], others.skipped)


def find_songs(sizes: Mapping[str, int], read: Callable[[str], bytes], name: str) -> FoundSongs:
    """The songs among files, of which `sizes` are the bytes by relative path; `read` gives the content of one.

    A folder inside a song is part of it, since no game looks for songs there. `name` is that of the whole: the title of
    a song whose files are at the top and give no other.
    """
    found = FoundSongs()
    by_folder: dict[str, list[str]] = {}
    for path in sorted(sizes):
        by_folder.setdefault(path.rpartition("/")[0], []).append(path)
    song_of = song_folders(sizes)
    above_songs = {above for path in sizes if (song := song_of(path)) is not None for above in _ancestors(song)}
    by_song: dict[str, dict[str, int]] = {}
    for folder, files in by_folder.items():
        if (song := song_of(files[0])) is not None:
            by_song.setdefault(song, {}).update((path, sizes[path]) for path in files)
        elif folder not in above_songs and (reason := _missing(files)):
            found.failed.append((folder, reason))
        else:
            found.skipped += [(path, AUDIO_ALONE if _is_audio(path) else NO_SONG) for path in files]
    for folder, of_song in by_song.items():
        _add(found, folder, _read_folder, of_song, read, folder, name)
    return found


def song_folders(paths: Iterable[str]) -> Callable[[str], str | None]:
    """A function from a path to the outermost song folder that contains it, or None."""
    by_folder: dict[str, list[str]] = {}
    for path in paths:
        by_folder.setdefault(path.rpartition("/")[0], []).append(path)
    songs = {folder for folder, files in by_folder.items() if _is_song(files)}
    owners = {
        folder: next((each for each in (*_ancestors(folder), folder) if each in songs), None) for folder in by_folder
    }
    return lambda path: owners[path.rpartition("/")[0]]


def read_sng(file: Path, found_at: str) -> FoundSong:
    """The song that the .sng `file` is. Raises BadSng."""
    with file.open("rb") as opened:
        header = sng.read(opened)
        notes = identify.notes_file(header.sizes)
        if notes is None:
            raise BadSng("It has no notes inside, so there is nothing to play.")
        if header.members[notes].size > LARGEST:
            raise BadSng("Its notes are larger than any song's, so it is no song.")
        content = b"".join(sng.contents(opened, header, header.members[notes]))
    return _describe({"": found_at}, header.pairs, notes, content, found_at.removesuffix(".sng"))


def _read_folder(sizes: Mapping[str, int], read: Callable[[str], bytes], folder: str, fallback: str) -> FoundSong:
    """The song that `folder` is, with the files of `sizes`. Raises BadInput if there are no notes."""
    start = len(folder) + 1 if folder else 0
    names = names_in_song(path[start:] for path in sizes)
    files = {name: f"{folder}/{path}" if folder else path for name, path in names.items()}
    notes = identify.notes_file({name: sizes[path] for name, path in files.items()})
    if notes is None:
        raise BadInput(NO_NOTES)
    ini = files.get(identify.INI_NAME)
    for name in (notes, identify.INI_NAME):
        if name in files and sizes[files[name]] > LARGEST:
            raise BadInput(f"Its {name} is larger than any song's, so it is no song.")
    return _describe(files, song_ini.pairs_of(read(ini) if ini else None), notes, read(files[notes]), folder, fallback)


def _describe(
    files: Mapping[str, str], pairs: Mapping[str, str], name: str, notes: bytes, found_at: str, fallback: str = ""
) -> FoundSong:
    """The song with these files. Title and artist are those of `pairs`, else of the notes, else of its folder."""
    of_chart = notes_chart.fields_of(notes_chart.song_of(notes)) if name.lower() == identify.CHART_NAME else {}
    artist, dash, title = (found_at.rpartition("/")[2] or fallback).partition(" - ")
    if not dash:
        artist, title = "", artist

    def text(key: str, of_folder: str) -> str:
        given = (rich_text.strip(song_fields.raw_text(each, key)) for each in (pairs, of_chart))
        return next(filter(None, given), of_folder.strip()) or song_fields.text({}, key)

    return FoundSong(found_at, text("name", title), text("artist", artist), identify.identity(notes), files, pairs)


def _add(found: FoundSongs, path: str, read: Callable[..., FoundSong], *arguments: object) -> None:
    """Add the song that `read` returns, or the reason why it cannot be read."""
    try:
        found.songs.append(read(*arguments))
    except BadInput as error:
        found.failed.append((path, error.message))


def _is_song(files: Iterable[str]) -> bool:
    """Whether a folder with these files is a song that has its notes."""
    return identify.is_playable(names_in_song(path.rpartition("/")[2] for path in files))


def _missing(files: Iterable[str]) -> str | None:
    """What a folder lacks that was meant as a song; None for one that was not."""
    kinds = {identify.file_kind(path.rpartition("/")[2]) for path in files}
    if identify.FileKind.INI in kinds:
        return NO_NOTES
    if identify.FileKind.NOTES in kinds:
        return "It has notes, but neither a song.ini nor audio, so it is no song."
    return None


def _ancestors(folder: str) -> list[str]:
    """The folders above `folder`, the outermost first."""
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:count]) for count in range(len(parts))]


def _is_audio(path: str) -> bool:
    return identify.split(path)[1] in (*identify.AUDIO_EXTENSIONS, *identify.OTHER_AUDIO_EXTENSIONS)


def _is_sng(file: Path) -> bool:
    with file.open("rb") as opened:
        return identify.content(opened.read(identify.SNIFF_BYTES)) is Content.SNG
