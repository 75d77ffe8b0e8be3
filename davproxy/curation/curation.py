"""All capabilities of the curation, for one library."""

from collections.abc import Iterator

from davproxy.curation.duplicates import DUPLICATES, Duplicates
from davproxy.curation.entry_jobs import EntryJobs
from davproxy.curation.favourites import Favourites
from davproxy.curation.fill_in.fill_in import FillIn
from davproxy.curation.fill_in.from_audio import FromAudio
from davproxy.curation.fill_in.from_library import FromLibrary
from davproxy.curation.fill_in.from_lookup import FromLookup
from davproxy.curation.fill_in.pictures import Pictures
from davproxy.curation.fill_in.proposals import Source
from davproxy.curation.list_jobs import ListJobs
from davproxy.curation.lists import Lists
from davproxy.curation.organiser import ORGANISE, Organiser
from davproxy.curation.player_files import PlayerFile, PlayerFiles
from davproxy.curation.repairs import REPAIR, Repairs
from davproxy.curation.score_jobs import ScoreJobs
from davproxy.curation.scores import Scores
from davproxy.curation.smart_lists import SmartLists
from davproxy.curation.step_jobs import StepJobs
from davproxy.curation.tags import Tags
from davproxy.curation.tiers import TIERS, Tiers
from davproxy.jobs import Jobs
from davproxy.library import Library
from davproxy.lookup.client import Client as LookupClient
from davproxy.lookup.cover_art import CoverArt
from davproxy.settings import Settings


class Curation:
    """`lists` and `list_jobs`, `favourites`, `smart_lists`, `tags`, `scores`, `duplicates`, `organiser`, `repairs`,
    `tiers`, `fill_in` and `entries`, and `steps` for the jobs that they plan.

    It must be made before the jobs start.
    """

    def __init__(self, settings: Settings, library: Library, jobs: Jobs) -> None:
        self.lists = Lists(library)
        self.list_jobs = ListJobs(library, jobs, self.lists)
        self.list_jobs.attach()
        self.favourites = Favourites(library, self.lists)
        self.smart_lists = SmartLists(library, self.lists)
        self.scores = Scores(library)
        self.tags = Tags(library)
        self.player_files = PlayerFiles(library, self._player_files)
        ScoreJobs(library, jobs, self.scores, self.player_files).attach()
        self.duplicates = Duplicates(library)
        audio = FromAudio(settings, library)
        client = LookupClient() if settings.lookup else None
        self._lookup = client
        self.steps = StepJobs(library, jobs, Pictures(library, audio, CoverArt(client) if client else None).read)
        self.organiser = Organiser(library, settings.song_folders)
        self.steps.register(ORGANISE, self.organiser.plan_of, "Move songs to their folders")
        self.repairs = Repairs(library, jobs)
        self.repairs.attach()
        self.steps.register(REPAIR, self.repairs.plan_of, "Repair songs")
        self.steps.register(DUPLICATES, self.duplicates.plan_of, "Resolve duplicates")
        self.tiers = Tiers(library, self.lists)
        self.steps.register(TIERS, self.tiers.plan_of, "Make career tiers")
        self.fill_in = FillIn(library, jobs, self.steps, lambda: self._sources(library, audio))
        self.fill_in.attach()
        self.entries = EntryJobs(library, self.steps)

    def close(self) -> None:
        """Stop comparing favourites, and close the connections to the lookup servers."""
        self.favourites.stop()
        if self._lookup is not None:
            self._lookup.close()

    def _sources(self, library: Library, audio: FromAudio) -> list[Source]:
        outside = [FromLookup(self._lookup)] if self._lookup is not None else []
        return [audio, FromLibrary(library.songs.all()), *outside]

    def _player_files(self) -> Iterator[PlayerFile]:
        yield from self.lists.files()
        yield from self.scores.files()
        yield from self.tags.files()
