"""The limit of open files and sockets of this process."""

import sys

_UNLIMITED = 1 << 20


def open_files_limit() -> int:
    """The process's limit of open descriptors."""
    if sys.platform == "win32":
        return _UNLIMITED
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _UNLIMITED if soft == resource.RLIM_INFINITY else soft
