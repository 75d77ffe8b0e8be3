"""What songs lack: proposed by a job that changes nothing, and filled in by one that can be undone."""

from dataclasses import replace

import pytest

from davproxy.app import Core
from davproxy.curation.fill_in.fill_in import FILL_IN, LOOK, FillIn, ProposalsForSong
from davproxy.curation.fill_in.from_audio import FromAudio
from davproxy.curation.fill_in.from_library import FromLibrary
from davproxy.curation.fill_in.from_lookup import FromLookup
from davproxy.curation.fill_in.pictures import Pictures
from davproxy.curation.fill_in.proposals import Proposal, best_proposals, known_texts, missing_fields
from davproxy.curation.step_actions import perform
from davproxy.curation.step_jobs import StepJobs
from davproxy.curation.steps import Step
from davproxy.errors import BadInput, Conflict, NotFound
from davproxy.lookup.client import Client
from davproxy.lookup.cover_art import CoverArt
from davproxy.model import Job, JobState, Song
from tests.curation.conftest import add_files
from tests.curation.tagged import mp3
from tests.fakes.lookup import FakeServers, Track
from tests.webui.songs import chart, ini, picture, tone

FULL = {"name": "One", "artist": "The Band", "album": "First", "genre": "Rock", "year": "1991", "album_track": "1"}


def looked(core: Core) -> tuple[Job, list[ProposalsForSong]]:
    job = core.jobs.outcome(core.curation.fill_in.look().id, 60)
    return job, core.curation.fill_in.proposals(job.id)


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
    assert [each.proposals for each in core.curation.fill_in.proposals("x")] == [(year,)]


def test_a_song_that_is_gone_costs_the_others_nothing(core: Core) -> None:
    add_files(core, "a", {"notes.chart": chart(), "song.ogg": b"", "song.ini": ini(**FULL)})
    lacks = add_files(
        core,
        "b",
        {"notes.chart": chart(70), "song.ogg": b"", "song.ini": ini(name="B", artist="The Band", album="First")},
    )
    broken = add_files(core, "c", {"notes.chart": chart(80), "song.mp3": mp3({}), "song.ini": ini(name="C")})
    core.remote.delete(broken.path)  # as another client does, so that the index does not know
    job = core.jobs.outcome(core.curation.fill_in.look([broken.id, lacks.id, 10**6]).id, 30)
    assert (job.state, job.error) == (JobState.DONE, None)
    assert [each.id for each in core.curation.fill_in.proposals(job.id)] == [lacks.id]


def test_what_a_person_entered_meanwhile_stays(core: Core) -> None:
    song = add_files(core, "a", {"notes.chart": chart(), "song.ogg": b"", "song.ini": ini(name="A")})
    core.library.songs.edit(song.id, {"year": "1977"})
    step = Step("edit", song.path, before={"year": None, "genre": None}, after={"year": "1999", "genre": "Pop"})
    perform(core.library, step, lambda _: None)
    edited = core.library.songs.at(song.path)
    assert edited is not None
    assert (edited.year, edited.genre) == ("1977", "Pop")
    with pytest.raises(Conflict):
        perform(core.library, replace(step, after={"year": "1999"}), lambda _: None)


def test_another_job_has_no_proposals(core: Core) -> None:
    with pytest.raises(NotFound):
        core.curation.fill_in.proposals(core.sync.request(purge=False).id)


def test_sources_of_one_value_count_together() -> None:
    one, other = Proposal("year", "1991", 0.6, "tags", "A."), Proposal("year", "1991", 0.5, "album", "B.")
    chosen = best_proposals([Proposal("year", "1990", 0.7, "artist", "C."), one, other])
    assert chosen == [Proposal("year", "1991", 0.8, "tags, album", "A. B.")]


def test_the_label_and_the_commonest_genre_of_the_artist_are_proposed() -> None:
    def song(pairs: dict[str, str], files: dict[str, int]) -> Song:
        return Song(1, "/Songs/x", "", "", "", metadata=pairs, files=files)

    others = [song({"artist": "Beatles, The", "genre": genre}, {}) for genre in ("Pop", "Pop", "Rock")]
    lacking = song({"artist": "The Beatles"}, {"Label.PNG": 9})
    found = list(FromLibrary(others).proposals(lacking, known_texts(lacking), missing_fields(lacking)))
    assert [(each.field, each.value) for each in found] == [("art", "/Songs/x/Label.PNG"), ("genre", "Pop")]
    assert found[1].confidence == pytest.approx(0.7 * 2 / 3)


