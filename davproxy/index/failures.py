"""Errors of SQLite as errors of ours, and which of them mean a damaged file."""

import sqlite3

from davproxy.errors import DavproxyError, NoSpace, Unavailable

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_UNUSABLE = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
_IN_USE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
DAMAGED = "The index was damaged. It is made again from the library now; try again soon."


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file cannot be what this program wrote."""
    code = getattr(error, "sqlite_errorcode", 0)  # an error of Python's module has none
    return code & 0xFF in _DAMAGED or code == sqlite3.SQLITE_IOERR_SHORT_READ


def error_for(error: sqlite3.Error) -> DavproxyError | None:
    """The error of ours that `error` means; None for a mistake of this program."""
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if is_damage(error):
        return Unavailable(DAMAGED)
    if primary == sqlite3.SQLITE_FULL:
        return NoSpace("The disk that holds the index is full. Free some space in TEMP_DIR.")
    if primary in _UNUSABLE:
        return Unavailable(f"The index in TEMP_DIR cannot be used: {error}.")
    if primary in _IN_USE:
        return Unavailable("The index is in use by another program. Try again.")
    return None
