"""Smart lists: searches stored by a name, which find what the library holds now. Games get a list made from one."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import islice
from typing import Any, get_args
from urllib.parse import parse_qsl, urlencode

from davproxy import paths
from davproxy.curation.list_files import ListEntry
from davproxy.curation.lists import MOST_SONGS, Lists
from davproxy.curation.text_file import TextFile
from davproxy.errors import AlreadyExists, BadInput, NotFound
from davproxy.formats.encoding import clean
from davproxy.library import Library
from davproxy.model import Song, SongQuery, Sort

SMART = paths.join(paths.SETLISTS, "Smart lists.txt")
"""A line for each: the name, the query as the address of the page of songs has it, and, once a list was made of it, the
etag of that list; between them tabs. Other lines are left as they are."""
LONGEST_NAME, MOST = 100, 500
LONGEST_VALUE = 1000
"""What the API takes as a search. More tokens than fit into it are too many for the database."""
PAGE = 1000
_PAGED = ("limit", "offset")


@dataclass(frozen=True, slots=True)
class SmartList:
    """A search by its name. `text` is the query as stored; `made` is the etag of the list made from it, empty if none
    was."""

    name: str
    query: SongQuery
    text: str
    made: str = ""


class SmartLists:
    """Reads and writes the file."""

    def __init__(self, library: Library, lists: Lists) -> None:
        self._library, self._lists = library, lists
        self._file = TextFile(library, SMART)

    def all(self) -> list[SmartList]:
        """Every smart list, by name."""
        return sorted(self._read().values(), key=lambda each: each.name.casefold())

    def get(self, name: str) -> SmartList:
        """The smart list called `name`. Raises NotFound."""
        if (found := self._read().get(name)) is None:
            raise NotFound(f"There is no smart list called “{paths.printable(name)}”.")
        return found

    def count(self, smart: SmartList) -> int:
        """The number of songs that it finds now."""
        return self._library.songs.find(replace(smart.query, limit=1, offset=0))[0]

    def put(self, name: str, query: SongQuery) -> SmartList:
        """Store a search by this name, replacing one that has it. Raises BadInput."""
        name = " ".join(name.split())
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise BadInput(f"name: a text of up to {LONGEST_NAME} characters.")
        query = replace(query, limit=SongQuery().limit, offset=0)
        with self._library.own_writes.lock:
            former = self._read()
            if name not in former and len(former) >= MOST:
                raise BadInput(f"There are at most {MOST} smart lists.")
            smart = SmartList(name, query, text_of(query), former[name].made if name in former else "")
            self._replace(name, smart)
        return smart

    def delete(self, name: str) -> None:
        """Delete a smart list. Raises NotFound."""
        with self._library.own_writes.lock:
            self.get(name)
            self._replace(name, None)

    def make_list(self, name: str) -> int:
        """Write the songs that it finds now as the list of its name, for games. Returns their number.

        Raises AlreadyExists for a list of that name that was not made so, or was changed since.
        """
        with self._library.own_writes.lock:
            smart = self.get(name)
            entries = [ListEntry(song.identity, song.sha1) for song in self._songs(smart.query) if song.identity]
            once = list({entry.md5: entry for entry in entries}.values())[:MOST_SONGS]
            if name not in self._lists.names():
                self._lists.create(name, once)
            elif self._lists.get(name).etag == smart.made:
                self._lists.save(name, once)
            else:
                raise AlreadyExists(
                    f"The list “{paths.printable(name)}” was not made of this search, or was changed since. "
                    "Rename or delete it, then try again."
                )
            self._replace(name, replace(smart, made=self._lists.get(name).etag))
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
        smart = (smart for line in self._file.lines() if (smart := _parse(line)) is not None)
        return {each.name: each for each in islice(smart, MOST)}

    def _replace(self, name: str, new: SmartList | None) -> None:
        """Replace the lines of the smart list called `name` by `new`; None removes them."""

        def replace_lines(lines: list[str]) -> list[str]:
            named = [number for number, each in enumerate(lines) if (smart := _parse(each)) and smart.name == name]
            kept = [each for number, each in enumerate(lines) if number not in named]
            if new is not None:
                line = f"{new.name}\t{new.text}" + (f"\t{new.made}" if new.made else "")
                kept.insert(named[0] if named else len(kept), line)
            return kept

        self._file.change(replace_lines)


def _parse(line: str) -> SmartList | None:
    name, tab, rest = clean(line).partition("\t")
    text, _, made = rest.partition("\t")
    return SmartList(name.strip(), query_of(text), text, made.strip()) if tab and name.strip() else None


def text_of(query: SongQuery) -> str:
    """The query as in the address of the page of songs, without default values."""
    usual = SongQuery()
    values = {each.name: getattr(query, each.name) for each in fields(SongQuery) if each.name not in _PAGED}
    changed = {name: value for name, value in values.items() if value != getattr(usual, name)}
    return urlencode(
        {name: str(value).lower() if isinstance(value, bool) else value for name, value in changed.items()}
    )


def query_of(text: str) -> SongQuery:
    """The query that `text_of` wrote. Unknown fields are left out, because people may edit the file."""
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
                allowed[name] = value[:LONGEST_VALUE]
    return SongQuery(**allowed)
