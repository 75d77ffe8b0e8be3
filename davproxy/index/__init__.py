"""The SQLite cache of entries, songs and jobs, always rebuildable from the remote. sqlite_utils lives here alone."""

import json
import sqlite3
from collections.abc import Collection
from contextlib import AbstractContextManager
from pathlib import Path

from davproxy.index.database import NEWER, Database, problem_of
from davproxy.index.entries import Entries
from davproxy.index.facets import Name, SongFacets
from davproxy.index.facts import Facts
from davproxy.index.jobs import JobRows
from davproxy.index.marks import Marks
from davproxy.index.scores import Scores
from davproxy.index.songs import SongCounts, Songs
from davproxy.index.sort_keys import ARTICLES
from davproxy.index.statistics import LibraryStatistics, Statistics

__all__ = [
    "NEWER", "Index", "JobRows", "Marks", "Name", "Scores", "SongCounts", "SongFacets", "Statistics",
    "problem_of",
]  # fmt: skip

_SORTED_WITHOUT = "sorted without"
"""The fact that names the articles which sort keys pass over."""


class Index:
    """One open index: its tables, and the transaction that spans them."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path)
        self.entries = Entries(self._database)
        self.songs = Songs(self._database)
        self.jobs = JobRows(self._database)
        self.statistics = LibraryStatistics(self._database)
        self.facts = Facts(self._database)
        self.scores = Scores(self._database)
        self.marks = Marks(self._database)
        self.sort_without(ARTICLES if (stored := self._stored_articles()) is None else stored)

    def sort_without(self, articles: Collection[str]) -> None:
        """Pass over these articles, in lower case, at the beginning of titles, artists and albums that are sorted."""
        self._articles = frozenset(articles)
        known = self._stored_articles() == self._articles
        self.songs.sort_without(self._articles, known=known)
        if not known:
            self.facts.put(_SORTED_WITHOUT, json.dumps(sorted(self._articles)))

    def _stored_articles(self) -> frozenset[str] | None:
        """Those that the songs are sorted without; None while no song has its keys."""
        stored = self.facts.get(_SORTED_WITHOUT)
        return None if stored is None else frozenset(json.loads(stored))

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """A transaction over all tables: all changes in it are stored, or none."""
        return self._database.write()

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is inside `transaction`: all others that write wait for it."""
        return self._database.in_transaction

    @property
    def generation(self) -> int:
        """How often the index file was replaced while it was in use: facts from before need not hold any more."""
        return self._database.generation

    @property
    def is_new(self) -> bool:
        """Whether the index began empty while it was in use, because its file was damaged, and was not restored yet."""
        return self._database.is_new

    def mark_restored(self) -> None:
        """Record that there is nothing to restore into a new index any more."""
        self._database.is_new = False

    @property
    def changes(self) -> int:
        """The number of rows changed since the file was opened."""
        return self._database.changes

    def replace(self, source: Path) -> None:
        """Replace the content with that of the index file at `source`; jobs that are here already stay."""
        Index(source).close()  # an older layout is migrated
        jobs = self.jobs.recent(1000)
        self._database.replace(source)
        self.sort_without(self._articles)
        for job in jobs:
            self.jobs.put(job)

    def backup(self, target: Path) -> None:
        """Write a consistent copy to `target` while the index is in use."""
        self._database.backup(target)

    def close(self) -> None:
        """Close the file."""
        self._database.close()
