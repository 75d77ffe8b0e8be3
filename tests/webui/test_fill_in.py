"""/api/fill-in."""

from tests.webui.conftest import Site
from tests.webui.songs import add_song, picture


def test_proposals_are_found_listed_accepted_and_undone(site: Site) -> None:
    song = add_song(site.library, "One")
    site.library.tree.write(f"{song.path}/label.png", picture())
    job = site.client.post("/api/fill-in/proposals", json={"ids": [song.id]}).json
    assert job["state"] == "done"
    page = site.get(f"/api/fill-in/proposals/{job['id']}")
    (found,) = page["songs"]
    (art,) = [each for each in found["proposals"] if each["field"] == "art"]
    assert (found["id"], art["value"], art["source"]) == (song.id, f"{song.path}/label.png", "label")
    wanted = {"job": job["id"], "choices": [[song.id, "art"]]}
    dry = site.client.post("/api/fill-in", json=wanted | {"dry_run": True}).json
    assert [(step["kind"], step["path"]) for step in dry["steps"]] == [("art", song.path)]
    done = site.client.post("/api/fill-in", json=wanted).json
    assert site.get(f"/api/songs/{song.id}")["has_art"]
    site.client.post(f"/api/jobs/{done['job']['id']}/undo")
    assert not site.get(f"/api/songs/{song.id}")["has_art"]
    assert site.client.get("/api/fill-in/proposals/none").status_code == 404
