"""The API document (OpenAPI 3.1), made from the code, and its readable form, made from the document."""

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from apiflask import APIFlask
from flask import Blueprint, current_app, render_template
from markupsafe import Markup

from davproxy.server.problem_details import MEDIA_TYPE

blueprint = Blueprint("docs", __name__)

DESCRIPTION = (
    "Everything the pages do. Sign in with HTTP Basic. Errors are problem details (RFC 9457): type, title, status,"
    " detail, and errors with the fields that were wrong. What answers 202 takes ?wait=true too: it then answers when"
    " the job is done."
)
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What went wrong and what to do, for people."},
        "errors": {
            "type": "array",
            "description": "The fields that were wrong.",
            "items": {"type": "object", "properties": {"field": {"type": "string"}, "message": {"type": "string"}}},
        },
    },
}
PROBLEM_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
ERRORS = {
    "400": "A malformed request or address.",
    "401": "Sign in first.",
    "403": "Started by another site, sent to a foreign host name, or not allowed.",
    "413": "Larger than this server takes.",
    "414": "The address is too long.",
    "default": "What else went wrong.",
}
"""What every operation may answer; 413 only those that take a body."""
Json = Mapping[str, Any]


def register(app: APIFlask) -> None:
    """Serve the document of `app` at /api/openapi.json (by apiflask) and /api/docs."""
    app.config.update(
        SECURITY_SCHEMES={"basic": {"type": "http", "scheme": "basic"}},
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_404_RESPONSE=False,
        SUCCESS_DESCRIPTION="Done.",
        AUTO_SERVERS=False,
        AUTO_OPERATION_ID=True,
    )
    app.description = DESCRIPTION
    app.spec_processor(_finish)
    app.register_blueprint(blueprint)


def _finish(spec: dict[str, Any] | str) -> dict[str, Any] | str:
    """Only the API, with the one shape of errors for every operation."""
    assert isinstance(spec, dict)
    spec["paths"] = {path: methods for path, methods in spec["paths"].items() if path.startswith("/api/")}
    spec["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    spec["security"] = [{"basic": []}]
    for methods in spec["paths"].values():
        for operation in methods.values():
            _complete(operation["responses"])
            for status, words in ERRORS.items():
                if status != "413" or "requestBody" in operation:
                    operation["responses"].setdefault(status, {"description": words, "content": PROBLEM_CONTENT})
    return spec


def _complete(answers: dict[str, Any]) -> None:
    """Other good answers of an operation have the shape of its first one; what has no body says so."""
    shape = next((each["content"] for each in answers.values() if each.get("content")), None)
    for status, answer in answers.items():
        if not answer.get("content"):
            answer.pop("content", None)
            if shape and status in ("200", "202", "503"):
                answer["content"] = shape
            elif status.startswith("4"):
                answer["content"] = PROBLEM_CONTENT


@blueprint.get("/api/docs")
def readable() -> str:
    """The readable form."""
    spec = cast(dict[str, Any], cast(APIFlask, current_app).spec)
    groups: dict[str, list[Json]] = {}
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            groups.setdefault((operation.get("tags") or ["Other"])[0], []).append(
                {
                    "id": f"{method}-{path.strip('/').replace('/', '-')}",
                    "method": method,
                    "path": path,
                    "summary": operation.get("summary", ""),
                    "description": operation.get("description", ""),
                    "parameters": [_parameter(spec, each) for each in operation.get("parameters", [])],
                    **_body(spec, operation),
                    "answers": [
                        _answer(spec, status, answer)
                        for status, answer in operation["responses"].items()
                        if status not in ERRORS
                    ],
                }
            )
    return render_template(
        "docs.html", current="docs", document=spec, groups=list(groups.items()), shapes=_shapes(spec)
    )


def _shapes(spec: Json) -> dict[str, list[Json]]:
    """The fields of every schema that others name."""
    schemas: Json = spec["components"]["schemas"]
    named = {name for schema in schemas.values() for name in re.findall(r'schemas/([^"]+)"', json.dumps(schema))}
    return {_short(name): fields for name in sorted(named, key=_short) if (fields := _fields(spec, schemas[name]))}


def _parameter(spec: Json, parameter: Json) -> Json:
    row = _row(spec, parameter["name"], parameter.get("schema", {}), bool(parameter.get("required")))
    return {**row, "note": parameter.get("description") or row["note"]}


def _body(spec: Json, operation: Json) -> Json:
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        return {"body": _fields(spec, content.get("schema", {})), "body_type": media_type}
    return {"body": [], "body_type": ""}


def _answer(spec: Json, status: str, answer: Json) -> Json:
    content: Json = next(iter(answer.get("content", {}).values()), {})
    words = answer.get("description") or "The bytes."
    return {"status": status, "description": words, "fields": _fields(spec, content.get("schema", {}))}


def _fields(spec: Json, schema: Json) -> list[Json]:
    schema = _resolved(spec, schema)
    required = schema.get("required", [])
    return [_row(spec, name, each, name in required) for name, each in schema.get("properties", {}).items()]


def _resolved(spec: Json, schema: Json) -> Json:
    name = schema.get("$ref", "").rpartition("/")[2]
    return cast(Json, spec["components"]["schemas"][name]) if name else schema


def _short(name: str) -> str:
    """The name of a schema without that of the one it was first met in."""
    return name.rpartition("/")[2].rpartition(".")[2]


def _row(spec: Json, name: str, schema: Json, required: bool) -> Json:
    default = schema.get("default")
    note = schema.get("description", "")
    if default not in (None, "", False):
        note = f"{note} Usually {default}.".strip()
    return {"name": name, "type": _type(spec, schema), "required": required, "note": note}


def _type(spec: Json, schema: Json) -> str:
    """A schema in a few words; the name of another one is a link to it."""
    if "$ref" in schema and "enum" not in _resolved(spec, schema):
        return Markup('<a href="#{0}">{0}</a>').format(_short(schema["$ref"]))
    schema = _resolved(spec, schema)
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    if "anyOf" in schema:
        return Markup(" or ").join(_type(spec, each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return Markup("list of {}").format(_type(spec, schema.get("items", {})))
    return str(schema.get("format") or schema.get("type") or "any")
