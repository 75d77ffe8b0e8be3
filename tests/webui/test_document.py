"""The API document: OpenAPI 3.1, and complete."""

import json
import re
from collections import Counter

from tests.js import api_types
from tests.webui.conftest import Site, Start
from webui.docs import FORM_TOO

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


def test_the_document_has_every_promised_operation(shared_site: Site) -> None:
    document = shared_site.get("/api/openapi.json")
    assert document["openapi"].startswith("3.1")
    for line in PROMISED.strip().splitlines():
        *methods, path = line.split()
        assert {method.lower() for method in methods} <= set(document["paths"][path]), line


def test_the_document_is_one_that_generators_read(shared_site: Site) -> None:
    document = shared_site.get("/api/openapi.json")
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


def test_the_document_says_which_bodies_may_be_a_form(shared_site: Site) -> None:
    paths = shared_site.get("/api/openapi.json")["paths"]
    named = {path for path, methods in paths.items() if FORM_TOO in methods.get("post", {}).get("description", "")}
    assert named == {"/api/webdav/mkdir", "/api/webdav/import"}


def test_every_route_of_the_api_is_in_the_document(shared_site: Site) -> None:
    document = shared_site.get("/api/openapi.json")
    for rule in shared_site.app.url_map.iter_rules():
        path = re.sub(r"<(?:[^<:]+:)?([^>]+)>", r"{\1}", rule.rule)
        if path.startswith("/api/") and path not in ("/api/openapi.json", "/api/docs"):
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                assert method.lower() in document["paths"][path]


def test_the_types_of_the_scripts_are_those_of_the_document(shared_site: Site) -> None:
    declared = api_types.declarations(shared_site.get("/api/openapi.json"))
    assert api_types.FILE.read_text("utf-8") == declared, "run: python -m tests.js.api_types"


def test_every_link_of_the_documents_page_has_a_target(shared_site: Site) -> None:
    page = shared_site.client.get("/api/docs").text
    places = re.findall(r'href="#([^"]+)"', page)
    assert "JobShape" in places
    assert set(places) <= set(re.findall(r'id="([^"]+)"', page))


def test_the_page_reads_the_document_once(start_site: Start) -> None:
    site = start_site()
    first = site.client.get("/api/docs").text
    site.app.extensions["docs"] = {**site.app.extensions["docs"], "groups": []}
    again = site.client.get("/api/docs").text
    assert 'data-path="/api/songs"' in first
    assert 'data-path="/api/songs"' not in again


def test_the_documents_page_has_every_operation(shared_site: Site) -> None:
    page = shared_site.client.get("/api/docs").text
    for path, operations in shared_site.get("/api/openapi.json")["paths"].items():
        assert f"<code>{path}</code>" in page
        for operation in operations.values():
            assert operation["summary"]
