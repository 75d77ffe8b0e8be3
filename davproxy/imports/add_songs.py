"""Step: songs go into the library, except those that it has already."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from davproxy import paths
from davproxy.errors import AlreadyExists, Conflict
from davproxy.imports.destinations import Destinations
from davproxy.imports.find_songs import FoundSong
from davproxy.imports.outcome import Outcome
from davproxy.imports.staging import StagedItem, Staging
from davproxy.jobs import Run
from davproxy.library import Library


def add_songs(run: Run, songs: Sequence[FoundSong], folder: Path, library: Library, outcome: Outcome) -> None:
    """Stage the songs, whose files are in `folder` of the work dir, and move them to their destinations."""
    destinations = Destinations(library)
    new: dict[str, FoundSong] = {}
    for song in songs:
        if (existing := destinations.existing(song)) is not None:
            outcome.duplicates.append((existing, song))
        else:
            new[destinations.reserve(song)] = song
    items = [
        StagedItem(target, {name: folder / path for name, path in song.files.items()})
        for target, song in sorted(new.items())
    ]
    with Staging(library, run.job.id) as staging:
        artists = {paths.parent_of(item.target) for item in items}
        staging.send(items, run.part("staging", 0.5, 0.9), new_folders=set(filter(destinations.is_new, artists)))
        for _, group in groupby(items, key=lambda item: paths.parent_of(item.target)):
            of_artist = list(group)
            occupied = staging.move(of_artist)
            for item in of_artist:
                listed = outcome.duplicates if item in occupied else outcome.songs
                listed.append((item.target, new[item.target]))
            run.report("moving", 0.9 + 0.1 * len(outcome.songs) / max(len(items), 1))


def move_song(song: FoundSong, path: str, destinations: Destinations, library: Library, outcome: Outcome) -> bool:
    """Move a song that is on the remote, whole, at `path`. Returns False if the library has it already."""
    existing = destinations.existing(song)
    if existing is None:
        target = destinations.reserve(song)
        library.tree.make_folder(paths.parent_of(target))
        try:
            library.tree.move(path, target)
            outcome.songs.append((target, song))
            return True
        except (AlreadyExists, Conflict):
            library.tree.refresh(target)
            existing = target
    outcome.duplicates.append((existing, song))
    return False
