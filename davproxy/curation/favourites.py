"""The star: keeps the list Favourites and the own favourites of a Nextcloud in agreement.

Neither records when it changed. So a file beside the lists stores which songs had a star in both the last time, each by
its MD5 and the ids of its copies: where the two differ now, the one that differs from the file is newer. A song without
a line there gets a star as soon as one of them has it. Copies have one star: the one whose star is taken takes it from
all, and a copy that comes gets it. Favourites belong to an account, and so does that file: with another account
for the same library, no star is taken for removed.
"""

import threading
from collections.abc import Container, Iterable, Mapping

from loguru import logger

from davproxy import paths
from davproxy.curation.lists import Lists, is_list_file
from davproxy.curation.text_file import TextFile
from davproxy.errors import DavproxyError, NotFound
from davproxy.library import Library
from davproxy.model import FAVOURITES, Change, Entry, Song

PAUSE_SECONDS = 3600.0
"""Pause between two comparisons: no etag says that a favourite was set on the Nextcloud, so it must be asked."""
QUIET_SECONDS = 1.0
"""Wait after a change of the list, so that many stars at once are one comparison."""


def agreed_path(account: str) -> str:
    """The file that says which songs had a star in both, where the favourites are this account's."""
    return paths.join(paths.SETLISTS, f"Nextcloud favourites of {account}.txt")


Agreed = dict[str, list[str]]
"""The ids of the copies of a song that had a star in both the last time, by its MD5."""


def _read_agreed(file: TextFile) -> Agreed:
    lines = map(str.split, file.lines())
    return {md5: ids for md5, *ids in lines if ids}


class Favourites:
    """Compares both in a thread, after each change of the list, when woken, and every PAUSE_SECONDS."""

    def __init__(self, library: Library, lists: Lists) -> None:
        self._library, self._lists = library, lists
        self._woken, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="favourites", daemon=True)
        library.subscribe(self._note)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Compare soon."""
        self._woken.set()

    def stop(self, timeout: float = 1.0) -> None:
        """End the thread, waiting `timeout` seconds at most."""
        self._stopped.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def agree(self) -> int:
        """Give each song of the library a star in both or in none. Returns how many changed in one of them."""
        library = self._library
        if not (account := library.features.favourites_of) or not library.updates.complete:
            return 0
        agreed = TextFile(library, agreed_path(account))
        former = _read_agreed(agreed)  # before both: another instance may be at it too
        found = library.favourites()
        listed = None if self._stopped.is_set() else self._read_list()
        if listed is None:
            return 0
        at = {path: song for path in found if (song := library.songs.at(path)) and song.identity}
        return self._compare(agreed, former, at, listed)

    def _compare(self, agreed: TextFile, former: Agreed, at: Mapping[str, Song], listed: set[str]) -> int:
        """Compare the songs `at` paths with a star on the Nextcloud, and those `listed`, with what was `agreed`."""
        after, added, removed, changed = Agreed(), list[Song](), list[Song](), 0
        for md5 in sorted({song.identity for song in at.values()} | listed | former.keys()):
            if self._stopped.is_set():
                return changed
            songs = self._library.songs.with_identity(md5)
            if not songs:
                continue  # a song that comes back later is compared as a new one
            known = [song for song in songs if str(song.id) in former.get(md5, ())]
            is_listed = md5 in listed
            wanted = self._wants_star(songs, known, at, is_listed=is_listed)
            if wanted != is_listed:
                (added if wanted else removed).append(songs[0])
            was_set = self._set(songs, at, starred=wanted)
            changed += wanted != is_listed or was_set
            if wanted and (ids := [str(song.id) for song in songs if song.path in at or self._star_of(song)]):
                after[md5] = ids
        self._change_list(added, removed)
        if after != former:
            agreed.change(lambda _lines: [" ".join([md5, *ids]) for md5, ids in after.items()])
        return changed

    def _wants_star(self, songs: list[Song], known: list[Song], at: Container[str], *, is_listed: bool) -> bool:
        """Whether copies of one song get a star in both. `known` are those that had one in both the last time, `at` the
        paths that have one on the Nextcloud."""
        if is_listed:
            # What was moved or deleted a moment ago is missing among the favourites too: nobody took its star.
            return not any(song.path not in at and self._star_of(song) is False for song in known)
        return not known and any(song.path in at for song in songs)

    def _star_of(self, song: Song) -> bool | None:
        """Whether the song has a star on the Nextcloud now; None where it was moved or deleted a moment ago."""
        try:
            return self._library.is_favourite(song.path)
        except NotFound:
            return None

    def _change_list(self, added: list[Song], removed: list[Song]) -> None:
        if added:
            self._lists.add(FAVOURITES, added)
        if removed:
            self._lists.remove(FAVOURITES, removed)

    def _set(self, songs: Iterable[Song], at: Container[str], *, starred: bool) -> bool:
        """Give the songs a star on the Nextcloud, or take it; `at` are the paths that have one there. Returns whether
        one changed."""
        changed = False
        for song in songs:
            if (song.path in at) == starred:
                continue
            try:
                self._library.set_favourite(song.path, starred=starred)
                changed = True
            except NotFound:
                continue  # it was moved or deleted a moment ago; the next comparison finds it
        return changed

    def _read_list(self) -> set[str] | None:
        """The MD5 of the songs in the list; None where it cannot be read."""
        try:
            entries, problem = self._lists.entries(FAVOURITES)
        except NotFound:
            return set()
        return None if problem else {entry.md5 for entry in entries if entry.md5}

    def _note(self, change: Change) -> None:
        for path in (change.path, change.target):
            if path and is_list_file(Entry(path, is_folder=False)) and paths.name_of(path).startswith(FAVOURITES):
                self._woken.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            if self._woken.wait(PAUSE_SECONDS):
                self._stopped.wait(QUIET_SECONDS)
                self._woken.clear()
            if self._stopped.is_set():
                return
            with logger.catch(message="Comparing favourites broke"):  # they are compared again after the pause
                try:
                    self.agree()
                except DavproxyError as error:
                    logger.debug("Favourites are compared later: {}", error.message)
