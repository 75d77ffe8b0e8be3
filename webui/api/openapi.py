"""OpenAPI descriptions of bodies and responses that are not JSON, or have no body."""

from typing import Any

Responses = dict[int | str, dict[str, str | dict[str, dict[str, Any]]]]
FILE = {"type": "string", "format": "binary"}
TEXT = {"type": "string"}
FLAG = {"type": "string", "enum": ["true", "false"]}
"""Yes or no in a form; the other usual spellings are read too."""


def response(status: int, description: str) -> Responses:
    """A response without a body, or with the body of the operation's first response."""
    return {status: {"description": description}}


ACCEPTED: Responses = {
    202: {
        "description": "The job that does the work: with wait=false or `Prefer: respond-async`, or if it takes long.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/JobShape"}}},
    }
}
"""What an operation that starts a job responds when the client does not wait for it."""


def binary(status: int, *types: str, description: str = "The bytes.") -> Responses:
    """A response of bytes in one of these media types."""
    return {status: {"description": description, "content": {each: {"schema": FILE} for each in types}}}


def form(schema: dict[str, Any]) -> dict[str, Any]:
    """A multipart request body with these fields, `file` required."""
    return body({"multipart/form-data": {"schema": {"type": "object", "properties": schema, "required": ["file"]}}})


def body(content: dict[str, Any]) -> dict[str, Any]:
    """A request body by media type."""
    return {"requestBody": {"required": True, "content": content}}


HEADERS = "x-headers"
"""Where an operation keeps its header parameters until the document is complete."""


def header(name: str, description: str) -> dict[str, Any]:
    """A header that a request may have."""
    return {"in": "header", "name": name, "description": description, "required": False, "schema": TEXT}
