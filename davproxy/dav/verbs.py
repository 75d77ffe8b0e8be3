"""WsgiDAV's verbs with our conditions; COPY, MOVE and DELETE in one step of the library.

WsgiDAV itself decodes Destination twice (`What%3F.txt` becomes `What`), copies and deletes file by file, and answers
failures with web pages.
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
from wsgidav.request_server import RequestServer

from davproxy import paths
from davproxy.dav.resources import CONDITIONS, Environ, Resource, translate_errors
from davproxy.model import ABSENT

DESTINATION = "davproxy.destination"
"""Key of the environ where the door leaves the tree path of the Destination header."""


class Verbs(RequestServer):  # type: ignore[misc]
    """Answers one request of WsgiDAV's provider."""

    def _evaluate_if_headers(self, res: Resource | None, environ: Environ) -> None:
        """The door has evaluated all conditions, for every verb alike."""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in ("PROPPATCH", "MKCOL"):
            environ.pop("HTTP_DEPTH", None)  # it means nothing there (RFC 4918, 9.2 and 9.3); webdavclient3 sends it
        answer: Iterable[bytes] = super().__call__(environ, start_response)
        return answer

    def _copy_or_move(self, environ: Environ, start_response: StartResponse, is_move: bool) -> Iterable[bytes]:
        """201 where the target is new, 204 where it was replaced."""
        source = self._existing(environ)
        path = environ.get(DESTINATION)
        if path is None:
            raise DAVError(HTTP_BAD_REQUEST, "The Destination header is missing.")
        deep = _is_deep(environ, source, is_move)
        target = self._find(path, environ)
        parent = self._find(paths.parent_of(path), environ)
        if parent is None or not parent.is_collection:
            raise DAVError(HTTP_CONFLICT, "The folder to put it into does not exist. Make it first.")
        self._check_write_permission(*((target, "infinity") if target else (parent, "0")), environ)
        if is_move:
            self._check_removal(source, environ)
        if paths.is_at_or_below(path, source.path) or paths.is_below(source.path, path):
            raise DAVError(HTTP_FORBIDDEN, "A folder cannot be put into itself, nor over a folder that holds it.")
        if target is not None and not _may_overwrite(environ):
            raise DAVError(HTTP_PRECONDITION_FAILED, "Something is there already, and it is not to be overwritten.")
        with translate_errors():
            self._perform(source, target, path, is_move=is_move, deep=deep)
        start_response("201 Created" if target is None else "204 No Content", [("Content-Length", "0")])
        return []

    def _perform(self, source: Resource, target: Resource | None, path: str, *, is_move: bool, deep: bool) -> None:
        view, properties = source.view, source.properties
        is_new = target is None or view.is_only_locked(path)
        guard = ABSENT if is_new else source.environ[CONDITIONS].guard(target.entry if target else None)
        if source.is_collection and not deep:
            if not is_new:
                view.delete(path)
            view.make_folder(path)
        elif is_move:
            view.move(source.entry, path, guard)
            return  # its properties went along
        else:
            view.copy(source.entry, path, guard)
        properties.copy(source.path, path, deep=deep)

    def do_DELETE(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:  # noqa: N802
        """204. With the file or folder go its locks and dead properties."""
        resource = self._existing(environ)
        if resource.is_collection and environ.get("HTTP_DEPTH", "infinity") != "infinity":
            raise DAVError(HTTP_BAD_REQUEST, "A folder is deleted with all that is in it: Depth must be infinity.")
        self._check_removal(resource, environ)
        with translate_errors():
            resource.view.delete(resource.path, environ[CONDITIONS].guard(resource.entry))
        start_response("204 No Content", [("Content-Length", "0")])
        return []

    def _find(self, path: str, environ: Environ) -> Resource | None:
        found: Resource | None = self._davProvider.get_resource_inst(path, environ)
        return found

    def _existing(self, environ: Environ) -> Resource:
        found = self._find(environ["PATH_INFO"], environ)
        if found is None:
            raise DAVError(HTTP_NOT_FOUND, "There is no such file or folder.")
        return found

    def _check_removal(self, resource: Resource, environ: Environ) -> None:
        """Raise 423 where a lock keeps `resource` in its folder (RFC 4918, 7.4)."""
        above = self._find(paths.parent_of(resource.path), environ)
        if above is not None:
            self._check_write_permission(above, "0", environ)
        self._check_write_permission(resource, "infinity", environ)


def _is_deep(environ: Environ, source: Resource, is_move: bool) -> bool:
    """Whether members come along. Files know no depth, though litmus sends one."""
    depth: Any = environ.get("HTTP_DEPTH", "infinity")
    if depth not in ("0", "infinity") or (depth == "0" and is_move and source.is_collection):
        raise DAVError(HTTP_BAD_REQUEST, "Depth must be infinity, or 0 for a COPY.")
    return bool(depth == "infinity")


def _may_overwrite(environ: Environ) -> bool:
    wish = environ.get("HTTP_OVERWRITE", "T")
    if wish not in ("T", "F"):
        raise DAVError(HTTP_BAD_REQUEST, "Overwrite must be T or F.")
    return bool(wish == "T")
