"""PROPFIND: what it says, and that it never says what was true before."""

from email.utils import formatdate
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy import paths
from davproxy.dav import multistatus
from davproxy.dav.locks import Lock
from davproxy.dav.multistatus import MOST_CHARACTERS, MOST_NAMES, Beside
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
                properties |= {element.tag: element for element in propstat.iterfind("{DAV:}prop/*")}
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
        propstat.findtext("{DAV:}status"): [element.tag for element in propstat.iterfind("{DAV:}prop/*")]
        for propstat in fromstring(answer.body).iter("{DAV:}propstat")
    }
    assert statuses == {
        "HTTP/1.1 200 OK": ["{DAV:}resourcetype"],
        "HTTP/1.1 404 Not Found": ["{http://owncloud.org/ns}checksums"],
    }


def test_folders_have_a_quota(running: Running) -> None:
    found = listing(running, "/dav/", asking("{DAV:}quota-used-bytes", "{DAV:}quota-available-bytes"), "0")["/dav/"]
    assert int(found["{DAV:}quota-available-bytes"].text or 0) > 0
    assert int(found["{DAV:}quota-used-bytes"].text or 0) > 0


def test_every_change_is_seen_at_once(running: Running) -> None:
    """The next listing shows every change of the tree, by whichever door it was made."""
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


EVERYTHING = b"<propfind xmlns='DAV:'><allprop/></propfind>"
ALL = {
    "{DAV:}resourcetype", "{DAV:}getcontentlength", "{DAV:}getlastmodified", "{DAV:}creationdate", "{DAV:}getetag",
    "{DAV:}getcontenttype", "{DAV:}displayname", "{DAV:}supportedlock", "{DAV:}lockdiscovery",
}  # fmt: skip


@pytest.mark.parametrize("body", [EVERYTHING, EVERYTHING.replace(b"allprop", b"propname")])
@pytest.mark.parametrize("beside", ["nothing", "a lock", "a dead property"])
def test_allprop_and_propname_answer_every_entry_whatever_it_has(running: Running, body: bytes, beside: str) -> None:
    running.ask("MKCOL", "/dav/Songs/A")
    for name in "xy":
        running.ask("PUT", f"/dav/Songs/A/{name}", b"1")
    more = {"{http://owncloud.org/ns}checksums"} if b"propname" in body else set()
    if beside == "a lock":
        running.ask("LOCK", "/dav/Songs/A/y", LOCK)
    elif beside == "a dead property":
        running.ask("PROPPATCH", "/dav/Songs/A/y", COLOUR)
        more |= {"{t}colour"}
    found = listing(running, "/dav/Songs/A/", body)
    assert set(found["/dav/Songs/A/"]) == ALL - {"{DAV:}getcontentlength", "{DAV:}getcontenttype"}
    assert set(found["/dav/Songs/A/x"]) == ALL | (more - {"{t}colour"})
    assert set(found["/dav/Songs/A/y"]) == ALL | more
    values = [element.text for element in found["/dav/Songs/A/y"].values()]
    assert any(values) == (b"allprop" in body)
    shown = found["/dav/Songs/A/y"]["{DAV:}lockdiscovery"]
    assert len(shown) == (beside == "a lock" and b"allprop" in body)


COLOUR = b'<propertyupdate xmlns="DAV:"><set><prop><e:colour xmlns:e="t">red</e:colour></prop></set></propertyupdate>'


def test_allprop_includes_what_is_asked_for_besides(running: Running) -> None:
    body = EVERYTHING.replace(b"<allprop/>", b"<allprop/><include><quota-used-bytes/><unknown/></include>")
    found = listing(running, "/dav/Songs/", body, "0")["/dav/Songs/"]
    assert "{DAV:}quota-used-bytes" in found
    assert "{DAV:}displayname" in found
    assert "{DAV:}unknown" not in found


