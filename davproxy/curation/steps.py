"""Steps: changes of the library that can be stored, done once, and taken back, also after the process was killed.

A job stores its steps before it does the first one. To do a step that is done, or to take back one that is not, changes
nothing, so a job that was cut short runs all of its steps again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from davproxy import paths
from davproxy.errors import DavproxyError, NotFound
from davproxy.library import Library

Kind = Literal["add", "delete", "move", "edit"]
Values = Mapping[str, str | None]
"""Fields of song.ini with their values; None where there is no such field."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change. `add` is a file that was stored at `path`, `delete` what was at `path` and is in the trash bin now,
    `move` what went from `path` to `target`, and `edit` fields of the song at `path` from `before` to `after`.
    `reason` says why, for people. `key` is that of the trash bin, where it is known."""

    kind: Kind
    path: str
    target: str = ""
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)
    reason: str = ""
    key: str = ""

    def as_json(self) -> dict[str, Any]:
        """What `of` reads, without what is empty."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: dict(value) if isinstance(value, Mapping) else value for name, value in values.items() if value}


def of(shape: Mapping[str, Any]) -> Step:
    """The step that `as_json` wrote."""
    return Step(**shape)


def perform(library: Library, step: Step) -> None:
    """Do a `delete`, `move` or `edit`, unless it is done. Raises AlreadyExists, Conflict, Unavailable …"""
    match step.kind:
        case "delete":
            if library.tree.find(step.path) is not None:
                library.tree.delete(step.path)
        case "move":
            _move(library, step.path, step.target)
        case "edit":
            song = library.songs.at(step.path)
            if song is None:
                raise NotFound(f"There is no song at “{paths.printable(step.path)}” any more.")
            library.songs.list_edit(song, step.after)
        case "add":
            raise AssertionError("what was added is only recorded")


def revert(library: Library, step: Step) -> None:
    """Take back a step, unless it is not done. Raises AlreadyExists, NotFound, Conflict, Unavailable …"""
    match step.kind:
        case "add":
            if library.tree.find(step.path) is not None:
                library.tree.delete(step.path)
        case "delete":
            if library.tree.find(step.path) is None:
                library.trash.restore(step.key or _key_of(library, step.path))
        case "move":
            _move(library, step.target, step.path)
            _remove_empty(library, paths.parent_of(step.target))
        case "edit":
            song = library.songs.at(step.path)
            if song is None:
                raise NotFound(f"There is no song at “{paths.printable(step.path)}” any more.")
            ours = [key for key, value in step.after.items() if song.metadata.get(key) == value]
            if changes := {key: step.before.get(key) for key in ours}:
                library.songs.list_edit(song, changes)


def revert_all(library: Library, steps: Iterable[Step]) -> list[tuple[str, str]]:
    """Take back all `steps`, the last first. Returns (path, reason) of each that cannot be taken back."""
    failed = []
    for step in reversed(list(steps)):
        try:
            revert(library, step)
        except DavproxyError as error:
            failed.append((step.path, error.message))
    return failed


def _move(library: Library, source: str, target: str) -> None:
    if library.tree.find(source) is None and library.tree.find(target) is not None:
        return
    library.tree.make_folder(paths.parent_of(target))
    library.tree.move(source, target)


def _key_of(library: Library, path: str) -> str:
    """The key of what was deleted last at `path`."""
    trashed = next((each for each in library.trash.items() if each.path == path), None)
    if trashed is None:
        raise NotFound(f"“{paths.printable(path)}” is not in the trash bin any more.")
    return trashed.key


def _remove_empty(library: Library, folder: str) -> None:
    """Remove a folder below a top folder that has become empty, and those above it that are empty then."""
    while folder.count("/") > 1 and library.tree.find(folder) is not None and not library.tree.children(folder):
        library.tree.delete(folder)
        folder = paths.parent_of(folder)
