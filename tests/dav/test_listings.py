"""PROPFIND: what it says, and that it never says what was true before."""

from email.utils import formatdate
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.dav import multistatus
from davproxy.errors import BadBody
from davproxy.model import Entry, Quota
from tests.serving import LOCK, Running


def asking(*names: str) -> bytes:
    """A PROPFIND body for properties in Clark notation."""
    inner = "".join(f'<x:{name[1:].split("}")[1]} xmlns:x="{name[1:].split("}")[0]}"/>' for name in names)
    return f'<d:propfind xmlns:d="DAV:"><d:prop>{inner}</d:prop></d:propfind>'.encode()


def listing(running: Running, path: str, body: bytes = b"", depth: str = "1") -> dict[str, dict[str, Element]]:
    """href -> property -> element, of those that were found."""
    answer = running.ask("PROPFIND", path, body, Depth=depth)
    assert answer.status == 207, answer.body
    found: dict[str, dict[str, Element]] = {}
    for response in fromstring(answer.body):
        properties = found.setdefault(response.findtext("{DAV:}href") or "", {})
        for propstat in response.iter("{DAV:}propstat"):
            if "200" in (propstat.findtext("{DAV:}status") or ""):
                properties |= {element.tag: element for element in propstat.find("{DAV:}prop") or []}
    return found


def test_what_a_file_and_a_folder_say(running: Running) -> None:
    running.ask("MKCOL", "/dav/Songs/A")
    put = running.ask("PUT", "/dav/Songs/A/notes.chart", b"12345", X_OC_Mtime="1500000000")
    found = listing(running, "/dav/Songs/A/")
    assert list(found) == ["/dav/Songs/A/", "/dav/Songs/A/notes.chart"]
    file = {tag: element.text for tag, element in found["/dav/Songs/A/notes.chart"].items()}
    assert file == {
        "{DAV:}resourcetype": None,
        "{DAV:}getcontentlength": "5",
        "{DAV:}getlastmodified": formatdate(1500000000, usegmt=True),
        "{DAV:}creationdate": "2017-07-14T02:40:00Z",
        "{DAV:}getetag": put.headers["etag"],
        "{DAV:}getcontenttype": "text/plain; charset=utf-8",
    }
    assert found["/dav/Songs/A/"]["{DAV:}resourcetype"][0].tag == "{DAV:}collection"
    assert running.ask("HEAD", "/dav/Songs/A/notes.chart").headers["etag"] == file["{DAV:}getetag"]


def test_an_etag_is_quoted_everywhere(running: Running) -> None:
    etag = running.ask("PUT", "/dav/Songs/x", b"1").headers["etag"]
    assert etag[0] == etag[-1] == '"'
    for body in (b"", asking("{DAV:}getetag"), asking("{DAV:}getetag", "{DAV:}lockdiscovery")):
        assert listing(running, "/dav/Songs/x", body, "0")["/dav/Songs/x"]["{DAV:}getetag"].text == etag
    running.ask("LOCK", "/dav/Songs/x", LOCK)  # from now on WsgiDAV answers what asks for locks
    found = listing(running, "/dav/Songs/x", asking("{DAV:}getetag", "{DAV:}lockdiscovery"), "0")["/dav/Songs/x"]
    assert found["{DAV:}getetag"].text == etag
    assert found["{DAV:}lockdiscovery"].findtext(".//{DAV:}locktoken/{DAV:}href")


def test_what_is_not_known_is_named_as_missing(running: Running) -> None:
    answer = running.ask(
        "PROPFIND", "/dav/Songs/", asking("{DAV:}resourcetype", "{http://owncloud.org/ns}checksums"), Depth="0"
    )
    statuses = {
        propstat.findtext("{DAV:}status"): [element.tag for element in propstat.find("{DAV:}prop") or []]
        for propstat in fromstring(answer.body).iter("{DAV:}propstat")
    }
    assert statuses == {
        "HTTP/1.1 200 OK": ["{DAV:}resourcetype"],
        "HTTP/1.1 404 Not Found": ["{http://owncloud.org/ns}checksums"],
    }


def test_quota_is_told_for_folders(running: Running) -> None:
    found = listing(running, "/dav/", asking("{DAV:}quota-used-bytes", "{DAV:}quota-available-bytes"), "0")["/dav/"]
    assert int(found["{DAV:}quota-available-bytes"].text or 0) > 0
    assert int(found["{DAV:}quota-used-bytes"].text or 0) > 0


