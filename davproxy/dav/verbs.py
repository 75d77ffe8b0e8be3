"""COPY, MOVE and DELETE: in one step of the library, with WsgiDAV's checks of locks and conditions.

WsgiDAV's own way decodes Destination twice over (`What%3F.txt` becomes `What`), copies and deletes file by file, and
answers failures with pages of its own.
"""

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse

from wsgidav.dav_error import (
    HTTP_BAD_REQUEST,
    HTTP_CONFLICT,
    HTTP_FORBIDDEN,
    HTTP_NOT_FOUND,
    HTTP_PRECONDITION_FAILED,
    DAVError,
)
from wsgidav.dav_provider import DAVProvider
from wsgidav.request_server import RequestServer

from davproxy import paths
from davproxy.dav.resources import Environ, _Resource, translated
from davproxy.model import ABSENT, ANYTHING

DESTINATION = "davproxy.destination"
"""Key of the environ where the front leaves the tree path of the Destination header."""


def copy_or_move(
    provider: DAVProvider, server: RequestServer, environ: Environ, start_response: StartResponse
) -> Iterable[bytes]:
    """Answer COPY or MOVE: 201 where the target is new, 204 where it was replaced."""
    moving = environ["REQUEST_METHOD"] == "MOVE"
    source: Any = provider.get_resource_inst(environ["PATH_INFO"], environ)
    if source is None:
        raise DAVError(HTTP_NOT_FOUND, "There is no such file or folder.")
    path = environ.get(DESTINATION)
    if path is None:
        raise DAVError(HTTP_BAD_REQUEST, "The Destination header is missing.")
    deep = _depth(environ, source, moving)
    target: Any = provider.get_resource_inst(path, environ)
    parent: Any = provider.get_resource_inst(paths.parent_of(path), environ)
    if parent is None or not parent.is_collection:
        raise DAVError(HTTP_CONFLICT, "The folder to put it into does not exist. Make it first.")
    server._evaluate_if_headers(source, environ)
    server._evaluate_if_headers(target, environ)
    for locked, depth in _touched(provider, source, target, parent, environ, moving):
        server._check_write_permission(locked, depth, environ)
    if paths.is_at_or_below(path, source.path) or paths.is_below(source.path, path):
        raise DAVError(HTTP_FORBIDDEN, "A folder cannot be put into itself, nor over a folder that holds it.")
    if target is not None and _overwrite(environ) == "F":
        raise DAVError(HTTP_PRECONDITION_FAILED, "Something is there already, and it is not to be overwritten.")
    _perform(source, target, path, moving=moving, deep=deep)
    start_response("201 Created" if target is None else "204 No Content", [("Content-Length", "0")])
    return []


def delete(
    provider: DAVProvider, server: RequestServer, environ: Environ, start_response: StartResponse
) -> Iterable[bytes]:
    """Answer DELETE: 204, and with the file or folder go its locks and dead properties."""
    resource: Any = provider.get_resource_inst(environ["PATH_INFO"], environ)
    if resource is None:
        raise DAVError(HTTP_NOT_FOUND, "There is no such file or folder.")
    if resource.is_collection and environ.get("HTTP_DEPTH", "infinity").lower() != "infinity":
        raise DAVError(HTTP_BAD_REQUEST, "A folder is deleted with all that is in it: Depth must be infinity.")
    server._evaluate_if_headers(resource, environ)
    parent: Any = provider.get_resource_inst(paths.parent_of(resource.path), environ)
    if parent is not None:
        server._check_write_permission(parent, "0", environ)
    server._check_write_permission(resource, "infinity", environ)
    with translated():
        resource.view.delete(resource.path)
    resource.remove_all_locks(recursive=True)
    provider.prop_manager.forget(resource.get_ref_url())
    start_response("204 No Content", [("Content-Length", "0")])
    return []


def _depth(environ: Environ, source: _Resource, moving: bool) -> bool:
    """Whether members come along. Files know no depth, though litmus sends one."""
    depth = environ.get("HTTP_DEPTH", "infinity").lower()
    if depth not in ("0", "infinity") or (depth == "0" and moving and source.is_collection):
        raise DAVError(HTTP_BAD_REQUEST, "Depth must be infinity, or 0 for a COPY.")
    return bool(depth == "infinity")


def _overwrite(environ: Environ) -> str:
    wish: str = environ.get("HTTP_OVERWRITE", "T").upper()
    if wish not in ("T", "F"):
        raise DAVError(HTTP_BAD_REQUEST, "Overwrite must be T or F.")
    return wish


def _touched(
    provider: DAVProvider,
    source: _Resource,
    target: _Resource | None,
    parent: _Resource,
    environ: Environ,
    moving: bool,
) -> list[tuple[_Resource, str]]:
    """What must not be locked by somebody else, and how deep (RFC 4918, 7.4)."""
    touched = [(target, "infinity") if target is not None else (parent, "0")]
    if moving:
        touched.append((source, "infinity"))
        above = provider.get_resource_inst(paths.parent_of(source.path), environ)
        if above is not None:
            touched.append((above, "0"))
    return touched


def _perform(source: _Resource, target: _Resource | None, path: str, *, moving: bool, deep: bool) -> None:
    view, guard = source.view, ABSENT if target is None else ANYTHING
    properties, locks = source.provider.prop_manager, source.provider.lock_manager
    before = source.get_ref_url()
    if target is not None:
        properties.forget(target.get_ref_url())
    with translated():
        if source.is_collection and not deep:
            if target is not None:
                view.delete(path)
            view.make_folder(path)
        elif moving:
            view.move(source.entry, path, guard)
        else:
            view.copy(source.entry, path, guard)
    made: Any = source.provider.get_resource_inst(path, source.environ)
    after = made.get_ref_url() if made is not None else ""
    if moving:
        locks.remove_all_locks_from_url(before, recursive=True)
        if after:
            properties.move_properties(before, after, with_children=True)
    elif after:
        properties.copy_properties(before, after)
