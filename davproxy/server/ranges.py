"""The part of a file that a Range header asks for (RFC 9110, 14)."""

from werkzeug.http import parse_range_header

LONGEST = 1024
"""Longest Range header that is looked at, in characters."""


def requested_part(header: str, size: int) -> tuple[int, int] | None:
    """(start, stop) in bytes of the one range that `header` asks for of a file of `size` bytes, `stop` past its end.

    None where the whole file is the answer: another unit, several ranges, or a header that cannot be read. `start` is
    at least `size` where the range lies behind the end.
    """
    asked = parse_range_header(header) if len(header) <= LONGEST else None
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    start, stop = asked.ranges[0]
    if start < 0:  # the last bytes, as many as there are
        return max(0, size + start), size
    return start, size if stop is None else min(stop, size)
