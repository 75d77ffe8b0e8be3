"""The Flask application: its parts, the headers of every answer, and nothing else."""

from typing import Any

from apiflask import APIFlask
from flask import Flask, Request, Response

from davproxy import __version__
from webui import access as signing_in
from webui import api, docs, numbers, pages, problems
from webui.services import EXTENSION, Services

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class JsonRequest(Request):
    """A request whose JSON says that it is JSON: no form of another site can send that."""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:  # noqa: ARG002
        """The body, or 415 for any other content type, whatever the caller would put up with."""
        return super().get_json(force=False, silent=silent, cache=cache)


def create_app(services: Services) -> Flask:
    """The web door over `services`."""
    app = APIFlask(
        "webui",
        title="davproxy",
        version=__version__,
        spec_path="/api/openapi.json",
        docs_path=None,
        json_errors=False,
        static_url_path=f"/static/{pages.fingerprint()}",
    )
    app.request_class = JsonRequest
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31_536_000
    app.extensions[EXTENSION] = services
    app.url_map.converters["int"] = numbers.RowNumber
    problems.register(app)
    signing_in.register(app, services.settings)
    api.register(app)
    docs.register(app)
    pages.register(app)
    app.after_request(_headers)
    return app


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store" if response.mimetype == "application/json" else "no-cache")
    return response
