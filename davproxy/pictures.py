"""Album art from a picture file: checked, cut to a centred square and scaled. Drawn art is the charter's."""

import io
import warnings

from PIL import Image, UnidentifiedImageError

from davproxy.errors import BadImage

ART_SIDE = 512
"""Pixels of each side of album art: what games show best."""
UPLOAD_BYTES = 20 * 1024 * 1024
"""Most bytes of an uploaded picture."""
UPLOAD_PIXELS = 40_000_000
"""Most pixels of an uploaded picture."""
COVER_PIXELS = 64_000_000
"""Most pixels of a cover embedded in audio, which is decoded in a child process with limits."""
MIN_SIDE = 16
"""Fewest pixels of a side: a smaller embedded picture is an icon, and a narrower one takes long to decode."""


def album_art(picture: bytes) -> tuple[str, bytes]:
    """File name and bytes of album art made from `picture`: PNG stays PNG, all else becomes JPEG. Raises BadImage."""
    try:
        with Image.open(io.BytesIO(picture), formats=("PNG", "JPEG", "WEBP", "GIF")) as opened:
            if opened.width * opened.height > UPLOAD_PIXELS:
                raise BadImage("The picture has more than 40 million pixels. Make it smaller.")
            if min(opened.size) < MIN_SIDE:
                raise BadImage(f"The picture is less than {MIN_SIDE} pixels wide or high. Take a larger one.")
            kind = "PNG" if opened.format == "PNG" else "JPEG"
            art = _square(opened)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadImage("This is not a picture that can be used. Take a PNG or JPEG.") from error
    out = io.BytesIO()
    art.save(out, kind, quality=92, optimize=True)
    return ("album.png" if kind == "PNG" else "album.jpg"), out.getvalue()


def cover(data: bytes) -> bytes | None:
    """JPEG album art made from a cover embedded in audio; None where there is none or it cannot be used."""
    if not data:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as opened:
                if opened.width * opened.height > COVER_PIXELS or min(opened.size) < MIN_SIDE:
                    return None
                art = _square(opened)
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning, OSError, ValueError):
        return None
    except (SyntaxError, ArithmeticError, LookupError):  # Pillow's readers on broken files
        return None
    out = io.BytesIO()
    art.save(out, "JPEG", quality=90)
    return out.getvalue()


def _square(picture: Image.Image) -> Image.Image:
    """The largest centred square of `picture`, RGB, ART_SIDE pixels a side."""
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    square = picture.crop((left, top, left + side, top + side)).convert("RGB")
    return square.resize((ART_SIDE, ART_SIDE), Image.Resampling.LANCZOS)
