"""The types of settings: what people write, and that anything else is a ValueError with a reason."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy import setting_types as types

ALL = [
    types.text, types.whole, types.seconds, types.pause, types.port, types.size, types.flag, types.path, types.names,
    types.folder, types.level, types.address,
]  # fmt: skip
UNITS = {"KiB": 2**10, "mib": 2**20, " GiB": 2**30, "TiB": 2**40, "kB": 10**3, "MB": 10**6, " gb": 10**9, "": 1}


@pytest.mark.parametrize("read", ALL, ids=lambda read: str(read.__name__))
@given(raw=st.text(max_size=30) | st.from_regex(r"\s*[0-9.]{1,6}\s*[a-zA-Z]{0,3}\s*") | st.from_regex(r"https?://\S*"))
def test_any_text_is_a_value_or_a_value_error(read: Callable[[str], Any], raw: str) -> None:
    try:
        value = read(raw)
    except ValueError:
        return
    assert value is not None


@given(st.text(max_size=30) | st.from_regex(r"(?i)(https?://)?[a-z.:0-9]{1,12}(/[a-z./?#]*)?"))
def test_an_address_is_in_its_one_form(raw: str) -> None:
    try:
        address = types.address(raw)
    except ValueError:
        return
    assert types.address(address) == address
    assert not address or re.fullmatch(r"https?://[^/?#@\s]+(/[^?#]*[^?#/.])?", address)


@given(st.integers(0, 9_999), st.sampled_from(sorted(UNITS)))
def test_sizes_are_bytes(number: int, unit: str) -> None:
    assert types.size(f" {number}{unit} ") == number * UNITS[unit]


@given(st.lists(st.text("abc.*-", min_size=1, max_size=5), max_size=5))
def test_names_are_split_at_commas(names: list[str]) -> None:
    assert types.names(", ".join(names)) == tuple(names)


@pytest.mark.parametrize(
    ("read", "raw", "value"),
    [
        (types.size, "1.5 GiB", 3 * 2**29),
        (types.seconds, "2.5s", 2.5),
        (types.pause, "0", 0),
        (types.pause, "0s", 0),
        (types.pause, "120", 120),
        (types.port, "0", 0),
        (types.flag, "Yes", True),
        (types.flag, "off", False),
        (types.folder, "/Songs/", "Songs"),
        (types.level, "debug", "DEBUG"),
        (types.address, "https://cloud.example.org/nc/", "https://cloud.example.org/nc"),
        (types.address, "", ""),
        (types.address, "HTTPS://Cloud.Example.ORG:8443/NC", "https://cloud.example.org:8443/NC"),
        (types.address, "cloud.example.org", "https://cloud.example.org"),
        (types.address, "cloud.example.org:8443/nc/", "https://cloud.example.org:8443/nc"),
        (types.address, "localhost:8080", "http://localhost:8080"),
        (types.address, "192.168.1.5/nextcloud", "http://192.168.1.5/nextcloud"),
        (types.address, "8.8.8.8", "https://8.8.8.8"),
        (types.address, "nas.local", "http://nas.local"),
        (types.address, "[::1]:8080/x", "http://[::1]:8080/x"),
        (types.address, "“https://cloud.example.org.”,", "https://cloud.example.org"),
        (types.address, "https://cloud.example.org./apps/files/", "https://cloud.example.org/apps/files"),
        (
            types.address,
            "<https://cloud.example.org/apps/files?dir=/x&a=b#top>",
            "https://cloud.example.org/apps/files",
        ),
        (types.address, "davs://cloud.example.org/remote.php/dav", "https://cloud.example.org/remote.php/dav"),
        (types.address, "https:///cloud.example.org", "https://cloud.example.org"),
    ],
)
def test_values(read: Callable[[str], Any], raw: str, value: Any) -> None:
    assert read(raw) == value


@pytest.mark.parametrize(
    ("read", "raw"),
    [
        (types.size, "-1"),
        (types.size, "12 parsecs"),
        (types.seconds, "0"),
        (types.seconds, "nan"),
        (types.seconds, "inf"),
        (types.seconds, "31536001"),
        (types.pause, "-1"),
        (types.pause, "nan"),
        (types.port, "65536"),
        (types.folder, "a/b"),
        (types.folder, ".."),
        (types.level, "loud"),
        (types.address, "ftp://cloud.example.org"),
        (types.address, "https://jo:secret@cloud.example.org"),
        (types.address, "https://[::1"),
        (types.address, "https://"),
        (types.address, "cloud example"),
        (types.address, "cloud.example.org:port"),
        (types.address, "file:///etc/passwd"),
        (types.path, "~nobody-is-called-so/library"),
    ],
)
def test_what_is_none(read: Callable[[str], Any], raw: str) -> None:
    with pytest.raises(ValueError, match=r"must|Invalid"):
        read(raw)
