"""Folders that every sync lists, because their etags do not show what changed in them."""

from collections.abc import Collection

from loguru import logger

from davproxy.errors import DavproxyError
from davproxy.index import Index
from davproxy.remote.etag_check import folders_with_lasting_etags
from davproxy.remote.protocol import Remote

LASTING_ETAGS = "lasting etags"
"""The fact with the top folders whose etags do not change with their contents, separated by spaces."""
MOUNTS = "mounts"
"""The fact with the folders below the top folders in which another storage begins, one on each line."""


def check_etags(remote: Remote, index: Index) -> None:
    """Find out, once for this index, whether the etags of the top folders change with their contents."""
    features = remote.features
    if features.local or not features.recursive_etags or index.facts.get(LASTING_ETAGS) is not None:
        return
    try:
        found = folders_with_lasting_etags(remote)
    except DavproxyError as error:
        logger.debug("Whether etags rise was not found out: {}", error.message)
        return
    index.facts.put(LASTING_ETAGS, " ".join(found))
    if found:
        logger.warning("The etags of {} do not rise with their contents: they are listed at every sync.", found)


def mounts_are_known(index: Index) -> bool:
    """Whether a sync has looked for mounts. Until then every top folder is listed, whatever its etag."""
    return index.facts.get(MOUNTS) is not None


def top_folders(remote: Remote, index: Index) -> Collection[str]:
    """The top folders that are always listed."""
    return {*remote.features.external, *(index.facts.get(LASTING_ETAGS) or "").split()}


def are_any(remote: Remote, index: Index) -> bool:
    """Whether a sync lists whole folders, or the whole tree, even if nothing has changed."""
    features = remote.features
    return features.local or not features.recursive_etags or bool(top_folders(remote, index) or mounts(index))


def mounts(index: Index) -> list[str]:
    """The folders below the top folders that are always listed, because another storage begins there."""
    return (index.facts.get(MOUNTS) or "").splitlines()


def remember_mounts(index: Index, found: Collection[str]) -> None:
    """Store the folders in which a sync found that another storage begins."""
    text = "\n".join(sorted(found))
    if text != index.facts.get(MOUNTS):
        index.facts.put(MOUNTS, text)
        if text:
            logger.warning("Other storage begins at {}: it is listed whole at every sync.", ", ".join(sorted(found)))
