"""What songs lack: proposed by a job that changes nothing, and filled in by one that can be undone."""

import pytest

from davproxy.app import Core
from davproxy.curation.fill_in.fill_in import FILL_IN, LOOK, Found
from davproxy.curation.fill_in.from_library import FromLibrary
from davproxy.curation.fill_in.proposals import Proposal, best, known_texts, missing
from davproxy.errors import BadInput, NotFound
from davproxy.model import Job, JobState, Song
from tests.curation.conftest import add_files
from tests.curation.tagged import mp3
from tests.webui.songs import chart, ini, picture, tone

FULL = {"name": "One", "artist": "The Band", "album": "First", "genre": "Rock", "year": "1991", "album_track": "1"}


def looked(core: Core) -> tuple[Job, list[Found]]:
    job = core.jobs.outcome(core.curation.fill_in.look().id, 60)
    return job, core.curation.fill_in.found(job.id)


def filled_in(core: Core, job: Job, **options: object) -> Job:
    return core.jobs.outcome(core.curation.steps.start(FILL_IN, {"job": job.id, **options}).id, 60)


def contents(core: Core, song: Song) -> dict[str, bytes]:
    return {entry.path: core.library.tree.read(entry.path) for entry in core.library.tree.below(song.path)}


@pytest.mark.slow
def test_tags_and_other_songs_fill_in_what_is_missing_and_an_undo_takes_it_back(core: Core) -> None:
    audio = mp3(FULL | {"title": "Two", "genre": "Pop", "year": "1992", "track": "02/12"}, picture("navy"))
    add_files(core, "a", {"notes.chart": chart(), "song.wav": tone(), "song.ini": ini(**FULL)})
    two = {"notes.chart": chart(70), "song.mp3": audio, "song.ini": ini(name="Two", artist="Band, The", genre="Metal")}
    song = add_files(core, "b", two)
    before = contents(core, song)
    job, (found,) = looked(core)
    assert found.path == song.path
    assert {each.field: each.value for each in found.proposals} == {
        "album": "First", "year": "1991", "album_track": "2", "art": "/Songs/b/song.mp3",
    }  # fmt: skip
    assert contents(core, song) == before
    assert [step.kind for step in core.curation.steps.plan(FILL_IN, {"job": job.id})] == ["edit", "art"]
    done = filled_in(core, job)
    filled = core.library.songs.at(song.path)
    assert filled is not None
    assert (filled.album, filled.genre, filled.year) == ("First", "Metal", "1991")
    assert (filled.metadata["album_track"], filled.has_art, filled.identity) == ("2", True, song.identity)
    assert core.curation.steps.plan(FILL_IN, {"job": job.id}) == []  # nothing that a song has is overwritten
    core.jobs.outcome(core.curation.steps.undo(done.id).id, 30)
    assert contents(core, song) == before


def test_only_what_is_accepted_is_filled_in(core: Core) -> None:
    add_files(core, "a", {"notes.chart": chart(), "song.ogg": b"", "song.ini": ini(**FULL), "album.png": picture()})
    lacks = ini(name="Two", artist="The Band", album="First", album_track="2")
    song = add_files(core, "b", {"notes.chart": chart(70), "song.ogg": b"", "song.ini": lacks})
    job, (found,) = looked(core)
    assert {each.field for each in found.proposals} == {"year", "genre", "art"}
    assert core.curation.steps.plan(FILL_IN, {"job": job.id, "least": 0.99}) == []
    with pytest.raises(BadInput):
        core.curation.steps.plan(FILL_IN, {"job": job.id, "choices": [[song.id, "album"]]})
    filled_in(core, job, choices=[[song.id, "year"]])
    filled = core.library.songs.at(song.path)
    assert filled is not None
    assert (filled.year, filled.genre, filled.has_art) == ("1991", "", False)
    filled_in(core, job, choices=[[song.id, "art"]])
    filled = core.library.songs.at(song.path)
    assert filled is not None
    assert filled.has_art


def test_what_was_found_before_a_restart_is_not_asked_for_again(core: Core) -> None:
    song = add_files(core, "a", {"notes.chart": chart(), "song.ogg": b"", "song.ini": ini(name="A")})
    core.index.jobs.put(Job("x", LOOK, "Look", JobState.WAITING, options={"ids": []}))
    year = Proposal("year", "1999", 0.9, "tags", "The tags.")
    record = {"path": song.path, "title": "A", "artist": "", "proposals": [year.as_json()]}
    core.index.jobs.record("x", str(song.id), record)
    core.jobs.resume()
    assert core.jobs.outcome("x", 30).state is JobState.DONE
    assert [each.proposals for each in core.curation.fill_in.found("x")] == [(year,)]


def test_another_job_has_no_proposals(core: Core) -> None:
    with pytest.raises(NotFound):
        core.curation.fill_in.found(core.sync.request(purge=False).id)


def test_sources_of_one_value_count_together() -> None:
    one, other = Proposal("year", "1991", 0.6, "tags", "A."), Proposal("year", "1991", 0.5, "album", "B.")
    chosen = best([Proposal("year", "1990", 0.7, "artist", "C."), one, other])
    assert chosen == [Proposal("year", "1991", 0.8, "tags, album", "A. B.")]


def test_the_label_and_the_commonest_genre_of_the_artist_are_proposed() -> None:
    def song(pairs: dict[str, str], files: dict[str, int]) -> Song:
        return Song(1, "/Songs/x", "", "", "", metadata=pairs, files=files)

    others = [song({"artist": "Beatles, The", "genre": genre}, {}) for genre in ("Pop", "Pop", "Rock")]
    lacking = song({"artist": "The Beatles"}, {"Label.PNG": 9})
    found = list(FromLibrary(others).proposals(lacking, known_texts(lacking), missing(lacking)))
    assert [(each.field, each.value) for each in found] == [("art", "/Songs/x/Label.PNG"), ("genre", "Pop")]
    assert found[1].confidence == pytest.approx(0.7 * 2 / 3)
