"""/api/songs: find, read, edit, delete, download; album art, audio, notes."""

import calendar
import io
import re
import time
import zipfile
from urllib.request import urlopen

import pytest
from PIL import Image
from werkzeug.http import parse_options_header

from davproxy.model import Song, SongQuery
from davproxy.paths import safe_name
from tests.webui.conftest import Site
from tests.webui.songs import add_song, chart, picture, tone
from webui.api.highway import HOPO


@pytest.fixture(scope="module")
def shared_song(shared_site: Site) -> Song:
    """A song that no test changes."""
    return add_song(shared_site.library, "Title")


def test_songs_are_found_sorted_and_paged(site: Site) -> None:
    for number, title in enumerate(["Bravo", "alpha", "Charlie"]):
        add_song(site.library, title, genre="Metal" if number else "Pop")
    answer = site.get("/api/songs?sort=title&order=desc&limit=2")
    assert answer["total"] == 3
    assert [song["title"] for song in answer["songs"]] == ["Charlie", "Bravo"]
    assert site.get("/api/songs?search=alph")["songs"][0]["title"] == "alpha"
    assert site.get("/api/songs?genre=metal")["total"] == 2
    assert site.get("/api/songs?has_art=true")["total"] == 0
    assert (answer["limit"], answer["offset"]) == (2, 0)
    newest = site.get("/api/songs?sort=newest&limit=1000&offset=1")
    assert [song["title"] for song in newest["songs"]] == ["alpha", "Bravo"]
    assert site.get("/api/songs?sort=newest&order=desc")["songs"][0]["title"] == "Bravo"
    ids = site.get("/api/songs/ids?genre=metal&sort=title&order=desc")["ids"]
    assert ids == [song["id"] for song in answer["songs"] if song["genre"] == "Metal"] + [
        song["id"] for song in site.get("/api/songs?search=alph")["songs"]
    ]


def test_a_song_in_a_list_has_its_metadata_and_times(site: Site) -> None:
    before = int(time.time())
    add_song(site.library, "Title", folder="Band/Here", x_mood="stormy")
    [song] = site.get("/api/songs")["songs"]
    assert song["metadata"]["x_mood"] == "stormy"
    assert (song["remote_path"], song["file_path"]) == ("/Songs/Band/Here", "")
    for name in ("created_at", "updated_at", "synced_at"):
        assert before <= calendar.timegm(time.strptime(song[name], "%Y-%m-%d %H:%M:%S")) <= time.time()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("sort=colour", "sort"),
        ("serach=x", "serach"),
        ("offset=-1", "offset"),
        ("instrument=kazoo", "instrument"),
        ("difficulty=insane", "difficulty"),
    ],
)
def test_bad_queries_name_the_field(shared_site: Site, query: str, field: str) -> None:
    answer = shared_site.client.get(f"/api/songs?{query}")
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert [error["field"] for error in answer.json["errors"]] == [field]


def test_a_song_has_all_its_details(site: Site) -> None:
    song = add_song(site.library, "Title", art="red", x_mood="stormy", diff_guitar="4")
    answer = site.client.get(f"/api/songs/{song.id}")
    assert answer.json["metadata"]["x_mood"] == "stormy"
    assert answer.json["files"]["song.wav"] == len(tone())
    assert answer.json["instruments"] == {"guitar": 4}
    assert answer.json["chart"]["tracks"][0]["notes"] == 61
    assert answer.headers["ETag"] == f'"{song.etag}"'


def test_an_edit_reaches_the_file_and_the_index(site: Site) -> None:
    song = add_song(site.library, "Before")
    answer = site.client.put(f"/api/songs/{song.id}", json={"metadata": {"name": "After", "genre": None, "x_new": "1"}})
    assert (answer.status_code, answer.json["title"]) == (200, "After")
    written = (site.stored / "Songs/Before/song.ini").read_text()
    assert "name = After" in written
    assert "x_new = 1" in written
    assert "genre" not in written
    assert site.library.songs.get(song.id).title == "After"


