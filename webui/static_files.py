"""Static files as they are on the disk, and the style sheets of all pages as one, which saves a phone a round trip."""

import hashlib
from functools import cache
from io import BytesIO
from pathlib import Path

from flask import Flask, Response, send_file

STATIC = Path(__file__).parent / "static"
SHARED = "css/shared.css"
"""The style sheet that holds those in JOINED, in their order."""
JOINED = ("tokens", "base", "controls", "layout")


def register(app: Flask) -> None:
    """Let `app`, which serves the static files, serve SHARED too."""

    def static_file(filename: str) -> Response:
        return _shared_sheet() if filename == SHARED else app.send_static_file(filename)

    app.view_functions["static"] = static_file


def _shared_sheet() -> Response:
    return send_file(BytesIO(_join_sheets()), "text/css", etag=fingerprint())


@cache
def _join_sheets() -> bytes:
    return b"".join((STATIC / "css" / f"{sheet}.css").read_bytes() for sheet in JOINED)


@cache
def fingerprint() -> str:
    """A hash of all static files, which is part of their URLs, so that browsers may cache them for a year.

    Scripts import each other by relative URLs, so all of a page's scripts have the same version.
    """
    content = hashlib.sha256()
    for file in sorted(file for file in STATIC.rglob("*") if file.is_file()):
        content.update(file.read_bytes())
    return content.hexdigest()[:12]
