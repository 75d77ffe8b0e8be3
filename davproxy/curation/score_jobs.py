"""Jobs for files that arrive in /Scores: each reads a file, reports what it holds, and keeps a copy of it."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from davproxy import paths
from davproxy.curation.packages import digest
from davproxy.curation.player_files import PlayerFiles
from davproxy.curation.scores import DATA, EXTRA, Scores, check_size, is_score_file, player_of
from davproxy.errors import AlreadyExists, BadInput, Conflict, NotFound
from davproxy.formats.scores import TORN
from davproxy.jobs import Jobs, Run
from davproxy.library import Library
from davproxy.model import Change, Entry

SCORES = "scores"
"""The kind of job."""
KEPT = "Kept"
"""The folder of a player with the former files."""
MOST_KEPT = 10
"""Copies of each file."""


class ScoreJobs:
    """Subscribes to the library, and runs the jobs. `attach` must be called before the jobs start."""

    def __init__(
        self, library: Library, jobs: Jobs, scores: Scores, files: PlayerFiles, now: Callable[[], float] = time.time
    ) -> None:
        self._library, self._jobs, self._scores, self._files, self._now = library, jobs, scores, files, now

    def attach(self) -> None:
        """Subscribe, and register the runner."""
        self._jobs.register(SCORES, self._run)
        self._library.subscribe(self._on_change)

    def _on_change(self, change: Change) -> None:
        path = change.target if change.kind == "moved" else change.path
        if change.kind in ("written", "moved") and is_score_file(Entry(path, is_folder=False)):
            self._jobs.submit(SCORES, f"Read the scores of {player_of(path)}", subject=path)

    def _run(self, run: Run) -> Mapping[str, Any]:
        path, player = run.job.subject, player_of(run.job.subject)
        check_size(self._library.tree.stat(path))
        self._files.refresh(wait=True)
        read = paths.join(paths.parent_of(path), DATA) if paths.name_of(path) == EXTRA else path
        problem = self._files.problem(read)
        if problem and problem != TORN:
            raise BadInput(problem)
        self._keep(path)
        counts = next((each for each in self._scores.players() if each.player == player), None)
        if problem or counts is None:
            return {"player": player, "charts": 0, "missing": 0, "summary": problem or f"{player} has no scores yet."}
        charts = f"{counts.charts:,} {'chart' if counts.charts == 1 else 'charts'} played"
        combos = f"{counts.full_combos:,} full {'combo' if counts.full_combos == 1 else 'combos'}"
        words = f"{player}: {charts}, {combos}."
        words += f" {counts.missing:,} of them are not in your library." if counts.missing else ""
        return {"player": player, "charts": counts.charts, "missing": counts.missing, "summary": words}

    def _keep(self, path: str) -> None:
        """Copy the file into the player's folder KEPT, unless the newest copy is equal. Deletes old copies."""
        tree = self._library.tree
        folder, (stem, dot, ending) = paths.join(paths.parent_of(path), KEPT), paths.name_of(path).rpartition(".")
        try:
            if tree.find(folder) is None:
                tree.make_folder(folder)
            copies = re.compile(rf"{re.escape(stem)} \d{{4}}-\d\d-\d\d \d{{6}} [0-9a-f]{{8}}{re.escape(dot + ending)}")
            files = [each.path for each in tree.children(folder) if not each.is_folder]
            kept = [each for each in files if copies.fullmatch(paths.name_of(each))]
            with tree.stream(path) as blocks:
                start = digest(blocks)[:8]
            if kept and kept[-1].endswith(f" {start}{dot}{ending}"):
                return
            moment = time.strftime("%Y-%m-%d %H%M%S", time.gmtime(self._now()))
            tree.copy(path, paths.join(folder, f"{stem} {moment} {start}{dot}{ending}"))
            for oldest in kept[: max(0, len(kept) + 1 - MOST_KEPT)]:
                tree.delete(oldest)
        except (AlreadyExists, Conflict, NotFound):
            return  # another instance keeps it, or it is gone
