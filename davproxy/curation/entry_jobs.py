"""Moves or deletes chosen entries of the tree by one job that can be undone."""

from collections.abc import Mapping, Sequence
from typing import Any

from davproxy import paths
from davproxy.curation.step_jobs import StepJobs
from davproxy.curation.steps import Step
from davproxy.errors import BadInput, WrongKind
from davproxy.library import Library
from davproxy.model import Job

MOVE = "move entries"
"""The kind of job. Its options are `paths`, and the `folder` that they go to."""
DELETE = "delete entries"
"""The kind of job. Its options are `paths`."""


class EntryJobs:
    """Starts these jobs. It must be made before the jobs start."""

    def __init__(self, library: Library, steps: StepJobs) -> None:
        self._library, self._steps = library, steps
        steps.register(MOVE, self._moves, "Move files")
        steps.register(DELETE, self._deletions, "Delete files")

    def move(self, chosen: Sequence[str], folder: str) -> Job:
        """Move what is at the paths `chosen` into `folder`. Raises BadInput, NotFound, WrongKind."""
        return self._start(MOVE, f"Move {_words(chosen)} to {folder}", chosen, {"folder": folder})

    def delete(self, chosen: Sequence[str]) -> Job:
        """Delete what is at the paths `chosen`, to the trash bin where there is one. Raises BadInput, NotFound."""
        return self._start(DELETE, f"Delete {_words(chosen)}", chosen, {})

    def _start(self, kind: str, title: str, chosen: Sequence[str], options: Mapping[str, Any]) -> Job:
        options = {"paths": list(chosen), **options}
        return self._steps.start(kind, options, title=title)

    def _moves(self, options: Mapping[str, Any]) -> list[Step]:
        folder = options["folder"]
        if not self._library.tree.stat(folder).is_folder:
            raise WrongKind(f"“{paths.name_of(folder)}” is a file. Choose a folder.")
        chosen = self._outermost_paths(options["paths"])
        for path in chosen:
            if paths.is_at_or_below(folder, path):
                raise BadInput(f"“{paths.name_of(path)}” cannot go into itself. Choose another folder.")
        targets = {path: paths.join(folder, paths.name_of(path)) for path in chosen}
        return [Step("move", path, target, keeps_folder=True) for path, target in targets.items() if target != path]

    def _deletions(self, options: Mapping[str, Any]) -> list[Step]:
        return [Step("delete", path) for path in self._outermost_paths(options["paths"])]

    def _outermost_paths(self, chosen: Sequence[str]) -> list[str]:
        """The paths that are below no other one. Raises BadInput for none, NotFound."""
        if not chosen:
            raise BadInput("paths: choose at least one file or folder.")
        every = set(chosen)
        outermost = [path for path in dict.fromkeys(chosen) if every.isdisjoint(paths.ancestors(path))]
        for path in outermost:
            self._library.tree.stat(path)
        return outermost


def _words(chosen: Sequence[str]) -> str:
    return f"“{paths.name_of(chosen[0])}”" if len(chosen) == 1 else f"{len(chosen):,} entries"
