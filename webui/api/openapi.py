"""OpenAPI descriptions of bodies and responses that are not JSON, or have no body."""

from typing import Any

Responses = dict[int | str, dict[str, str | dict[str, dict[str, Any]]]]
FILE = {"type": "string", "format": "binary"}
TEXT = {"type": "string"}


def response(status: int, description: str) -> Responses:
    """A response without a body, or with the body of the operation's first response."""
    return {status: {"description": description}}


JOB_DONE = response(200, "Done, with the result (wait=true).")
"""What an operation that starts a job responds when the client waits for it."""


def binary(status: int, *types: str, description: str = "The bytes.") -> Responses:
    """A response of bytes in one of these media types."""
    return {status: {"description": description, "content": {each: {"schema": FILE} for each in types}}}


def form(schema: dict[str, Any]) -> dict[str, Any]:
    """A multipart request body with these fields, `file` required."""
    return body({"multipart/form-data": {"schema": {"type": "object", "properties": schema, "required": ["file"]}}})


def body(content: dict[str, Any]) -> dict[str, Any]:
    """A request body by media type."""
    return {"requestBody": {"required": True, "content": content}}
