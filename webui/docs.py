"""The API document (OpenAPI 3.1), made from the code, and its page, made from the document."""

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from apiflask import APIFlask
from flask import Blueprint, current_app, render_template
from markupsafe import Markup

from davproxy.server.problem_details import MEDIA_TYPE
from webui.api.openapi import HEADERS, header

blueprint = Blueprint("docs", __name__)

DESCRIPTION = (
    "Everything that the pages do. Sign in with HTTP Basic. Errors are problem details (RFC 9457): type, title, status,"
    " detail, and errors with the fields that were wrong. What starts a job responds when the work is done; with"
    " ?wait=false, or the header Prefer: respond-async, it responds 202 with the job at once."
)
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What went wrong and what to do about it."},
        "errors": {
            "type": "array",
            "description": "The fields that were wrong.",
            "items": {"type": "object", "properties": {"field": {"type": "string"}, "message": {"type": "string"}}},
        },
    },
}
PROBLEM_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
ERRORS = {
    "400": "A malformed request or URL.",
    "401": "Sign in first.",
    "403": "Not allowed, started by another site, or sent to an unknown host name.",
    "413": "Larger than this server takes.",
    "414": "The URL is too long.",
    "429": "Too many wrong passwords; Retry-After says when to try again.",
    "default": "Any other error.",
}
"""The errors of every operation; 413 only of those that take a body."""
TAGS = {
    "Songs": "The songs of the library: find, read, edit, download and delete them.",
    "Duplicates": "Songs that may be in the library twice.",
    "Organiser": "Songs into the folders that a pattern says.",
    "Repairs": "What can be made right.",
    "Fill in": "What songs lack, proposed from what is known elsewhere.",
    "Lists": "Setlists and favourites, which games read.",
    "Tags": "Words of the players' own on songs.",
    "Scores": "What players have reached in the games.",
    "Uploads": "Archives, songs and content that become part of the library.",
    "Generator": "Songs with charts, made of audio.",
    "Files": "The folders and files of the drive.",
    "Jobs": "What goes on in the background.",
    "Library": "The state of the library and of its syncs.",
    "Events": "What changes, as it happens.",
    "Setup": "Connecting a Nextcloud.",
}
"""The groups of operations, in the order of the page."""
LICENSE = "GPL-3.0-or-later"
FORM_TOO = "The fields of the JSON may come as a form too."
Json = Mapping[str, Any]


def register(app: APIFlask) -> None:
    """Serve the API document of `app` at /api/openapi.json and its page at /api/docs."""
    app.config.update(
        SECURITY_SCHEMES={"basic": {"type": "http", "scheme": "basic"}},
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_404_RESPONSE=False,
        SUCCESS_DESCRIPTION="Done.",
        AUTO_SERVERS=False,
        AUTO_OPERATION_ID=True,
    )
    app.description = DESCRIPTION
    app.license = {"name": LICENSE, "identifier": LICENSE}
    app.spec_processor(_complete_document)
    app.register_blueprint(blueprint)


