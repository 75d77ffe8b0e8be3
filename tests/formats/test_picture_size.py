"""The size of a picture from its first bytes, as Pillow says it; and no bytes break it."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from davproxy.formats.picture_size import size_of


@pytest.mark.parametrize(("kind", "progressive"), [("PNG", False), ("JPEG", False), ("JPEG", True)])
def test_it_is_the_size_that_pillow_says(kind: str, progressive: bool) -> None:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "x" * 5000
    Image.new("RGB", (640, 360)).save(file, kind, exif=exif, progressive=progressive)
    assert size_of(file.getvalue()) == (640, 360)
    assert size_of(file.getvalue()[:20]) is None


@given(st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]), st.binary(max_size=60))
def test_no_bytes_break_it(start: bytes, rest: bytes) -> None:
    size_of(start + rest)
