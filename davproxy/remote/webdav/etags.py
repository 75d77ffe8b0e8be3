"""Etags as servers send them, and what stands in for one where a server sends none."""

import httpx

from davproxy.remote.webdav.multistatus import bare_etag, seconds

_TIMED = "time-"


def timed_etag(modified: float, size: int) -> str:
    """An etag made of a file's time in Unix seconds and its size in bytes."""
    return f"{_TIMED}{int(modified):x}-{size:x}"


def is_timed(etag: str) -> bool:
    """Whether `timed_etag` made it."""
    return etag.startswith(_TIMED)


def has_etag(response: httpx.Response, etag: str) -> bool | None:
    """Whether the file in a response to GET has this etag; None where the response does not say so."""
    if not is_timed(etag):
        raw = response.headers.get("ETag")
        return bare_etag(raw) == etag if raw else None
    modified = seconds(response.headers.get("Last-Modified", ""))
    size = response.headers.get("Content-Range", "").rpartition("/")[2] or response.headers.get("Content-Length", "")
    return timed_etag(modified, int(size)) == etag if modified and size.isdecimal() else None
