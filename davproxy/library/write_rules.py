"""What may be written where in the tree: not the top folders themselves, no file at the top, nothing below a file."""

from collections.abc import Callable

from davproxy import paths
from davproxy.errors import BadPath, Forbidden, WrongKind
from davproxy.model import Entry

Stat = Callable[[str], Entry]
"""The entry at a path; raises NotFound."""


def check_writable(path: str) -> None:
    """Raise Forbidden or BadPath where no file or folder can be made, changed or removed."""
    if not paths.is_stored(path):
        raise Forbidden(f"Nothing can be put there. The folders for your files are {', '.join(paths.STORED)}.")
    if path in paths.STORED:
        raise Forbidden(f"{path} itself cannot be changed, only what is in it.")
    if paths.normalise(path) != path:
        raise BadPath(f"“{paths.printable(path)}” is not a path of the library.")


def check_parent(path: str, stat: Stat) -> None:
    """Raise Forbidden for a file at the top, where nothing would be done with it; WrongKind for one below a file."""
    if paths.parent_of(path) == "/":
        raise Forbidden(f"Files are not kept at the top. Put it into {', '.join(paths.STORED)}.")
    parent = stat(paths.parent_of(path))
    if not parent.is_folder:
        raise WrongKind(f"“{paths.name_of(parent.path)}” is a file, so nothing can be put into it.")


def check_move(source: str, target: str, stat: Stat) -> None:
    """Raise Forbidden, BadPath or WrongKind where `source` cannot be moved or copied to `target`."""
    check_writable(source)
    check_writable(target)
    if not stat(source).is_folder or paths.parent_of(target) != "/":
        check_parent(target, stat)
    if paths.is_at_or_below(target, source) or paths.is_below(source, target):
        raise Forbidden("A folder cannot be put into itself, nor over a folder that holds it.")


def check_depth(source: str, target: str, deepest: Callable[[str], int]) -> None:
    """Raise BadPath where what is below `source` would lie too deep at `target`.

    `deepest` counts the names of the deepest path at or below one.
    """
    further_down = target.count("/") - source.count("/")
    if further_down > 0 and deepest(source) + further_down > paths.MOST_NAMES:
        raise BadPath(f"This would be more than {paths.MOST_NAMES} folders deep. Choose a place further up.")
