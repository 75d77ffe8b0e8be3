"""Album art from a picture file: checked, cut to a centred square and scaled. Drawn art is the charter's."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from davproxy.errors import BadImage

ART_SIDE = 512
"""Pixels of each side of album art: what games show best."""
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
    try:
        with Image.open(io.BytesIO(picture), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise BadImage(f"The picture has more than {MOST_PIXELS // 10**6} million pixels. Make it smaller.")
            if min(opened.size) < MIN_SIDE:
                raise BadImage(f"The picture is less than {MIN_SIDE} pixels wide or high. Take a larger one.")
            kind = "PNG" if opened.format == "PNG" else "JPEG"
            art = _square(opened)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, ArithmeticError, LookupError) as error:
        raise _no_picture() from error  # Pillow's readers raise all of these for broken files
    except (Image.DecompressionBombError, MemoryError) as error:
        raise _no_picture() from error
    out = io.BytesIO()
    art.save(out, kind, quality=92, optimize=True)
    return ("album.png" if kind == "PNG" else "album.jpg"), out.getvalue()


def write_album_art(_request: Mapping[str, Any], _report: object) -> str:
    """Make album art of the file `picture` in the working folder, and write it there: its name. Runs in a child."""
    name, content = album_art(Path("picture").read_bytes())
    Path(name).write_bytes(content)
    return name


def _no_picture() -> BadImage:
    return BadImage("This is not a picture that can be used. Take a PNG or JPEG.")


def _square(picture: Image.Image) -> Image.Image:
    """The largest centred square of `picture`, RGB, ART_SIDE pixels a side."""
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    square = picture.crop((left, top, left + side, top + side)).convert("RGB")
    return square.resize((ART_SIDE, ART_SIDE), Image.Resampling.LANCZOS)
