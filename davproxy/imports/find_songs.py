"""Step: find the songs in an unpacked folder, at any depth, and the files that belong to each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from davproxy.errors import BadInput, BadSng
from davproxy.formats import identify, rich_text, sng, song_fields, song_ini
from davproxy.formats.identify import Content, FileKind

LARGEST = 64 * 1024 * 1024
"""Bytes that a notes file or song.ini may have; real ones are far smaller."""


@dataclass(frozen=True, slots=True)
class FoundSong:
    """A song that is not in the library yet.

    `found_at` is the path of its folder or .sng, `identity` the MD5 of its notes. `files` maps names in the song's
    folder to the paths where the files are now; an .sng is one file, with an empty name.
    """

    found_at: str
    title: str
    artist: str
    identity: str
    files: Mapping[str, str]

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


def find_songs(folder: Path, files: Sequence[str], name: str) -> FoundSongs:
    """The songs among `files`, which are paths relative to `folder`.

    `name` is that of the archive: the title of a song whose files are at the top and give no other.
    """
    found = FoundSongs()
    sngs = [path for path in files if _is_sng(folder / path)]
    for path in sngs:
        _add(found, path, read_sng, folder / path, path)
    by_folder: dict[str, list[str]] = {}
    for path in sorted(set(files).difference(sngs)):
        by_folder.setdefault(path.rpartition("/")[0], []).append(path)
    song_folders = {
        parent for parent, paths in by_folder.items() if identify.is_song(path.rpartition("/")[2] for path in paths)
    }
    by_song: dict[str, list[str]] = {}
    for parent, paths in by_folder.items():
        owner = _song_folder_of(parent, song_folders)
        if owner is None:
            found.skipped += [(path, "It belongs to no song.") for path in paths]
        else:
            by_song.setdefault(owner, []).extend(paths)
    for song_folder, paths in by_song.items():
        _add(found, song_folder, _read_folder, folder, song_folder, paths, name)
    return found


def describe_folder(
    files: Mapping[str, str], found_at: str, read: Callable[[str], bytes], fallback: str = ""
) -> FoundSong:
    """The song that the folder `found_at` is. `files` maps names to paths, and `read` gives the bytes at a path.

    Where song.ini has no title or artist, the name of the folder gives them; at the top, `fallback`. Raises BadInput
    if there are no notes.
    """
    notes = identify.notes_file(name for name in files if "/" not in name)
    if notes is None:
        raise BadInput("It has no notes.chart or notes.mid, so there is nothing to play.")
    ini = files.get(identify.INI_NAME)
    pairs = song_ini.pairs_of(read(ini) if ini else None)
    return _describe(files, pairs, read(files[notes]), found_at, fallback)


def read_sng(file: Path, found_at: str) -> FoundSong:
    """The song that the .sng `file` is. Raises BadSng."""
    with file.open("rb") as opened:
        header = sng.read(opened)
        notes = identify.notes_file(header.members)
        if notes is None:
            raise BadSng("It has no notes inside, so there is nothing to play.")
        if header.members[notes].size > LARGEST:
            raise BadSng("Its notes are larger than any song's, so it is no song.")
        content = b"".join(sng.contents(opened, header, header.members[notes]))
    return _describe({"": found_at}, header.pairs, content, found_at.removesuffix(".sng"))


def names_in_song(names: Iterable[str]) -> dict[str, str]:
    """The names that files get in the song's folder, each with its present name.

    Names that games look for become lower case, because some games find no others.
    """
    chosen: dict[str, str] = {}
    for name in sorted(names, key=lambda name: (name != name.lower(), name)):
        lower = name.lower()
        known = "/" not in name and identify.file_kind(name) is not FileKind.OTHER
        chosen[lower if known and lower not in chosen else name] = name
    return chosen


def check_size(name: str, size: int) -> None:
    """Raise BadInput if `size` bytes are too many for the notes file or song.ini `name`."""
    if size > LARGEST:
        raise BadInput(f"Its {name} is larger than any song's, so it is no song.")


def _describe(
    files: Mapping[str, str], pairs: Mapping[str, str], notes: bytes, found_at: str, fallback: str = ""
) -> FoundSong:
    artist, dash, title = (found_at.rpartition("/")[2] or fallback).partition(" - ")
    if not dash:
        artist, title = "", artist
    return FoundSong(
        found_at,
        rich_text.strip(pairs.get("name", "")) or title.strip() or song_fields.text({}, "name"),
        rich_text.strip(pairs.get("artist", "")) or artist.strip() or song_fields.text({}, "artist"),
        identify.identity(notes),
        files,
    )


def _read_folder(folder: Path, song_folder: str, paths: Sequence[str], fallback: str) -> FoundSong:
    def read(path: str) -> bytes:
        file = folder / path
        check_size(file.name, file.stat().st_size)
        return file.read_bytes()

    start = len(song_folder) + 1 if song_folder else 0
    names = names_in_song(path[start:] for path in paths)
    files = {name: f"{song_folder}/{path}" if song_folder else path for name, path in names.items()}
    return describe_folder(files, song_folder, read, fallback)


def _add(found: FoundSongs, path: str, read: Callable[..., FoundSong], *arguments: object) -> None:
    """Add the song that `read` returns, or the reason why it cannot be read."""
    try:
        found.songs.append(read(*arguments))
    except BadInput as error:
        found.failed.append((path, error.message))


def _song_folder_of(folder: str, song_folders: set[str]) -> str | None:
    """The nearest song folder that `folder` is or lies in."""
    while folder not in song_folders:
        if not folder:
            return None
        folder = folder.rpartition("/")[0]
    return folder


def _is_sng(file: Path) -> bool:
    with file.open("rb") as opened:
        return identify.content(opened.read(identify.SNIFF_BYTES)) is Content.SNG
