"""Songs follow the tree: every change of a file is seen at once in its song."""

import io

import pytest
from PIL import Image

from davproxy.errors import BadImage, BreaksScores, Conflict, NotFound
from davproxy.formats import sng
from davproxy.library import Library
from davproxy.model import SongQuery
from davproxy.remote.local.folder import Folder

INI = b"[song]\r\nname = <b>One</b>\r\nartist = Ann\r\n; kept\r\nsong_length = 61000\r\nunknown = yes\r\n"
CHART = b"""[Song]\n{\n  Resolution = 192\n}\n[SyncTrack]\n{\n  0 = TS 4\n  0 = B 130000\n}\n[Events]\n{\n}
[ExpertSingle]\n{\n  768 = N 0 0\n  960 = N 1 0\n}\n"""


def add_song(library: Library, folder: str = "/Songs/Ann/One") -> int:
    library.tree.make_folder(folder)
    library.tree.write(folder + "/song.ini", INI)
    library.tree.write(folder + "/notes.chart", CHART)
    library.tree.write(folder + "/song.ogg", b"OggS")
    song = library.songs.of(folder)
    assert song is not None
    return song.id


def test_a_song_appears_changes_and_goes(library: Library) -> None:
    id = add_song(library)
    song = library.songs.get(id)
    assert (song.title, song.artist, song.length, song.path) == ("One", "Ann", 61000, "/Songs/Ann/One")
    assert song.metadata["unknown"] == "yes"
    assert song.files == {"song.ini": len(INI), "notes.chart": len(CHART), "song.ogg": 4}
    assert len(song.identity) == 32
    library.tree.write("/Songs/Ann/One/song.ini", INI.replace(b"One", b"Two"))
    assert library.songs.get(id).title == "Two"
    assert library.songs.get(id).identity == song.identity
    library.tree.move("/Songs/Ann", "/Songs/Bea")
    assert library.songs.get(id).path == "/Songs/Bea/One"
    assert library.songs.of("/Songs/Bea/One/song.ogg") == library.songs.get(id)
    library.tree.delete("/Songs/Bea/One/song.ini")
    assert library.songs.get(id).title == "One"  # the folder's name
    library.tree.delete("/Songs/Bea/One/notes.chart")
    with pytest.raises(NotFound):
        library.songs.get(id)
    assert library.songs.find(SongQuery())[0] == 0


def test_a_folder_inside_a_song_is_no_song(library: Library) -> None:
    id = add_song(library)
    add_inner = "/Songs/Ann/One/inner"
    library.tree.make_folder(add_inner)
    library.tree.write(add_inner + "/song.ini", INI)
    assert library.songs.find(SongQuery())[0] == 1
    assert library.songs.of(add_inner + "/song.ini") == library.songs.get(id)


def test_songs_inside_a_folder_return_when_it_is_no_song_any_more(library: Library) -> None:
    ids = {add_song(library, f"/Songs/Pack/{number}") for number in (1, 2)}
    pack = add_song(library, "/Songs/Pack")
    assert {song.id for song in library.songs.find(SongQuery())[1]} == {pack}
    library.tree.delete("/Songs/Pack/song.ini")
    library.tree.delete("/Songs/Pack/notes.chart")
    assert {song.id for song in library.songs.find(SongQuery())[1]} == ids
    assert library.songs.of("/Songs/Pack/song.ogg") is None


def test_an_sng_is_a_song(library: Library) -> None:
    packed = sng.render(
        {"name": "Packed", "artist": "Ann"}, {"notes.chart": CHART, "song.ogg": b"OggS"}, bytes(range(16))
    )
    library.tree.write("/Songs/packed.sng", packed)
    assert list(library.notes.read()) == [1]
    song = library.songs.of("/Songs/packed.sng")
    assert song is not None
    assert song.title == "Packed"
    id = add_song(library)
    assert library.songs.get(id).identity == song.identity


def test_an_sng_is_edited_and_keeps_the_files_inside(library: Library) -> None:
    files = {"notes.chart": CHART, "song.ogg": bytes(range(256)) * 8_000}
    packed = sng.render({"name": "Packed", "artist": "Ann", "odd": "two  words"}, files, bytes(range(16)))
    library.tree.write("/Songs/packed.sng", packed)
    list(library.notes.read())
    song = library.songs.of("/Songs/packed.sng")
    assert song is not None
    with pytest.raises(BreaksScores):
        library.songs.edit(song.id, {"hopo_frequency": "250"})
    edited = library.songs.edit(song.id, {"name": "Packed again", "artist": None, "year": "2001"}, etag=song.etag)
    assert (edited.title, edited.artist, edited.year) == ("Packed again", "", "2001")
    written = library.tree.read("/Songs/packed.sng")
    pairs = {"name": "Packed again", "odd": "two  words", "year": "2001"}
    assert written == sng.render(pairs, files, bytes(range(16)))
    list(library.notes.read())
    assert library.songs.get(edited.id).identity == song.identity != ""
    with pytest.raises(Conflict):
        library.songs.edit(edited.id, {"name": "Theirs"}, etag=song.etag)
    assert library.songs.edit(edited.id, {"name": "Packed again"}).etag == edited.etag, "nothing to write"
    assert library.tree.read("/Songs/packed.sng") == written


