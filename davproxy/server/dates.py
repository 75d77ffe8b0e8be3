"""Times as HTTP writes them (RFC 9110, 5.6.7)."""

from email.utils import formatdate
from functools import lru_cache


@lru_cache(maxsize=16384)
def http_date(seconds: int) -> str:
    """Unix seconds as an HTTP date."""
    return formatdate(seconds, usegmt=True)


@lru_cache(maxsize=4)
def date_line(second: int) -> bytes:
    """The Date header of a response made in this Unix second."""
    return f"Date: {formatdate(second, usegmt=True)}".encode()
