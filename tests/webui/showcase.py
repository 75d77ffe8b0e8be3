"""A varied library for the browser tests: songs from complete to broken, as players have them."""

import colorsys
import io
import math
import random
import re
import zlib
from collections.abc import Iterator
from functools import cache

import numpy as np
import soundfile
from PIL import Image, ImageDraw

from davproxy.library import Library
from tests.webui.songs import ini

SONGS = (
    "Paper Lanterns|The Quiet Engines|Night Shift|Indie Rock|2014|gbdx",
    "Ninety Degrees|The Quiet Engines|Night Shift|Indie Rock|2014|gbdx",
    "<color=#ff4d6d>Crimson</color> Horizon|Voltage Saints|Afterglow|Metal|2019|gv",
    "Afterglow|Voltage Saints|Afterglow|Metal|2019|gvbdl",
    "Static in the Attic|Marlow & the Tides|Salt|Surf Rock|1997|gr",
    "Salt|Marlow & the Tides|Salt|Surf Rock|1997|g",
    "The Unabridged and Entirely Too Long History of a Band That Never Once Played in Tune (Live at the Harbour)"
    "|Professor Pemberton's Travelling Symphonic Disaster Orchestra|An Evening of Regret, Volume Two|Prog|2003|gbdkv",
    "夜明けのギター|月曜日の猫|東京ループ|J-Rock|2021|gd",
    "Żółta Łódź|Orkiestra Świt|Mgła|Post-Rock|2016|gb",
    "Copper Wire|Delia Marsh|Weathervane|Country|2008|gx",
    "Weathervane|Delia Marsh|Weathervane|Country|2008|gdl",
    "<b>BOSS</b> <i>Rush</i>|Cartridge Kids|Continue?|Chiptune|2020|gkd",
    "Game Over|Cartridge Kids|Continue?|Chiptune|2020|g",
    "Insert Coin|Cartridge Kids|Continue?|Chiptune|2020|gkh",
    "Minus Forty|Polar Route|Whiteout|Punk|1989|gd",
    "Whiteout|Polar Route|Whiteout|Punk|1989|gdx",
    "Sugar Glass|Neon Vicar|Sermons|Synthpop|1986|gkv",
    "Second Sermon|Neon Vicar|Sermons|Synthpop|1986|gkvx",
    "A Short One|Tin Ear|Demos|Noise|2001|g",
    "Iron Orchard|Harrow|Furrow|Doom Metal|2011|gbd",
    "Furrow|Harrow|Furrow|Doom Metal|2011|gbdl",
    "<size=24><color=#5fe3f5>Tidal</color> <color=#f6cd3b>Lock</color></size>|Harrow|Furrow|Doom Metal|2011|gbd",
    "Parking Lot Ballet|June & the Receipts|Fine Print|Pop Rock|2023|gdv",
    "Fine Print|June & the Receipts|Fine Print|Pop Rock|2023|gdvlx",
    "Last Bus|June & the Receipts|Fine Print|Pop Rock|2023|g",
    "Midnight Ferry|Old Harbour Line|Timetable|Blues|1972|gbr",
)
"""title|artist|album|genre|year|parts, the parts by the letters of PARTS; v is vocals, l lyrics, x a video."""
WITHOUT_ART = ("Salt", "A Short One", "Last Bus", "Minus Forty")
PARTS = {"g": "Single", "r": "DoubleRhythm", "b": "DoubleBass", "d": "Drums", "k": "Keyboard", "h": "GHLGuitar"}
INTENSITIES = {"g": "guitar", "r": "rhythm", "b": "bass", "d": "drums", "k": "keys", "h": "guitarghl", "v": "vocals"}
BARS = 72


def fill(library: Library) -> None:
    """Put the songs into the library, some of them with problems."""
    for line in SONGS:
        _add(library, *line.split("|"))
    library.tree.delete("/Songs/Tin Ear/A Short One/song.ogg")
    library.tree.delete("/Songs/Polar Route/Minus Forty/notes.chart")
    library.tree.copy("/Songs/Harrow/Furrow", "/Songs/Harrow/Furrow (copy)")
    for _ in library.notes.read():
        pass


def _add(library: Library, title: str, artist: str, album: str, genre: str, year: str, parts: str) -> None:
    folder = f"/Songs/{_name(artist)}/{_name(re.sub('<[^>]*>', '', title))}"
    dice = random.Random(title)
    tempo = dice.choice((92, 104, 118, 126, 138, 152, 168))
    seconds = BARS * 4 * 60 / tempo + 4
    fields = {"name": title, "artist": artist, "album": album, "genre": genre, "year": year}
    fields |= {"charter": dice.choice(("Nightshade", "fretmaster", "<color=#35c26b>Green</color>Gem", "Otto"))}
    fields |= {"song_length": str(round(seconds * 1000)), "preview_start_time": str(round(seconds * 300))}
    fields |= {f"diff_{INTENSITIES[part]}": str(dice.randint(0, 6)) for part in parts if part in INTENSITIES}
    fields |= {"icon": "custom", "loading_phrase": f"Turn it up: {album}."}
    library.tree.make_folder(folder)
    library.tree.write(f"{folder}/song.ogg", _tune(tempo, seconds))
    library.tree.write(f"{folder}/notes.chart", _chart(parts, tempo, dice))
    if title not in WITHOUT_ART:
        library.tree.write(f"{folder}/album.png", sleeve(album))
    if "x" in parts:
        library.tree.write(f"{folder}/video.mp4", bytes(1000))
    library.tree.write(f"{folder}/song.ini", ini(**fields))


