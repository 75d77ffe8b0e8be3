"""How pages, scripts and JSON are delivered: compressed, cached, and with the headers that browsers obey."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from tests.raw_http import Raw, chunk_body, request
from tests.webui.conftest import Site, Start
from tests.webui.songs import add_song
from webui.app import BODY_LIMIT
from webui.static_files import STATIC

GZIP = {"Accept-Encoding": "gzip, deflate, br, zstd"}


@pytest.fixture(scope="module")
def filled(start_site: Start) -> Site:
    """A site with a password and a song, served."""
    site = start_site(served=True, APP_USERNAME="me", APP_PASSWORD="secret")
    add_song(site.library, "Title")
    return site


def get(site: Site, path: str, **headers: str) -> Any:
    with site.app.test_client().get(path, headers=headers, auth=("me", "secret")) as response:
        response.get_data()
    return response


def static(site: Site) -> list[str]:
    """The scripts and style sheets of a page."""
    return re.findall(r'"(/static/[^"]+\.(?:css|js))"', get(site, "/songs").text)


def test_what_is_text_is_compressed_for_clients_that_accept_it(filled: Site) -> None:
    for path in ("/", "/songs", "/api/songs", "/api/openapi.json", *static(filled)):
        packed, plain = get(filled, path, **GZIP), get(filled, path)
        assert "Content-Encoding" not in plain.headers
        assert "Accept-Encoding" in packed.headers["Vary"], path
        assert "Accept-Encoding" in plain.headers["Vary"], path
        if len(plain.data) < 600:
            continue
        assert packed.headers["Content-Encoding"] == "gzip", path
        assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) * 0.7
        if "json" not in packed.mimetype:  # health and state change meanwhile
            assert gzip.decompress(packed.data) == plain.data


def test_the_limits_of_windows_are_raised_as_the_readme_says(filled: Site) -> None:
    """Windows reads a registry file with CRLF alone."""
    (path,) = re.findall(r'"(/static/[^"]+/webclient.reg)" download', get(filled, "/").text)
    with filled.app.test_client().get(path) as response:
        lines = response.data.decode("ascii").split("\r\n")
    assert lines[0] == "Windows Registry Editor Version 5.00"
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    assert lines[2].strip("[]").replace("HKEY_LOCAL_MACHINE", "HKLM") in readme
    values = re.findall(r'"(\w+)"=dword:([0-9a-f]{8})', response.data.decode("ascii"))
    assert len(values) == 2
    for name, value in values:
        assert f"`{name}` to {int(value, 16)}" in readme


def test_a_compressed_song_has_an_etag_that_still_guards_an_edit(filled: Site) -> None:
    (number,) = [song["id"] for song in get(filled, "/api/songs").json["songs"]]
    etag = get(filled, f"/api/songs/{number}", **GZIP).headers["ETag"]
    assert etag.startswith("W/")
    client = filled.app.test_client()
    for expected, status in ((etag, 200), (etag, 412)):
        edited = client.put(
            f"/api/songs/{number}", json={"album": "Other"}, headers={"If-Match": expected}, auth=("me", "secret")
        )
        assert edited.status_code == status


def test_static_files_are_cached_for_good_by_everybody(filled: Site) -> None:
    for path in static(filled):
        answer = get(filled, path, **GZIP)
        assert {"public", "immutable", "max-age=31536000"} <= set(answer.headers["Cache-Control"].split(", "))
        assert "Cookie" not in answer.headers["Vary"]
        again = get(filled, path, **GZIP, **{"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_search_engines_are_kept_out_and_sensors_off(filled: Site) -> None:
    robots = filled.app.test_client().get("/robots.txt")
    assert (robots.status_code, robots.mimetype, robots.text) == (200, "text/plain", "User-agent: *\nDisallow: /\n")
    assert "microphone=()" in robots.headers["Permissions-Policy"]


def test_json_over_the_limit_is_too_large_whether_or_not_its_length_is_announced(start_site: Start) -> None:
    site = start_site(served=True)
    body = b'{"ids": [1], "metadata": {"genre": "' + b"x" * BODY_LIMIT + b'"}}'
    head = ("POST", "/api/songs/bulk", "Content-Type: application/json")
    framings = (
        request(*head, f"Content-Length: {len(body)}", body=body),
        request(*head, "Transfer-Encoding: chunked", body=chunk_body(body)),
    )
    for asked in framings:
        with Raw(int(site.url.rpartition(":")[2])) as raw:
            raw.send(asked)
            assert raw.answer()[0] == 413


def test_a_page_names_every_module_that_its_script_imports(filled: Site) -> None:
    """So that a browser requests all at once, and not one level of imports after the other."""
    for path in ("/", "/songs", "/upload", "/generator", "/browser"):
        page = get(filled, path).text
        named = re.findall(r'rel="modulepreload" href="(/static/[^"]+)"', page)
        (script,) = re.findall(r'<script type="module"[^>]* src="(/static/[^"]+)"', page)
        texts = [get(filled, url).text for url in (script, *named)]
        names = {name for text in texts for name in re.findall(r' from "\./(\w+\.js)"', text)}
        imported = {f"{script.rpartition('/')[0]}/{name}" for name in names}
        assert len(named) == len(set(named)) > 5
        assert imported - {script} == set(named)


def test_the_sheets_of_all_pages_are_one_file_and_static_files_have_short_heads(filled: Site) -> None:
    """Each file costs a phone a share of a round trip, and what its head repeats is not compressed."""
    page = get(filled, "/songs").text
    sheets = re.findall(r'rel="stylesheet" href="([^"]+)"', page)
    assert [sheet.rpartition("/")[2] for sheet in sheets] == ["shared.css", "songs.css"]
    shared = get(filled, sheets[0])
    names = ("tokens", "base", "controls", "layout")
    assert shared.text == "".join((STATIC / f"css/{name}.css").read_text("utf-8") for name in names)
    assert shared.mimetype == "text/css"
    assert len(re.findall('rel="modulepreload"', page)) < 30
    for path in static(filled):
        headers = get(filled, path, **GZIP).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert sum(len(name) + len(value) + 4 for name, value in headers.items()) < 600
    missing = get(filled, f"{sheets[0]}.map").headers
    assert "immutable" not in missing["Cache-Control"]
    assert "Content-Security-Policy" in missing
