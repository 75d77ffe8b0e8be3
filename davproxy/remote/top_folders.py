"""Top folders: tree paths and the names that the remote has for them (`/Generate` is `Generator` on a Nextcloud)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from loguru import logger

from davproxy.errors import AlreadyExists, Forbidden, NotFound, WrongKind
from davproxy.paths import SCORES, normalise


@contextmanager
def making_top(path: str, *, level: str = "DEBUG") -> Iterator[None]:
    """Let the body fail to make /Scores where a file has its name or we may not make it: older libraries lack it.

    The log says so at `level`.
    """
    try:
        yield
    except (AlreadyExists, Forbidden, WrongKind) as error:
        if path != SCORES:
            raise
        logger.log(
            level,
            "There is no folder for scores: {} Set NEXTCLOUD_SCORES_FOLDER to another name, or make that folder.",
            error.message,
        )


class TopFolders:
    """Translates both ways between the tree and a remote. Any other name at the top is the same on both sides."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """`names` as in `Settings.folders`: `{"/Songs": "Songs", "/Generate": "Generator", …}`."""
        self._theirs = {path.strip("/"): name for path, name in names.items()}
        self._ours = {name: top for top, name in self._theirs.items()}

    @property
    def paths(self) -> list[str]:
        """The tree paths of the top folders."""
        return [f"/{top}" for top in self._theirs]

    def to_remote(self, path: str) -> list[str]:
        """The names of a tree path on the remote, below the library's root. Raises BadPath."""
        path = normalise(path)
        if path == "/":
            return []
        top, *rest = path[1:].split("/")
        if top not in self._theirs and top in self._ours:
            raise NotFound(f"There is no “/{top}” here; that folder is called “/{self._ours[top]}”.")
        return [self._theirs.get(top, top), *rest]

    def to_tree(self, names: Sequence[str]) -> str | None:
        """The tree path of names on the remote; None for what a top folder of ours hides."""
        if not names:
            return "/"
        top, *rest = names
        if top not in self._ours and top in self._theirs:
            return None
        return "/" + "/".join([self._ours.get(top, top), *rest])
