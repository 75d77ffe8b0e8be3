"""Tags: a player's own words on songs, stored in a file beside the lists, so that they outlast the index."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from davproxy import paths
from davproxy.curation.player_files import PlayerFile
from davproxy.curation.text_file import TextFile
from davproxy.errors import BadInput
from davproxy.formats.encoding import clean
from davproxy.library import Library
from davproxy.model import Song

TAGS = paths.join(paths.SETLISTS, "Tags.txt")
"""A line for each song: the MD5 of its notes, its tags with commas between them, and its names for people; between
them tabs. Other lines are left as they are."""
MOST_TAGS, LONGEST_TAG = 50, 60
MOST_MARKS = 200_000
_MD5 = re.compile("[0-9a-fA-F]{32}")


class Tags:
    """Reads and writes the file."""

    def __init__(self, library: Library) -> None:
        self._library, self._file = library, TextFile(library, TAGS)

    def files(self) -> Iterator[PlayerFile]:
        """The file, if there is one."""
        if (entry := self._library.tree.find(TAGS)) is not None and not entry.is_folder:
            yield PlayerFile(TAGS, entry.etag, self._store)

    def names(self) -> list[tuple[str, int]]:
        """Every tag with its number of songs, by name."""
        return self._library.marks.names("tag")

    def add(self, tag: str, songs: Iterable[Song]) -> None:
        """Give songs a tag. Raises BadInput for a text that is no tag."""
        tag = _valid_tag(tag)
        self._change(songs, lambda _, tags: _add_tag(tags, tag))

    def remove(self, tag: str, songs: Iterable[Song]) -> None:
        """Remove a tag from songs."""
        removed = tag.strip().casefold()
        self._change(songs, lambda _, tags: [tag for tag in tags if clean(tag).casefold() != removed])

    def follow(self, old: Song, new: Song) -> None:
        """Give `new` the tags of `old` too. Raises BadInput."""
        if old.identity in self._read():
            self._change([new], lambda before, tags: [*tags, *_new_tags(before.get(old.identity, []), tags)])

    def _change(self, songs: Iterable[Song], edit: Callable[[Mapping[str, list[str]], list[str]], list[str]]) -> None:
        """Give each song the tags that `edit` returns; it gets all tags by MD5, and those of the song."""
        songs = list(songs)
        for song in songs:
            if not song.identity:
                raise BadInput(f"The notes of “{song.title}” are not read yet, or it has none. Try again in a moment.")

        def change_lines(lines: list[str]) -> list[str]:
            before = _parse_lines(lines)
            new = {song.identity: edit(before, before.get(song.identity, [])) for song in songs}
            names = {song.identity: f"{song.artist} – {song.title}" for song in songs}
            changed = {
                md5: [_line(md5, tags, names[md5])] if tags else []
                for md5, tags in new.items()
                if tags != before.get(md5, [])
            }
            kept: list[str] = []
            for line in lines:
                md5 = _parse_line(line)[0]
                if md5 in changed:
                    kept += changed[md5]
                    changed[md5] = []
                else:
                    kept.append(line)
            return [*kept, *(line for added in changed.values() for line in added)]

        self._file.change(change_lines)

    def _store(self) -> None:
        marks = ((clean(tag), md5) for md5, tags in self._read().items() for tag in tags)
        self._library.marks.put(TAGS, "tag", islice(marks, MOST_MARKS))

    def _read(self) -> dict[str, list[str]]:
        return _parse_lines(self._file.lines())


def _parse_lines(lines: Iterable[str]) -> dict[str, list[str]]:
    """The tags of each song, by MD5."""
    found: dict[str, list[str]] = {}
    for md5, tags in map(_parse_line, lines):
        if md5:
            found.setdefault(md5, []).extend(tags)
    return found


def _parse_line(line: str) -> tuple[str, list[str]]:
    """(MD5, tags) of a line; an empty MD5 where the line is not that of a song."""
    md5, _, rest = line.partition("\t")
    if not _MD5.fullmatch(md5):
        return "", []
    return md5.lower(), [tag.strip() for tag in rest.partition("\t")[0].split(",") if tag.strip()]


def _line(md5: str, tags: Iterable[str], names: str) -> str:
    return f"{md5}\t{', '.join(tags)}\t{' '.join(names.split())}"


def _new_tags(tags: Iterable[str], there: Iterable[str]) -> list[str]:
    """Those of `tags` that `there` lacks, compared without case."""
    known = {tag.casefold() for tag in there}
    return [tag for tag in tags if tag.casefold() not in known]


def _add_tag(tags: list[str], tag: str) -> list[str]:
    if not (new := _new_tags([tag], tags)):
        return tags
    if len(tags) >= MOST_TAGS:
        raise BadInput(f"A song has at most {MOST_TAGS} tags.")
    return [*tags, *new]


def _valid_tag(tag: str) -> str:
    tag = " ".join(tag.split())
    if not tag or len(tag) > LONGEST_TAG or "," in tag or '"' in tag or not tag.isprintable():
        raise BadInput(f"A tag is a text of up to {LONGEST_TAG} characters, without commas and quotes.")
    return tag
