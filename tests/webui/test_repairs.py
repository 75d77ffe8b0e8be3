"""/api/repairs."""

from tests.webui.conftest import Site
from tests.webui.songs import add_song


def test_repairs_are_counted_shown_made_and_undone(site: Site) -> None:
    song = add_song(site.library, "One")
    list(site.library.notes.read())
    counts = {each["name"]: each["songs"] for each in site.get("/api/repairs")["repairs"]}
    assert counts["length"] == 1
    wanted = {"repair": "length", "ids": [song.id]}
    dry = site.client.post("/api/repairs", json=wanted | {"dry_run": True}).json
    assert [step["kind"] for step in dry["steps"]] == ["edit"]
    assert "song_length" not in site.get(f"/api/songs/{song.id}")["metadata"]
    done = site.client.post("/api/repairs", json=wanted).json
    assert "song_length" in site.get(f"/api/songs/{song.id}")["metadata"]
    site.client.post(f"/api/jobs/{done['job']['id']}/undo")
    assert "song_length" not in site.get(f"/api/songs/{song.id}")["metadata"]
    assert site.client.post("/api/repairs", json={"repair": "x"}).status_code == 422


def test_a_repair_that_opens_files_shows_what_a_job_found(site: Site) -> None:
    add_song(site.library, "One")
    site.library.tree.move("/Songs/One/song.wav", "/Songs/One/song.ogg")
    listed = {each["name"]: each["songs"] for each in site.get("/api/repairs")["repairs"]}
    assert listed["containers"] is None
    add_song(site.library, "Two")
    of_one = {
        title: {each["name"]: each["songs"] for each in site.get(f"/api/repairs?id={song.id}")["repairs"]}
        for title in ("One", "Two")
        if (song := site.library.songs.at(f"/Songs/{title}"))
    }
    assert (of_one["One"]["containers"], of_one["Two"]["containers"]) == (1, 0)
    assert site.client.get("/api/repairs?id=404").status_code == 404
    gone = add_song(site.library, "Gone")
    (site.stored / "Songs/Gone/song.wav").unlink()
    of_gone = {each["name"]: each["songs"] for each in site.get(f"/api/repairs?id={gone.id}")["repairs"]}
    assert (of_gone["containers"], of_gone["names"], of_gone["art"]) == (None, 0, 0), "the others show"
    look = site.client.post("/api/repairs/look", json={"repair": "containers"}).json
    wanted = {"repair": "containers", "job": look["id"]}
    dry = site.client.post("/api/repairs", json=wanted | {"dry_run": True}).json
    assert [step["target"] for step in dry["steps"]] == ["/Songs/One/song.wav"]
    assert site.client.post("/api/repairs", json=wanted).json["total"] == 1
    assert site.client.post("/api/repairs", json={"repair": "containers"}).status_code == 422


def test_problems_come_as_a_table(site: Site) -> None:
    add_song(site.library, "One")
    answer = site.client.get("/api/repairs/problems.csv")
    assert answer.status_code == 200
    assert "noAlbumArt" in answer.text
