"""Album art: whatever picture comes, a square of 512 pixels or a clear refusal."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from davproxy import pictures
from davproxy.errors import BadImage


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40)) -> bytes:
    """Blue, with a red centred square."""
    image = Image.new("RGB", size, (0, 0, 255))
    side = min(size)
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    image.paste((255, 0, 0), (left, top, left + side, top + side))
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "name", "made"),
    [
        ("PNG", "album.png", "PNG"),
        ("JPEG", "album.jpg", "JPEG"),
        ("WEBP", "album.jpg", "JPEG"),
        ("GIF", "album.jpg", "JPEG"),
        ("BMP", "album.jpg", "JPEG"),
        ("TIFF", "album.jpg", "JPEG"),
    ],
)
@pytest.mark.parametrize("size", [(60, 40), (40, 61), (700, 600)])
def test_a_picture_becomes_a_square(kind: str, name: str, made: str, size: tuple[int, int]) -> None:
    found, content = pictures.album_art(picture(kind, size))
    assert found == name
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.size) == (made, (512, 512))


def test_the_square_is_the_middle() -> None:
    with Image.open(io.BytesIO(pictures.album_art(picture())[1])) as image:
        assert image.getcolors() == [(512 * 512, (255, 0, 0))]


def test_a_picture_of_too_many_pixels_is_refused() -> None:
    out = io.BytesIO()
    Image.new("1", (8000, 5001)).save(out, "PNG")
    with pytest.raises(BadImage, match="40 million"):
        pictures.album_art(out.getvalue())


@pytest.mark.parametrize("size", [(1, 3_000_000), (15, 400), (400, 15)])
def test_a_picture_that_is_next_to_nothing_is_refused_undecoded(size: tuple[int, int]) -> None:
    with pytest.raises(BadImage, match="16 pixels"):
        pictures.album_art(picture(size=size)[:100])


@given(st.binary(max_size=200), st.integers(8, 60))
def test_a_broken_picture_is_refused(data: bytes, kept: int) -> None:
    for broken in (data, picture()[:kept] + data):
        with pytest.raises(BadImage):
            pictures.album_art(broken)
