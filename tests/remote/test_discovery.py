"""What a Nextcloud says of itself is read, whatever is missing or of another type."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import BadPath, Unavailable
from davproxy.remote.webdav.bulk import accepted_paths
from davproxy.remote.webdav.discovery import nextcloud

KEYS = st.sampled_from(
    ["ocs", "data", "capabilities", "files", "dav", "undelete", "chunking", "forbidden_filenames", "productname"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(KEYS, JSON, max_size=4)


def capabilities(**apps: Any) -> dict[str, Any]:
    return {"ocs": {"data": {"capabilities": apps}}}


@given(OBJECTS, OBJECTS, JSON)
def test_any_answer_is_accepted(status: dict[str, Any], answer: dict[str, Any], files: Any) -> None:
    for given_answer in (answer, capabilities(files=files, dav=files)):
        server = nextcloud("https://cloud.example.org", "jo", status, given_answer)
        server.rules.check("/Songs/Title")
        assert server.features.label


def test_what_it_can_do() -> None:
    status = {"versionstring": "31.0.4", "productname": "Cloud"}
    files = {"undelete": True, "forbidden_filename_characters": ["*"]}
    server = nextcloud("https://c", "jo e", status, capabilities(files=files, dav={"chunking": "1.0"}))
    assert (server.features.label, server.features.trash, server.features.bulk_read) == ("Cloud 31.0.4", True, True)
    assert (server.chunks, server.bulk_write) == (True, False)
    assert server.files_url == "https://c/remote.php/dav/files/jo%20e"
    for name in ("a*b", ".htaccess", "song.part"):
        with pytest.raises(BadPath):
            server.rules.check(f"/Songs/{name}")


def test_an_older_one_and_one_without_a_version() -> None:
    assert not nextcloud("https://c", "jo", {"versionstring": "30.9.9"}, {}).features.bulk_read
    assert not nextcloud("https://c", "jo", {"versionstring": "master"}, {}).features.bulk_read


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_answer_to_a_bulk_upload_is_paths_or_an_error(content: bytes) -> None:
    try:
        paths = accepted_paths(content)
    except Unavailable:
        return
    assert all(isinstance(path, str) for path in paths)


def test_only_what_was_written_is_accepted() -> None:
    answer = {"/a": {"error": False}, "/b": {"error": True}, "/c": {}, "/d": [], "/e\u0301": {"error": False}}
    assert accepted_paths(json.dumps(answer).encode()) == {"/a", "/é"}
