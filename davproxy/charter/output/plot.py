"""A picture to check a chart by eye: onset strength, the grid, sections, and the notes of guitar and drums."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from davproxy.charter.notes.drums import Hit
from davproxy.charter.notes.gems import FRETS, TICKS, Gem
from davproxy.charter.output.charted import Charted
from davproxy.charter.signal.features import Features
from davproxy.charter.signal.spectrum import FRAME_RATE
from davproxy.formats.chart import Difficulty

ROW_SECONDS = 20.0
PIXELS = 90  # pixels a second
LEFT, TOP = 50, 30
STRENGTH_HEIGHT, LANE, DRUM_LANE, GAP = 70, 16, 11, 34
MOST_ROWS = 24  # the picture of a longer song is cut off
COLOURS = ((60, 190, 80), (220, 60, 60), (235, 205, 60), (70, 120, 230), (240, 150, 50))
DRUM_COLOURS = ((240, 150, 50), (220, 60, 60), (235, 205, 60), (70, 120, 230), (60, 190, 80))
INK, FAINT, BEAT, BAR = (225, 225, 230), (70, 70, 80), (62, 62, 72), (120, 120, 135)


def draw(file: Path, features: Features, charted: Charted, silence: float) -> None:
    """Write a PNG with a row for each ROW_SECONDS of the song, whose audio is that of `features` after `silence`
    seconds."""
    height = STRENGTH_HEIGHT + FRETS * LANE + (5 * DRUM_LANE if charted.drums else 0) + GAP
    rows = min(int(charted.seconds // ROW_SECONDS) + 1, MOST_ROWS)
    image = Image.new("RGB", (LEFT + int(ROW_SECONDS * PIXELS) + 20, TOP + rows * height), (24, 24, 30))
    pen = ImageDraw.Draw(image)
    pen.text((LEFT, 8), f"{charted.tags.artist} - {charted.tags.title}", fill=INK, font=ImageFont.load_default(14))
    strength = features.attacks.mean(axis=0)
    strength = strength / (float(np.percentile(strength, 99.5)) + 1e-9)
    for row in range(rows):
        _Row(pen, TOP + row * height, row * ROW_SECONDS, charted, silence).draw(strength)
    image.save(file, "PNG")


class _Row:
    """A row of the picture, from `start` seconds of the song on."""

    def __init__(self, pen: ImageDraw.ImageDraw, top: int, start: float, charted: Charted, silence: float) -> None:
        self.pen, self.top, self.start, self.charted, self.silence = pen, top, start, charted, silence
        self.font = ImageFont.load_default(11)
        self.base = top + STRENGTH_HEIGHT
        self.bottom = self.base + FRETS * LANE + (5 * DRUM_LANE if charted.drums else 0)

    def draw(self, strength: NDArray[np.float32]) -> None:
        self._grid()
        self._strength(strength)
        for gem in self.charted.guitar.get(Difficulty.EXPERT, ()):
            self._gem(gem)
        for hit in self.charted.drums.get(Difficulty.EXPERT, ()):
            self._hit(hit)
        self._words()

    def _x(self, seconds: float) -> float:
        """The horizontal position, in pixels, of a time in the song with its silence."""
        return LEFT + (seconds - self.start) * PIXELS

    def _inside(self, seconds: float) -> bool:
        return self.start <= seconds < self.start + ROW_SECONDS

    def _grid(self) -> None:
        grid, silence = self.charted.grid, self.silence
        for beat in grid.beats(self.start - silence, self.start + ROW_SECONDS - silence).tolist():
            x = self._x(float(grid.time(beat)) + silence)
            downbeat = beat % grid.beats_per_bar == 0
            self.pen.line([(x, self.top + 14), (x, self.bottom)], fill=BAR if downbeat else BEAT)
            if downbeat:
                self.pen.text((x + 2, self.bottom + 1), str(beat // grid.beats_per_bar), fill=FAINT, font=self.font)

    def _strength(self, strength: NDArray[np.float32]) -> None:
        first = int((self.start - self.silence) * FRAME_RATE)
        points = [
            (self._x(i / FRAME_RATE + self.silence), self.base - 4 - 50 * min(float(strength[i]), 1.0))
            for i in range(max(first, 0), min(first + int(ROW_SECONDS * FRAME_RATE), len(strength)))
        ]
        if len(points) > 1:
            self.pen.line(points, fill=(150, 170, 200))

    def _gem(self, gem: Gem) -> None:
        seconds = gem.seconds + self.silence
        if not self._inside(seconds):
            return
        x = self._x(seconds)
        bpm = float(self.charted.grid.bpm(self.charted.grid.beat(gem.seconds)))
        for fret in gem.frets:
            y = self.base + (FRETS - 1 - fret) * LANE + LANE // 2
            if gem.length:
                end = x + gem.length / TICKS * 60 / bpm * PIXELS
                self.pen.line([(x, y), (end, y)], fill=COLOURS[fret], width=4)
            self.pen.ellipse([x - 5, y - 5, x + 5, y + 5], fill=COLOURS[fret])

    def _hit(self, hit: Hit) -> None:
        seconds = hit.seconds + self.silence
        if not self._inside(seconds):
            return
        x, top = self._x(seconds), self.base + FRETS * LANE
        if hit.kick:
            self.pen.line([(x, top + 2), (x, top + 5 * DRUM_LANE - 2)], fill=DRUM_COLOURS[0], width=2)
        for lane in hit.hands:
            y = top + (5 - lane) * DRUM_LANE
            shape = self.pen.ellipse if lane in hit.cymbals else self.pen.rectangle
            shape([x - 3, y - 3, x + 3, y + 3], fill=DRUM_COLOURS[lane])

    def _words(self) -> None:
        self.pen.text((6, self.top + 14), f"{self.start:.0f} s", fill=INK, font=self.font)
        for section in self.charted.sections:
            seconds = float(self.charted.grid.time(section.start * self.charted.grid.beats_per_bar)) + self.silence
            if self._inside(seconds):
                self.pen.text((self._x(seconds) + 2, self.top), section.name, fill=INK, font=self.font)
