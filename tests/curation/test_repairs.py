"""Repairs: what they change, that notes stay byte for byte, and that an undo takes them back."""

import hashlib
import io

import pytest
from PIL import Image

from davproxy.app import Core
from davproxy.curation.repairs import REPAIR, REPAIRS
from davproxy.errors import BadInput
from davproxy.model import Job
from tests.curation.conftest import add_files, cut_short
from tests.webui.songs import chart, ini, tone


def repair(core: Core, name: str) -> Job:
    options = {"repair": name}
    if next(each for each in REPAIRS if each.name == name).opens:
        options["job"] = core.jobs.outcome(core.curation.repairs.look(name).id, 30).id
    return core.jobs.outcome(core.curation.steps.start(REPAIR, options).id, 60)


def picture(side: int, kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((side, side)).convert("RGB").save(file, kind)
    return file.getvalue()


def contents(core: Core) -> dict[str, bytes]:
    entries = core.library.tree.below("/Songs")
    return {entry.path: core.library.tree.read(entry.path) for entry in entries if not entry.is_folder}


MP3 = b"ID3\x04" + bytes(60)
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
        ("containers", {"song.ogg": MP3, "notes.chart": chart(), "song.ini": ini(name="One")}, "song.mp3"),
        ("containers", GOOD | {"album.jpg": picture(80, "PNG")}, "album.png"),
        ("encoding", GOOD | {"song.ini": "[song]\r\nname = Mötley\r\n".encode("cp1252")}, "name = Mötley".encode()),
        ("encoding", GOOD | {"song.ini": "[song]\nname = Mötley\n".encode("utf-16")}, "name = Mötley".encode()),
        ("section", GOOD | {"song.ini": b"name = One\r\nartist = A\r\n"}, b"[song]\r\nname = One"),
        ("section", GOOD | {"song.ini": b"; mine\n[Sonng\nname = One\n"}, b"; mine\n[song]\nname = One"),
        ("art", GOOD | {"album.jpeg": picture(700)}, "album.jpg"),
    ],
)
def test_a_repair_changes_what_it_says_and_an_undo_takes_it_back(
    name: str, files: dict[str, bytes], change: str | bytes, core: Core
) -> None:
    song = add_files(core, "Someone/Folder", files)
    before = contents(core)
    assert core.curation.repairs.counts().get(name, 1) == 1
    job = repair(core, name)
    after = contents(core)
    assert job.result is not None
    assert job.result["changed"] == 1, job.result
    if isinstance(change, str):
        assert f"{song.path}/{change}" in after
    else:
        assert change in after[f"{song.path}/song.ini"]
    assert core.curation.repairs.counts().get(name, 0) == 0
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
    damaged = {"song.ogg": MP3, "album.png": picture(600, "PNG"), "song.ini": "name = Ä\nartist = B".encode("cp1252")}
    add_files(core, "Someone/d", {"notes.chart": chart(90), **damaged})
    before = identities()
    good = contents(core)["/Songs/Someone/a/song.ini"]
    for each in REPAIRS:
        repair(core, each.name)
        list(core.library.notes.read())
    assert identities() == before
    assert contents(core)["/Songs/Someone/a/song.ini"].startswith(good)
    assert set(core.curation.repairs.counts().values()) == {0}
    written = contents(core)
    assert written["/Songs/Someone/d/song.mp3"] == MP3
    assert Image.open(io.BytesIO(written["/Songs/Someone/d/album.png"])).size == (512, 512)
    assert written["/Songs/Someone/d/song.ini"].startswith("[song]\nname = Ä\nartist = B\n".encode())


def test_art_keeps_its_original_until_the_smaller_one_is_there(core: Core) -> None:
    large = picture(700)
    add_files(core, "a", GOOD | {"album.jpg": large})
    job = repair(core, "art")
    assert Image.open(io.BytesIO(contents(core)["/Songs/a/album.jpg"])).size == (512, 512)
    assert [each.path for each in core.library.trash.items()] == ["/Songs/a/album (original).jpg"]
    core.library.tree.write("/Songs/a/album.jpg", picture(90))  # somebody's own, which an undo does not take
    undone = core.jobs.outcome(core.curation.steps.undo(job.id).id, 30)
    assert undone.result is not None
    assert undone.result["failed"] == 1
    assert Image.open(io.BytesIO(contents(core)["/Songs/a/album.jpg"])).size == (90, 90)


@pytest.mark.parametrize("stopped", ["moved aside", "made smaller"])
def test_a_repair_of_art_that_was_cut_short_goes_on(stopped: str, core: Core) -> None:
    large = picture(700)
    add_files(core, "a", GOOD | {"album.jpg": large})
    job = repair(core, "art")
    if stopped == "moved aside":
        core.library.tree.delete("/Songs/a/album.jpg")
    core.library.trash.restore(next(each.key for each in core.library.trash.items() if "original" in each.path))
    cut_short(core, job, done=0)
    core.jobs.resume()
    core.jobs.outcome(job.id, 30)
    assert Image.open(io.BytesIO(contents(core)["/Songs/a/album.jpg"])).size == (512, 512)
    core.jobs.outcome(core.curation.steps.undo(job.id).id, 30)
    assert contents(core)["/Songs/a/album.jpg"] == large


def test_what_would_make_another_song_of_it_is_left_alone(core: Core) -> None:
    """Games read a field that scores depend on only below the heading."""
    add_files(core, "a", GOOD | {"song.ini": b"name = One\r\nhopo_frequency = 250\r\n"})
    assert core.curation.repairs.counts()["section"] == 0


def test_a_repair_that_opens_files_wants_a_look_first(core: Core) -> None:
    with pytest.raises(BadInput, match="Look first"):
        core.curation.steps.start(REPAIR, {"repair": "art"})
    with pytest.raises(BadInput, match="Look first"):  # the request that plans it would wait for all of them
        core.curation.steps.start(REPAIR, {"repair": "art", "ids": list(range(101))})


def test_a_look_is_for_one_repair_of_the_songs_that_are_named(core: Core) -> None:
    one, other = (
        add_files(core, name, GOOD | {"notes.chart": chart(n), "song.ogg": MP3}) for name, n in (("a", 60), ("b", 70))
    )
    look = core.jobs.outcome(core.curation.repairs.look("containers").id, 30)
    options = {"repair": "containers", "job": look.id, "ids": [other.id]}
    core.jobs.outcome(core.curation.steps.start(REPAIR, options).id, 30)
    assert core.library.tree.find(f"{one.path}/song.ogg")
    assert core.library.tree.find(f"{other.path}/song.mp3")
    with pytest.raises(BadInput, match="Look again"):
        core.curation.steps.start(REPAIR, options)


def test_a_repair_that_is_none_is_refused(core: Core) -> None:
    with pytest.raises(BadInput):
        core.curation.steps.start(REPAIR, {"repair": "everything"})


def test_problems_are_exported_as_a_table(core: Core) -> None:
    add_files(core, "a", GOOD)
    head, first, *_ = "".join(core.curation.repairs.problems_csv()).splitlines()
    assert head.startswith("artist,title,charter,path,severity,code")
    assert first.startswith("Band,One,,/Songs/a,")
