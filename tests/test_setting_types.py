"""The types of settings: what people write, and that anything else is a ValueError with a reason."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy import setting_types as types

ALL = [
    types.text, types.whole, types.seconds, types.port, types.size, types.flag, types.path, types.names, types.folder,
    types.level, types.address,
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
        (types.port, "0", 0),
        (types.flag, "Yes", True),
        (types.flag, "off", False),
        (types.folder, "/Songs/", "Songs"),
        (types.level, "debug", "DEBUG"),
        (types.address, "https://cloud.example.org/nc/", "https://cloud.example.org/nc"),
        (types.address, "", ""),
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
        (types.port, "65536"),
        (types.folder, "a/b"),
        (types.folder, ".."),
        (types.level, "loud"),
        (types.address, "ftp://cloud.example.org"),
        (types.address, "https://jo:secret@cloud.example.org"),
        (types.address, "https://[::1"),
        (types.path, "~nobody-is-called-so/library"),
    ],
)
def test_what_is_none(read: Callable[[str], Any], raw: str) -> None:
    with pytest.raises(ValueError, match=r"must|Invalid"):
        read(raw)
