"""Requests that the server refuses before the application: below /api/, with problem details."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Response

from tests.raw_http import Raw, request
from tests.webui.conftest import Site, Start

HOST = b"Host: 127.0.0.1"
REFUSED = [
    pytest.param(request("GET", "/api/songs?search=x").replace(HOST, b"Host: evil.example"), 403, id="foreign host"),
    pytest.param(request("GET", "/api/songs", "X-Forwarded-For: 127.0.0.1"), 403, id="passed on, without a password"),
    pytest.param(request("GET", "/api/%zz"), 400, id="percent sign"),
    pytest.param(request("GET", "/api/songs/%FF"), 400, id="not UTF-8"),
    pytest.param(request("GET", "/api/songs/../../etc/passwd"), 400, id="dots"),
    pytest.param(request("GET", "/api/songs/a%2Fb"), 400, id="slash in a name"),
    pytest.param(request("POST", "/api/upload", "Content-Length: 400000"), 413, id="upload"),
    pytest.param(request("PUT", "/api/songs/1/art", "Content-Length: 400000"), 413, id="picture"),
    pytest.param(request("GET", "/api/songs?search=" + "x" * 20_000), 414, id="long address"),
    pytest.param(request("POST", "/api/webdav/mkdir", "Content-Length: many"), 400, id="length"),
    pytest.param(request("POST", "/api/webdav/mkdir", "no colon"), 400, id="header"),
    pytest.param(request("GET", "/api/songs", "X-Long: " + "x" * 300_000), 431, id="long head"),
    pytest.param(request("GET", "/api/songs?search=" + "x" * 300_000), 414, id="address longer than a head"),
    pytest.param(request("GET", "/api/songs?search=two words"), 400, id="space"),
    pytest.param(request("GET", "/api/songs").replace(b"HTTP/1.1", b"HTTP/2.0"), 505, id="version"),
    pytest.param(b"GET http://127.0.0.1/api/songs\r\n\r\n", 400, id="no version"),
    pytest.param(b"GET /api/songs HTTP/1.1\nHost: 127.0.0.1\n\n", 400, id="bare line feeds"),
]


@pytest.fixture(scope="module")
def served(start_site: Start) -> Site:
    """A served site with a low upload limit."""
    return start_site(served=True, UPLOAD_LIMIT="300 KiB")


def answer(site: Site, asked: bytes) -> tuple[int, str, bytes]:
    """(status, content type, body) of the response to `asked`."""
    with Raw(urlsplit(site.url).port or 0) as raw:
        raw.send(asked)
        status, headers, body = raw.answer()
    return status, headers["content-type"], body


@pytest.mark.parametrize(("asked", "expected"), REFUSED)
def test_a_refusal_below_the_api_is_a_problem(served: Site, asked: bytes, expected: int) -> None:
    status, content_type, body = answer(served, asked)
    assert (status, content_type) == (expected, "application/problem+json")
    problem = json.loads(body)
    assert set(problem) == {"type", "title", "status", "detail"}
    assert problem["status"] == expected
    assert problem["detail"].endswith((".", ")."))


def test_bytes_that_are_no_http_are_refused_in_plain_text(served: Site) -> None:
    assert answer(served, b"\x16\x03\x01 /api/songs\r\n\r\n") == (
        400,
        "text/plain; charset=utf-8",
        b"This is not an HTTP request.\n",
    )


@pytest.mark.parametrize("path", ["/dav/%zz", "/%zz", "/apis/%zz"])
def test_a_refusal_elsewhere_is_a_line_of_text(served: Site, path: str) -> None:
    status, content_type, body = answer(served, request("GET", path))
    assert (status, content_type) == (400, "text/plain; charset=utf-8")
    assert body.endswith(b".\n")


def test_the_document_has_the_refusals(served: Site) -> None:
    operations: list[dict[str, Any]] = [
        operation for methods in served.get("/api/openapi.json")["paths"].values() for operation in methods.values()
    ]
    for operation in operations:
        refusals = {"400", "401", "403", "414"} | ({"413"} if "requestBody" in operation else set())
        for status in refusals:
            schema = operation["responses"][status]["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}
    assert sum("413" in operation["responses"] for operation in operations) > 8


def test_a_header_that_cannot_be_sent_is_an_error_in_words(start_site: Start) -> None:
    site = start_site(served=True)
    site.app.add_url_rule("/api/broken", view_func=lambda: Response("", headers={"X-Title": "東京"}))
    status, content_type, body = answer(site, request("GET", "/api/broken"))
    assert (status, content_type) == (500, "application/problem+json")
    assert "went wrong" in json.loads(body)["detail"]
