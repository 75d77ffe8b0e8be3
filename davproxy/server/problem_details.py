"""Problem details (RFC 9457): the form of every error below /api/."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"


RETRY_SECONDS = {429: 60, 503: 10}


def retry_after(status: int) -> dict[str, str]:
    """The header Retry-After of a response, where a later attempt may succeed."""
    return {"Retry-After": str(RETRY_SECONDS[status])} if status in RETRY_SECONDS else {}


def render(status: int, detail: str, errors: Iterable[Mapping[str, str]] = ()) -> bytes:
    """The body of a response. `detail` is for people; `errors` gives `field` and `message` of each wrong field."""
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if wrong := list(errors):
        problem["errors"] = wrong
    return json.dumps(problem).encode()
