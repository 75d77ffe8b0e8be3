"""The trash bin of the remote: what was deleted, and can be restored."""

from davproxy import paths
from davproxy.library.tree import Tree
from davproxy.model import Entry, Trashed
from davproxy.remote.protocol import Remote


class Trash:
    """What was deleted from the tree, on a remote that keeps it."""

    def __init__(self, remote: Remote, tree: Tree) -> None:
        self._remote, self._tree = remote, tree

    def items(self) -> list[Trashed]:
        """What can be restored, newest first."""
        return [trashed for trashed in self._remote.trash() if paths.is_stored(trashed.path)]

    def restore(self, key: str) -> Entry:
        """Bring something back from the trash bin. Raises NotFound, AlreadyExists."""
        path = self._remote.restore(key)
        self._tree.refresh(path)
        return self._tree.stat(path)
