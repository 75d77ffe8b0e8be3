"""PROPPATCH: times of the library, properties of clients."""

from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.dav.times import seconds
from tests.dav.test_listings import asking, listing
from tests.serving import Running


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


@pytest.mark.parametrize(
    "value",
    [
        "1700000000",
        "1700000000.0",
        "2023-11-14T22:13:20Z",
        "2023-11-14T23:13:20+01:00",
        "2023-11-14T22:13:20",
        "Tue, 14 Nov 2023 22:13:20 GMT",
    ],
)
@pytest.mark.parametrize("name", ["lastmodified", "getlastmodified"])
def test_a_time_is_set_in_any_usual_form(running: Running, name: str, value: str) -> None:
    """rclone sends Unix seconds with vendor=owncloud."""
    running.ask("PUT", "/dav/Songs/x", b"1")
    update = f'<propertyupdate xmlns="DAV:"><set><prop><{name}>{value}</{name}></prop></set></propertyupdate>'
    answer = running.ask("PROPPATCH", "/dav/Songs/x", update.encode())
    assert (answer.status, b"200 OK" in answer.body) == (207, True)
    assert running.ask("HEAD", "/dav/Songs/x").headers["last-modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"


@pytest.mark.parametrize("name", ["lastmodified", "getetag", "lockdiscovery", "anything"])
def test_what_cannot_be_set_is_refused_with_all_beside_it(running: Running, name: str) -> None:
    running.ask("PUT", "/dav/Songs/x", b"1")
    update = (
        f'<propertyupdate xmlns="DAV:"><set><prop><{name}>soon</{name}><e:a xmlns:e="t"/></prop></set></propertyupdate>'
    )
    answer = running.ask("PROPPATCH", "/dav/Songs/x", update.encode())
    assert (answer.status, b"403 Forbidden" in answer.body, b"424 Failed" in answer.body) == (207, True, True)
    words = fromstring(answer.body).findtext("{DAV:}responsedescription")
    assert words == (
        "This is not a time." if name == "lastmodified" else "This is a property that only the server sets."
    )
    assert "{t}a" not in listing(running, "/dav/Songs/x", asking("{t}a"), "0")["/dav/Songs/x"]


def test_what_may_not_be_changed_is_refused_in_words_for_people(running: Running) -> None:
    update = b'<propertyupdate xmlns="DAV:"><set><prop><lastmodified>1</lastmodified></prop></set></propertyupdate>'
    answer = running.ask("PROPPATCH", "/dav/Songs", update)
    assert b"exception" not in answer.body
    assert (fromstring(answer.body).findtext("{DAV:}responsedescription") or "").endswith(".")


def test_a_depth_on_proppatch_and_mkcol_means_nothing(running: Running) -> None:
    """webdavclient3 sends one."""
    running.ask("PUT", "/dav/Songs/x", b"1")
    update = b'<propertyupdate xmlns="DAV:"><set><prop><a xmlns="t">1</a></prop></set></propertyupdate>'
    assert running.ask("PROPPATCH", "/dav/Songs/x", update, Depth="1").status == 207
    assert running.ask("MKCOL", "/dav/Songs/A", Depth="infinity").status == 201


def test_dead_properties_are_copied_with_a_folder(running: Running) -> None:
    running.ask("MKCOL", "/dav/Songs/A")
    running.ask("PUT", "/dav/Songs/A/x", b"1")
    update = b'<propertyupdate xmlns="DAV:"><set><prop><a xmlns="t">1 &amp; <b/>2</a></prop></set></propertyupdate>'
    running.ask("PROPPATCH", "/dav/Songs/A/x", update)
    running.ask("COPY", "/dav/Songs/A", Destination="/dav/Songs/B")
    for path in ("/dav/Songs/A/x", "/dav/Songs/B/x"):
        found = listing(running, path, asking("{t}a"), "0")[path]["{t}a"]
        assert ("".join(found.itertext()), found[0].tag) == ("1 & 2", "{t}b")


@given(st.text(max_size=40) | st.from_regex(r"[0-9TZ:+., -]{0,30}", fullmatch=True))
def test_any_text_is_a_time_or_none(text: str) -> None:
    found = seconds(text)
    assert found is None or found >= 0
