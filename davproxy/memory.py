"""How the C library shares memory among threads: one arena for all of them, where it is glibc."""

import ctypes

_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h


def share_arena() -> None:
    """Let all threads allocate from one arena. To be called before there are any.

    Each would else keep megabytes that it has freed, and Python's lock lets only one allocate at a time anyway.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)
