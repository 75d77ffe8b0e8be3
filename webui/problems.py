"""Every error answer, made in one place: problem details (RFC 9457) for the API, a page for people."""

from http import HTTPStatus
from typing import Any

from apiflask import APIFlask, HTTPError
from flask import Response, jsonify, render_template, request
from loguru import logger
from werkzeug.exceptions import HTTPException

from davproxy.errors import DavproxyError

MEDIA_TYPE = "application/problem+json"

ADVICE = {
    400: "The request could not be understood. Check it against the documentation at /api/docs.",
    403: "That is not allowed here.",
    404: "There is nothing at this address.",
    405: "This address does not answer that method.",
    406: "The answer cannot be given in that form.",
    408: "The request took too long to arrive. Send it again.",
    411: "Say how long the request is: the header Content-Length is missing.",
    413: "That is larger than this server takes.",
    415: "Send JSON, with the header Content-Type: application/json.",
    416: "The file is shorter than the part asked for.",
    500: "Something went wrong here. Nothing was changed; the log says more.",
}


def problem(
    status: int, detail: str, *, errors: list[dict[str, str]] | None = None, headers: dict[str, str] | None = None
) -> Response:
    """One answer in the one shape. `errors` names the fields that were wrong, with a message each."""
    title = HTTPStatus(status).phrase
    if not request.path.startswith("/api/"):
        page = render_template("error.html", status=status, title=title, detail=detail)
        return Response(page, status, headers, mimetype="text/html")
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if errors:
        body["errors"] = errors
    response = jsonify(body)
    response.status_code = status
    response.mimetype = MEDIA_TYPE
    response.headers.extend(headers or {})
    return response


def register(app: APIFlask) -> None:
    """Answer every error of the core, of Flask, of validation, and the unforeseen ones."""
    app.error_processor(_validation_error)  # apiflask then takes HTTPException too: ours comes after
    app.register_error_handler(DavproxyError, _core_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unforeseen)


def _core_error(error: DavproxyError) -> Response:
    if error.status >= 500:
        logger.warning("{} {} failed: {}", request.method, request.path, error.message)
    return problem(error.status, error.message)


def _http_error(error: HTTPException) -> Response:
    if isinstance(error.response, Response):
        return error.response
    status = error.code or 500
    kept = ("allow", "www-authenticate", "content-range", "location", "retry-after")
    headers = {name: value for name, value in error.get_headers() if name.lower() in kept}
    return problem(status, ADVICE.get(status, error.description or HTTPStatus(status).phrase), headers=headers)


def _validation_error(error: HTTPError) -> Response:
    """apiflask's own errors: `detail` holds a mapping of place, field and messages when validation failed."""
    places = error.detail if isinstance(error.detail, dict) else {}
    errors = [
        {"field": field, "message": message}
        for fields in places.values()
        for field, messages in (fields.items() if isinstance(fields, dict) else [])
        for message in messages
    ]
    detail = f"{errors[0]['field']}: {errors[0]['message']}" if errors else error.message
    return problem(error.status_code, detail or ADVICE[400], errors=errors)


def _unforeseen(error: Exception) -> Response:
    logger.opt(exception=error).error("{} {} failed", request.method, request.path)
    return problem(500, ADVICE[500])
