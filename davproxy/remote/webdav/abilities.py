"""What a WebDAV server that is no Nextcloud can do, found out at connect with small files in /Temp, not by its name."""

from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

from loguru import logger

from davproxy.errors import Conflict, DavproxyError
from davproxy.paths import TEMP, join
from davproxy.remote.protocol import Features
from davproxy.remote.webdav.etags import is_timed
from davproxy.remote.webdav.files import Files


def probe(files: Files) -> Features:
    """The features of the server behind `files`, whose top folders exist. What cannot be tried counts as missing."""
    folder = join(TEMP, f"probe-{uuid4().hex}")
    source, target = join(folder, "source"), join(folder, "target")
    features = replace(files.server.features, etags=False, guards=False)
    try:
        files.make_folder(folder)
        for path in (source, target):
            _put(files, path)
        features = replace(features, etags=not is_timed(files.stat(target).etag))
        features = replace(features, guards=_obeys(files, source, target))
    except DavproxyError as error:
        logger.debug("What the server can do was not found out: {}", error.message)
    finally:
        with suppress(DavproxyError):
            files.delete(folder)
    return features


def _obeys(files: Files, source: str, target: str) -> bool:
    """Whether a MOVE obeys Overwrite, and an If header about an etag of its target (RFC 4918, 10.4 and 10.6).

    The etag of a file can be weak, so another one is named: that there is, or that there is not, such an etag.
    """
    url = files.url(target)
    for refused in ({"Overwrite": "F"}, {"Overwrite": "T", "If": f'<{url}> (["none"])'}):
        try:
            _move(files, source, url, refused)
        except Conflict:
            continue
        return False
    _move(files, source, url, {"Overwrite": "T", "If": f'<{url}> (Not ["none"])'})
    return True


def _put(files: Files, path: str) -> None:
    headers = {"Content-Length": "5"}
    files.connection.send(
        "PUT", files.url(path), expect={200, 201, 204}, about=path, headers=headers, content=b"probe", repeatable=True
    )


def _move(files: Files, source: str, url: str, headers: dict[str, str]) -> None:
    files.connection.send(
        "MOVE", files.url(source), expect={201, 204}, about=source, headers={"Destination": url, **headers}
    )
