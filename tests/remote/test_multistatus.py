"""Multi-Status responses are read in whatever pieces they arrive; anything else is refused."""

from email.utils import formatdate
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import Unavailable
from davproxy.remote.webdav.multistatus import DAV, ENTRY, Resource, bare_etag, propfind, resources, seconds

CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn"))
TEXT = st.text(CHARACTERS, min_size=1).filter(lambda text: text.strip() == text)
NAME = TEXT.filter(lambda name: "/" not in name)
FILES = st.lists(st.tuples(NAME, st.integers(0, 2**50), st.integers(0, 2**32), NAME), max_size=8)


def answer(files: list[tuple[str, int, int, str]], prefix: str) -> bytes:
    opened = f'<{prefix}:multistatus xmlns:{prefix}="DAV:" xmlns:oc="http://owncloud.org/ns">'
    text = f'<?xml version="1.0" encoding="utf-8"?>{opened}'
    for name, size, modified, etag in files:
        text += (
            f"<{prefix}:response><{prefix}:href>/dav/{quote(name, safe='')}</{prefix}:href><{prefix}:propstat>"
            f"<{prefix}:prop><{prefix}:getcontentlength>{size}</{prefix}:getcontentlength><oc:fileid>7</oc:fileid>"
            f"<{prefix}:getlastmodified>{formatdate(modified, usegmt=True)}</{prefix}:getlastmodified>"
            f"<{prefix}:getetag>{escape(etag)}</{prefix}:getetag><{prefix}:resourcetype/></{prefix}:prop>"
            f"<{prefix}:status>HTTP/1.1 200 OK</{prefix}:status></{prefix}:propstat>"
            f"<{prefix}:propstat><{prefix}:prop><{prefix}:displayname>no</{prefix}:displayname></{prefix}:prop>"
            f"<{prefix}:status>HTTP/1.1 404 Not Found</{prefix}:status></{prefix}:propstat></{prefix}:response>"
        )
    return f"{text}</{prefix}:multistatus>".encode()


@given(FILES, st.sampled_from(["d", "D", "ns0"]), st.integers(1, 200))
def test_any_files_in_any_pieces(files: list[tuple[str, int, int, str]], prefix: str, step: int) -> None:
    content = answer(files, prefix)
    found = list(resources(content[start : start + step] for start in range(0, len(content), step)))
    assert [resource.path for resource in found] == [f"/dav/{name}".rstrip("/") for name, *_ in files]
    for resource, (_, size, modified, etag) in zip(found, files, strict=True):
        assert (resource.size, resource.modified, resource.file_id) == (size, modified, 7)
        assert resource.etag == bare_etag(etag)
        assert not resource.is_folder
        assert f"{DAV}displayname" not in resource.properties


@given(FILES.filter(bool), st.data())
def test_a_cut_listing_is_an_error(files: list[tuple[str, int, int, str]], data: st.DataObject) -> None:
    content = answer(files, "d")
    cut = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(Unavailable):
        list(resources([content[:cut]]))


@given(st.binary(max_size=400))
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(Unavailable):
        list(resources([content]))


@pytest.mark.parametrize("content", [b"<html><body>Please sign in</body></html>", b"<d:error xmlns:d='DAV:'/>"])
def test_other_documents_are_refused(content: bytes) -> None:
    with pytest.raises(Unavailable):
        list(resources([content]))


def test_entities_are_not_followed() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    content = (
        f'<?xml version="1.0"?><!DOCTYPE m [<!ENTITY l0 "ha"><!ENTITY f SYSTEM "file:///etc/passwd">{laughs}]>'
        '<d:multistatus xmlns:d="DAV:"><d:response><d:href>/a</d:href>'
        "<d:propstat><d:prop><d:getetag>&l9;&f;</d:getetag>"
        "</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"
    )
    try:
        found = list(resources([content.encode()]))
    except Unavailable:
        return
    assert "ha" not in found[0].etag
    assert "root" not in found[0].etag


@given(st.integers(0, 2**33))
def test_dates(moment: int) -> None:
    assert seconds(formatdate(moment, usegmt=True)) == moment
    assert seconds(formatdate(moment)) == moment


@pytest.mark.parametrize("raw", ["", "soon", "Sun, 22 Nov 2026", "Sun, 99 Foo 2026 15:05:39 GMT", "1 2 3 4 5 GMT"])
def test_what_is_no_date(raw: str) -> None:
    assert seconds(raw) == 0


def test_a_folder() -> None:
    resource = Resource("/a", 200, {f"{DAV}resourcetype": "collection", f"{DAV}getetag": 'W/"x"'})
    assert resource.is_folder
    assert resource.etag == "x"
    assert resource.modified == 0
    assert resource.file_id is None


def test_the_body_of_a_propfind() -> None:
    body = propfind(ENTRY)
    assert body.startswith(b"<?xml")
    assert body.count(b"getetag") == 1
