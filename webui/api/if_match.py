"""The header If-Match of a request that edits something (RFC 9110, 13.1.1)."""

from flask import request


def expected_etag(current: str) -> str | None:
    """The etag that If-Match requires: `current` if the header lists it, else another one. None without it, or for `*`.

    The empty etag is that of a song without song.ini; Werkzeug reads it as None.
    """
    match = request.if_match
    if "If-Match" not in request.headers or match.star_tag:
        return None
    listed = [etag or "" for etag in match.as_set(include_weak=True)]
    return current if current in listed else next(iter(listed), "")
