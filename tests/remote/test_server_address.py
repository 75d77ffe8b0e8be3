"""A Nextcloud is found from the address of any of its pages, wherever it is installed on its host."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import Unavailable
from davproxy.remote.protocol import Remote
from davproxy.remote.webdav.connection import Connection
from davproxy.remote.webdav.login_flow import LoginFlow
from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.remote.webdav.server_address import Found, candidates, find_nextcloud
from tests.fakes.nextcloud import FakeNextcloud
from tests.remote.conftest import FOLDERS

PAGES = [
    "",
    "/index.php/apps/files",
    "/index.php/apps/files/files/123",
    "/apps/files/files/123",
    "/apps/dashboard",
    "/index.php/login",
    "/login",
    "/login/v2/flow/abc",
    "/s/AbCdEfGh",
    "/index.php/s/AbCdEfGh/download",
    "/f/4711",
    "/settings/user/security",
    "/remote.php/dav/files/somebody%20else/CloneHero",
    "/remote.php/webdav",
    "/public.php/dav/files/AbCdEfGh",
    "/status.php",
    "/ocs/v2.php/cloud/capabilities",
]
"""What follows the address of a Nextcloud in those that people copy."""


@contextmanager
def host(prefix: str, *, moved: str = "") -> Iterator[str]:
    """A host with a Nextcloud below `prefix`; what else is asked there gets a page, or is `moved` elsewhere."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if moved:
                self.send_response(301)
                self.send_header("Location", moved)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            there = self.path == f"{prefix}/status.php"
            body = json.dumps({"versionstring": "32.0.1"}).encode() if there else b"<html>not this page</html>"
            self.send_response(200 if there or "login" in self.path else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            assert "Authorization" not in self.headers

        def log_message(self, *_: object) -> None:
            """Do not print."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def find(url: str) -> Found | None:
    with closing(Connection(url, "ann", "secret", patience=0.1)) as connection:
        return find_nextcloud(connection, url)


@pytest.mark.parametrize("prefix", ["", "/nextcloud", "/a/b"])
@pytest.mark.parametrize("page", PAGES)
def test_the_address_of_any_page_is_cut_back_to_that_of_the_server(page: str, prefix: str) -> None:
    with host(prefix) as address:
        found = find(f"{address}{prefix}{page}")
        assert found is not None
        assert (found.address, found.certain) == (f"{address}{prefix}", True)


def test_where_there_is_no_nextcloud() -> None:
    with host("/nextcloud") as address:
        assert find(f"{address}/other/apps/files") is None
    for nowhere in ("http://127.0.0.1:1/nextcloud/apps/files", "http://¿/"):
        with pytest.raises(Unavailable, match="cannot be reached"):
            find(nowhere)


def test_the_server_may_send_us_to_another_path_of_its_host_but_to_no_other_host() -> None:
    with host("/nextcloud") as address:
        with host("", moved=f"{address}/nextcloud/status.php") as moved:
            found = find(moved)
            assert found is not None
            assert found.address == f"{address}/nextcloud"
        with (
            host("", moved="https://elsewhere.example.org/status.php") as moved,
            pytest.raises(Unavailable, match=r"elsewhere\.example\.org"),
        ):
            find(moved)


@given(st.text("abc.php/", max_size=20))
def test_candidates_are_the_address_and_what_it_begins_with(path: str) -> None:
    found = list(candidates(f"https://cloud.example.org/{path}"))
    assert found[-1] == "https://cloud.example.org"
    assert all(longer.startswith(shorter) for longer, shorter in pairwise(found))
    assert not any(name.endswith(".php") for name in found[0].split("/")[3:])


@pytest.mark.parametrize("page", ["/index.php/apps/files", "/remote.php/dav/files/somebody%20else/X", "/s/AbCdEfGh"])
def test_a_library_on_the_nextcloud_of_any_page(fake: FakeNextcloud, page: str) -> None:
    with closing(Nextcloud(fake.url + page, fake.user, fake.password, "CloneHero", FOLDERS)) as remote:
        assert remote.connect().address == fake.url
        remote.write("/Songs/a.txt", b"1")
    assert fake.content("CloneHero/Songs/a.txt") == b"1"
    assert fake.wrong_passwords == 0
    assert LoginFlow(fake.url + page).server == fake.url


def test_a_folder_of_another_server_stays_what_it_is(plain_webdav: Remote, tmp_path: Path) -> None:
    with closing(plain_webdav):
        assert plain_webdav.connect().address.startswith("http://127.0.0.1:")
    assert (tmp_path / "served" / "Clone & Hero" / "Songs").is_dir()