def test_title_artist_and_album_stand_at_the_top(site: Site) -> None:
    song = add_song(site.library, "Before", folder="Here", genre="Rock")
    metadata = {**site.get(f"/api/songs/{song.id}")["metadata"], "genre": "Pop"}
    edit = {"title": "After", "artist": "New Band", "album": "New Album", "metadata": metadata}
    answer = site.client.put(f"/api/songs/{song.id}", json=edit)
    assert answer.status_code == 200
    shown = [answer.json[name] for name in ("title", "artist", "album", "genre", "message")]
    assert shown == ["After", "New Band", "New Album", "Pop", "“After” is saved."]
    written = (site.stored / "Songs/Here/song.ini").read_text()
    assert written.splitlines()[1:5] == ["name = After", "artist = New Band", "album = New Album", "genre = Pop"]


def test_metadata_takes_every_scalar(site: Site) -> None:
    song = add_song(site.library, "Title")
    values = {
        "diff_guitar": 3,
        "song_length": 61000.0,
        "modchart": True,
        "year": 1999,
        "x_part": 1.5,
        "preview_start_time": 55_100.4,
        "album": "Text",
    }
    assert site.client.put(f"/api/songs/{song.id}", json={"metadata": values}).status_code == 200
    metadata = site.get(f"/api/songs/{song.id}")["metadata"]
    assert {name: metadata[name] for name in values} == {
        "diff_guitar": "3", "song_length": "61000", "modchart": "True", "year": "1999", "x_part": "1.5",
        "preview_start_time": "55100", "album": "Text",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("ini", "metadata", "name", "stray"),
    [
        ("name = Old\n", {"title": "New"}, "New", None),
        ("name = Old\n", {"Title": "New", "name": "Old"}, "New", None),
        ("name = Old\n", {"title": "New", "name": "New"}, "New", None),
        ("name = Old\ntitle = Stray\n", {"title": "New"}, "New", None),
        ("name = Old\ntitle = Stray\n", {"title": "Stray", "name": "New"}, "New", "Stray"),
        ("name = Old\ntitle = Stray\n", {"title": None}, "Old", None),
        ("name = Old\n", {"title": None, "genre": "x"}, "Old", None),
    ],
)
def test_a_title_in_the_metadata_is_the_name(
    site: Site, ini: str, metadata: dict[str, str | None], name: str, stray: str | None
) -> None:
    song = add_song(site.library, "Title")
    site.library.tree.write("/Songs/Title/song.ini", f"[song]\n{ini}".encode())
    answer = site.client.put(f"/api/songs/{song.id}", json={"metadata": metadata})
    assert (answer.status_code, answer.json["title"]) == (200, name)
    assert answer.json["metadata"].get("title") == stray
    assert site.library.tree.read("/Songs/Title/song.ini").count(b"name = ") == 1


def test_two_new_names_are_refused(site: Site) -> None:
    song = add_song(site.library, "Title")
    answer = site.client.put(f"/api/songs/{song.id}", json={"metadata": {"title": "One", "name": "Two"}})
    assert (answer.status_code, answer.json["detail"].partition(":")[0]) == (422, "title")


def test_the_empty_etag_is_a_condition(site: Site) -> None:
    song = add_song(site.library, "Title")
    site.library.tree.delete("/Songs/Title/song.ini")
    etag = site.client.get(f"/api/songs/{song.id}").headers["ETag"]
    assert etag == '""'
    site.library.tree.write("/Songs/Title/song.ini", b"[song]\nname = Theirs\n")
    for match in ('""', 'W/""', ""):
        mine = site.client.put(f"/api/songs/{song.id}", json={"title": "Mine"}, headers={"If-Match": match})
        assert mine.status_code == 412
    assert site.library.songs.get(song.id).title == "Theirs"
    site.library.tree.delete("/Songs/Title/song.ini")
    mine = site.client.put(f"/api/songs/{song.id}", json={"title": "Mine"}, headers={"If-Match": etag})
    assert (mine.status_code, mine.json["title"]) == (200, "Mine")


@pytest.mark.parametrize("match", ['"{}"', 'W/"{}"', '"other", "{}"'])
def test_a_change_made_elsewhere_is_not_overwritten(site: Site, match: str) -> None:
    song = add_song(site.library, "Title")
    headers = {"If-Match": match.format(song.etag)}
    theirs = site.client.put(f"/api/songs/{song.id}", json={"metadata": {"album": "Theirs"}}, headers=headers)
    assert theirs.status_code == 200
    mine = site.client.put(f"/api/songs/{song.id}", json={"metadata": {"album": "Mine"}}, headers=headers)
    assert mine.status_code == 412
    assert site.library.songs.get(song.id).album == "Theirs"
    assert (
        site.client.put(
            f"/api/songs/{song.id}", json={"metadata": {"album": "Any"}}, headers={"If-Match": "*"}
        ).status_code
        == 200
    )


