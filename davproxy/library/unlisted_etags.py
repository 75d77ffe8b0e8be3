"""Etags for entries of the index that must be listed again.

No server gives such an etag, so the next sync finds a difference, and a read never uses outdated bytes.
"""

import time
from dataclasses import replace

from davproxy.model import Entry

_MARK = "~"


def unlisted() -> str:
    """A new etag for an entry that is to be listed again."""
    return f"{_MARK}{time.time_ns():x}"


def in_doubt(entry: Entry) -> Entry:
    """`entry`, which may have changed on the remote, with an etag of `unlisted` that ends with the last listed one."""
    return replace(entry, etag=f"{unlisted()}{_MARK}{as_listed(entry).etag}", checksums="")


def as_listed(entry: Entry) -> Entry:
    """`entry` with its last listed etag, if `in_doubt` replaced that."""
    listed = entry.etag.split(_MARK, 2)[2:] if is_unlisted(entry.etag) else ()
    return replace(entry, etag=listed[0]) if listed else entry


def is_in_doubt(entry: Entry) -> bool:
    """Whether `entry` is a file that a failed change may have changed."""
    return is_unlisted(entry.etag) and not entry.is_folder


def to_be_listed(entry: Entry) -> Entry:
    """`entry`; if it is a folder, with an etag of `unlisted`."""
    return replace(entry, etag=unlisted()) if entry.is_folder else entry


def is_unlisted(etag: str) -> bool:
    """Whether `etag` was made by `unlisted`."""
    return etag.startswith(_MARK)
