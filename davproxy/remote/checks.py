"""What every remote checks: top folders stay, source and target do not overlap, guard and size hold."""

from davproxy.errors import BadInput, Conflict, Forbidden
from davproxy.model import Entry, Guard
from davproxy.paths import is_below
from davproxy.remote.top_folders import TopFolders


def refuse_top(tops: TopFolders, *paths: str) -> None:
    """Raises Forbidden where one of `paths` is the root or a top folder."""
    for path in paths:
        if path == "/" or path in tops.paths:
            raise Forbidden(f"“{path}” is one of the library's own folders; it stays where it is.")


def refuse_nested(source: str, target: str) -> None:
    """Raises Forbidden where `source` and `target` are the same, or one contains the other."""
    if source == target or is_below(target, source) or is_below(source, target):
        raise Forbidden(f"“{source}” and “{target}” lie in each other. Choose another place.")


def check_guard(path: str, entry: Entry | None, guard: Guard) -> None:
    """Raises Conflict where `guard` does not allow that `entry` is at `path`."""
    if (guard.absent and entry) or (guard.etag is not None and (entry is None or entry.etag != guard.etag)):
        raise Conflict(f"“{path}” was changed elsewhere meanwhile; nothing was overwritten.")


def check_size(path: str, declared: int | None, sent: int, *, complete: bool) -> None:
    """Raises BadInput where `sent` bytes are more than `declared` or, if `complete`, fewer."""
    if declared is not None and (sent > declared or (complete and sent < declared)):
        raise BadInput(f"“{path}” arrived with {sent} bytes instead of {declared}. Send it again.")