def test_every_change_is_seen_at_once(running: Running) -> None:
    """Whoever changes the tree, by whatever door, the next listing shows it."""
    library = running.library

    def seen() -> list[str]:
        return sorted(listing(running, "/dav/Songs/A/"))

    library.tree.make_folder("/Songs/A")
    assert seen() == ["/dav/Songs/A/"]
    library.tree.write("/Songs/A/x", b"1")
    assert seen() == ["/dav/Songs/A/", "/dav/Songs/A/x"]
    before = listing(running, "/dav/Songs/A/")["/dav/Songs/A/x"]["{DAV:}getetag"].text
    library.tree.write("/Songs/A/x", b"22")
    assert listing(running, "/dav/Songs/A/")["/dav/Songs/A/x"]["{DAV:}getetag"].text != before
    library.tree.set_modified("/Songs/A/x", 1e9)
    assert "2001" in (listing(running, "/dav/Songs/A/")["/dav/Songs/A/x"]["{DAV:}getlastmodified"].text or "")
    library.tree.move("/Songs/A/x", "/Songs/A/y")
    assert seen() == ["/dav/Songs/A/", "/dav/Songs/A/y"]
    running.ask("COPY", "/dav/Songs/A/y", Destination="/dav/Songs/A/z")
    assert seen() == ["/dav/Songs/A/", "/dav/Songs/A/y", "/dav/Songs/A/z"]
    library.tree.delete("/Songs/A/y")
    assert seen() == ["/dav/Songs/A/", "/dav/Songs/A/z"]
    library.tree.move("/Songs/A", "/Songs/B")
    assert running.ask("PROPFIND", "/dav/Songs/A/", Depth="1").status == 404
    assert running.ask("PROPFIND", "/dav/Songs/A/z", Depth="0").status == 404
    assert sorted(listing(running, "/dav/Songs/B/")) == ["/dav/Songs/B/", "/dav/Songs/B/z"]
    library.tree.delete("/Songs/B")
    assert sorted(listing(running, "/dav/Songs/")) == ["/dav/Songs/"]


def test_dead_properties_come_and_go_with_their_file(running: Running) -> None:
    running.ask("PUT", "/dav/Songs/x", b"1")
    name = "{http://apache.org/dav/props/}executable"
    update = (
        b'<propertyupdate xmlns="DAV:"><set><prop><e:executable xmlns:e="http://apache.org/dav/props/">T</e:executable>'
        b"</prop></set></propertyupdate>"
    )
    assert name not in listing(running, "/dav/Songs/x", asking(name), "0")["/dav/Songs/x"]
    assert running.ask("PROPPATCH", "/dav/Songs/x", update).status == 207
    assert listing(running, "/dav/Songs/x", asking(name), "0")["/dav/Songs/x"][name].text == "T"
    assert listing(running, "/dav/Songs/", asking(name))["/dav/Songs/x"][name].text == "T"
    running.ask("MOVE", "/dav/Songs/x", Destination="/dav/Songs/y")
    assert listing(running, "/dav/Songs/y", asking(name), "0")["/dav/Songs/y"][name].text == "T"
    running.ask("DELETE", "/dav/Songs/y")
    running.ask("PUT", "/dav/Songs/y", b"1")
    assert name not in listing(running, "/dav/Songs/y", asking(name), "0")["/dav/Songs/y"]


def test_windows_sets_times(running: Running) -> None:
    running.ask("PUT", "/dav/Songs/x", b"1")
    update = b"""<D:propertyupdate xmlns:D="DAV:" xmlns:Z="urn:schemas-microsoft-com:"><D:set><D:prop>
    <Z:Win32CreationTime>Tue, 22 Jan 2019 20:00:00 GMT</Z:Win32CreationTime>
    <Z:Win32LastAccessTime>Tue, 22 Jan 2019 20:00:00 GMT</Z:Win32LastAccessTime>
    <Z:Win32LastModifiedTime>Tue, 22 Jan 2019 20:01:02 GMT</Z:Win32LastModifiedTime>
    <Z:Win32FileAttributes>00000020</Z:Win32FileAttributes></D:prop></D:set></D:propertyupdate>"""
    answer = running.ask("PROPPATCH", "/dav/Songs/x", update)
    assert (answer.status, b"200 OK" in answer.body, b"403" in answer.body) == (207, True, False)
    assert running.library.tree.stat("/Songs/x").modified == 1548187262


