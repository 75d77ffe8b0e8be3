"""gzip of pages, scripts, style sheets and JSON: a phone receives them in a fraction of the time."""

import gzip

from flask import Flask, Response, request

LEVEL = 6
SMALLEST = 600
"""Bytes below which compression saves no packet."""
TYPES = frozenset(
    {"application/json", "application/problem+json", "image/svg+xml", "text/css", "text/html", "text/javascript"}
)


def register(app: Flask) -> None:
    """Compress the responses of `app` for clients that accept it."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if response.mimetype not in TYPES or (response.is_streamed and request.endpoint != "static"):
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"] or response.status_code == 206 or response.content_encoding:
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) < SMALLEST:
        return response
    response.set_data(gzip.compress(body, LEVEL, mtime=0))
    response.content_encoding = "gzip"
    del response.headers["Accept-Ranges"]
    etag, _ = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)  # a strong one names one encoding
    return response
