"""Names that other servers stumble over, through PUT, MOVE, COPY and back out of a listing."""

import unicodedata
from urllib.parse import quote
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy import paths
from davproxy.dav import urls
from davproxy.errors import BadPath
from davproxy.server.targets import decode_path
from tests.serving import Running

NAMES = [
    "What?.txt",
    "AC;DC.txt",
    "No #1.txt",
    "100% Pure.txt",
    "%3F.txt",
    "a+b.txt",
    "Simon & Garfunkel.txt",
    "Don't <Stop>.txt",
    'say "hi".txt',
    "Motörhead.txt",
    "日本語のうた.txt",
    "🎸.txt",
    "ö" * 98 + ".txt",
    " leading and trailing .txt ",
    "[x] {y} (z) ~$!*,=@:.txt",
    "a%2Fb.txt",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_survives_every_verb(running: Running, name: str) -> None:
    folder, quoted = "/dav/Backgrounds", quote(name, safe="")
    assert running.ask("PUT", f"{folder}/plain", b"content").status == 201
    for method, source, target in (
        ("MOVE", "plain", quoted),
        ("COPY", quoted, "again"),
        ("MOVE", "again", f"x{quoted}"),
    ):
        destination = f"{running.url}{folder}/{target}"
        assert running.ask(method, f"{folder}/{source}", Destination=destination).status == 201
    assert running.ask("PUT", f"{folder}/{quoted}", b"new content").status == 204
    assert running.ask("GET", f"{folder}/{quoted}").body == b"new content"
    assert sorted(paths.name_of(entry.path) for entry in running.library.tree.children("/Backgrounds")) == sorted(
        [name, f"x{name}"]
    )
    listing = running.ask("PROPFIND", f"{folder}/", Depth="1").body
    hrefs = [element.text or "" for element in fromstring(listing).iter("{DAV:}href")]
    assert sorted(decode_path(href).rpartition("/")[2] for href in hrefs[1:]) == sorted([name, f"x{name}"])
    for href in hrefs[1:]:
        assert running.ask("DELETE", href).status == 204
    assert running.library.tree.children("/Backgrounds") == []


def test_composed_and_decomposed_accents_are_one_name(running: Running) -> None:
    composed = "Motörhead — Ace.txt"
    decomposed = unicodedata.normalize("NFD", composed)
    assert running.ask("PUT", "/dav/Songs/" + quote(decomposed), b"1").status == 201
    assert running.ask("PUT", "/dav/Songs/" + quote(composed), b"2").status == 204
    assert running.ask("GET", "/dav/Songs/" + quote(decomposed)).body == b"2"
    assert [entry.path for entry in running.library.tree.children("/Songs")] == [f"/Songs/{composed}"]


def test_a_name_too_long_for_the_remote_is_refused_in_words(running: Running) -> None:
    answer = running.ask("PUT", "/dav/Songs/" + "a" * 251, b"1")
    assert (answer.status, b"longer than 250 bytes" in answer.body) == (400, True)
    assert running.ask("PUT", "/dav/Songs/" + "a" * 250, b"1").status == 201


@pytest.mark.parametrize(
    "destination",
    ["http://elsewhere.example/dav/Songs/a", "ftp://x/dav/Songs/a", "/Songs/a", "/davx/a", "nonsense", ""],
)
def test_a_destination_elsewhere_is_refused(running: Running, destination: str) -> None:
    running.ask("PUT", "/dav/Songs/x", b"1")
    assert running.ask("MOVE", "/dav/Songs/x", Destination=destination).status in (400, 502)
    assert running.ask("GET", "/dav/Songs/x").body == b"1"


def test_the_rules_of_moving_and_copying(running: Running) -> None:
    ask = running.ask
    for folder in ("A", "A/B", "C"):
        assert ask("MKCOL", f"/dav/Songs/{folder}").status == 201
    ask("PUT", "/dav/Songs/A/B/f", b"1")
    assert ask("MOVE", "/dav/Songs/A", Destination="/dav/Songs/A/B/inside").status == 403
    assert ask("COPY", "/dav/Songs/A", Destination="/dav/Songs/A").status == 403
    assert ask("MOVE", "/dav/Songs/A/B", Destination="/dav/Songs/A").status == 403
    assert ask("MOVE", "/dav/Songs/A", Destination="/dav/Songs/missing/A").status == 409
    assert ask("MOVE", "/dav/Songs/missing", Destination="/dav/Songs/D").status == 404
    assert ask("MOVE", "/dav/Songs/A", Destination="/dav/Songs/C", Overwrite="F").status == 412
    assert ask("MOVE", "/dav/Songs", Destination="/dav/Drop/Songs").status == 403
    assert ask("DELETE", "/dav/Songs").status == 403
    assert ask("COPY", "/dav/Songs/A", Destination="/dav/Songs/E", Depth="0").status == 201
    assert running.library.tree.children("/Songs/E") == []
    assert ask("MOVE", "/dav/Songs/A", Destination="/dav/Songs/C").status == 204
    assert ask("GET", "/dav/Songs/C/B/f").body == b"1"
    assert ask("GET", "/dav/Songs/A/B/f").status == 404
    assert ask("COPY", "/dav/Songs/C", Destination="/dav/Drop/C").status == 201
    assert ask("GET", "/dav/Drop/C/B/f").body == b"1"


@given(st.text(min_size=1, max_size=60))
def test_every_name_that_may_be_has_an_href_that_leads_back(name: str) -> None:
    try:
        path = paths.normalise("/Songs/" + name.replace("/", "_"))
    except BadPath:
        return
    for is_folder in (False, True):
        assert urls.tree_path(decode_path(urls.href(path, is_folder=is_folder))) == path
        assert urls.path_of_url("http://host:1" + urls.href(path, is_folder=is_folder)) == path


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=60))
def test_any_request_target_gives_a_path_or_a_refusal(raw: str) -> None:
    try:
        path = urls.tree_path(decode_path(raw))
    except BadPath:
        return
    assert path.startswith("/")
    assert ".." not in path.split("/")