def test_depths(running: Running) -> None:
    assert len(listing(running, "/dav/", depth="0")) == 1
    assert len(listing(running, "/dav/", depth="1")) == 8
    assert running.ask("PROPFIND", "/dav/").status == 207
    assert running.ask("PROPFIND", "/dav/", Depth="infinity").status == 403
    assert running.ask("PROPFIND", "/dav/", Depth="2").status == 400
    assert running.ask("PROPFIND", "/dav/Songs/missing", Depth="0").status == 404


def test_the_root_leads_windows_to_the_tree(running: Running) -> None:
    options = running.ask("OPTIONS", "/")
    assert (options.status, options.headers["dav"], options.headers["ms-author-via"]) == (200, "1, 2", "DAV")
    assert list(listing(running, "/")) == ["/", "/dav/"]
    assert list(listing(running, "/", depth="0")) == ["/"]
    assert running.ask("GET", "/").body.startswith(b"page /")
    assert "LOCK" in running.ask("OPTIONS", "/dav/Songs").headers["allow"]


@pytest.mark.parametrize(
    "body",
    [
        b"not xml",
        b"<propfind xmlns='DAV:'/>",
        b"<other xmlns='DAV:'/>",
        b"<propfind xmlns='DAV:'><allprop/><propname/></propfind>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><propfind xmlns='DAV:'><prop><x>&b;</x></prop></propfind>",
        "<?xml version='1.0' encoding='utf-16'?><!DOCTYPE a><propfind xmlns='DAV:'><allprop/></propfind>".encode(
            "utf-16"
        ),
    ],
)
def test_a_body_that_makes_no_sense_is_400(running: Running, body: bytes) -> None:
    for method in ("PROPFIND", "PROPPATCH", "LOCK"):
        assert running.ask(method, "/dav/Songs/", body, Depth="0").status in (400, 403)


@pytest.mark.parametrize("length", [True, False])
def test_an_xml_bomb_is_refused(running: Running, length: bool) -> None:
    laughs = b"<!DOCTYPE l [<!ENTITY a 'ha'>" + b"".join(
        b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
    )
    huge = b"<propfind xmlns='DAV:'><prop>" + b"<x/>" * 4_000_000
    for body, status in ((laughs + b"]><propfind>&j;</propfind>", 400), (huge, 413)):
        sent = body if length else iter([body])
        assert running.ask("PROPFIND", "/dav/", sent, Depth="0").status == status


def test_a_folder_of_5000_entries_is_listed_in_few_bytes(running: Running) -> None:
    entries = [
        Entry(f"/Backgrounds/picture {number:05}.png", False, 1000 + number, 1e9 + number, f"e{number}")
        for number in range(5000)
    ]
    running.index.entries.put(entries)
    assert len(listing(running, "/dav/Backgrounds/")) == 5001
    body = running.ask("PROPFIND", "/dav/Backgrounds/", Depth="1").body
    assert len(body) / 5001 < 560


names = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="/\\\ufffe\uffff"), min_size=1
)


@pytest.mark.slow
@given(
    st.lists(st.builds(Entry, path=names.map("/{}".format), is_folder=st.booleans(), size=st.integers(0), etag=names))
)
def test_whatever_the_entries_the_multistatus_is_xml(entries: list[Entry]) -> None:
    for asked in (
        multistatus.parse(b""),
        multistatus.parse(asking("{DAV:}displayname", "{DAV:}getetag", "{urn:x&amp;y}z", "{DAV:}quota-used-bytes")),
        multistatus.parse(b"<propfind xmlns='DAV:'><propname/></propfind>"),
    ):
        root = fromstring(multistatus.render(entries, asked, Quota(1, None)))
        assert len(root) == len(entries)


@given(st.binary(max_size=200) | st.text(alphabet="<>/&;propfind DAV:=\"'xmlns", max_size=200).map(str.encode))
def test_any_body_is_understood_or_refused(body: bytes) -> None:
    try:
        assert isinstance(multistatus.parse(body).names, tuple)
    except BadBody:
        return
