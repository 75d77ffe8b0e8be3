"""The steps that change one file: repair a song.ini, shrink album art; and how each is reverted.

The folder is listed first, because a program that was killed may have changed more than the index knows.
"""

from davproxy import paths
from davproxy.curation.steps import Step, Values
from davproxy.errors import Conflict, NotFound
from davproxy.formats import ini_repairs, song_ini
from davproxy.formats.identify import ART_NAMES
from davproxy.formats.picture_size import size_of
from davproxy.library import Library
from davproxy.model import Guard
from davproxy.pictures import ART_SIDE

ENCODING, HEADING = "encoding", "heading"
"""The names of what an `ini` step changes."""


def is_large(start: bytes) -> bool:
    """Whether the picture that starts so is larger than album art needs to be, both in width and in height."""
    size = size_of(start)
    return size is not None and min(size) > ART_SIDE


def change_ini(library: Library, step: Step) -> None:
    """Change the encoding or the heading of a song.ini, unless it is done. Raises Conflict, BadIni."""
    _change_ini(library, step.path, step.before, step.after)


def revert_ini(library: Library, step: Step) -> None:
    """Revert `change_ini`, unless it is not done; other changes since then stay. Raises Conflict, BadIni."""
    _change_ini(library, step.path, step.after, step.before)


def _change_ini(library: Library, path: str, before: Values, after: Values) -> None:
    library.tree.refresh(paths.parent_of(path))
    guard = Guard(etag=library.tree.stat(path).etag)
    ini = song_ini.parse(library.tree.read(path))
    if ENCODING in after:
        codec = after[ENCODING] or ""
        if ini.encoding.codec == codec:
            return
        if ini.encoding.codec != before[ENCODING]:
            raise Conflict("song.ini was changed since.")
        new = ini_repairs.in_encoding(ini, codec)
    else:
        if ini.has_song == (after[HEADING] == ini_repairs.HEADING):
            return
        new = ini_repairs.with_heading(ini, before[HEADING] or "", after[HEADING] or "")
    library.tree.write(path, song_ini.render(new), guard=guard)


def shrink(library: Library, step: Step) -> str:
    """Make the picture at `path` album art of the right size, unless it is. Returns its key in the trash bin, if known.

    The original is moved to `target` first, so that there is never only the smaller one. It stays there where the
    remote has no trash bin. Raises BadImage, Conflict, NotFound …
    """
    tree = library.tree
    tree.refresh(paths.parent_of(step.path))
    if tree.find(step.target) is None:
        if tree.find(step.path) is None or not is_large(tree.read(step.path)):
            return ""  # it was done before the program was killed
        name, content = library.album_art.make(tree.read(step.path))  # what is no picture stays where it is
        tree.move(step.path, step.target)
    else:
        name, content = library.album_art.make(tree.read(step.target))
    small = paths.join(paths.parent_of(step.path), name)
    if tree.find(small) is None:
        tree.write(small, content)
    return (tree.delete(step.target) or "") if library.features.trash else ""


def revert_shrink(library: Library, step: Step) -> None:
    """Revert `shrink`, unless it is not done: the original replaces the smaller picture. Raises Conflict, NotFound …"""
    tree, folder = library.tree, paths.parent_of(step.path)
    tree.refresh(folder)
    if tree.find(step.target) is None:
        if tree.find(step.path) is not None and is_large(tree.read(step.path)):
            return
        library.trash.restore(step.key or trashed_key(library, step.target))
    name, content = library.album_art.make(tree.read(step.target))
    for each in ART_NAMES:
        if tree.find(paths.join(folder, each)) is not None:
            if each != name or tree.read(paths.join(folder, each)) != content:
                raise Conflict(f"The album art in “{paths.printable(folder)}” was changed again since.")
            tree.delete(paths.join(folder, each))
    tree.move(step.target, step.path)


def trashed_key(library: Library, path: str) -> str:
    """The key of what was deleted last at `path`. Raises NotFound."""
    trashed = next((each for each in library.trash.items() if each.path == path), None)
    if trashed is None:
        raise NotFound(f"“{paths.printable(path)}” is not in the trash bin any more.")
    return trashed.key
