"""Jobs for files that arrive in /Setlists: each reads a file and writes the other one of its list.

After a start, so does one for each list of which only one file was written before the program was killed.
"""

from collections.abc import Mapping
from typing import Any

from loguru import logger

from davproxy import paths
from davproxy.curation.list_files import PLAYLIST, SETLIST
from davproxy.curation.lists import Lists, is_list_file, list_name, path_of
from davproxy.errors import DavproxyError
from davproxy.jobs import Jobs, Run
from davproxy.library import Library
from davproxy.model import Change, Entry

LIST = "list"
"""The kind of job."""
TORN = "torn"
"""The option of a job for a list whose files differ although nobody wrote one."""


class ListJobs:
    """Subscribes to the library, and runs the jobs. `attach` must be called before the jobs start."""

    def __init__(self, library: Library, jobs: Jobs, lists: Lists) -> None:
        self._library, self._jobs, self._lists = library, jobs, lists
        self._checked = False

    def attach(self) -> None:
        """Subscribe, and register the runner."""
        self._jobs.register(LIST, self._run)
        self._library.subscribe(self._on_change)

    def check_once(self) -> None:
        """Start a job for each list whose files do not agree, once the tree is listed; only the first time.

        What changed while nobody looked has a job by then, which is waited for instead.
        """
        if self._checked or not self._library.updates.complete:
            return
        waiting = self._jobs.unfinished_states()
        try:
            torn = list(self._lists.torn_files())
        except DavproxyError as error:
            logger.debug("Whether lists are whole is found out later: {}", error.message)
            return
        self._checked = True
        for path in torn:
            name = list_name(path)
            if waiting.keys().isdisjoint((path_of(name, SETLIST), path_of(name, PLAYLIST))):
                self._start(path, {TORN: "yes"})

    def _on_change(self, change: Change) -> None:
        if not any(paths.is_below(path, paths.SETLISTS) for path in (change.path, change.target)):
            return
        former, now = (change.path, change.target) if change.kind == "moved" else ("", change.path)
        if self._library.own_writes.has(now) or change.kind == "folder":
            return
        if not is_list_file(Entry(now, is_folder=False)):
            former, now = "", former  # it was moved away, or is no list
        if is_list_file(Entry(now, is_folder=False)):
            self._start(now, {"former": former} if is_list_file(Entry(former, is_folder=False)) else {})

    def _start(self, path: str, options: Mapping[str, str] | None = None) -> None:
        self._jobs.submit(LIST, f"Read the list {list_name(path)}", subject=path, options=options)

    def _run(self, run: Run) -> Mapping[str, Any]:
        options = run.job.options
        songs = self._lists.take_over(run.job.subject, str(options.get("former", "")), torn=TORN in options)
        total, missing = len(songs.entries), songs.missing
        if self._library.tree.find(run.job.subject) is None:
            return {"name": songs.name, "songs": 0, "missing": 0, "summary": "The list is deleted."}
        words = f"{total} {'song' if total == 1 else 'songs'}. "
        words += f"{missing} of {total} are not in your library." if missing else "All are in your library."
        return {"name": songs.name, "songs": total, "missing": missing, "summary": words}
