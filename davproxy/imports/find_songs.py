"""Step: which songs lie in an unpacked folder, at any depth; what belongs to each, and what to none."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from davproxy.errors import BadInput, BadSng
from davproxy.formats import identify, rich_text, sng, song_fields, song_ini
from davproxy.formats.identify import Content, FileKind

LARGEST = 64 * 1024 * 1024
"""Far above any notes file."""


@dataclass(frozen=True, slots=True)
class FoundSong:
    """A song. `files` maps names in the song's folder to where the files are now; an .sng has one, with the name ``.

    `place` is where it was found, `identity` what games know it by.
    """

    place: str
    title: str
    artist: str
    identity: str
    files: Mapping[str, str]

    @property
    def is_sng(self) -> bool:
        """Whether it is one .sng file, not a folder."""
        return "" in self.files


@dataclass(slots=True)
class Findings:
    """What there is. `broken` are songs that cannot be taken in, `others` files of no song: each with the reason."""

    songs: list[FoundSong] = field(default_factory=list)
    broken: list[tuple[str, str]] = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)


def find_songs(folder: Path, files: Sequence[str], name: str) -> Findings:
    """The songs among `files`, which are paths relative to `folder`; `name` is the archive's, for files at its top."""
    found = Findings()
    packed = [path for path in files if _is_sng(folder / path)]
    for path in packed:
        _take(found, path, read_sng, folder / path, path)
    by_folder: dict[str, list[str]] = {}
    for path in sorted(set(files).difference(packed)):
        by_folder.setdefault(path.rpartition("/")[0], []).append(path)
    song_folders = {
        place for place, paths in by_folder.items() if identify.is_song(path.rpartition("/")[2] for path in paths)
    }
    belonging: dict[str, list[str]] = {}
    for place, paths in by_folder.items():
        owner = _owner(place, song_folders)
        if owner is None:
            found.others += [(path, "It belongs to no song.") for path in paths]
        else:
            belonging.setdefault(owner, []).extend(paths)
    for place, paths in belonging.items():
        _take(found, place, _read_folder, folder, place, paths, name)
    return found


def describe(
    files: Mapping[str, str], pairs: Mapping[str, str], notes: bytes, place: str, fallback: str = ""
) -> FoundSong:
    """The song made of these files, as its song.ini tells, or where that is silent, the name of its folder."""
    artist, dash, title = (place.rpartition("/")[2] or fallback).partition(" - ")
    if not dash:
        artist, title = "", artist
    return FoundSong(
        place,
        rich_text.strip(pairs.get("name", "")) or title.strip() or song_fields.text({}, "name"),
        rich_text.strip(pairs.get("artist", "")) or artist.strip() or song_fields.text({}, "artist"),
        identify.identity(notes),
        files,
    )


def names_in_song(names: Iterable[str]) -> dict[str, str]:
    """The names that files get in a song's folder: those that games look for in lower case, which some insist on."""
    chosen: dict[str, str] = {}
    for name in sorted(names, key=lambda name: (name != name.lower(), name)):
        lower = name.lower()
        known = "/" not in name and identify.file_kind(name) is not FileKind.OTHER
        chosen[lower if known and lower not in chosen else name] = name
    return chosen


def read_sng(file: Path, place: str) -> FoundSong:
    """The song that the .sng at `file` is. Raises BadSng."""
    with file.open("rb") as opened:
        header = sng.read(opened)
        notes = identify.notes_file(header.members)
        if notes is None:
            raise BadSng("It has no notes inside, so there is nothing to play.")
        if header.members[notes].size > LARGEST:
            raise BadSng("Its notes are larger than any song's, so it is no song.")
        content = b"".join(sng.contents(opened, header, header.members[notes]))
    return describe({"": place}, header.pairs, content, place.removesuffix(".sng"))


def _read_folder(folder: Path, place: str, paths: Sequence[str], name: str) -> FoundSong:
    start = len(place) + 1 if place else 0
    inside = names_in_song(path[start:] for path in paths)
    files = {name: path if not start else f"{place}/{path}" for name, path in inside.items()}
    notes = identify.notes_file(name for name in files if "/" not in name)
    if notes is None:
        raise BadInput("It has no notes.chart or notes.mid, so there is nothing to play.")
    ini = files.get(identify.INI_NAME)
    pairs = song_ini.pairs_of(_content(folder / ini) if ini else None)
    return describe(files, pairs, _content(folder / files[notes]), place, name)


def _take(found: Findings, place: str, read: Callable[..., FoundSong], *of: object) -> None:
    try:
        found.songs.append(read(*of))
    except BadInput as error:
        found.broken.append((place, error.message))


def _owner(place: str, song_folders: set[str]) -> str | None:
    """The nearest song folder that `place` is or lies in."""
    while place not in song_folders:
        if not place:
            return None
        place = place.rpartition("/")[0]
    return place


def _is_sng(file: Path) -> bool:
    with file.open("rb") as opened:
        return identify.content(opened.read(identify.SNIFF_BYTES)) is Content.SNG


def _content(file: Path) -> bytes:
    if file.stat().st_size > LARGEST:
        raise BadInput(f"Its {file.name} is larger than any song's, so it is no song.")
    return file.read_bytes()
