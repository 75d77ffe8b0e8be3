"""Memory of a server that runs for months: one arena where the C library is glibc, and a garbage collector that never
stalls a client."""

import ctypes
import gc
import sys

_M_ARENA_MAX = -8  # as in malloc.h
_C = None if sys.platform == "win32" else ctypes.CDLL(None)
_mallopt, _malloc_trim = getattr(_C, "mallopt", None), getattr(_C, "malloc_trim", None)  # glibc's; others lack them
_YOUNG, _MIDDLE, _OLD = 2_000, 10, 500


def share_arena() -> None:
    """Let all threads allocate from one arena. To be called before any thread starts.

    With an arena of its own each thread keeps megabytes that it has freed. Python's lock lets only one thread allocate
    at a time anyway, so one arena costs nothing (mallopt(3), M_ARENA_MAX).
    """
    if _mallopt is not None:
        _mallopt(_M_ARENA_MAX, 1)


def spare_what_stays() -> None:
    """Take all objects that exist now out of later collections. To be called once everything is imported and wired.

    A collection of everything walks 100,000 objects of modules and holds up all threads for 30 ms or more. It happens
    by itself only after 10,000,000 new objects; before that, `collect` is to be called when nobody waits.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


def collect() -> None:
    """Free what only refers to itself, and give the system back what is free, which takes some milliseconds."""
    gc.collect()
    if _malloc_trim is not None:
        _malloc_trim(0)
