"""The range of a file that a Range header requests (RFC 9110, 14)."""

from werkzeug.http import parse_range_header

LONGEST = 1024
"""Longest Range header that is parsed, in characters."""


def requested_range(header: str, size: int) -> tuple[int, int] | None:
    """(start, stop) in bytes of the range that `header` requests of a file of `size` bytes; `stop` is exclusive.

    None where the whole file is the answer: another unit, several ranges, or a malformed header. `start` is at least
    `size` where the range begins after the end.
    """
    asked = parse_range_header(header) if len(header) <= LONGEST else None
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    start, stop = asked.ranges[0]
    if start < 0:  # the last bytes, as many as there are
        return max(0, size + start), size
    return start, size if stop is None else min(stop, size)