def _name(text: str) -> str:
    return text.replace("?", "").replace("/", "-").strip()[:80].strip()


@cache
def _tune(tempo: int, seconds: float) -> bytes:
    """An .ogg of a bass line at the tempo, in beats a minute."""
    dice = random.Random(tempo)
    rate = 8000
    time = np.arange(int(seconds * rate)) / rate
    pitches = np.array([dice.choice((55, 65.4, 73.4, 82.4, 98)) for _ in range(16)])
    beat = time * tempo / 60
    sound = np.sin(2 * np.pi * pitches[(beat / 2).astype(int) % 16] * time) * np.exp(-3 * (beat % 1)) * 0.4
    file = io.BytesIO()
    soundfile.write(file, sound.astype(np.float32), rate, format="OGG", subtype="VORBIS")
    return file.getvalue()


def _chart(parts: str, tempo: int, dice: random.Random) -> bytes:
    """A notes.chart with sections, and fewer notes in each easier difficulty."""
    names = ("Intro", "Verse 1", "Chorus 1", "Verse 2", "Chorus 2", "Solo", "Chorus 3", "Outro")
    starts = [768 * (1 + place * (BARS - 2) // len(names)) for place in range(len(names))]
    events = [f'{tick} = E "section {name}"' for tick, name in zip(starts, names, strict=True)]
    if "l" in parts or "v" in parts:
        for bar in range(10, BARS - 4, 2):
            events += [f'{768 * bar} = E "phrase_start"', f'{768 * bar + 1500} = E "phrase_end"']
            events += [f'{768 * bar + 192 * beat} = E "lyric {word}"' for beat, word in enumerate(("turn", "it", "up"))]
    events.sort(key=lambda line: int(line.split()[0]))
    text = "[Song]\n{\n  Resolution = 192\n}\n"
    text += _block("SyncTrack", ["0 = TS 4", f"0 = B {tempo * 1000}"]) + _block("Events", events)
    for part, name in PARTS.items():
        if part in parts:
            for level, difficulty in enumerate(("Expert", "Hard", "Medium", "Easy")):
                text += _block(difficulty + name, list(_track(part, level, dice)))
    return text.encode()


def _track(part: str, level: int, dice: random.Random) -> Iterator[str]:
    step = (96, 192, 192, 384)[level]
    lanes = 5 - (level > 1) - (level > 2)
    stars = [768 * bar for bar in range(8, BARS - 8, 16)]
    for tick in range(768 * 2, 768 * (BARS - 1), step):
        if tick in stars:
            yield f"{tick} = S 2 1536"
        busy = 0.45 + 0.5 * math.sin(tick / 768 / 5) ** 2
        if dice.random() < busy:
            held = step // 2 if step > 96 and dice.random() < 0.15 and part != "d" else 0
            yield f"{tick} = N {dice.randrange(lanes)} {held}"


def _block(name: str, lines: list[str]) -> str:
    return f"[{name}]\n{{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def sleeve(album: str) -> bytes:
    """Album art of 512 x 512: a sun, stripes or rings, the same for each song of an album."""
    dice = random.Random(zlib.crc32(album.encode()))
    hue = dice.random()

    def colour(turn: float, value: float, strength: float = 0.55) -> tuple[int, int, int]:
        red, green, blue = (round(255 * part) for part in colorsys.hsv_to_rgb((hue + turn) % 1, strength, value))
        return red, green, blue

    image = Image.new("RGB", (512, 512))
    draw = ImageDraw.Draw(image)
    for y in range(512):
        draw.line((0, y, 512, y), fill=colour(0.12 * y / 512, 0.25 + 0.5 * y / 512))
    kind = dice.randrange(3)
    if kind == 0:
        draw.ellipse((136, 120, 376, 360), fill=colour(0.5, 0.98, 0.45))
        for y in range(250, 512, 26):
            draw.rectangle((0, y, 512, y + 6 + (y - 250) // 18), fill=colour(0.06, 0.22))
    elif kind == 1:
        for place in range(7):
            draw.polygon([(place * 90 - 60, 512), (place * 90 + 10, 512), (place * 90 + 230, 0), (place * 90 + 160, 0)],
                         fill=colour(0.07 * place, 0.9 - 0.08 * place))  # fmt: skip
    else:
        for radius in range(330, 20, -34):
            draw.ellipse(
                (256 - radius, 300 - radius, 256 + radius, 300 + radius), fill=colour(radius / 1400, 0.9 - radius / 480)
            )
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
