"""TypeScript declarations of the API's JSON, made from the API document: `python -m tests.js.api_types`.

The pages' scripts are checked against them; a test asserts that api.d.ts is what the document says.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.openapi import document

FILE = Path(__file__).parent / "api.d.ts"
HEAD = "// The JSON of the API, made from the API document by `python -m tests.js.api_types`.\n"
SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}

Schema = Mapping[str, Any]


def declarations(document: Schema) -> str:
    """An interface, in the namespace Api, for each schema of an OpenAPI 3.1 document."""
    schemas = {_name(name): schema for name, schema in document["components"]["schemas"].items()}
    interfaces = "".join(_declaration(name, schemas[name]) for name in sorted(schemas))
    return f"{HEAD}declare namespace Api {{\n{interfaces}}}\n"


def _declaration(name: str, schema: Schema) -> str:
    if "properties" not in schema:
        return f"  type {name} = {_type(schema)};\n"
    fields = "".join(f"    {field}: {_type(each)};\n" for field, each in schema["properties"].items())
    return f"  interface {name} {{\n{fields}  }}\n"


def _type(schema: Schema) -> str:
    """The TypeScript type of a JSON schema."""
    if "$ref" in schema:
        return _name(schema["$ref"])
    if "enum" in schema:
        return " | ".join(json.dumps(each) for each in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(map(_type, schema["anyOf"])))
    match schema.get("type"):
        case "array" if "prefixItems" in schema:
            return f"[{', '.join(map(_type, schema['prefixItems']))}]"
        case "array":
            return f"Array<{_type(schema.get('items', {}))}>"
        case "object":
            values = schema.get("additionalProperties")
            return f"Record<string, {_type(values) if isinstance(values, Mapping) else 'any'}>"
        case scalar:
            return SCALARS.get(scalar or "", "any")


def _name(reference: str) -> str:
    """The name of a schema without that of the schema it is nested in."""
    return reference.rpartition("/")[2].rpartition(".")[2]


if __name__ == "__main__":
    FILE.write_text(declarations(document()), "utf-8")
