"""Etags for entries of the index that the remote has to be asked about again.

No server gives such an etag, so the next sync finds a difference, and a read never takes old bytes for the file's.
"""

import time
from dataclasses import replace

from davproxy.model import Entry

_MARK = "~"


def unlisted() -> str:
    """A new etag for an entry that is to be listed again."""
    return f"{_MARK}{time.time_ns():x}"


def to_be_listed(entry: Entry) -> Entry:
    """`entry`; a folder with an etag of `unlisted`."""
    return replace(entry, etag=unlisted()) if entry.is_folder else entry


def is_unlisted(etag: str) -> bool:
    """Whether `unlisted` made it."""
    return etag.startswith(_MARK)