def _complete_document(spec: dict[str, Any] | str) -> dict[str, Any] | str:
    """The document without the pages' routes, with the errors of every operation."""
    assert isinstance(spec, dict)
    spec["paths"] = {path: methods for path, methods in spec["paths"].items() if path.startswith("/api/")}
    spec["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    spec["security"] = [{"basic": []}]
    spec["tags"] = [{"name": name, "description": description} for name, description in TAGS.items()]
    spec["servers"] = [{"url": "/"}]
    _flatten_schemas(spec)
    for methods in spec["paths"].values():
        for operation in methods.values():
            _complete_responses(operation["responses"])
            _complete_request(operation)
            for status, description in ERRORS.items():
                if status != "413" or "requestBody" in operation:
                    operation["responses"].setdefault(status, {"description": description, "content": PROBLEM_CONTENT})
    return spec


def _flatten_schemas(spec: dict[str, Any]) -> None:
    """Give each schema one name, its short one; apiflask writes it once for each schema that it is nested in."""
    schemas = spec["components"]["schemas"]
    spec["components"]["schemas"] = {_short_name(name): schema for name, schema in sorted(schemas.items())}
    _shorten_references(spec)


def _shorten_references(part: Any) -> None:
    if isinstance(part, dict):
        if "$ref" in part:
            part["$ref"] = f"#/components/schemas/{_short_name(part['$ref'])}"
        if "prefixItems" in part:
            part.setdefault("items", {})
        for each in part.values():
            _shorten_references(each)
    elif isinstance(part, list):
        for each in part:
            _shorten_references(each)


def _complete_request(operation: dict[str, Any]) -> None:
    """Require the body where there is one, and add the header that has the effect of `wait=false`.

    Of a body that may be JSON or a form, only JSON has a schema, and the description names the form: client generators
    make broken code of two schemas.
    """
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
        content = operation["requestBody"]["content"]
        if "application/json" in content and content.pop("application/x-www-form-urlencoded", None):
            operation["description"] = f"{operation.get('description', '')} {FORM_TOO}".strip()
    if any(parameter["name"] == "wait" for parameter in operation.get("parameters", [])):
        operation["parameters"].append(header("Prefer", "`respond-async` is the same as wait=false (RFC 7240)."))
    operation["parameters"] = [*operation.get("parameters", []), *operation.pop(HEADERS, [])]


def _complete_responses(responses: dict[str, Any]) -> None:
    """Give the responses without a body the body of the operation's first one, or that of errors."""
    first = next((each["content"] for each in responses.values() if each.get("content")), None)
    for status, response in responses.items():
        if not response.get("content"):
            response.pop("content", None)
            if first and status in ("200", "202", "503"):
                response["content"] = first
            elif status.startswith("4"):
                response["content"] = PROBLEM_CONTENT


@blueprint.get("/api/docs")
def docs() -> str:
    """The API document as a page."""
    app = cast(APIFlask, current_app)
    if "docs" not in app.extensions:  # it does not change while the program runs, and takes a third of a second
        app.extensions["docs"] = _page_values(cast(dict[str, Any], app.spec))
    return render_template("docs.html", current="docs", **app.extensions["docs"])


def _page_values(spec: dict[str, Any]) -> dict[str, Any]:
    """What the page shows of the document."""
    groups: dict[str, list[Json]] = {name: [] for name in TAGS}
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]].append(
                {
                    "id": f"{method}-{path.strip('/').replace('/', '-')}",
                    "method": method,
                    "path": path,
                    "summary": operation.get("summary", ""),
                    "description": operation.get("description", ""),
                    "parameters": [_parameter(spec, each) for each in operation.get("parameters", [])],
                    **_body(spec, operation),
                    "responses": [
                        _response(spec, status, response)
                        for status, response in operation["responses"].items()
                        if status not in ERRORS
                    ],
                }
            )
    return {"document": spec, "groups": list(groups.items()), "schemas": _named_schemas(spec)}


def _named_schemas(spec: Json) -> dict[str, list[Json]]:
    """The fields of every schema that another one refers to, by its short name."""
    schemas: Json = spec["components"]["schemas"]
    names = {name for schema in schemas.values() for name in re.findall(r'schemas/([^"]+)"', json.dumps(schema))}
    return {
        _short_name(name): fields for name in sorted(names, key=_short_name) if (fields := _fields(spec, schemas[name]))
    }


def _parameter(spec: Json, parameter: Json) -> Json:
    field = _field(spec, parameter["name"], parameter.get("schema", {}), bool(parameter.get("required")))
    return {**field, "note": parameter.get("description") or field["note"]}


def _body(spec: Json, operation: Json) -> Json:
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        return {"body": _fields(spec, content.get("schema", {})), "body_type": media_type}
    return {"body": [], "body_type": ""}


def _response(spec: Json, status: str, response: Json) -> Json:
    content: Json = next(iter(response.get("content", {}).values()), {})
    description = response.get("description") or "The bytes."
    return {"status": status, "description": description, "fields": _fields(spec, content.get("schema", {}))}


def _fields(spec: Json, schema: Json) -> list[Json]:
    schema = _resolve(spec, schema)
    required = schema.get("required", [])
    return [_field(spec, name, each, name in required) for name, each in schema.get("properties", {}).items()]


def _resolve(spec: Json, schema: Json) -> Json:
    name = schema.get("$ref", "").rpartition("/")[2]
    return cast(Json, spec["components"]["schemas"][name]) if name else schema


def _short_name(name: str) -> str:
    """The name of a schema without that of the schema it is nested in."""
    return name.rpartition("/")[2].rpartition(".")[2]


def _field(spec: Json, name: str, schema: Json, required: bool) -> Json:
    default = schema.get("default")
    note = schema.get("description", "")
    if default not in (None, "", False):
        note = f"{note} Default: {default}.".strip()
    return {"name": name, "type": _type(spec, schema), "required": required, "note": note}


def _type(spec: Json, schema: Json) -> str:
    """The type of a schema in words; a link if it is another named schema."""
    if "$ref" in schema and "enum" not in _resolve(spec, schema):
        return Markup('<a href="#{0}">{0}</a>').format(_short_name(schema["$ref"]))
    schema = _resolve(spec, schema)
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    if "anyOf" in schema:
        return Markup(" or ").join(_type(spec, each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return Markup("list of {}").format(_type(spec, schema.get("items", {})))
    return str(schema.get("format") or schema.get("type") or "any")
