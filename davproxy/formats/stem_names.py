"""Which stem of a song an audio file is, by the names that games and programs that separate songs give it.

Demucs writes vocals, drums, bass, guitar, piano and other, or one of them and `no_` of it; Spleeter vocals, drums,
bass, piano, other, accompaniment; Moises, LALAL.AI and Ultimate Vocal Remover put the name of the song before it, in
one way or another.
"""

import re
from collections.abc import Iterable, Sequence, Set

from davproxy.formats import identify

WORDS = {
    "guitar": "guitar", "guitars": "guitar", "lead": "guitar", "lead guitar": "guitar", "electric guitar": "guitar",
    "acoustic guitar": "rhythm", "rhythm guitar": "rhythm", "drum": "drums", "percussion": "drums",
    "bass guitar": "bass", "piano": "keys", "keyboard": "keys", "keyboards": "keys", "synth": "keys",
    "vocal": "vocals", "voice": "vocals", "lead vocals": "vocals", "backing vocals": "vocals_2",
    "accompaniment": "mixed", "instrumental": "mixed", "backing": "mixed", "other": "other",
}  # fmt: skip
"""Stems by the words of others; `other` is what is left, mostly the guitar, and `mixed` the sum of several stems."""
_NAMES = {stem.replace("_", " "): stem for stem in identify.STEMS} | WORDS
_KNOWN = {f"no {word}": "mixed" for word in _NAMES} | _NAMES
_LONGEST = max(len(word.split()) for word in _KNOWN)
_KEY = re.compile(r"^(?:[a-g][b#♭♯]?(?:\s?(?:m|maj|min|major|minor))?|\d{2,3}\s?bpm|\d{3}\s?hz)$", re.IGNORECASE)
"""What Moises puts behind the name of a stem: the key, the tempo, the tuning."""
_ADDED = re.compile(r"_split_by_lalalai$", re.IGNORECASE)
"""What LALAL.AI puts there."""


def split_stem(name: str) -> tuple[str, str]:
    """The name of the song, empty where the file has none, and the stem, `other` or `mixed`, empty where the file is
    named as none. `Bass` is a stem; at the end of a longer name it is one only behind a `-`, a `_` or a bracket, so
    that `All About That Bass` is a song."""
    text = _ADDED.sub("", (name.rpartition(".")[0] or name).strip())
    parts = [part for part in re.finditer(r"[^_()\[\]-]+", text) if part[0].strip()]
    while len(parts) > 2 and _KEY.match(parts[-1][0].strip()):
        parts.pop()
    for count in range(min(_LONGEST, len(parts)), 0, -1):
        word = " ".join(" ".join(part[0].split()) for part in parts[-count:]).lower()
        if word in _KNOWN:
            return text[: parts[-count].start()].strip(" _-(["), _KNOWN[word]
    return "", ""


def same_song(names: Sequence[str]) -> list[list[str]]:
    """The `names` of one folder's audio by song: stems of songs of one name are together, any other file is a song."""
    songs: dict[str, list[str]] = {}
    for name in names:
        song, stem = split_stem(name)
        songs.setdefault(f"stems of {song.casefold()}" if stem else f"file {name}", []).append(name)
    return [part for group in songs.values() for part in ([group] if stems_of(group) else [[name] for name in group])]


def songs_in_folders(files: Iterable[str]) -> list[list[str]]:
    """The paths `files` by song, folder by folder: `same_song` for the files of each."""
    by_folder: dict[str, list[str]] = {}
    for file in files:
        folder, slash, name = file.rpartition("/")
        by_folder.setdefault(folder + slash, []).append(name)
    return [[folder + name for name in song] for folder, names in by_folder.items() for song in same_song(names)]


def stems_of(names: Sequence[str]) -> dict[str, str] | None:
    """The name of each file by its stem, where `names` are the stems of one song: at least one, all of them stems of
    songs of one name, no stem twice. What is left over (`other`) is the guitar, or the rhythm where a guitar is there.
    What is mixed is the stem `song`; beside all that it is mixed of it is left out, since it would be heard twice.
    """
    split = [split_stem(name) for name in names]
    if not split or len({song.casefold() for song, _ in split}) > 1 or not all(stem for _, stem in split):
        return None
    found = [(stem, name) for (_, stem), name in zip(split, names, strict=True)]
    stems = {stem for stem, _ in found}
    if is_complete(stems):
        found = [(stem, name) for stem, name in found if stem != "mixed"]
    left_over = "guitar" if "guitar" not in stems else "rhythm" if "rhythm" not in stems else "song"
    known = {"other": left_over, "mixed": "song"}
    by_stem = {known.get(stem, stem): name for stem, name in found}
    return by_stem if len(by_stem) == len(found) else None


def is_complete(stems: Set[str]) -> bool:
    """Whether `stems`, of `split_stem`, together are the song: those of a program that separates songs, or of a band
    with a guitar and keys."""
    return {"vocals", "drums", "bass"} <= stems and ("other" in stems or {"guitar", "keys"} <= stems)
