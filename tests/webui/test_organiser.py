"""/api/organiser."""

from tests.webui.conftest import Site
from tests.webui.songs import add_song


def test_moves_are_listed_made_and_undone(site: Site) -> None:
    song = add_song(site.library, "One", folder="somewhere")
    list(site.library.notes.read())
    assert "title" in site.get("/api/organiser")["fields"]
    wanted = {"pattern": "{artist} - {title}"}
    dry = site.client.post("/api/organiser", json=wanted | {"dry_run": True}).json
    assert [(step["path"], step["target"]) for step in dry["steps"]] == [("/Songs/somewhere", "/Songs/Band - One")]
    done = site.client.post("/api/organiser", json=wanted).json
    assert site.get(f"/api/songs/{song.id}")["path"] == "/Songs/Band - One"
    site.client.post(f"/api/jobs/{done['job']['id']}/undo")
    assert site.get(f"/api/songs/{song.id}")["path"] == "/Songs/somewhere"
    assert site.client.post("/api/organiser", json={"pattern": "{artist}"}).status_code == 422


def test_an_edit_says_where_the_song_would_be(site: Site) -> None:
    song = add_song(site.library, "One", folder="somewhere")
    list(site.library.notes.read())
    edited = site.client.put(f"/api/songs/{song.id}", json={"metadata": {"artist": "New"}}).json
    assert edited["proposed_path"].startswith("/Songs/New/One_")
    moved = site.client.post("/api/organiser", json={"ids": [song.id]}).json
    assert moved["total"] == 1
    assert site.get(f"/api/songs/{song.id}")["path"] == edited["proposed_path"]