def test_scores_are_lost_only_when_the_request_says_so(site: Site) -> None:
    song = add_song(site.library, "Title")
    change = {"metadata": {"hopo_frequency": "250"}}
    refused = site.client.put(f"/api/songs/{song.id}", json=change)
    assert refused.status_code == 409
    assert "hopo_frequency" in refused.json["detail"]
    assert site.client.put(f"/api/songs/{song.id}", json={**change, "breaks_scores": True}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"metadata": {}},
        {"metadata": {"name": "two\nlines"}},
        {"metadata": {"": "x"}},
        {"metadata": 3},
        {"metadata": {"name": ["list"]}},
        {"metadata": {"name": {"a": "b"}}},
        {"title": 3},
        {"title": None, "metadata": None},
        {"breaks_scores": True},
        {"title": "x", "unknown": "y"},
        [],
        {"extra": 1},
    ],
)
def test_bad_edits_change_nothing(shared_site: Site, shared_song: Song, body: object) -> None:
    before = (shared_site.stored / "Songs/Title/song.ini").read_bytes()
    assert shared_site.client.put(f"/api/songs/{shared_song.id}", json=body).status_code == 422
    assert (shared_site.stored / "Songs/Title/song.ini").read_bytes() == before


def test_a_deleted_song_is_restored(site: Site) -> None:
    song = add_song(site.library, "Title")
    gone = site.client.delete(f"/api/songs/{song.id}").json
    assert site.client.get(f"/api/songs/{song.id}").status_code == 404
    assert site.client.post("/api/webdav/restore", json={"key": gone["restore"]}).status_code == 200
    assert site.library.songs.find(SongQuery())[1][0].title == "Title"


def test_songs_are_downloaded_as_a_zip(site: Site) -> None:
    song = add_song(site.library, "Title: one/two", folder="Title")
    answer = site.client.get(f"/api/songs/{song.id}/download")
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        files = {name.rpartition("/")[2]: archive.read(name) for name in archive.namelist()}
    assert set(files) == {"song.wav", "notes.chart", "song.ini"}
    assert files["notes.chart"] == chart()
    both = site.client.get(f"/api/songs/download?ids={song.id},{add_song(site.library, 'Other').id}")
    assert len(zipfile.ZipFile(io.BytesIO(both.data)).namelist()) == 6


@pytest.mark.parametrize("title", ["東京", 'Don’t "stop"', "Żółta Łódź", "100%", "a/b", "🤘", "plain"])
def test_a_download_is_called_as_the_song(shared_site: Site, title: str) -> None:
    song = add_song(shared_site.library, title, folder=f"Downloaded/{safe_name(title)}")
    with urlopen(f"{shared_site.url}/api/songs/{song.id}/download") as answer:
        disposition = answer.headers["Content-Disposition"]
        assert zipfile.ZipFile(io.BytesIO(answer.read())).testzip() is None
    kind, options = parse_options_header(disposition)
    assert (kind, options["filename"]) == ("attachment", f"{safe_name(f'Band - {title}')}.zip")
    assert re.search(r'; filename="?Band - [ -~]+\.zip"?(;|$)', disposition), "for clients that know ASCII alone"


@pytest.mark.parametrize(
    ("asked", "part", "status"),
    [
        (None, slice(None), 200),
        ("bytes=0-99", slice(0, 100), 206),
        ("bytes=0-", slice(None), 206),
        ("bytes=500-", slice(500, None), 206),
        ("bytes=-10", slice(-10, None), 206),
        ("bytes=0-9,20-29", slice(None), 200),
        ("apples=1-2", slice(None), 200),
    ],
)
def test_audio_is_sent_whole_or_in_one_range(
    shared_site: Site, shared_song: Song, asked: str | None, part: slice, status: int
) -> None:
    answer = shared_site.client.get(f"/api/songs/{shared_song.id}/audio", headers={"Range": asked} if asked else {})
    assert (answer.status_code, answer.data) == (status, tone()[part])
    assert answer.mimetype == "audio/wav"


