"""A generated library: ten songs an artist, four files a song, notes of a real chart's size."""

import random
from collections.abc import Iterator
from functools import cache

ARTIST_SONGS = 10


def paths(count: int) -> list[str]:
    """The song folders below Songs."""
    return [f"Artist {number // ARTIST_SONGS:04}/Title {number:05}_{number:08x}" for number in range(count)]


def files(count: int) -> Iterator[tuple[str, bytes]]:
    """Every file as (path below Songs, content)."""
    for number, folder in enumerate(paths(count)):
        yield f"{folder}/song.ini", _ini(number)
        yield f"{folder}/notes.chart", notes(number)
        yield f"{folder}/song.ogg", b"OggS" + bytes(2000)
        yield f"{folder}/album.jpg", b"\xff\xd8\xff\xe0" + bytes(500)


def _ini(number: int) -> bytes:
    lines = [
        "[song]", f"name = Title {number}", f"artist = Artist {number // ARTIST_SONGS}", f"album = Album {number // 3}",
        "genre = Rock", "year = 2001", "charter = Bench", "song_length = 200000", "diff_guitar = 3",
    ]  # fmt: skip
    return ("\r\n".join(lines) + "\r\n").encode()


def notes(number: int) -> bytes:
    """About 40 kB, different in every song."""
    return f"[Song]\n{{\n  Resolution = 192\n  Name = {number}\n}}\n".encode() + _tracks()


@cache
def _tracks() -> bytes:
    dice = random.Random(1)
    lines = ["[SyncTrack]", "{", "  0 = TS 4", "  0 = B 133000", "}", "[Events]", "{", '  0 = E "section Intro"', "}"]
    for difficulty, step in (("Expert", 96), ("Hard", 192), ("Medium", 384), ("Easy", 768)):
        ticks = range(768, 768 + 96 * 1100, step)
        lines += [f"[{difficulty}Single]", "{", *(f"  {tick} = N {dice.randrange(3)} 0" for tick in ticks), "}"]
    return "\n".join(lines).encode()
