"""Smart lists: searches that are kept by a name, and find what is there now. For games, a list is made of one."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, get_args
from urllib.parse import parse_qsl, urlencode

from davproxy import paths
from davproxy.curation.list_files import ListEntry
from davproxy.curation.lists import MOST_SONGS, Lists
from davproxy.errors import BadInput, NotFound
from davproxy.library import Library
from davproxy.model import Song, SongQuery, Sort

SMART = paths.join(paths.SETLISTS, "Smart lists.txt")
"""A line for each: the name, a tab, and the query as the address of the page of songs has it."""
LONGEST_NAME, MOST = 100, 500
PAGE = 1000
_PAGED = ("limit", "offset")


@dataclass(frozen=True, slots=True)
class SmartList:
    """A search by its name."""

    name: str
    query: SongQuery


class SmartLists:
    """Reads and writes the file."""

    def __init__(self, library: Library, lists: Lists) -> None:
        self._library, self._lists = library, lists

    def all(self) -> list[SmartList]:
        """Every smart list, by name."""
        return sorted(self._read().values(), key=lambda each: each.name.casefold())

    def get(self, name: str) -> SmartList:
        """The smart list called `name`. Raises NotFound."""
        if (found := self._read().get(name)) is None:
            raise NotFound(f"There is no smart list called “{paths.printable(name)}”.")
        return found

    def count(self, smart: SmartList) -> int:
        """How many songs it finds now."""
        return self._library.songs.find(replace(smart.query, limit=1, offset=0))[0]

    def put(self, name: str, query: SongQuery) -> SmartList:
        """Keep a search by this name, in the place of one that has it. Raises BadInput."""
        name = " ".join(name.split())
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise BadInput(f"name: a text of up to {LONGEST_NAME} characters.")
        smart = SmartList(name, replace(query, limit=SongQuery().limit, offset=0))
        with self._library.own_writes.lock:
            kept = {**self._read(), name: smart}
            if len(kept) > MOST:
                raise BadInput(f"There are at most {MOST} smart lists.")
            self._write(kept)
        return smart

    def delete(self, name: str) -> None:
        """Forget a smart list. Raises NotFound."""
        with self._library.own_writes.lock:
            self.get(name)
            self._write({other: smart for other, smart in self._read().items() if other != name})

    def make_list(self, name: str) -> int:
        """Write what it finds now as the list of its name, for games. Returns the number of songs."""
        entries = [ListEntry(song.identity, song.sha1) for song in self._songs(self.get(name).query) if song.identity]
        once = list({entry.md5: entry for entry in entries}.values())[:MOST_SONGS]
        if name in self._lists.names():
            self._lists.save(name, once)
        else:
            self._lists.create(name, once)
        return len(once)

    def _songs(self, query: SongQuery) -> Iterator[Song]:
        offset = 0
        while True:
            _, page = self._library.songs.find(replace(query, limit=PAGE, offset=offset))
            yield from page
            offset += len(page)
            if len(page) < PAGE or offset >= MOST_SONGS:
                return

    def _read(self) -> dict[str, SmartList]:
        try:
            lines = self._library.tree.read(SMART).decode("utf-8-sig", "replace").splitlines()
        except NotFound:
            return {}
        pairs = [line.split("\t", 1) for line in lines if "\t" in line]
        return {name.strip(): SmartList(name.strip(), query_of(text)) for name, text in pairs if name.strip()}

    def _write(self, kept: dict[str, SmartList]) -> None:
        text = "".join(f"{name}\t{text_of(smart.query)}\n" for name, smart in kept.items())
        self._library.tree.write(SMART, text.encode())


def text_of(query: SongQuery) -> str:
    """The query as an address has it, without what is usual."""
    usual = SongQuery()
    values = {each.name: getattr(query, each.name) for each in fields(SongQuery) if each.name not in _PAGED}
    changed = {name: value for name, value in values.items() if value != getattr(usual, name)}
    return urlencode(
        {name: str(value).lower() if isinstance(value, bool) else value for name, value in changed.items()}
    )


def query_of(text: str) -> SongQuery:
    """The query that `text_of` wrote. What is not understood is left out, because people may edit the file."""
    allowed: dict[str, Any] = {}
    for name, value in parse_qsl(text):
        match name:
            case "sort" if value in get_args(Sort):
                allowed[name] = value
            case "order" if value in ("asc", "desc"):
                allowed[name] = value
            case "has_video" | "has_lyrics" | "has_art" | "duplicates" if value in ("true", "false"):
                allowed[name] = value == "true"
            case "search" | "artist" | "album" | "genre" | "year" | "charter" | "instrument" | "difficulty" | "problem":
                allowed[name] = value
    return SongQuery(**allowed)
