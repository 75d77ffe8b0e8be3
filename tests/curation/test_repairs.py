"""Repairs: what they change, that notes stay byte for byte, and that an undo takes them back."""

import hashlib

import pytest

from davproxy.app import Core
from davproxy.curation.repairs import REPAIR, REPAIRS
from davproxy.errors import BadInput
from davproxy.model import Job
from tests.curation.conftest import add_files
from tests.webui.songs import chart, ini, tone


def repair(core: Core, name: str) -> Job:
    return core.jobs.outcome(core.curation.steps.start(REPAIR, {"repair": name}).id, 30)


def contents(core: Core) -> dict[str, bytes]:
    entries = core.library.tree.below("/Songs")
    return {entry.path: core.library.tree.read(entry.path) for entry in entries if not entry.is_folder}


GOOD = {"notes.chart": chart(), "song.wav": tone(), "song.ini": ini(name="One", artist="Band", song_length="9000")}


@pytest.mark.parametrize(
    ("name", "files", "change"),
    [
        ("names", {"Song.WAV": tone(), "notes.chart": chart(), "song.ini": ini(name="One")}, "song.wav"),
        ("names", {"song.wav": tone(), "mine.chart": chart(), "song.ini": ini(name="One")}, "notes.chart"),
        ("texts", {"notes.chart": chart(), "song.wav": tone(), "song.ini": ini(genre="Rock")}, b"name = Folder"),
        ("texts", {"notes.chart": chart(), "song.wav": tone(), "song.ini": ini(genre="Rock")}, b"artist = Someone"),
        ("length", {"notes.chart": chart(), "song.wav": tone(), "song.ini": ini(name="One")}, b"song_length = "),
        ("preview", GOOD, b"preview_start_time = 8000"),
    ],
)
def test_a_repair_changes_what_it_says_and_an_undo_takes_it_back(
    name: str, files: dict[str, bytes], change: str | bytes, core: Core
) -> None:
    song = add_files(core, "Someone/Folder", files)
    before = contents(core)
    assert core.curation.repairs.counts()[name] == 1
    job = repair(core, name)
    after = contents(core)
    if isinstance(change, str):
        assert f"{song.path}/{change}" in after
    else:
        assert change in after[f"{song.path}/song.ini"]
    assert core.curation.repairs.counts()[name] == 0
    core.jobs.outcome(core.curation.steps.undo(job.id).id, 30)
    assert contents(core) == before


def test_intensities_of_what_is_not_charted_go(core: Core) -> None:
    add_files(core, "a", GOOD | {"song.ini": ini(name="One", diff_guitar="3", diff_drums="4")})
    repair(core, "intensities")
    written = core.library.tree.read("/Songs/a/song.ini")
    assert b"diff_guitar = 3" in written
    assert b"diff_drums" not in written


def test_no_repair_changes_notes_or_what_a_good_song_says(core: Core) -> None:
    def identities() -> list[str]:
        found = [content for path, content in contents(core).items() if path.lower().endswith((".chart", ".mid"))]
        return sorted(hashlib.md5(content).hexdigest() for content in found)

    add_files(core, "Someone/a", GOOD)
    add_files(core, "Someone/b", {"Notes.Chart": chart(70), "Song.wav": tone(), "song.ini": ini(diff_bass="2")})
    add_files(core, "Someone/c", {"x.chart": chart(80), "y.ogg": b"OggS", "song.ini": ini(name="C")})
    before = identities()
    good = contents(core)["/Songs/Someone/a/song.ini"]
    for each in REPAIRS:
        repair(core, each.name)
        list(core.library.notes.read())
    assert identities() == before
    assert contents(core)["/Songs/Someone/a/song.ini"].startswith(good)
    assert core.curation.repairs.counts() == dict.fromkeys((each.name for each in REPAIRS), 0)


def test_a_repair_that_is_none_is_refused(core: Core) -> None:
    with pytest.raises(BadInput):
        core.curation.steps.start(REPAIR, {"repair": "everything"})


def test_problems_are_exported_as_a_table(core: Core) -> None:
    add_files(core, "a", GOOD)
    head, first, *_ = "".join(core.curation.repairs.problems_csv()).splitlines()
    assert head.startswith("artist,title,charter,path,severity,code")
    assert first.startswith("Band,One,,/Songs/a,")
