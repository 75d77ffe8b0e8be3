"""Refusals of requests that reach no door: a line of text; below /api/, problem details (RFC 9457)."""

from davproxy.server import problem_details

BROKEN = "Something went wrong here. The log says what."
"""The message of a response to a request that failed unexpectedly."""

Headers = list[tuple[str, str]]


def render(path: str, status: int, message: str) -> tuple[Headers, bytes]:
    """(headers, body) of the refusal of a request for the URL path `path`."""
    if path.startswith("/api/"):
        media_type = problem_details.MEDIA_TYPE
        body = problem_details.render(status, message)
    else:
        media_type = "text/plain; charset=utf-8"
        body = f"{message}\n".encode()
    headers = {"Content-Type": media_type, "Content-Length": str(len(body)), **problem_details.retry_after(status)}
    return list(headers.items()), body
