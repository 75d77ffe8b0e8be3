"""Many new folders, a few at a time."""

import posixpath
from collections.abc import Iterable
from functools import partial
from itertools import groupby

from davproxy.paths import ancestors, is_below, normalise
from davproxy.remote.webdav.files import Files
from davproxy.remote.webdav.parallel import in_parallel

MAKERS = 2
"""Concurrent requests. A Nextcloud locks the folder above while it makes one, so that more of them wait."""


def make_folders(files: Files, paths: Iterable[str]) -> None:
    """Make these folders and every missing parent: parents first, those of one depth side by side."""
    wanted = {normalise(path) for path in paths}
    if not wanted:
        return
    common = posixpath.commonpath(wanted)
    files.make_folder(common)
    below = {each for path in wanted for each in (path, *ancestors(path)) if is_below(each, common)}
    for _, level in groupby(sorted(below, key=_depth), key=_depth):
        for _made in in_parallel(partial(files.make_folder, in_turn=True), level, MAKERS):
            pass


def _depth(path: str) -> int:
    return path.count("/")