class TestLookup:
    """What MusicBrainz, the Cover Art Archive and LRCLIB propose, asked through a transport that answers as they do."""

    ONE = Track("The Band", "One", "First", "1991-09-24", 3, 9000, {"rock": 4}, b"JPEG", "[00:01.00] La")
    HITS = Track("The Band", "One", "Hits", "1989", 9, 9000, secondary=("Compilation",))
    TRIBUTE = Track("The Band Tribute", "One", "Karaoke", "1980", 1, 9000)

    def proposals(self, servers: FakeServers, length: int = 9000, **fields: str) -> dict[str, Proposal]:
        client = Client(servers, pause=lambda _: None)
        source = FromLookup(client)
        song = Song(1, "/Songs/x", "", "", "", length=length, metadata={"name": "One", "artist": "Band, The", **fields})
        found = {each.field: each for each in source.proposals(song, known_texts(song), missing_fields(song))}
        client.close()
        return found | ({"problem": Proposal("", source.problem, 0, "", "")} if source.problem else {})

    def test_the_album_of_the_recording_is_proposed_with_its_cover_and_lyrics(self) -> None:
        found = self.proposals(FakeServers(self.TRIBUTE, self.HITS, self.ONE))
        assert {field: each.value for field, each in found.items() if field != "art"} == {
            "album": "First", "year": "1991", "album_track": "3", "genre": "Rock", "lyrics": "[00:01.00] La",
        }  # fmt: skip
        assert found["art"].value.endswith("-500.jpg")
        assert found["album"].confidence > self.proposals(FakeServers(self.ONE), length=60_000)["album"].confidence

    def test_the_album_that_the_song_has_is_the_one_that_counts(self) -> None:
        found = self.proposals(FakeServers(self.HITS, self.ONE), album="HITS")
        assert (found["year"].value, found["album_track"].value) == ("1989", "9")
        assert "album" not in found

    def test_other_artists_are_not_taken(self) -> None:
        assert self.proposals(FakeServers(self.TRIBUTE)) == {}

    def test_a_server_that_fails_is_not_asked_again_and_named(self) -> None:
        servers = FakeServers(self.ONE)
        servers.failures["musicbrainz.org"] = [503] * 9
        assert "musicbrainz.org" in self.proposals(servers)["problem"].value
        assert {request.url.host for request in servers.requests} == {"musicbrainz.org"}

    def test_nothing_is_asked_unless_it_is_switched_on(self, core: Core) -> None:
        add_files(core, "a", {"notes.chart": chart(), "song.ogg": b"", "song.ini": ini(name="A", artist="B")})
        looked(core)
        with pytest.raises(BadInput, match="LOOKUP"):
            Pictures(core.library, FromAudio(core.settings, core.library), None).read("https://coverartarchive.org/x")


def test_lyrics_and_a_cover_are_stored_and_an_undo_takes_them_back(core: Core) -> None:
    cover = picture(kind="JPEG")
    servers = FakeServers(Track("B", "A", "First", "1991", cover=cover, lyrics="[00:01.00] La"))
    client = Client(servers, pause=lambda _: None)
    steps = StepJobs(core.library, core.jobs, CoverArt(client).picture)
    FillIn(core.library, core.jobs, steps, lambda: [FromLookup(client)]).attach()
    song = add_files(core, "a", {"notes.chart": chart(), "song.ogg": b"", "song.ini": ini(name="A", artist="B")})
    before = contents(core, song)
    job, _ = looked(core)
    done = filled_in(core, job)
    after = contents(core, song)
    assert after["/Songs/a/lyrics.lrc"] == b"[00:01.00] La"
    assert after["/Songs/a/album.jpg"].startswith(b"\xff\xd8\xff")
    assert b"album = First" in after["/Songs/a/song.ini"]
    assert after["/Songs/a/notes.chart"] == before["/Songs/a/notes.chart"]
    core.jobs.outcome(steps.undo(done.id).id, 30)
    assert contents(core, song) == before
    client.close()