def test_a_folder_changes_with_what_is_written_below_it(running: Running) -> None:
    """At once, not only after the next sync; and no two folders share an etag, empty or not."""
    for folder in ("A", "A/B", "C", "D"):
        running.ask("MKCOL", f"/dav/Songs/{folder}")

    def etags() -> dict[str, str]:
        found = listing(running, "/dav/Songs/") | listing(running, "/dav/Songs/A/")
        return {href: properties["{DAV:}getetag"].text or "" for href, properties in found.items() if href[-1] == "/"}

    before = etags()
    assert len(set(before.values())) == len(before) == 5
    for verb, path, body, headers in (
        ("PUT", "/dav/Songs/A/B/x", b"1", {}),
        ("PUT", "/dav/Songs/A/B/x", b"2", {}),
        ("MKCOL", "/dav/Songs/A/B/E", None, {}),
        ("COPY", "/dav/Songs/A/B/x", None, {"Destination": "/dav/Songs/A/B/y"}),
        ("DELETE", "/dav/Songs/A/B/x", None, {}),
        ("MOVE", "/dav/Songs/A/B/y", None, {"Destination": "/dav/Songs/A/B/z"}),
    ):
        assert running.ask(verb, path, body, **headers).status < 300
        after = etags()
        changed = {href for href in before if before[href] != after[href]}
        assert changed == {"/dav/Songs/", "/dav/Songs/A/", "/dav/Songs/A/B/"}, verb
        before = after
    running.library.tree.set_modified("/Songs/A/B", 1e9)
    assert "2001" in (
        listing(running, "/dav/Songs/A/B/", depth="0")["/dav/Songs/A/B/"]["{DAV:}getlastmodified"].text or ""
    )
    running.ask("PUT", "/dav/Songs/A/B/x", b"3")
    assert "2001" not in (
        listing(running, "/dav/Songs/A/B/", depth="0")["/dav/Songs/A/B/"]["{DAV:}getlastmodified"].text or ""
    )


def test_many_properties_or_long_names_are_refused(running: Running) -> None:
    """Each comes back with each entry: 52 KB of names made an answer of 132 MB."""
    few = [f"{{t}}p{number}" for number in range(MOST_NAMES)]
    assert running.ask("PROPFIND", "/dav/Songs/", asking(*few), Depth="1").status == 207
    assert running.ask("PROPFIND", "/dav/Songs/", asking(*few, "{t}more"), Depth="1").status == 400
    assert running.ask("PROPFIND", "/dav/Songs/", asking(*few, *few), Depth="1").status == 207
    long = f"{{{'n' * MOST_CHARACTERS}}}p"
    assert running.ask("PROPFIND", "/dav/Songs/", asking(long), Depth="1").status == 400
    include = EVERYTHING.replace(b"<allprop/>", b"<allprop/><include>" + b"".join(b"<a%x/>" % n for n in range(7000)))
    assert (
        running.ask("PROPFIND", "/dav/Songs/", include.replace(b"</prop", b"</include></prop"), Depth="1").status == 400
    )


def test_depths(running: Running) -> None:
    assert len(listing(running, "/dav/", depth="0")) == 1
    assert len(listing(running, "/dav/", depth="1")) == len(paths.STORED) + 2  # the root itself, and /Status
    assert running.ask("PROPFIND", "/dav/").status == 207
    assert "/dav/" not in listing(running, "/dav/", depth="1,noroot")
    assert len(listing(running, "/dav/", depth="1, NoRoot")) == len(paths.STORED) + 1
    for infinite in ("infinity", "Infinity,noroot"):
        answer = running.ask("PROPFIND", "/dav/", Depth=infinite)
        condition = fromstring(answer.body)[0].tag
        assert (answer.status, condition) == (403, "{DAV:}propfind-finite-depth")
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
def test_the_multistatus_of_any_entries_is_xml(entries: list[Entry]) -> None:
    locks = [Lock("urn:a", "/A&B", True, True, "<d:owner>me</d:owner>", 0.0, 1.0)]
    for asked in (
        multistatus.parse(b""),
        multistatus.parse(EVERYTHING),
        multistatus.parse(asking("{DAV:}displayname", "{DAV:}getetag", "{urn:x&amp;y}z", "{DAV:}quota-used-bytes")),
        multistatus.parse(b"<propfind xmlns='DAV:'><propname/></propfind>"),
    ):
        root = fromstring(
            multistatus.render(entries, asked, Beside(Quota(1, None), lambda _: locks, lambda _: {"{t}a": "<a/>"}))
        )
        assert len(root) == len(entries)


@given(st.binary(max_size=200) | st.text(alphabet="<>/&;propfind DAV:=\"'xmlns", max_size=200).map(str.encode))
def test_any_body_is_understood_or_refused(body: bytes) -> None:
    try:
        assert isinstance(multistatus.parse(body).names, tuple)
    except BadBody:
        return
