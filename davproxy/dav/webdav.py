"""WsgiDAV over the view: resources by path, plain answers."""

import logging
from collections.abc import Iterable, Iterator
from typing import Any
from wsgiref.types import StartResponse

from loguru import logger
from wsgidav.dav_error import (
    HTTP_LOCKED,
    DAVError,
    DAVErrorCondition,
    PRECONDITION_CODE_LockConflict,
    get_http_status_string,
)
from wsgidav.dav_provider import DAVProvider
from wsgidav.mw.base_mw import BaseMiddleware
from wsgidav.wsgidav_app import WsgiDAVApp

from davproxy.dav import multistatus, urls
from davproxy.dav.dead_properties import DeadProperties
from davproxy.dav.lock_storage import LockStorage
from davproxy.dav.locks import Locks
from davproxy.dav.resources import Environ, Resource, resource, translate_errors
from davproxy.dav.verbs import Verbs
from davproxy.dav.view import View
from davproxy.errors import DavproxyError
from davproxy.library import BLOCK
from davproxy.server.refusals import BROKEN


class Provider(DAVProvider):  # type: ignore[misc]
    """Looks up resources in the view."""

    def __init__(self, view: View, properties: DeadProperties) -> None:
        super().__init__()
        self._view = view
        self._properties = properties

    def get_resource_inst(self, path: str, environ: Environ) -> Resource | None:
        """The resource at a tree path, which may end with a slash."""
        with translate_errors():
            entry = self._view.find(path.rstrip("/") or "/")
        return resource(self._view, self._properties, entry, environ) if entry else None

    def ref_url_to_path(self, ref_url: str) -> str:
        """Resources are known by their tree paths."""
        return ref_url


class Resolver(BaseMiddleware):  # type: ignore[misc]
    """Lets `Verbs` answer."""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        answer: Iterable[bytes] = Verbs(environ["wsgidav.provider"])(environ, start_response)
        return answer


class Plain(BaseMiddleware):  # type: ignore[misc]
    """Answers without WsgiDAV's pages: errors are short texts that say what to do, success has no body."""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        began = bare = False

        def begin(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal began, bare
            began, bare = True, status.startswith("201") and environ["REQUEST_METHOD"] != "LOCK"
            if bare:
                headers = [(name, value) for name, value in headers if not name.startswith("Content-")]
                headers.append(("Content-Length", "0"))
            return start_response(status, headers, exc_info)

        try:
            for block in self.next_app(environ, begin):
                if not bare:
                    yield block
        except DAVError as error:
            if began:
                raise
            yield from answer_error(error, environ, start_response)
        except Exception as error:
            if began:
                raise
            known = error if isinstance(error, DavproxyError) else DavproxyError(BROKEN)
            dav_error = DAVError(known.status, known.message, src_exception=error)
            yield from answer_error(dav_error, environ, start_response)


def answer_error(error: DAVError, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """The response to a request that failed: RFC 4918's XML where it names a condition, else a line of text."""
    headers = list(error.add_headers or [])
    if error.err_condition:
        kind, body = multistatus.XML, _condition(error, environ["REQUEST_METHOD"])
    else:
        kind, body = "text/plain; charset=utf-8", f"{error.context_info or 'This cannot be done.'}\n".encode()
    if error.value == 500:
        logger.opt(exception=error.src_exception or error).error("A WebDAV request failed")
    if error.value == 503:
        headers.append(("Retry-After", "10"))
    if error.value in (204, 304):
        body = b""
    status = get_http_status_string(error).replace("Status", "Error")
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body))), *headers])
    return [body]


def _condition(error: DAVError, method: str) -> bytes:
    """The XML of a condition. WsgiDAV names conflicting locks for a missing token too, by path, not by URL."""
    condition: DAVErrorCondition = error.err_condition
    name: str = condition.condition_code.removeprefix("{DAV:}")
    message: str = error.context_info or ""
    if error.value == HTTP_LOCKED and condition.condition_code == PRECONDITION_CODE_LockConflict:
        name = "no-conflicting-lock" if method == "LOCK" else "lock-token-submitted"
        message = "Somebody is editing this, and has locked it. Try again when they have finished."
    return multistatus.error(name, message, [urls.href(path, is_folder=False) for path in condition.hrefs])


def webdav(view: View, locks: Locks, properties: DeadProperties) -> WsgiDAVApp:
    """WsgiDAV, set up for the tree."""
    logging.getLogger("wsgidav").setLevel(logging.CRITICAL + 1)  # what matters is logged by Plain
    return WsgiDAVApp(
        {
            "provider_mapping": {"/": Provider(view, properties)},
            "mount_path": urls.MOUNT,
            "middleware_stack": [Plain, Resolver],
            "lock_storage": LockStorage(locks),
            "property_manager": None,
            "block_size": BLOCK,
            "hotfixes": {"re_encode_path_info": False},
            "logging": {"enable": False},
            "verbose": 0,
        }
    )
