"""Paths: one form, safe names."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy import paths
from davproxy.errors import BadPath


@given(st.text())
def test_normalise_is_idempotent_or_refuses(raw: str) -> None:
    try:
        path = paths.normalise(raw)
    except BadPath:
        return
    assert path.startswith("/")
    assert paths.normalise(path) == path
    assert ".." not in path.split("/")
    assert unicodedata.is_normalized("NFC", path)


@pytest.mark.parametrize("raw", ["/a/../b", "a\\b", "/a\nb", "/a\x00", "/" + "ä" * 126, "/\ud800"])
def test_what_no_file_may_be_called(raw: str) -> None:
    with pytest.raises(BadPath, match="Choose"):
        paths.normalise(raw)


@given(st.text())
def test_safe_names_are_safe_everywhere(raw: str) -> None:
    name = paths.safe_name(raw)
    assert name
    assert len(name.encode()) <= 250
    assert not set(name) & set('<>:"/\\|?*')
    assert name == name.strip(" .")
    assert paths.safe_name(name) == name
    assert paths.safe_file_name(name) == name
    assert paths.name_of(paths.normalise("/Songs/" + name)) == name


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("CON", "_CON"),
        ("a. ", "a"),
        ("AC/DC", "AC-DC"),
        ("...", "Unknown"),
        ("Song: What?", "Song - What"),
        ("nul.txt", "_nul.txt"),
        ("con.zip", "_con.zip"),
        ("Con.part", "_Con_part"),
        ("a.b.part", "a.b_part"),
    ],
)
def test_safe_name_examples(raw: str, name: str) -> None:
    assert paths.safe_name(raw) == name


@given(st.text(min_size=1), st.integers(1, 400), st.sampled_from([".ogg", ".ZIP", ".tzst", ".part", ".", " .ogg"]))
def test_a_long_name_of_a_file_keeps_its_extension(text: str, times: int, extension: str) -> None:
    name = paths.safe_file_name(text * times + extension)
    assert len(name.encode()) <= paths.SAFE_NAME_BYTES
    assert paths.safe_name(name) == name
    if extension in (".ogg", ".ZIP", ".tzst") and paths.safe_name(text, "") != "":
        assert name.endswith(extension)


def test_a_long_name_without_an_extension_is_cut() -> None:
    assert paths.safe_file_name("x." + "y" * 200) == "x." + "y" * 118
    assert paths.safe_file_name("あ" * 60 + ".ogg") == "あ" * 38 + ".ogg"


def test_below_is_about_names_not_letters() -> None:
    assert paths.is_below("/Songs/a", "/Songs")
    assert not paths.is_below("/Songs2/a", "/Songs")
    assert not paths.is_below("/Songs", "/Songs")
    assert paths.is_below("/Songs", "/")
    assert paths.ancestors("/a/b/c") == ["/a/b", "/a", "/"]


@pytest.mark.parametrize(
    "name",
    [
        "._a", ".DS_Store", ".TemporaryItems", ".apdisk", ".AppleDouble", "Icon\r",
        "Thumbs.db", "THUMBS.DB", "ehthumbs.db", "desktop.ini", "$RECYCLE.BIN", "~$song.ini", "~WRL0003.tmp",
        ".Trash-1000", ".directory", ".hidden", ".fuse_hidden0001", ".goutputstream-ABC", ".nfs000000000001",
        ".~lock.song.ini#", ".song.ini.swp", ".song.ini.swo", ".#song.ini",
    ],
)  # fmt: skip
def test_junk(name: str) -> None:
    assert paths.is_junk(name)
    assert not paths.is_junk("a" + name)


@pytest.mark.parametrize(
    "name",
    ["song.ini", ".song.ini", "notes.chart.swp", "Icon", "~song.ini", "nfs0001", ".nfs.txt", "#1 hit.swp", ".trashed"],
)
def test_what_only_looks_like_junk(name: str) -> None:
    assert not paths.is_junk(name)


def test_a_control_character_is_only_in_the_name_of_a_folder_s_icon() -> None:
    assert paths.normalise("/Songs/Icon\r") == "/Songs/Icon\r"
    for name in ("icon\r", "Icon\n", "Icon\r\r", "xIcon\r"):
        with pytest.raises(BadPath):
            paths.normalise(f"/Songs/{name}")


def test_a_path_has_its_depth() -> None:
    deepest = "/" + "/".join("a" * paths.MOST_NAMES)
    assert paths.normalise(deepest) == deepest
    with pytest.raises(BadPath, match="100 folders deep"):
        paths.normalise(deepest + "/a")
