"""The signature of a request: the bytes that decide its response. Requests that share one share a cached response."""

from functools import lru_cache

from davproxy.server import heads

RELEVANT = frozenset(
    (
        "CONTENT_LENGTH", "HTTP_AUTHORIZATION", "HTTP_CONNECTION", "HTTP_DEPTH", "HTTP_DESTINATION", "HTTP_EXPECT",
        "HTTP_FORWARDED", "HTTP_HOST", "HTTP_IF", "HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_NONE_MATCH",
        "HTTP_IF_RANGE", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_RANGE", "HTTP_TRANSFER_ENCODING", "HTTP_X_FORWARDED_FOR",
        "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_PREFIX", "HTTP_X_FORWARDED_PROTO",
    )
)  # fmt: skip
"""The header fields, by their names in the environ, that anything reads on the way to a response that is cached; a test
records which these are. The names of programs, languages and cookies are not among them."""


def signature(request: bytes) -> bytes:
    """The request line, the fields in RELEVANT and the body of a raw request; all of it where a field is malformed."""
    head, _, body = request.partition(b"\r\n\r\n")
    line, *fields = head.split(b"\r\n")
    try:
        return b"\r\n".join((line, *[field for field in fields if _is_relevant(field)], b"", body))
    except heads.BadHead:
        return request


@lru_cache(maxsize=4096)
def _is_relevant(field: bytes) -> bool:
    return heads.read_field(field)[0] in RELEVANT
