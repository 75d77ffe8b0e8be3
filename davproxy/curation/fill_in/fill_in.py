"""Fills in what songs lack: one job looks for proposals, a person accepts some, and a second job writes those.

The first changes nothing. It records the proposals of each song, so it continues after a restart, and a cancelled job
keeps its proposals.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from davproxy import paths
from davproxy.curation.fill_in.proposals import (
    ART,
    LYRICS,
    LYRICS_ENDING,
    TEXTS,
    Proposal,
    Source,
    best_proposals,
    known_texts,
    missing_fields,
)
from davproxy.curation.step_actions import TEXT
from davproxy.curation.step_jobs import StepJobs
from davproxy.curation.steps import Step
from davproxy.errors import BadInput, Conflict, Locked, NotFound, WrongKind
from davproxy.formats import song_fields
from davproxy.job_run import subject_of
from davproxy.jobs import Jobs, Run
from davproxy.library import Library
from davproxy.model import Job, Song

LOOK, FILL_IN = "find proposals", "fill in"
"""The kinds of jobs. The options of LOOK are `ids` of songs, none for all. Those of FILL_IN are the `job` that looked,
the `least` confidence, and `choices`, each [song id, field], none for all."""
SourcesOf = Callable[[], Sequence[Source]]


@dataclass(frozen=True, slots=True)
class ProposalsForSong:
    """A song with its proposals, at most one a field."""

    id: int
    path: str
    title: str
    artist: str
    proposals: tuple[Proposal, ...]


class FillIn:
    """Starts both jobs. `sources` are made for each run, because they know the library as it is then."""

    def __init__(self, library: Library, jobs: Jobs, steps: StepJobs, sources: SourcesOf) -> None:
        self._library, self._jobs, self._steps, self._sources = library, jobs, steps, sources

    def attach(self) -> None:
        """Register the runners. It must be called before the jobs start."""
        self._jobs.register(LOOK, self._run, anywhere=True)
        self._steps.register(FILL_IN, self.plan_of, "Fill in songs")

    def look(self, ids: Sequence[int] = ()) -> Job:
        """Start to look for proposals for these songs, or for all."""
        options = {"ids": list(dict.fromkeys(ids))}
        return self._jobs.submit(LOOK, "Look for what songs lack", subject=subject_of(options), options=options)

    def proposals(self, job_id: str) -> list[ProposalsForSong]:
        """The proposals of a job so far for fields that are still missing, by path. Raises NotFound."""
        found = ((each, self._missing_fields(each)) for each in self._recorded_proposals(job_id))
        kept = (
            replace(each, proposals=tuple(one for one in each.proposals if one.field in lacks)) for each, lacks in found
        )
        return [each for each in kept if each.proposals]

    def _missing_fields(self, found: ProposalsForSong) -> Collection[str]:
        try:
            return missing_fields(self._library.songs.get(found.id))
        except NotFound:
            return ()

    def _recorded_proposals(self, job_id: str) -> list[ProposalsForSong]:
        if self._jobs.get(job_id).kind != LOOK:
            raise NotFound("This job did not look for what songs lack.")
        found = [_read_record(id, record) for id, record in self._jobs.records(job_id).items() if record["proposals"]]
        return sorted(found, key=lambda each: each.path)

    def plan_of(self, options: Mapping[str, Any]) -> list[Step]:
        """The steps that fill in accepted proposals for fields that are still missing. Raises NotFound, BadInput."""
        found = self._recorded_proposals(options["job"])
        least, choices = float(options.get("least") or 0), options.get("choices") or []
        chosen = {(int(id), str(field)) for id, field in choices}
        if unknown := chosen.difference((each.id, one.field) for each in found for one in each.proposals):
            raise BadInput(f"choices: nothing is proposed for “{sorted(unknown)[0][1]}” of a song. Look again.")
        return [step for each in found for step in self._steps_for(each, chosen, least)]

    def _steps_for(self, found: ProposalsForSong, chosen: Collection[tuple[int, str]], least: float) -> Iterator[Step]:
        try:
            song = self._library.songs.get(found.id)
        except NotFound:
            return
        lacks = missing_fields(song)
        accepted = [
            each
            for each in found.proposals
            if each.field in lacks and each.confidence >= least and (not chosen or (found.id, each.field) in chosen)
        ]
        texts = [each for each in accepted if each.field in TEXTS]
        if texts:
            after = {each.field: each.value for each in texts}
            before = {field: song.metadata.get(field) for field in after}
            reason = " ".join(dict.fromkeys(each.reason for each in texts))
            yield Step("edit", song.path, before=before, after=after, reason=reason)
        for each in accepted:
            if each.field == ART:
                yield Step("art", song.path, each.value, reason=each.reason)
            elif each.field == LYRICS:
                path = paths.join(song.path, f"lyrics{LYRICS_ENDING}")
                yield Step("write", path, after={TEXT: each.value}, reason=each.reason)

    # The job that looks

    def _run(self, run: Run) -> Mapping[str, Any]:
        run.report("reading the library", 0.0)
        songs, sources = self._incomplete_songs(run.job.options["ids"]), self._sources()
        try:
            for number, song in enumerate(songs):
                run.report(f"{number:,} of {len(songs):,}", number / len(songs))
                if not run.is_recorded(str(song.id)):
                    try:
                        found = self._proposals(song, sources)
                    except (BadInput, NotFound, Conflict, WrongKind, Locked):
                        continue  # the song is gone, changed or cannot be read; the others are looked at
                    run.record(str(song.id), {**_names_of(song), "proposals": [each.as_json() for each in found]})
        finally:
            run.keep(self._result(run, sources))
        return self._result(run, sources)

    def _incomplete_songs(self, ids: Sequence[int]) -> list[Song]:
        """Those of the songs that lack something, without those deleted meanwhile."""
        if not ids:
            return [song for song in self._library.songs.all() if missing_fields(song)]
        found: list[Song] = []
        for id in ids:
            with suppress(NotFound):
                found.append(self._library.songs.get(id))
        return [song for song in found if missing_fields(song)]

    def _proposals(self, song: Song, sources: Sequence[Source]) -> list[Proposal]:
        lacks, known = missing_fields(song), known_texts(song)
        found: list[Proposal] = []
        for source in sources:
            found += (each for each in source.proposals(song, known, lacks) if _is_value(each))
            known = {each.field: each.value for each in best_proposals(found)} | known
        return best_proposals(found)

    def _result(self, run: Run, sources: Sequence[Source]) -> dict[str, Any]:
        records = self._jobs.records(run.job.id).values()
        counts = [len(record["proposals"]) for record in records if record["proposals"]]
        words = f"{sum(counts):,} proposals for {len(counts):,} of {len(records):,} songs that lack something."
        words = " ".join([words, *(source.problem for source in sources if source.problem)])
        return {"proposals": sum(counts), "songs": [], "changed": 0, "summary": words}


def _is_value(proposal: Proposal) -> bool:
    """Whether song.ini can hold the value of a field; a picture or lyrics are none."""
    try:
        if proposal.field in TEXTS:
            song_fields.to_text(proposal.field, proposal.value)
    except BadInput:
        return False
    return True


def _names_of(song: Song) -> dict[str, str]:
    return {"path": song.path, "title": song.title, "artist": song.artist}


def _read_record(id: str, record: Mapping[str, Any]) -> ProposalsForSong:
    proposals = tuple(Proposal(**each) for each in record["proposals"])
    return ProposalsForSong(int(id), record["path"], record["title"], record["artist"], proposals)