def test_notes_that_are_not_cached_are_read_later(library: Library, remote: Folder) -> None:
    remote.make_folder("/Songs/Ann/One")
    remote.write("/Songs/Ann/One/song.ini", INI)
    remote.write("/Songs/Ann/One/notes.chart", CHART)
    library.tree.refresh("/Songs/Ann")
    song = library.songs.of("/Songs/Ann/One")
    assert song is not None
    assert song.identity == ""
    assert list(library.notes.read()) == [1]
    assert len(library.songs.get(song.id).identity) == 32
    assert list(library.notes.read()) == []


def test_edit_keeps_the_file(library: Library) -> None:
    id = add_song(library)
    song = library.songs.get(id)
    edited = library.songs.edit(id, {"album": "First", "unknown": None}, etag=song.etag)
    assert library.tree.read("/Songs/Ann/One/song.ini") == INI.replace(b"unknown = yes\r\n", b"album = First\r\n")
    assert edited.album == "First"
    with pytest.raises(Conflict, match="elsewhere"):
        library.songs.edit(id, {"album": "Second"}, etag=song.etag)


def test_edits_that_break_scores_need_confirmation(library: Library) -> None:
    id = add_song(library)
    before = library.tree.read("/Songs/Ann/One/song.ini")
    with pytest.raises(BreaksScores, match="hopo_frequency"):
        library.songs.edit(id, {"hopo_frequency": 170})
    assert library.tree.read("/Songs/Ann/One/song.ini") == before
    library.songs.edit(id, {"hopo_frequency": 0})  # the default: nothing changes for a game
    library.songs.edit(id, {"hopo_frequency": 170}, breaks_scores=True)
    assert library.songs.get(id).metadata["hopo_frequency"] == "170"
    assert library.tree.read("/Songs/Ann/One/notes.chart") == CHART


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("L", (width, height), 90).save(out, kind)
    return out.getvalue()


def test_art_is_cut_to_a_square(library: Library) -> None:
    id = add_song(library)
    library.songs.set_art(id, picture(900, 600, "JPEG"))
    assert library.songs.get(id).has_art
    library.songs.set_art(id, picture(300, 700))
    song = library.songs.get(id)
    assert "album.png" in song.files
    assert "album.jpg" not in song.files
    with Image.open(io.BytesIO(library.tree.read("/Songs/Ann/One/album.png"))) as art:
        assert art.size == (512, 512)
    for bad in (b"", b"GIF89a", picture(64, 64)[:60], b"<svg/>", picture(8000, 5001)):
        with pytest.raises(BadImage):
            library.songs.set_art(id, bad)


def test_problems_and_charts_are_in_the_row(library: Library) -> None:
    id = add_song(library)
    song = library.songs.get(id)
    assert song.instruments == {"guitar": -1}
    assert song.difficulties == ("expert",)
    assert song.chart is not None
    assert song.chart["tracks"][0]["notes"] == 2
    assert not song.refused
    assert "noAlbumArt" in {problem["code"] for problem in song.problems}
    library.tree.delete("/Songs/Ann/One/song.ogg")
    assert library.songs.get(id).refused
    assert library.songs.get(id).problems[0]["code"] == "noAudio"
    library.tree.write("/Songs/Ann/One/notes.chart", b"\x00\x01")
    assert "badChart" in {problem["code"] for problem in library.songs.get(id).problems}
    library.tree.write("/Songs/broken.sng", b"SNGPKG" + bytes(9))
    broken = library.songs.of("/Songs/broken.sng")
    assert broken is not None
    assert broken.refused


def test_intensities_follow_song_ini_at_once(library: Library) -> None:
    id = add_song(library)
    assert library.songs.get(id).instruments == {"guitar": -1}
    assert any("diff_guitar" in problem["message"] for problem in library.songs.get(id).problems)
    library.songs.edit(id, {"diff_guitar": 3})
    assert library.songs.get(id).instruments == {"guitar": 3}
    assert not any("diff_guitar" in problem["message"] for problem in library.songs.get(id).problems)
