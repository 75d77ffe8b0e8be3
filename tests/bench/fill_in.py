"""How well what songs lack is filled in: of 200 made-up songs with blanked fields, how many come back right.

`python -m tests.bench.fill_in` prints it. Each song has an album, year, genre and track; half of the fields are
blanked. Three of five songs have tags in their audio, some of them as tags are: the year of a reissue, another word for
the genre, “(Remastered)” behind the album.
"""

import random
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from davproxy.app import Core, open_core
from davproxy.curation.fill_in.fill_in import FillIn, ProposalsForSong
from davproxy.curation.fill_in.from_audio import FromAudio
from davproxy.curation.fill_in.from_library import FromLibrary
from davproxy.curation.fill_in.from_lookup import FromLookup
from davproxy.curation.fill_in.proposals import Source
from davproxy.curation.same_song import album_key
from davproxy.lookup.client import Client
from davproxy.settings import Settings
from tests.curation.tagged import mp3
from tests.fakes.lookup import FakeServers, Track
from tests.webui.songs import chart, ini, tone

SONGS, ARTISTS, ALBUMS = 200, 20, 2
SURE = 0.8
FIELDS = ("album", "year", "genre", "album_track")
_GENRES = {"Rock": "Rock & Roll", "Metal": "Heavy Metal", "Pop": "Pop/Rock", "Punk": "Punk Rock", "Prog": "Progressive"}
"""Genres, each with the word that tags may have for it."""


@dataclass(frozen=True, slots=True)
class Made:
    """A song as it should be, and the fields that are blanked."""

    folder: str
    truth: Mapping[str, str]
    blanked: tuple[str, ...]
    tags: Mapping[str, str]


@dataclass(slots=True)
class Counts:
    """What became of the blanked fields of one name."""

    blanked: int = 0
    proposed: int = 0
    right: int = 0
    sure: int = 0
    sure_right: int = 0


def library(songs: int, seed: int = 1) -> Iterator[Made]:
    """Made-up songs."""
    chance = random.Random(seed)
    albums = [
        (f"Artist {artist}", f"Album {artist}-{album}", str(1970 + chance.randrange(50)), chance.choice(list(_GENRES)))
        for artist in range(ARTISTS)
        for album in range(ALBUMS)
    ]
    for number in range(songs):
        artist, album, year, genre = albums[number % len(albums)]
        track = str(1 + number // len(albums))
        truth = {"name": f"Song {number}", "artist": artist, "album": album, "year": year, "genre": genre}
        truth["album_track"] = track
        tags = {"title": truth["name"], "artist": artist, "track": track}
        tags["album"] = f"{album} (Remastered)" if chance.random() < 0.1 else album
        tags["year"] = str(int(year) + 20) if chance.random() < 0.15 else year
        tags["genre"] = _GENRES[genre] if chance.random() < 0.3 else genre
        blanked = tuple(field for field in FIELDS if chance.random() < 0.5)
        yield Made(f"s{number:03}", truth, blanked, tags if chance.random() < 0.6 else {})


def measured(songs: int, *, lookup: bool) -> dict[str, Counts]:
    """What became of each field, by its name; with `lookup` also from servers as MusicBrainz."""
    made = {f"/Songs/{each.folder}": each for each in library(songs)}
    with tempfile.TemporaryDirectory() as folder:
        given = {"TEMP_DIR": f"{folder}/temp", "LIBRARY_DIR": f"{folder}/stored", "LOG_LEVEL": "ERROR"}
        with open_core(Settings.read(given, Path("/nonexistent"))) as core:
            for path, each in made.items():
                _store(core, path, each)
            core.sync.run()
            core.jobs.start()
            client = Client(FakeServers(*_tracks(made.values())), pause=lambda _: None)
            audio, outside = FromAudio(core.settings, core.library), [FromLookup(client)] if lookup else []
            sources: list[Source] = [audio, FromLibrary(core.library.songs.all()), *outside]
            fill_in = FillIn(core.library, core.jobs, core.curation.steps, lambda: sources)
            fill_in.attach()
            job = core.jobs.outcome(fill_in.look().id)
            client.close()
            return _judged(made, fill_in.proposals(job.id))


def _store(core: Core, path: str, each: Made) -> None:
    core.library.tree.make_folder(path)
    pairs = {key: value for key, value in each.truth.items() if key not in each.blanked}
    audio = ("song.mp3", mp3(each.tags)) if each.tags else ("song.wav", tone(0.1))
    for name, content in (("notes.chart", chart(4)), audio, ("song.ini", ini(**pairs))):
        core.library.tree.write(f"{path}/{name}", content)


def _tracks(made: Iterable[Made]) -> Iterator[Track]:
    """Four of five songs, as a server may know them: genres in small letters, and a compilation that came before."""
    for number, each in enumerate(made):
        if number % 5:
            names = each.truth["artist"], each.truth["name"]
            tags = {each.truth["genre"].lower(): 5, "seen live": 1}
            yield Track(*names, "Hits", "1960", 9, secondary=("Compilation",))
            yield Track(*names, each.truth["album"], each.truth["year"], int(each.truth["album_track"]), tags=tags)


def _judged(made: Mapping[str, Made], found: list[ProposalsForSong]) -> dict[str, Counts]:
    counts = {field: Counts() for field in FIELDS}
    proposed = {each.path: {one.field: one for one in each.proposals} for each in found}
    for path, each in made.items():
        for field in each.blanked:
            count, proposal = counts[field], proposed.get(path, {}).get(field)
            count.blanked += 1
            if proposal is None:
                continue
            right = _is_right(field, proposal.value, each.truth[field])
            sure = proposal.confidence >= SURE
            count.proposed += 1
            count.right += right
            count.sure += sure
            count.sure_right += sure and right
    return counts


def _is_right(field: str, value: str, truth: str) -> bool:
    return album_key(value) == album_key(truth) if field == "album" else value == truth


def main() -> None:
    """Print the figures, without and with the servers."""
    for lookup in (False, True):
        print("With MusicBrainz, which knows four of five:" if lookup else "Without a network:")
        _print(measured(SONGS, lookup=lookup))


def _print(counts: Mapping[str, Counts]) -> None:
    for field, each in counts.items():
        print(
            f"{field}: {each.blanked} blanked, {each.proposed} proposed, {each.right} right;"
            f" {each.sure} of at least {SURE:.0%}, {each.sure_right} of them right"
        )
    blanked, right = sum(each.blanked for each in counts.values()), sum(each.right for each in counts.values())
    print(f"{SONGS} songs: {right} of {blanked} blanked fields come back right ({right / blanked:.1%})")


if __name__ == "__main__":
    main()
