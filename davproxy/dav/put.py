"""PUT: the body goes to the library block by block, and what is there stays as it is until all of it has come.

WsgiDAV's own way looks resources up several times, which costs a small file as much as its write.
"""

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse

from wsgidav.dav_error import (
    HTTP_BAD_REQUEST,
    HTTP_CONFLICT,
    HTTP_METHOD_NOT_ALLOWED,
    HTTP_NOT_IMPLEMENTED,
    DAVError,
)
from wsgidav.lock_man.lock_manager import LockManager

from davproxy import paths
from davproxy.dav.conditions import Conditions
from davproxy.dav.lock_storage import PRINCIPAL
from davproxy.dav.times import seconds
from davproxy.dav.view import View
from davproxy.library import BLOCK
from davproxy.model import Entry
from davproxy.server.digests import Digests

Environ = dict[str, Any]


def serve(
    view: View, locks: LockManager, path: str, environ: Environ, conditions: Conditions, start_response: StartResponse
) -> Iterable[bytes]:
    """Answer a PUT to a tree path, whose conditions hold: 201 for a new file, 204 over one.

    Raises DavproxyError, and DAVError if a lock or a missing parent folder forbids it.
    """
    there = view.find(path)
    _check(view, path, environ, there)
    tokens = conditions.tokens
    if there is None:
        locks.check_write_permission(url=paths.parent_of(path), depth="0", token_list=tokens, principal=PRINCIPAL)
    with locks.write_transaction(url=path, token_list=tokens, principal=PRINCIPAL):
        existing = None if there is None or view.is_only_locked(path) else there
        entry = _store(view, path, environ, conditions, existing)
    headers = [("ETag", f'"{entry.etag}"')] if entry.etag else []
    start_response("201 Created" if there is None else "204 No Content", [("Content-Length", "0"), *headers])
    return []


def _check(view: View, path: str, environ: Environ, there: Entry | None) -> None:
    """Raise DAVError where nothing can be put."""
    if "HTTP_CONTENT_ENCODING" in environ:
        raise DAVError(HTTP_NOT_IMPLEMENTED, "Send the file as it is, without a Content-Encoding.")
    if "HTTP_CONTENT_RANGE" in environ:
        raise DAVError(HTTP_BAD_REQUEST, "Parts of files cannot be written (Content-Range). Send the whole file.")
    if "HTTP_OC_CHUNKED" in environ:  # else each part would be a file of its own, and the client would think it whole
        raise DAVError(HTTP_BAD_REQUEST, "Parts of files cannot be written (OC-Chunked). Send the whole file.")
    if there is not None and there.is_folder:
        raise DAVError(HTTP_METHOD_NOT_ALLOWED, "A folder is there, which a file cannot replace.")
    above = view.find(paths.parent_of(path))
    if above is None or not above.is_folder:
        raise DAVError(HTTP_CONFLICT, "The folder to put it into does not exist. Make it first.")


def _store(view: View, path: str, environ: Environ, conditions: Conditions, existing: Entry | None) -> Entry:
    """Write the body, verified by the digests that the client sent along. What is cut short is dropped."""
    upload = view.upload(
        path, size=_announced_size(environ), modified=_announced_time(environ), guard=conditions.guard(existing)
    )
    try:
        digests = Digests(environ)
        while block := environ["wsgi.input"].read(BLOCK):
            digests.update(block)
            upload.write(block)
        digests.check()
        return upload.commit()
    except BaseException:
        upload.abort()
        raise


def _announced_size(environ: Environ) -> int | None:
    """How many bytes the client says it sends; macOS says it beside a chunked body."""
    said = environ.get("CONTENT_LENGTH") or environ.get("HTTP_X_EXPECTED_ENTITY_LENGTH") or ""
    if not said and not environ.get("wsgi.input_terminated"):
        return 0
    return int(said) if said.isdigit() else None


def _announced_time(environ: Environ) -> float | None:
    """The modification time that rclone, gvfs and the Nextcloud clients send along, in Unix seconds."""
    return seconds(environ.get("HTTP_X_OC_MTIME", ""))
