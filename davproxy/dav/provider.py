"""WsgiDAV over the view: resources by path, some verbs our own way, plain answers."""

import logging
from collections.abc import Iterable, Iterator
from typing import Any
from wsgiref.types import StartResponse

from loguru import logger
from wsgidav.dav_error import HTTP_PRECONDITION_FAILED, DAVError, get_http_status_string
from wsgidav.dav_provider import DAVProvider
from wsgidav.mw.base_mw import BaseMiddleware
from wsgidav.request_resolver import RequestResolver
from wsgidav.wsgidav_app import WsgiDAVApp

from davproxy.dav import urls
from davproxy.dav.locks import Locks, Properties
from davproxy.dav.resources import Environ, _Resource, resource, translated
from davproxy.dav.verbs import copy_or_move, delete
from davproxy.dav.view import View
from davproxy.errors import DavproxyError
from davproxy.library import BLOCK
from davproxy.server.front import BROKEN


class Provider(DAVProvider):  # type: ignore[misc]
    """Looks up resources in the view."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self._view = view

    def get_resource_inst(self, path: str, environ: Environ) -> _Resource | None:
        """The resource at a tree path, which may end with a slash."""
        with translated():
            entry = self._view.find(path.rstrip("/") or "/")
        return resource(self._view, entry, environ) if entry else None

    def custom_request_handler(self, environ: Environ, start_response: StartResponse, default_handler: Any) -> Any:
        """Take COPY, MOVE and DELETE out of WsgiDAV's hands, and one condition of PUT that it does not know."""
        method = environ["REQUEST_METHOD"]
        server = default_handler.__self__
        if method in ("COPY", "MOVE"):
            return copy_or_move(self, server, environ, start_response)
        if method == "DELETE":
            return delete(self, server, environ, start_response)
        conditional = method == "PUT" and "HTTP_IF_MATCH" in environ
        if conditional and self.get_resource_inst(environ["PATH_INFO"], environ) is None:
            raise DAVError(HTTP_PRECONDITION_FAILED, "There is no such file to replace.")
        return default_handler(environ, start_response)


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
            yield from answer_error(error, start_response)
        except Exception as error:
            if began:
                raise
            known = error if isinstance(error, DavproxyError) else DavproxyError(BROKEN)
            yield from answer_error(DAVError(known.status, known.message, src_exception=error), start_response)


def answer_error(error: DAVError, start_response: StartResponse) -> Iterable[bytes]:
    """A failed request's answer: RFC 4918's XML where it names a condition, else a line of text."""
    headers = list(error.add_headers or [])
    if error.err_condition:
        kind, body = "application/xml; charset=utf-8", error.err_condition.as_string().encode()
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


def webdav(view: View, locks: Locks, properties: Properties) -> WsgiDAVApp:
    """WsgiDAV, set up for the tree."""
    logging.getLogger("wsgidav").setLevel(logging.CRITICAL + 1)  # what matters is logged by Plain
    return WsgiDAVApp(
        {
            "provider_mapping": {"/": Provider(view)},
            "mount_path": urls.MOUNT,
            "middleware_stack": [Plain, RequestResolver],
            "lock_storage": locks,
            "property_manager": properties,
            "block_size": BLOCK,
            "hotfixes": {"re_encode_path_info": False},
            "logging": {"enable": False},
            "verbose": 0,
        }
    )
