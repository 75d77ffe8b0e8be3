"""One memory arena for all threads, where the C library is glibc."""

import ctypes
import sys

_M_ARENA_MAX = -8  # as in malloc.h


def share_arena() -> None:
    """Let all threads allocate from one arena. To be called before any thread starts.

    With an arena of its own each thread keeps megabytes that it has freed. Python's lock lets only one thread allocate
    at a time anyway, so one arena costs nothing (mallopt(3), M_ARENA_MAX).
    """
    if sys.platform == "win32":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