def test_audio_that_the_browser_has_is_304(shared_site: Site, shared_song: Song) -> None:
    etag = shared_site.client.get(f"/api/songs/{shared_song.id}/audio").headers["ETag"]
    again = shared_site.client.get(
        f"/api/songs/{shared_song.id}/audio", headers={"If-None-Match": etag, "Range": "bytes=0-9"}
    )
    assert (again.status_code, again.data) == (304, b"")


def test_a_range_of_an_older_file_is_the_whole_file(shared_site: Site, shared_song: Song) -> None:
    headers = {"Range": "bytes=0-9", "If-Range": '"older"'}
    assert shared_site.client.get(f"/api/songs/{shared_song.id}/audio", headers=headers).data == tone()


def test_audio_that_does_not_exist(shared_site: Site, shared_song: Song) -> None:
    answer = shared_site.client.get(f"/api/songs/{shared_song.id}/audio", headers={"Range": "bytes=99999999-"})
    assert answer.status_code == 416
    assert shared_site.client.get(f"/api/songs/{shared_song.id}/audio?stem=drums").status_code == 404


def test_album_art_is_cropped_to_a_square(site: Site) -> None:
    song = add_song(site.library, "Title")
    assert site.client.get(f"/api/songs/{song.id}/art").status_code == 404
    stored = site.client.put(f"/api/songs/{song.id}/art", data=picture(kind="JPEG"), content_type="image/jpeg")
    assert stored.json["has_art"] is True
    shown = site.client.get(f"/api/songs/{song.id}/art?v=1")
    assert Image.open(io.BytesIO(shown.data)).size == (512, 512)
    assert "immutable" in shown.headers["Cache-Control"]
    etag = shown.headers["ETag"]
    assert site.client.get(f"/api/songs/{song.id}/art", headers={"If-None-Match": etag}).status_code == 304


def test_covers_are_sent_in_the_size_that_is_shown(site: Site) -> None:
    song = add_song(site.library, "Title", art="red")
    noise = Image.effect_noise((400, 400), 90)
    out = io.BytesIO()
    noise.save(out, "PNG")
    site.library.tree.write(f"{song.path}/album.png", out.getvalue())
    shown = site.client.get(f"/api/songs/{song.id}/art?size=64")
    assert (shown.content_type, Image.open(io.BytesIO(shown.data)).size) == ("image/jpeg", (64, 64))
    assert shown.headers["ETag"] != site.client.get(f"/api/songs/{song.id}/art").headers["ETag"]
    assert site.client.get(f"/api/songs/{song.id}/art?size=65").status_code == 422


def test_album_art_that_is_no_picture_is_refused(site: Site) -> None:
    song = add_song(site.library, "Title")
    assert site.client.put(f"/api/songs/{song.id}/art", data=b"<svg/>", content_type="image/png").status_code == 422


def test_notes_are_in_seconds_and_by_the_threshold_of_the_song(site: Site) -> None:
    song = add_song(site.library, "Title", hopo_frequency="384")
    drawn = site.get(f"/api/songs/{song.id}/notes?difficulty=hard")
    assert (drawn["instrument"], drawn["difficulty"], len(drawn["notes"])) == ("guitar", "hard", 61)
    assert drawn["notes"][:2] == [[2.0, 0.0, 0, 0], [3.0, 0.0, 1, HOPO]]
    assert drawn["notes"][-1][1] == pytest.approx(0.5)
    assert drawn["star_power"] == [[2.0, 4.0]]
    assert drawn["sections"] == [[2.0, "Verse"], [8.0, "Chorus"]]
    assert drawn["beats"][:5] == [[0.0, True], [0.5, False], [1.0, False], [1.5, False], [2.0, True]]
    assert {track["difficulty"] for track in drawn["tracks"]} == {"easy", "medium", "hard", "expert"}


def test_fields_are_described(site: Site) -> None:
    fields = {field["name"]: field for field in site.get("/api/songs/fields")["fields"]}
    assert fields["preview_start_time"]["unit"] == "ms"
    assert fields["hopo_frequency"]["identity"] is True


@pytest.mark.parametrize("name", ["0", "9" * 30, "-1", "x", "1.5"])
def test_an_unknown_id_is_404(shared_site: Site, name: str) -> None:
    for answer in (
        shared_site.client.get(f"/api/songs/{name}"),
        shared_site.client.put(f"/api/songs/{name}", json={"metadata": {"name": "x"}}),
        shared_site.client.delete(f"/api/songs/{name}"),
    ):
        assert answer.status_code == 404
        assert answer.json["status"] == 404
