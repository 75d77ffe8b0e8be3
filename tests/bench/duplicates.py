"""How well duplicates are found by their names: precision and recall on a made-up library.

`python -m tests.bench.duplicates` prints both, and what was missed. A fifth of the songs is there again under a name as
somebody else may have typed it; another fifth is a song that is easily taken for another, and is none.
"""

import random
import time
from collections.abc import Callable

from davproxy.curation.duplicates import groups_of

SONGS = 10_000
_SYLLABLES = ("ka", "lo", "mi", "ren", "tos", "vel", "dra", "nu", "é", "ö", "bi", "shar", "quen", "zo", "fy", "hal")
_OTHERWISE: dict[str, Callable[[str, str], tuple[str, str]]] = {
    "capitals": lambda artist, title: (artist.upper(), title.lower()),
    "accents": lambda artist, title: (_without_accents(artist), _without_accents(title)),
    "article": lambda artist, title: (f"{artist.removeprefix('The ')}, The", title),
    "remaster": lambda artist, title: (artist, f"{title} (2011 Remaster)"),
    "remastered": lambda artist, title: (artist, f"{title} - Remastered 2009"),
    "guest": lambda artist, title: (artist, f"{title} (feat. Somebody Else)"),
    "guest of the artist": lambda artist, title: (f"{artist} ft. Somebody", title),
    "and": lambda artist, title: (artist, title.replace(" & ", " and ")),
    "punctuation": lambda artist, title: (artist, f"{title}!"),
    "pedal": lambda artist, title: (artist, f"{title} (2x Bass Pedal)"),
    "album": lambda artist, title: (artist, f"{title} [Album Version]"),
    "a slip": lambda artist, title: (artist, title[:2] + title[3:]),
}
"""What others type for the same song. A slip of the finger is not found, on purpose: it would find other songs too."""
_ANOTHER: dict[str, Callable[[str, str], tuple[str, str]]] = {
    "live": lambda artist, title: (artist, f"{title} (Live)"),
    "acoustic": lambda artist, title: (artist, f"{title} (Acoustic)"),
    "remix": lambda artist, title: (artist, f"{title} (Remix)"),
    "second part": lambda artist, title: (artist, f"{title} Part 2"),
    "another artist": lambda artist, title: (f"{artist} Tribute", title),
    "longer": lambda artist, title: (artist, f"{title} Forever"),
}


def _without_accents(text: str) -> str:
    return text.replace("é", "e").replace("ö", "o")


Row = tuple[int, str, str, str]


def library(songs: int, seed: int = 1) -> tuple[list[Row], dict[tuple[int, int], str]]:
    """Rows of about `songs` songs as the index has them, and the pairs that are one song, with the reason."""
    chance = random.Random(seed)

    def name(words: int) -> str:
        return " ".join("".join(chance.choices(_SYLLABLES, k=chance.randint(2, 3))).capitalize() for _ in range(words))

    artists = [("The " if chance.random() < 0.3 else "") + name(chance.randint(1, 2)) for _ in range(songs // 12)]
    rows: list[Row] = []
    pairs: dict[tuple[int, int], str] = {}
    while len(rows) < songs:
        artist, title = chance.choice(artists), name(chance.randint(2, 4))
        title = title.replace(" ", " & ", 1) if chance.random() < 0.1 else title
        number = len(rows)
        rows.append((number, f"{number:032x}", artist, title))
        if chance.random() < 0.33:
            kind = chance.choice(list(_OTHERWISE))
            rows.append((number + 1, f"{number + 1:032x}", *_OTHERWISE[kind](artist, title)))
            pairs[number, number + 1] = kind
        elif chance.random() < 0.5:
            kind = chance.choice(list(_ANOTHER))
            rows.append((number + 1, f"{number + 1:032x}", *_ANOTHER[kind](artist, title)))
    return rows, pairs


def measured(songs: int) -> tuple[float, float, dict[str, int]]:
    """Precision and recall over pairs of songs, and how many pairs of each kind were missed."""
    rows, pairs = library(songs)
    found = {(one, other) for group in groups_of(rows) for one in group.ids for other in group.ids if one < other}
    right = found & set(pairs)
    missed: dict[str, int] = {}
    for pair, kind in pairs.items():
        if pair not in found:
            missed[kind] = missed.get(kind, 0) + 1
    return len(right) / max(1, len(found)), len(right) / max(1, len(pairs)), missed


def main() -> None:
    """Print the figures."""
    began = time.perf_counter()
    precision, recall, missed = measured(SONGS)
    seconds = time.perf_counter() - began
    print(f"{SONGS} songs: precision {precision:.4f}, recall {recall:.4f}, {seconds:.1f} s; missed: {missed}")


if __name__ == "__main__":
    main()
