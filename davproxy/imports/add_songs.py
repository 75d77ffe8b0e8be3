"""Step: songs go into the library; those that it has already are improved by what came with them."""

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from davproxy import paths
from davproxy.curation.packages import Package
from davproxy.errors import AlreadyExists, Conflict
from davproxy.imports.claim import Claim
from davproxy.imports.find_songs import FoundSong
from davproxy.imports.known_songs import KnownSongs, package_of
from davproxy.imports.staging import StagedItem, Staging
from davproxy.jobs import Run

GONE = "The library does not have it any more."


def add_songs(run: Run, songs: Sequence[FoundSong], folder: Path, known: KnownSongs, claim: Claim) -> None:
    """Stage the songs, whose files are in `folder` of the work dir, claim their source, and move them to their
    destinations."""
    library, outcome = known.library, known.outcome
    destinations = known.destinations
    new: dict[str, FoundSong] = {}
    again: list[tuple[str, FoundSong]] = []
    for song in songs:
        if (existing := destinations.existing(song)) is None:
            if known.takes_new:
                new[destinations.reserve(song)] = song
            else:
                outcome.skipped.append((song.found_at, GONE))
        elif known.is_kept_beside(existing, package_of(song, folder)):
            new[destinations.reserve_beside(destinations.destination(song))] = song
        else:
            again.append((existing, song))
    items = [
        StagedItem(target, {name: folder / path for name, path in song.files.items()})
        for target, song in sorted(new.items())
    ]
    with Staging(library, run.job.id) as staging:
        folders = {paths.parent_of(item.target) for item in items}
        new_folders = set(filter(destinations.is_new, folders))
        staging.send(items, run.report_step("staging", 0.5, 0.9), new_folders=new_folders)
        if songs:
            claim.take()
        for above in sorted(map(paths.parent_of, new_folders)):
            if destinations.is_new(above):
                library.tree.make_folder(above)
        for _, group in groupby(items, key=lambda item: paths.parent_of(item.target)):
            claim.keep()
            of_artist = list(group)
            occupied = staging.move(of_artist)
            for item in of_artist:
                listed = again if item in occupied else outcome.songs
                listed.append((item.target, new[item.target]))
            run.report("moving", 0.9 + 0.05 * len(outcome.songs) / max(len(items), 1))
    for number, (path, song) in enumerate(again):
        claim.keep()
        run.report("comparing", 0.95 + 0.05 * number / len(again))
        known.improve(path, song, package_of(song, folder))


def move_song(song: FoundSong, path: str, package: Callable[[], Package], known: KnownSongs) -> bool:
    """Move a song that is on the remote, whole, at `path`.

    If the library has it already, that one is improved by what is in the `package`. Returns whether what is left at
    `path` is of no more use.
    """
    library, outcome, destinations = known.library, known.outcome, known.destinations
    existing = destinations.existing(song)
    if existing is None and not known.takes_new:
        outcome.skipped.append((song.found_at, GONE))
        return True
    beside = existing is not None and known.is_kept_beside(existing, package())
    if existing is None or beside:
        target = destinations.reserve_beside(destinations.destination(song)) if beside else destinations.reserve(song)
        library.tree.make_folder(paths.parent_of(target))
        try:
            library.tree.move(path, target)
            outcome.songs.append((target, song))
            return False
        except (AlreadyExists, Conflict):
            library.tree.refresh(target)
            existing = target
    return known.improve(existing, song, package())
