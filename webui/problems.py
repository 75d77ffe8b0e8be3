"""Every error response of the web door: problem details (RFC 9457) from the API, an error page elsewhere."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from apiflask import APIFlask, HTTPError
from flask import Response, render_template, request
from flask_babel import gettext
from loguru import logger
from werkzeug.exceptions import HTTPException

from davproxy.errors import DavproxyError, RemoteRefused, SignInRefused
from davproxy.server import problem_details

ADVICE = {
    400: "The request could not be understood. Check it against the documentation at /api/docs.",
    403: "That is not allowed here.",
    404: "There is nothing at this address.",
    405: "This address does not answer that method.",
    406: "There is no response in the requested form.",
    408: "The request took too long to arrive. Send it again.",
    411: "Say how long the request is: the header Content-Length is missing.",
    413: "That is larger than this server takes.",
    415: "Send JSON, with the header Content-Type: application/json.",
    416: "The file is shorter than the requested range.",
    500: "Something went wrong here. Nothing was changed; the log says more.",
}


WHOLE = "_schema"
"""apiflask's name for a body as a whole."""


def problem(
    status: int, detail: str, *, errors: Sequence[Mapping[str, str]] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """The error response to the current request. `errors` gives `field` and `message` of each wrong field."""
    if request.path.startswith("/api/"):
        body = problem_details.render(status, detail, errors)
        return Response(body, status, headers, mimetype=problem_details.MEDIA_TYPE)
    title = gettext(HTTPStatus(status).phrase.capitalize())
    page = render_template("error.html", status=status, title=title, detail=gettext(detail))
    return Response(page, status, headers, mimetype="text/html")


def register(app: APIFlask) -> None:
    """Handle the core's errors, HTTP errors, failed validation, and every other exception of `app`."""
    app.error_processor(_validation_error)  # also registers a handler for HTTPException, which ours then replaces
    app.register_error_handler(DavproxyError, _core_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected_error)


def _core_error(error: DavproxyError) -> Response:
    status = 502 if isinstance(error, RemoteRefused | SignInRefused) else error.status
    if status >= 500:
        logger.warning("{} {} failed: {}", request.method, request.path, error.message)
    return problem(status, error.message, headers=problem_details.retry_after(status))


def _http_error(error: HTTPException) -> Response:
    if isinstance(error.response, Response):
        return error.response
    status = error.code or 500
    forwarded = ("allow", "www-authenticate", "content-range", "location", "retry-after")
    headers = {name: value for name, value in error.get_headers() if name.lower() in forwarded}
    return problem(status, ADVICE.get(status, error.description or HTTPStatus(status).phrase), headers=headers)


def _validation_error(error: HTTPError) -> Response:
    """The response to an error of apiflask. After failed validation, `error.detail` maps location, field, messages."""
    locations = error.detail if isinstance(error.detail, dict) else {}
    errors = [
        {"field": field, "message": message.removeprefix("Value error, ")}
        for fields in locations.values()
        for field, messages in (fields.items() if isinstance(fields, dict) else [])
        for message in messages
    ]
    errors = [{**each, "field": ""} if each["field"] == WHOLE else each for each in errors]
    detail = ": ".join(part for part in errors[0].values() if part) if errors else error.message
    return problem(error.status_code, detail or ADVICE[400], errors=errors)


def _unexpected_error(error: Exception) -> Response:
    logger.opt(exception=error).error("{} {} failed", request.method, request.path)
    return problem(500, ADVICE[500])
