"""Checksums from end to end: what a client says is verified, what is stored is told, wherever the file goes."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from xml.etree.ElementTree import fromstring

import pytest

from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings
from tests.dav.test_listings import asking
from tests.fakes.nextcloud import FakeNextcloud
from tests.raw_http import Raw, chunk_body, request
from tests.serving import Running, Site

FILE = "/dav/Backgrounds/x.png"
CHECKSUMS = "{http://owncloud.org/ns}checksums"
TWO, ONE = b"two\n", b"one\n"


def sums(content: bytes) -> list[str]:
    return [f"SHA1:{hashlib.sha1(content).hexdigest()}", f"MD5:{hashlib.md5(content).hexdigest()}"]


def stored_checksums(running: Running, path: str = FILE) -> list[str]:
    """What PROPFIND says, which GET and HEAD say too."""
    found = fromstring(running.ask("PROPFIND", path, asking(CHECKSUMS), Depth="0").body).find(f".//{CHECKSUMS}")
    assert found is not None
    listed = [element.text or "" for element in found]
    for verb in ("GET", "HEAD"):
        assert running.ask(verb, path).headers.get("oc-checksum", "").split() == listed
    return listed


@pytest.mark.parametrize("before", [None, ONE])
@pytest.mark.parametrize(
    "header",
    [
        {"OC-Checksum": sums(ONE)[0]},
        {"OC-Checksum": sums(ONE)[1]},
        {"OC-Checksum": "SHA1:nonsense"},
        {"Content-MD5": b64encode(hashlib.md5(ONE).digest()).decode()},
        {"Digest": f"SHA-256={b64encode(hashlib.sha256(ONE).digest()).decode()}"},
        {"Repr-Digest": f"sha-256=:{b64encode(hashlib.sha256(ONE).digest()).decode()}:"},
    ],
    ids=lambda header: next(iter(header)),
)
def test_a_body_that_is_not_what_the_client_says_is_not_stored(
    running: Running, header: dict[str, str], before: bytes | None
) -> None:
    if before:
        running.ask("PUT", FILE, before)
    refused = running.ask("PUT", FILE, TWO, **header)
    assert (refused.status, b"checksum" in refused.body) == (400, True)
    seen = running.ask("GET", FILE)
    assert (seen.status, seen.body) == ((200, before) if before else (404, seen.body))
    with Raw(running.port) as raw:
        lines = [f"{name}: {value}" for name, value in header.items()]
        raw.send(request("PUT", FILE, "Transfer-Encoding: chunked", *lines, body=chunk_body(TWO)))
        assert raw.answer()[0] == 400


@pytest.fixture(params=["local folder", "Nextcloud"])
def served(request: pytest.FixtureRequest, site: Site) -> Iterator[Running]:
    if request.param == "local folder":
        yield site.start()
        return
    with FakeNextcloud() as fake:
        yield site.start_on(lambda settings: nextcloud(fake, settings))
        site.close()


def nextcloud(fake: FakeNextcloud, settings: Settings) -> Nextcloud:
    return Nextcloud(fake.url, fake.user, fake.password, "CloneHero", settings.folders)


def test_checksums_follow_a_file_that_is_moved_or_copied(served: Running) -> None:
    ask = served.ask
    assert ask("PUT", FILE, TWO, OC_Checksum=sums(TWO)[0], X_OC_Mtime="1500000000").status == 201
    assert stored_checksums(served) == sums(TWO)
    assert ask("PUT", FILE, ONE).status == 204
    assert stored_checksums(served) == sums(ONE)
    ask("MKCOL", "/dav/Backgrounds/A")
    assert ask("MOVE", FILE, Destination="/dav/Backgrounds/A/y.png").status == 201
    assert stored_checksums(served, "/dav/Backgrounds/A/y.png") == sums(ONE)
    assert ask("COPY", "/dav/Backgrounds/A", Destination="/dav/Backgrounds/B").status == 201
    assert ask("MOVE", "/dav/Backgrounds/A", Destination="/dav/Backgrounds/C").status == 201
    served.library.tree.set_modified("/Backgrounds/C/y.png", 1.6e9)
    for top in ("/Backgrounds", "/Backgrounds/B"):
        served.library.tree.refresh(top)
    for folder in "BC":
        assert stored_checksums(served, f"/dav/Backgrounds/{folder}/y.png") == sums(ONE)


def test_a_file_that_others_changed_has_no_checksums_of_ours(served: Running) -> None:
    """Not even where it has the same size, and is copied or renamed before anybody has seen the change."""
    for verb in ("MOVE", "COPY"):
        served.ask("PUT", FILE, ONE)
        served.library.tree._remote.write("/Backgrounds/x.png", TWO)
        target = f"/dav/Backgrounds/{verb}.png"
        assert served.ask(verb, FILE, Destination=target).status == 201
        assert served.ask("GET", target).body == TWO
        listed = fromstring(served.ask("PROPFIND", target, asking(CHECKSUMS), Depth="0").body).find(f".//{CHECKSUMS}")
        assert listed is not None
        assert [element.text for element in listed] in ([], sums(TWO))


def test_what_others_stored_has_the_checksums_that_a_nextcloud_has(site: Site) -> None:
    with FakeNextcloud() as fake:
        fake.put("CloneHero/Backgrounds/x.png", TWO)
        node = fake.tree.find(["CloneHero", "Backgrounds", "x.png"])
        assert node
        node.checksums = f"SHA1:{hashlib.sha1(TWO).hexdigest()} ADLER32:0a0b0c0d"
        running = site.start_on(lambda settings: nextcloud(fake, settings))
        assert stored_checksums(running) == node.checksums.split()
        assert running.ask("PUT", FILE, ONE).status == 204
        assert node.checksums.split() == sums(ONE) == stored_checksums(running)
        site.close()


def test_a_folder_and_what_is_not_known_have_none(running: Running) -> None:
    (running.stored / "Backgrounds" / "x.png").write_bytes(TWO)
    running.library.tree.refresh("/Backgrounds")
    for path in ("/dav/Backgrounds/", FILE):
        answer = running.ask("PROPFIND", path, asking(CHECKSUMS), Depth="0")
        assert b"404 Not Found" in answer.body
        assert b"200 OK" not in answer.body
    assert "oc-checksum" not in running.ask("GET", FILE).headers
