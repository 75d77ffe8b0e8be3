"""The API document: OpenAPI 3.1, complete; every response conforms to it, and no request causes a server error."""

import json
import re
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.js import api_types
from tests.webui.conftest import Site, Start
from tests.webui.songs import add_song
from webui.docs import FORM_TOO

UNCOMPRESSED = {"Accept-Encoding": "identity"}
"""Schemathesis accepts compressed responses, and does not decompress those of a WSGI application."""
PROMISED = """
GET /api/health
GET /api/songs
GET PUT DELETE /api/songs/{song_id}
GET /api/artists
GET /api/artists/{artist}/songs
GET /api/artists/duplicates
POST /api/artists/merge
POST /api/songs/bulk
GET /api/songs/{song_id}/download
GET /api/songs/{song_id}/history
GET PUT /api/songs/{song_id}/art
GET /api/songs/{song_id}/audio
POST /api/upload
POST /api/generate
GET /api/jobs
GET DELETE /api/jobs/{job_id}
POST /api/library/sync
GET /api/library/statistics
GET /api/library/status
GET /api/webdav/status
GET /api/webdav/browse
POST /api/webdav/import
POST /api/webdav/upload
POST /api/webdav/mkdir
POST /api/webdav/move
DELETE /api/webdav/delete
GET POST /api/setup/sign-in
POST /api/setup
"""


def test_the_document_has_every_promised_operation(site: Site) -> None:
    document = site.get("/api/openapi.json")
    assert document["openapi"].startswith("3.1")
    for line in PROMISED.strip().splitlines():
        *methods, path = line.split()
        assert {method.lower() for method in methods} <= set(document["paths"][path]), line


def test_the_document_is_one_that_generators_read(site: Site) -> None:
    document = site.get("/api/openapi.json")
    names = [tag["name"] for tag in document["tags"]]
    assert len(names) == len(set(names))
    schemas = document["components"]["schemas"]
    assert not [name for name in schemas if "." in name]
    titles = Counter(schema["title"] for schema in schemas.values() if "title" in schema)
    assert not [title for title, uses in titles.items() if uses > 1]
    assert set(re.findall(r'#/components/schemas/([^"]+)"', json.dumps(document))) <= set(schemas)
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation.get("requestBody", {"required": True})["required"] is True
            assert {"401", "403", "429", "default"} <= set(operation["responses"])
            assert "x-headers" not in operation
    put = document["paths"]["/api/songs/{song_id}"]["put"]["parameters"]
    assert [each["name"] for each in put if each["in"] == "header"] == ["If-Match"]
    sync = document["paths"]["/api/library/sync"]["post"]["parameters"]
    assert [each["name"] for each in sync if each["in"] == "header"] == ["Prefer"]


def test_the_document_says_which_bodies_may_be_a_form(site: Site) -> None:
    paths = site.get("/api/openapi.json")["paths"]
    named = {path for path, methods in paths.items() if FORM_TOO in methods.get("post", {}).get("description", "")}
    assert named == {"/api/webdav/mkdir", "/api/webdav/import"}


def test_every_route_of_the_api_is_in_the_document(site: Site) -> None:
    document = site.get("/api/openapi.json")
    for rule in site.app.url_map.iter_rules():
        path = re.sub(r"<(?:[^<:]+:)?([^>]+)>", r"{\1}", rule.rule)
        if path.startswith("/api/") and path not in ("/api/openapi.json", "/api/docs"):
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                assert method.lower() in document["paths"][path]


def test_the_types_of_the_scripts_are_those_of_the_document(site: Site) -> None:
    declared = api_types.declarations(site.get("/api/openapi.json"))
    assert api_types.FILE.read_text("utf-8") == declared, "run: python -m tests.js.api_types"


def test_every_link_of_the_documents_page_has_a_target(site: Site) -> None:
    page = site.client.get("/api/docs").text
    places = re.findall(r'href="#([^"]+)"', page)
    assert "JobShape" in places
    assert set(places) <= set(re.findall(r'id="([^"]+)"', page))


def test_the_documents_page_has_every_operation(site: Site) -> None:
    page = site.client.get("/api/docs").text
    for path, operations in site.get("/api/openapi.json")["paths"].items():
        assert f"<code>{path}</code>" in page
        for operation in operations.values():
            assert operation["summary"]


@pytest.fixture(scope="module")
def schema(start_site: Start) -> schemathesis.BaseSchema:
    """The document of a site with a song, a file and a job in it."""
    site = start_site()
    song = add_song(site.library, "Title", art="red")
    site.library.tree.write("/Backgrounds/a.png", b"picture")
    assert site.client.post("/api/library/sync").status_code == 200
    loaded = schemathesis.openapi.from_wsgi("/api/openapi.json", site.app)
    job = site.get("/api/jobs")["jobs"][0]["id"]

    @schemathesis.hook
    def map_path_parameters(_context: object, parameters: dict[str, object] | None) -> dict[str, object] | None:
        """In half of the requests an id that exists."""
        for name, real in (("song_id", song.id), ("job_id", job)):
            if parameters and name in parameters and hash(str(parameters[name])) % 2:
                parameters[name] = real
        return parameters

    @schemathesis.hook
    def map_body(_context: object, body: Any) -> Any:
        """No address that a server could have, since a test connects to nobody."""
        for part in (body, body.get("account") if isinstance(body, dict) else None):
            if isinstance(part, dict) and isinstance(part.get("url"), str):
                part["url"] = f"none:/{part['url']}"
        return body

    return loaded


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_response_conforms_to_the_document(schema: schemathesis.BaseSchema, mode: GenerationMode) -> None:
    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
    answers = Counter[int]()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @settings(
            max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Case[Any]) -> None:
            answers[case.call_and_validate(checks=checks, headers=UNCOMPRESSED).status_code] += 1

        with suppress(Unsatisfiable):  # an operation without parameters has no invalid request
            ask()
    assert sum(answers.values()) > 300
    assert answers[422] > 20 or mode is GenerationMode.POSITIVE
