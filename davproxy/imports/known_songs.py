"""Step: songs that the library has already are improved by what came, and older versions of new songs are named."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from davproxy import paths
from davproxy.curation.improve import BOTH, KEEP, REPLACE, Improvement, compare_package, improve
from davproxy.curation.packages import Blocks, Package
from davproxy.curation.step_actions import perform
from davproxy.curation.step_jobs import record_steps
from davproxy.curation.steps import Step
from davproxy.curation.versions import differences, other_versions
from davproxy.errors import BadInput
from davproxy.formats import sng
from davproxy.imports.destinations import Destinations
from davproxy.imports.find_songs import FoundSong
from davproxy.imports.outcome import NewerVersion, Outcome
from davproxy.jobs import Run
from davproxy.library import BLOCK, Library
from davproxy.model import Song
from davproxy.settings import Settings

SAME_NOTES = "same_notes"
"""The option of a job that counts before the setting SAME_NOTES."""
CHOICES = "choices"
"""The option of a job that imports something again: by the path of a song, the parts of it to replace, or BOTH."""


def package_of(song: FoundSong, folder: Path) -> Package:
    """The files of a song in `folder` of the work dir."""
    if song.is_sng:
        return sng_package(folder / song.files[""])
    files = {name: folder / path for name, path in song.files.items() if not paths.is_junk(paths.name_of(name))}
    return Package({name: file.stat().st_size for name, file in files.items()}, song.pairs, _blocks_of(files))


def sng_package(file: Path) -> Package:
    """The files in an .sng on this disk. Raises BadSng."""
    with file.open("rb") as opened:
        header = sng.read(opened)

    @contextmanager
    def blocks(name: str) -> Iterator[Iterator[bytes]]:
        with file.open("rb") as opened:
            yield sng.contents(opened, header, header.members[name])

    return Package(header.sizes, header.pairs, blocks)


def package_on_remote(library: Library, song: FoundSong, folder: str) -> Package:
    """The files of a song whose folder is on the remote at `folder`, each under its name in the song."""
    found = {name: paths.join(folder, name) for name in song.files if not paths.is_junk(paths.name_of(name))}
    sizes = {name: library.tree.stat(path).size for name, path in found.items()}

    def blocks(name: str) -> AbstractContextManager[Iterator[bytes]]:
        return library.tree.stream(found[name])

    return Package(sizes, song.pairs, blocks, found)


class KnownSongs:
    """What one job does with songs that the library knows. `outcome` says what became of them.

    `destinations` are those of its songs.
    """

    def __init__(self, run: Run, settings: Settings, library: Library, outcome: Outcome) -> None:
        self.library, self.outcome = library, outcome
        self.destinations = Destinations(library, settings.song_folders)
        self._run = run
        self._choice = str(run.job.options.get(SAME_NOTES) or settings.same_notes)
        self._choices: Mapping[str, str | Sequence[str]] | None = run.job.options.get(CHOICES)
        self._replaces_older = settings.newer_versions == "replace"

    @property
    def takes_new(self) -> bool:
        """Whether songs that the library lacks are added: not where only choices about those that it has are made."""
        return self._choices is None

    def is_kept_beside(self, path: str, package: Package) -> bool:
        """Whether what came becomes a song of its own beside the one at `path`, whose notes are the same."""
        known = self.library.songs.at(path)
        return (
            self._choice_for(path)[0] == BOTH
            and known is not None
            and bool(compare_package(self.library, known, package).differ)
        )

    def improve(self, path: str, song: FoundSong, package: Package) -> bool:
        """Improve the song at `path`, which `song` came for again, by the files of `package`.

        Returns False where that is not possible; then the reason is among what failed.
        """
        self.outcome.duplicates.append((path, song))
        known = self.library.songs.at(path)
        if known is None or known.identity not in ("", song.identity):
            return True
        choice, parts = self._choice_for(path)
        record = record_steps(self._run)
        try:
            done = improve(self.library, known, package, choice, record=record, check=self._run.check, parts=parts)
        except BadInput as error:
            self.outcome.failed.append((song.found_at, error.message))
            return False
        self.outcome.improvements.setdefault(path, Improvement()).extend(done)
        return True

    def _choice_for(self, path: str) -> tuple[str, Sequence[str] | None]:
        """What happens to what differs of the song at `path`, and to which of its parts; None for all."""
        if self._choices is None:
            return self._choice, None
        chosen = self._choices.get(path, ())
        if isinstance(chosen, str):
            return chosen, None
        return (REPLACE, chosen) if chosen else (KEEP, None)

    def note_versions(self) -> None:
        """List the older versions of the imported songs, and remove them where NEWER_VERSIONS says so."""
        came = {path for path, _ in (*self.outcome.songs, *self.outcome.duplicates)}
        for path in sorted(came):
            newer = self.library.songs.at(path)
            for older in other_versions(self.library, newer) if newer else []:
                if newer is None or older.path in came or older.created_at >= newer.created_at:
                    continue
                self.outcome.newer.append(
                    NewerVersion(path, older, tuple(differences(older, newer)), self._replaces_older)
                )
                if self._replaces_older:
                    self._replace(older, newer)

    def _replace(self, older: Song, newer: Song) -> None:
        """Put the newer version in the place of the older one in every list, and delete that."""
        reason = "A newer version came."
        for step in (Step("follow", older.path, newer.path, reason=reason), Step("delete", older.path, reason=reason)):
            record = record_steps(self._run)
            record(step)
            perform(self.library, step, record)


def _blocks_of(files: Mapping[str, Path]) -> Blocks:
    @contextmanager
    def blocks(name: str) -> Iterator[Iterator[bytes]]:
        with files[name].open("rb") as opened:
            yield iter(lambda: opened.read(BLOCK), b"")

    return blocks
