"""Tags: words of one's own on songs, in a file beside the lists, so that they last whatever happens to the index."""

from collections.abc import Iterable, Iterator

from davproxy import paths
from davproxy.curation.player_files import PlayerFile
from davproxy.errors import BadInput, NotFound
from davproxy.library import Library
from davproxy.model import Song

TAGS = paths.join(paths.SETLISTS, "Tags.txt")
"""A line for each song: the MD5 of its notes, its tags with commas between them, and its names for people; between
them tabs."""
MOST_TAGS, LONGEST_TAG = 50, 60


class Tags:
    """Reads and writes the file."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def files(self) -> Iterator[PlayerFile]:
        """The file, if there is one."""
        if (entry := self._library.tree.find(TAGS)) is not None and not entry.is_folder:
            yield PlayerFile(TAGS, entry.etag, self._store)

    def names(self) -> list[tuple[str, int]]:
        """Every tag with its number of songs, by name."""
        return self._library.marks.names("tag")

    def add(self, tag: str, songs: Iterable[Song]) -> None:
        """Give songs a tag. Raises BadInput for a text that is no tag."""
        self._change(songs, added=_checked(tag))

    def remove(self, tag: str, songs: Iterable[Song]) -> None:
        """Take a tag from songs."""
        self._change(songs, removed=tag.strip().casefold())

    def follow(self, old: Song, new: Song) -> None:
        """Give `new` the tags of `old`."""
        for tag in self._read().get(old.identity, ([], ""))[0]:
            self.add(tag, [new])

    def _change(self, songs: Iterable[Song], added: str = "", removed: str = "") -> None:
        with self._library.own_writes.lock:
            lines = self._read()
            former = dict(lines)
            for song in songs:
                if not song.identity:
                    raise BadInput(
                        f"The notes of “{song.title}” are not read yet, or it has none. Try again in a moment."
                    )
                tags = [tag for tag in lines.get(song.identity, ([], ""))[0] if tag.casefold() != removed]
                if added and added.casefold() not in {tag.casefold() for tag in tags}:
                    tags = [*tags, added]
                if len(tags) > MOST_TAGS:
                    raise BadInput(f"A song has at most {MOST_TAGS} tags.")
                lines[song.identity] = tags, f"{song.artist} – {song.title}"
            lines = {md5: line for md5, line in lines.items() if line[0]}
            if {md5: tags for md5, (tags, _) in lines.items()} != {md5: tags for md5, (tags, _) in former.items()}:
                self._library.tree.write(TAGS, _render(lines))

    def _store(self) -> None:
        marks = [(tag, md5) for md5, (tags, _) in self._read().items() for tag in tags]
        self._library.marks.put(TAGS, "tag", marks)

    def _read(self) -> dict[str, tuple[list[str], str]]:
        """The tags of each song and its names, by MD5."""
        try:
            text = self._library.tree.read(TAGS).decode("utf-8-sig", "replace")
        except NotFound:
            return {}
        found: dict[str, tuple[list[str], str]] = {}
        for line in text.splitlines():
            md5, _, rest = line.partition("\t")
            tags, _, names = rest.partition("\t")
            if len(md5) == 32:
                found[md5.lower()] = [tag.strip() for tag in tags.split(",") if tag.strip()], names
        return found


def _render(lines: dict[str, tuple[list[str], str]]) -> bytes:
    return "".join(
        f"{md5}\t{', '.join(tags)}\t{' '.join(names.split())}\n" for md5, (tags, names) in lines.items()
    ).encode()


def _checked(tag: str) -> str:
    tag = " ".join(tag.split())
    if not tag or len(tag) > LONGEST_TAG or "," in tag or '"' in tag or not tag.isprintable():
        raise BadInput(f"A tag is a text of up to {LONGEST_TAG} characters, without commas and quotes.")
    return tag
