"""Answers and bodies that are not JSON, as the API document shows them."""

from typing import Any

Answers = dict[int | str, dict[str, str | dict[str, dict[str, Any]]]]
FILE = {"type": "string", "format": "binary"}
TEXT = {"type": "string"}


def said(status: int, words: str) -> Answers:
    """An answer whose shape is the operation's usual one, or that has no body."""
    return {status: {"description": words}}


WAITED = said(200, "Done, with the result (wait=true).")


def binary(status: int, *types: str, words: str = "The bytes.") -> Answers:
    """Bytes of one of these media types."""
    return {status: {"description": words, "content": {each: {"schema": FILE} for each in types}}}


def form(schema: dict[str, Any]) -> dict[str, Any]:
    """A multipart body with these fields, `file` required."""
    return body({"multipart/form-data": {"schema": {"type": "object", "properties": schema, "required": ["file"]}}})


def body(content: dict[str, Any]) -> dict[str, Any]:
    """A request's body that no model describes, by media type."""
    return {"requestBody": {"required": True, "content": content}}
