"""SIGKILL after every change of the remote while songs move to their folders, are repaired, merged or filled in,
artists are merged, or lists are written: each is whole, and a restart goes on."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from davproxy.curation import list_files
from davproxy.curation.duplicates import DUPLICATES
from davproxy.curation.fill_in.fill_in import FILL_IN
from davproxy.curation.list_files import PLAYLIST, SETLIST, ListEntry
from davproxy.curation.lists import path_of
from davproxy.curation.organiser import ORGANISE
from davproxy.curation.repairs import REPAIR
from davproxy.curation.song_jobs import EDIT
from davproxy.curation.tiers import TIERS
from davproxy.formats import identify
from davproxy.model import JobState
from davproxy.remote.protocol import Remote
from tests.imports.conftest import House, house, song
from tests.imports.remotes import kill_at
from tests.imports.test_kill import FORMER, KNOWN, SECONDS, connected, killed_at_each_change, songs_on

OTHER = song("Other", "Known")
WANTED = {"/Songs/Known - Former": FORMER, "/Songs/Known - Other": OTHER}


@contextmanager
def refreshed(folder: Path, remote: Remote) -> Iterator[House]:
    """A house whose index is up to date."""
    with house(folder, remote) as home:
        home.library.tree.refresh("/Songs")
        list(home.library.notes.read())
        yield home


def organise(folder: Path, environment: dict[str, str], at: int) -> None:
    with connected(environment) as remote:
        remote.delete("/Drop/pack.zip")
        remote.make_folder("/Songs/x/Other")
        for name, content in OTHER.items():
            remote.write(f"/Songs/x/Other/{name}", content)
        with refreshed(folder, kill_at(remote, at)) as home:
            home.curation.steps.start(ORGANISE, {"pattern": "{artist} - {title}"})
            home.jobs.wait_until_idle(SECONDS)


@pytest.mark.slow
@pytest.mark.parametrize("on_nextcloud", [False, True], ids=["local folder", "Nextcloud"])
def test_kill_after_every_change(on_nextcloud: bool, tmp_path: Path) -> None:
    for at, case, reached in killed_at_each_change(tmp_path, organise, on_nextcloud=on_nextcloud):
        with connected(case.environment) as remote:
            found = songs_on(remote)
            if OTHER not in found.values():
                continue  # killed before all was there
            assert len(found) == len(WANTED), at
            assert FORMER in found.values(), at
            with refreshed(case.folder, remote) as home:
                home.jobs.resume()
                assert home.jobs.wait_until_idle(SECONDS)
                jobs = home.jobs.recent()
                if not jobs:  # killed before it was queued
                    assert set(found) == {KNOWN, "/Songs/x/Other"}
                    continue
                assert songs_on(remote) == WANTED, at
                home.jobs.outcome(home.curation.steps.undo(jobs[-1].id).id, SECONDS)
                assert songs_on(remote) == {KNOWN: FORMER, "/Songs/x/Other": OTHER}, at
        assert reached or at > 4


def drawn(side: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (side, side), "tomato").save(file, "PNG")
    return file.getvalue()


MP3 = b"ID3\x04" + bytes(600)
WRONG = OTHER | {"song.ogg": MP3, "album.png": drawn(520)}
TWIN = {name: content for name, content in FORMER.items() if name != "album.png"} | {"video.webm": b"moving"}
FIRST, SECOND = (
    ListEntry(identify.identity(files["notes.chart"]), identify.sha1(files["notes.chart"])) for files in (FORMER, OTHER)
)


def care(folder: Path, environment: dict[str, str], at: int) -> None:
    """Two repairs, a merge, and a list that is written again."""
    with connected(environment) as remote:
        remote.delete("/Drop/pack.zip")
        remote.write(path_of("Party", SETLIST), list_files.render_setlist([FIRST]))
        remote.write(path_of("Party", PLAYLIST), list_files.render_playlist("Party", [FIRST], None))
        for path, files in (("/Songs/x/Other", WRONG), ("/Songs/x/Twin", TWIN)):
            remote.make_folder(path)
            for name, content in files.items():
                remote.write(f"{path}/{name}", content)
        with refreshed(folder, kill_at(remote, at)) as home:
            home.library.tree.refresh("/Setlists")
            curation, [group] = home.curation, home.curation.duplicates.groups()
            wrong, kept = home.library.songs.at("/Songs/x/Other"), home.library.songs.at(KNOWN)
            assert wrong is not None
            assert kept is not None
            for name in ("containers", "art"):
                curation.steps.start(REPAIR, {"repair": name, "ids": [wrong.id]})
            assert home.jobs.wait_until_idle(SECONDS)
            choice = {"group": group.id, "action": "merge", "keep": kept.id}
            curation.steps.start(DUPLICATES, {"choices": [choice]})
            assert home.jobs.wait_until_idle(SECONDS)
            curation.lists.save("Party", [FIRST, SECOND])


@pytest.mark.slow
def test_kill_after_every_change_of_repairs_a_merge_and_a_list(tmp_path: Path) -> None:
    for at, case, reached in killed_at_each_change(tmp_path, care, on_nextcloud=False):
        assert reached or at > 8
        with connected(case.environment) as remote, refreshed(case.folder, remote) as home:
            home.library.tree.refresh("/Setlists")
            home.curation.list_jobs.check_once()
            home.jobs.resume()
            assert home.jobs.wait_until_idle(SECONDS)
            jobs = [job for job in home.jobs.recent() if job.kind in (REPAIR, DUPLICATES)]
            assert {(job.state, (job.result or {}).get("failed")) for job in jobs} <= {(JobState.DONE, 0)}, at
            found = songs_on(remote)
            repaired = {job.options["repair"] for job in jobs if job.kind == REPAIR}
            check_repaired(found["/Songs/x/Other"], repaired)
            if any(job.kind == DUPLICATES for job in jobs):
                assert "/Songs/x/Twin" not in found, at
                assert found[KNOWN] == FORMER | TWIN, at
            else:
                assert (found[KNOWN], found["/Songs/x/Twin"]) == (FORMER, TWIN), at
            written = [remote.read(path_of("Party", ending)) for ending in (SETLIST, PLAYLIST)]
            for entries in ([FIRST], [FIRST, SECOND]):
                if written[0] == list_files.render_setlist(entries):
                    assert written[1] == list_files.render_playlist("Party", entries, written[1]), at
                    break
            else:
                pytest.fail(f"the list is torn after change {at}")


def check_repaired(files: dict[str, bytes], repaired: set[str]) -> None:
    """Each file is as it was, or as its repair leaves it; nothing else is there, and the notes are the same."""
    audio = "song.mp3" if "containers" in repaired else "song.ogg"
    assert set(files) == {"song.ini", "notes.chart", "album.png", audio}
    assert (files[audio], files["notes.chart"]) == (MP3, OTHER["notes.chart"])
    side = 512 if "art" in repaired else 520
    assert Image.open(io.BytesIO(files["album.png"])).size == (side, side)


FIRST_ALBUM = b"[song]\r\nname = Sibling\r\nartist = Known\r\nalbum = First\r\nyear = 1991\r\n"
SIBLING = song("Sibling", "Known") | {"song.ini": FIRST_ALBUM, "album.png": drawn(16)}
LACKS = {
    "song.ini": b"[song]\r\nname = Lacks\r\nartist = known!\r\nalbum = First\r\nalbum_track = 2\r\n",
    "notes.chart": song("Lacks")["notes.chart"],
    "song.ogg": b"OggS",
}
CAREER = {"name": "Career", "list": "", "ids": [], "instrument": "guitar", "tiers": 2}


def fill_in_and_merge_artists(folder: Path, environment: dict[str, str], at: int) -> None:
    """Fill in what a song lacks, give its artist another spelling, and make career tiers of all songs."""
    with connected(environment) as remote:
        remote.delete("/Drop/pack.zip")
        for path, files in (("/Songs/x/Sibling", SIBLING), ("/Songs/x/Lacks", LACKS)):
            remote.make_folder(path)
            for name, content in files.items():
                remote.write(f"{path}/{name}", content)
        with refreshed(folder, kill_at(remote, at)) as home:
            lacks = home.library.songs.at("/Songs/x/Lacks")
            assert lacks is not None
            looked = home.jobs.outcome(home.curation.fill_in.look([lacks.id]).id, SECONDS)
            home.jobs.outcome(home.curation.steps.start(FILL_IN, {"job": looked.id}).id, SECONDS)
            home.jobs.outcome(home.song_jobs.edit([lacks.id], {"artist": "Known"}).id, SECONDS)
            home.jobs.outcome(home.curation.steps.start(TIERS, CAREER).id, SECONDS)


@pytest.mark.slow
def test_kill_after_every_change_of_a_fill_in_an_artist_and_tiers(tmp_path: Path) -> None:
    for at, case, reached in killed_at_each_change(tmp_path, fill_in_and_merge_artists, on_nextcloud=False):
        assert reached or at == 8, at  # song.ini, art, song.ini, and two files of each of two lists
        with connected(case.environment) as remote, refreshed(case.folder, remote) as home:
            home.library.tree.refresh("/Setlists")
            home.jobs.resume()
            assert home.jobs.wait_until_idle(SECONDS)
            jobs = {job.kind: job for job in home.jobs.recent()}
            ended = {(job.state, (job.result or {}).get("failed", 0)) for job in jobs.values()}
            assert ended == {(JobState.DONE, 0)}, [job.result for job in jobs.values()]
            filled = songs_on(remote)["/Songs/x/Lacks"]
            assert filled["notes.chart"] == LACKS["notes.chart"]
            assert (b"year = 1991" in filled["song.ini"], "album.png" in filled) == (True, True), at
            assert (b"artist = Known\r\n" in filled["song.ini"]) == (EDIT in jobs), at
            tiers = ["Career 1", "Career 2"] if TIERS in jobs else []
            assert home.curation.lists.names() == tiers, at
            assert not list(home.curation.lists.torn_files()), at
            for kind in (TIERS, EDIT, FILL_IN):
                if kind in jobs:
                    undo = home.song_jobs.undo if kind == EDIT else home.curation.steps.undo
                    assert home.jobs.outcome(undo(jobs[kind].id).id, SECONDS).state is JobState.DONE
            assert songs_on(remote) == {KNOWN: FORMER, "/Songs/x/Sibling": SIBLING, "/Songs/x/Lacks": LACKS}, at
            assert home.curation.lists.names() == [], at
