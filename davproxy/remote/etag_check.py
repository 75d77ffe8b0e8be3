"""Checks whether the etags of the top folders change with their contents, by making a change in each.

A folder on external storage, or a group folder, can keep its etag although its contents change.
"""

from collections.abc import Mapping
from contextlib import suppress
from uuid import uuid4

from davproxy.errors import DavproxyError, Forbidden
from davproxy.model import ABSENT
from davproxy.paths import STORED, TEMP, join
from davproxy.remote.protocol import Remote


def folders_with_lasting_etags(remote: Remote) -> list[str]:
    """The top folders that keep their etag when something in them changes. An empty folder is moved through all.

    Raises what the remote raises; the empty folder is removed then too.
    """
    name = f".davproxy-probe-{uuid4().hex[:12]}"
    place = join(TEMP, name)
    tried: list[str] = []
    remote.make_folder(place)
    try:
        before = _etags(remote)
        for top in (*STORED, TEMP):
            target = join(top, name)
            if target == place or top not in before:
                continue
            try:
                remote.move(place, target, guard=ABSENT)
            except Forbidden:
                continue  # we may not write there, so it cannot be tried
            tried += [top]
            place = target
        after = _etags(remote)
    finally:
        with suppress(DavproxyError):
            remote.delete(place)
    return [top for top in tried if top in STORED and after.get(top) == before[top]]


def _etags(remote: Remote) -> Mapping[str, str]:
    return {entry.path: entry.etag for entry in remote.children("/") if entry.is_folder}
