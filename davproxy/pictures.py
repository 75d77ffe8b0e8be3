"""Album art from a picture file: checked, cut to a centred square and scaled. Drawn art is the charter's."""

import contextlib
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from davproxy.errors import BadImage

ART_SIDE = 512
"""Pixels of each side of album art: what games show best."""
SIDES = (64, 256, 512)
"""Pixels of each side of the copies that pages show."""
UPLOAD_BYTES = 20 * 1024 * 1024
"""Most bytes of an uploaded picture."""
MOST_PIXELS = 40_000_000
"""Most pixels of a picture, which is decoded in a child process with limits."""
MIN_SIDE = 16
"""Fewest pixels of a side: a smaller embedded picture is an icon, and a narrower one takes long to decode."""
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")


def album_art(picture: bytes) -> tuple[str, bytes]:
    """File name and bytes of album art made from `picture`, one that is uploaded or embedded in audio.

    PNG stays PNG, all else becomes JPEG. Raises BadImage.
    """
    with _open(picture) as opened:
        if min(opened.size) < MIN_SIDE:
            raise BadImage(f"The picture is less than {MIN_SIDE} pixels wide or high. Take a larger one.")
        kind = "PNG" if opened.format == "PNG" else "JPEG"
        art = _square(opened, ART_SIDE)
    out = io.BytesIO()
    art.save(out, kind, quality=92, optimize=True)
    return ("album.png" if kind == "PNG" else "album.jpg"), out.getvalue()


@contextlib.contextmanager
def _open(picture: bytes) -> Iterator[Image.Image]:
    """The picture, whose pixels are decoded in the block. Raises BadImage."""
    try:
        with Image.open(io.BytesIO(picture), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise BadImage(f"The picture has more than {MOST_PIXELS // 10**6} million pixels. Make it smaller.")
            yield opened
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, ArithmeticError, LookupError) as error:
        raise _no_picture() from error  # Pillow's readers raise all of these for broken files
    except (Image.DecompressionBombError, MemoryError) as error:
        raise _no_picture() from error


def write_album_art(_request: Mapping[str, Any], _report: object) -> str:
    """Make album art of the file `picture` in the working folder, and write it there: its name. Runs in a child."""
    name, content = album_art(Path("picture").read_bytes())
    Path(name).write_bytes(content)
    return name


def write_thumbnails(_request: Mapping[str, Any], _report: object) -> None:
    """Write a JPEG of each of SIDES, called `64.jpg`, of the file `picture` in the working folder. Runs in a child.

    A picture that is smaller is not made larger.
    """
    with _open(Path("picture").read_bytes()) as opened:
        opened.draft("RGB", (2 * SIDES[-1], 2 * SIDES[-1]))  # decodes a large JPEG at a fraction of its size
        art = _square(opened, min(SIDES[-1], *opened.size))
    for side in SIDES:
        small = art.resize((side, side), Image.Resampling.LANCZOS) if side < art.width else art
        small.save(f"{side}.jpg", "JPEG", quality=85, optimize=True)


def _no_picture() -> BadImage:
    return BadImage("This is not a picture that can be used. Take a PNG or JPEG.")


def _square(picture: Image.Image, pixels: int) -> Image.Image:
    """The largest centred square of `picture`, RGB, with `pixels` a side."""
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    square = picture.crop((left, top, left + side, top + side)).convert("RGB")
    return square.resize((pixels, pixels), Image.Resampling.LANCZOS)
