"""Songs and their files, made for tests."""

import io
import wave
import zipfile

from PIL import Image

from davproxy.library import Library
from davproxy.model import Song

SYNC = "[SyncTrack]\n{\n  0 = TS 4\n  0 = B 120000\n}\n"
EVENTS = '[Events]\n{\n  768 = E "section Verse"\n  3072 = E "section Chorus"\n}\n'


def chart(notes: int = 60) -> bytes:
    """A playable notes.chart: every difficulty, star power, a sustain."""
    text = f"[Song]\n{{\n  Resolution = 192\n}}\n{SYNC}{EVENTS}"
    for number, difficulty in enumerate(("Easy", "Medium", "Hard", "Expert")):
        lines = [f"  {768 + at * 192 * (4 - number)} = N {at % (number + 2)} 0" for at in range(notes)]
        lines += [f"  {768 + notes * 192 * (4 - number)} = N 0 192", "  768 = S 2 768"]
        lines.sort(key=lambda line: int(line.split("=")[0]))
        text += f"[{difficulty}Single]\n{{\n" + "\n".join(lines) + "\n}\n"
    return text.encode()


def archive(*titles: str, seconds: float = 3.0) -> bytes:
    """A zip with a song folder for each title; the charts are all different, the audio is so long."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for number, title in enumerate(titles):
            for name, content in (("notes.chart", chart(100 + number + 50 * len(titles))), ("song.wav", tone(seconds))):
                target.writestr(f"{title}/{name}", content)
            target.writestr(f"{title}/song.ini", ini(name=title, artist="Packed"))
    return file.getvalue()


def ini(**fields: str) -> bytes:
    """A song.ini with these fields."""
    return ("[song]\r\n" + "".join(f"{key} = {value}\r\n" for key, value in fields.items())).encode()


def tone(seconds: float = 3.0) -> bytes:
    """A short .wav of silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(int(seconds * 8000) * 2))
    return file.getvalue()


def picture(colour: str = "tomato", kind: str = "PNG") -> bytes:
    """A picture of one colour, wider than high."""
    file = io.BytesIO()
    Image.new("RGB", (600, 400), colour).save(file, kind)
    return file.getvalue()


def add_song(library: Library, title: str, *, folder: str = "", art: str = "", **fields: str) -> Song:
    """Write a complete song to the library. The fields are those of its song.ini."""
    path = f"/Songs/{folder or title}"
    library.tree.make_folder(path)
    library.tree.write(f"{path}/song.wav", tone())
    library.tree.write(f"{path}/notes.chart", chart())
    if art:
        library.tree.write(f"{path}/album.png", picture(art))
    values = {"name": title, "artist": "Band", "album": "Album", "genre": "Rock", "year": "2020", "charter": "me"}
    library.tree.write(f"{path}/song.ini", ini(**{**values, **fields}))
    song = library.songs.of(path)
    assert song is not None
    return song
