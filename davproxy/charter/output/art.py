"""Album art of 512 x 512 pixels, drawn from the song, for audio without a cover."""

import colorsys
import hashlib
import io
import itertools
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from davproxy.charter.signal.features import Features
from davproxy.pictures import ART_SIDE as SIZE

SCALE = 2  # drawn this much larger and then reduced, for smooth edges
SPOKES = 180


def draw(title: str, artist: str, features: Features) -> bytes:
    """A PNG of SIZE x SIZE pixels: the song's level from start to end around a disc, in colours derived from its
    name."""
    seed = hashlib.sha256(f"{artist}\n{title}".encode()).digest()
    hue, turn = seed[0] / 256, 0.08 + seed[1] / 256 * 0.3
    image = _background(hue, turn)
    _ring(image, features, hue + turn, start=seed[2] / 256 * math.tau)
    image = image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    _words(image, title, artist)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _background(hue: float, turn: float) -> Image.Image:
    """A gradient between two hues, 0 to 1, across the picture, darker at its edges."""
    side = SIZE * SCALE
    y, x = np.mgrid[0:side, 0:side] / side
    across = ((x + y) / 2)[..., None]
    ends = [np.array(_colour(hue, 0.75, 0.42)), np.array(_colour(hue + turn, 0.8, 0.2))]
    shade = 1.0 - 0.75 * np.clip(np.hypot(x - 0.5, y - 0.42) / 0.75, 0, 1)[..., None] ** 1.5
    pixels = (ends[0] * (1 - across) + ends[1] * across) * shade
    return Image.fromarray(pixels.astype(np.uint8), "RGB")


def _ring(image: Image.Image, features: Features, hue: float, start: float) -> None:
    """Draw a disc with SPOKES spokes, one for each part of the song: the longer the louder it is, with a hue that
    depends on its share of high frequencies."""
    length, bright = _outline(features)
    side = SIZE * SCALE
    centre = (side / 2, side * 0.42)
    inner, outer = side * 0.13, side * 0.36
    layer = Image.new("RGB", image.size)
    draw = ImageDraw.Draw(layer)
    for spoke in range(SPOKES):
        angle = start + spoke / SPOKES * math.tau
        far = inner + (outer - inner) * (0.08 + 0.92 * float(length[spoke]))
        colour = _colour(hue + 0.18 * float(bright[spoke]), 0.55 + 0.3 * float(length[spoke]), 0.95)
        ends = [(centre[0] + math.cos(angle) * radius, centre[1] + math.sin(angle) * radius) for radius in (inner, far)]
        draw.line(ends, fill=colour, width=SCALE * 5)
    glow = layer.filter(ImageFilter.GaussianBlur(SCALE * 14))
    lit = np.minimum(np.asarray(image, np.int32) + np.asarray(glow, np.int32) * 3 // 4, 255).astype(np.uint8)
    spokes = np.asarray(layer)
    lit[spokes.any(axis=2)] = spokes[spokes.any(axis=2)]
    image.paste(Image.fromarray(lit, "RGB"))


def _outline(features: Features) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(level, share of high frequencies) of SPOKES equal parts of the song: (SPOKES,) each, 0 to 1."""
    edges = np.linspace(0, features.levels.shape[1], SPOKES + 1).astype(int)
    parts = [features.levels[:, a : max(b, a + 1)].mean(axis=1) for a, b in itertools.pairwise(edges)]
    level = np.array([part.mean() for part in parts], dtype=np.float64)
    high = np.array([part[len(part) // 2 :].mean() for part in parts], dtype=np.float64) / (level + 1e-6)
    return _scale(level), _scale(high)


def _scale(row: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = np.percentile(row, [5, 98])
    return np.asarray(np.clip((row - low) / (high - low + 1e-9), 0, 1))


def _words(image: Image.Image, title: str, artist: str) -> None:
    """Draw title and artist below, without letters that the built-in font lacks."""
    draw = ImageDraw.Draw(image)
    for text, size, y, colour in ((title, 40, 432, (255, 255, 255)), (artist, 22, 476, (205, 205, 215))):
        if not text or not all(" " <= letter <= "ÿ" for letter in text):
            continue
        font = ImageFont.load_default(size)
        while draw.textlength(text, font) > SIZE - 48 and size > 14:
            size -= 2
            font = ImageFont.load_default(size)
        while draw.textlength(text, font) > SIZE - 48:
            text = text[:-2].rstrip() + "…" if len(text) > 2 else ""
        draw.text((SIZE / 2, y), text, font=font, fill=colour, anchor="mm")
