"""The Flask application: its routes, its error handlers, and the headers of every response."""

from typing import Any

from apiflask import APIFlask
from flask import Flask, Request, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from davproxy import __version__
from webui import access, api, compression, docs, metrics, pages, problems, row_numbers, static_files, translation
from webui.services import EXTENSION, Services, services

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
STATIC_HEADERS = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
"""Headers of our scripts, style sheets and icons. The others concern documents alone."""
HEADERS = {
    **STATIC_HEADERS,
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


BODY_LIMIT = 1024 * 1024
"""Largest body that is read into memory, in bytes. Routes that read files in blocks raise it for their requests."""


class JsonRequest(Request):
    """A request that takes JSON only with its content type, which no form of another site can send."""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:  # noqa: ARG002
        """The body; 415 for another content type, also where the caller asks for `force` or `silent`."""
        return super().get_json(force=False, silent=silent, cache=cache)


def create_app(core: Services) -> Flask:
    """The web door, a WSGI application, whose routes call `core`."""
    app = APIFlask(
        "webui",
        title="davproxy",
        version=__version__,
        spec_path="/api/openapi.json",
        docs_path=None,
        json_errors=False,
        static_url_path=f"/static/{static_files.fingerprint()}",
    )
    app.request_class = JsonRequest
    app.config.update(SEND_FILE_MAX_AGE_DEFAULT=31_536_000, MAX_CONTENT_LENGTH=BODY_LIMIT)
    app.extensions[EXTENSION] = core
    app.url_map.converters["int"] = row_numbers.RowNumber
    problems.register(app)
    access.register(app, core.settings)
    api.register(app)
    docs.register(app)
    pages.register(app)
    translation.register(app)
    app.register_blueprint(metrics.blueprint)
    app.before_request(_limit_unannounced_body)
    app.before_request(_read_player_files)
    app.after_request(_add_headers)
    static_files.register(app)
    compression.register(app)
    return app


def _limit_unannounced_body() -> None:
    """413 for JSON over the limit whose length was not announced; Werkzeug would cut it off and call it malformed."""
    if request.is_json and request.content_length is None and len(request.get_data()) >= BODY_LIMIT:
        raise RequestEntityTooLarge


def _read_player_files() -> None:
    """Update the scores, lists and tags in the index from their files, before the API shows them."""
    if request.path.startswith("/api/"):
        services().curation.player_files.refresh()


def _add_headers(response: Response) -> Response:
    is_static = request.endpoint == "static" and response.status_code < 400
    if is_static:
        response.cache_control.immutable = True  # its URL has a hash of all static files
    for name, value in (STATIC_HEADERS if is_static else HEADERS).items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store" if response.mimetype == "application/json" else "no-cache")
    return response
