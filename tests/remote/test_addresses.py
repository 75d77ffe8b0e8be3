"""Tree paths survive the way to the server's names and back, whatever the names are."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import BadPath, NotFound
from davproxy.paths import normalise
from davproxy.remote.protocol import Features
from davproxy.remote.top_folders import TopFolders
from davproxy.remote.webdav.addresses import Addresses
from davproxy.remote.webdav.discovery import Server
from tests.remote.conftest import FOLDERS

SERVER = Server(Features("Nextcloud"), "https://cloud.example.org/nc/remote.php/dav/files/jo%20e", user="jo e")
PATHS = st.lists(st.text(min_size=1, max_size=12), max_size=4).map("/".join)


def addresses(folder: str = "My & Clone Hero/Library") -> Addresses:
    return Addresses(SERVER, folder, TopFolders(FOLDERS))


@given(st.sampled_from(["", *FOLDERS, "/Other"]), PATHS)
def test_a_path_comes_back_from_its_url(top: str, below: str) -> None:
    try:
        path = normalise(f"{top}/{below}")
        url = addresses().url(path)
    except (BadPath, NotFound):  # NotFound: the server's name of one of our top folders
        return
    assert url.isascii()
    href = unquote(urlsplit(url).path)
    assert addresses().tree_path(href) == path
    assert href.endswith(addresses().account_path(path).rstrip("/"))


@given(st.text())
def test_any_href_is_a_path_of_the_tree_or_none(href: str) -> None:
    for given_href in (href, f"/nc/remote.php/dav/files/jo e/My & Clone Hero/Library/{href}"):
        path = addresses().tree_path(given_href.rstrip("/"))
        assert path is None or normalise(path) == path


def test_what_lies_outside_the_library_has_no_path() -> None:
    for href in ("/nc/remote.php/dav/files/jo e/My & Clone Hero", "/nc/remote.php/dav/files/jo e/Photos", "/"):
        assert addresses().tree_path(href) is None
    assert addresses().tree_path("/nc/remote.php/dav/files/jo e/My & Clone Hero/LibraryTwo/a") is None


def test_the_top_folders_have_their_own_names_there() -> None:
    assert addresses().url("/Generate/a b.mp3").endswith("/My%20%26%20Clone%20Hero/Library/Generator/a%20b.mp3")
    assert addresses().account_path("/Generate/a b.mp3") == "/My & Clone Hero/Library/Generator/a b.mp3"
    with pytest.raises(NotFound, match="/Generate"):
        addresses().url("/Generator/a b.mp3")


def test_the_folders_above_the_library_come_first() -> None:
    base = "https://cloud.example.org/nc/remote.php/dav/files/jo%20e"
    assert addresses().root_urls == [f"{base}/My%20%26%20Clone%20Hero", f"{base}/My%20%26%20Clone%20Hero/Library"]
    assert addresses("").root_urls == []
    assert addresses("").url("/") == base
