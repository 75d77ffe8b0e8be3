"""/api/songs/ID/history: what changed a song, each with the job that undoes it."""

from davproxy.curation.fill_in.fill_in import LOOK
from tests.webui.conftest import Site
from tests.webui.songs import add_song


def test_a_song_tells_what_changed_it(site: Site) -> None:
    song = add_song(site.library, "Told", genre="Rock", year="2001")
    add_song(site.library, "Told Apart")
    site.library.tree.make_folder("/Songs/Other")
    site.client.put(f"/api/songs/{song.id}", json={"metadata": {"genre": "Pop"}})
    site.client.put(f"/api/songs/{song.id}", json={"metadata": {"genre": "Pop"}})  # changes nothing
    site.client.post("/api/songs/bulk", json={"ids": [song.id], "metadata": {"year": "1999"}})
    site.client.post("/api/webdav/entries/move", json={"paths": ["/Songs/Told"], "folder": "/Songs/Other"})
    looked = {str(song.id): {"path": song.path, "title": "Told", "artist": "", "proposals": []}}
    site.jobs.past.note(LOOK, "Look for what songs lack", looked, {})  # changes nothing
    events = site.get(f"/api/songs/{song.id}/history")["events"]
    assert [event["job"]["kind"] for event in events] == ["move entries", "edit", "edit"]
    assert [event["fields"] for event in events] == [
        [],
        [{"key": "year", "before": "2001", "after": "1999"}],
        [{"key": "genre", "before": "Rock", "after": "Pop"}],
    ]
    assert [(step["path"], step["target"]) for step in events[0]["steps"]] == [("/Songs/Told", "/Songs/Other/Told")]
    assert [event["job"]["result"]["can_undo"] for event in events] == [True, True, True]
    site.client.post(f"/api/jobs/{events[2]['job']['id']}/undo")
    assert site.library.songs.get(song.id).genre == "Rock"
    assert len(site.get(f"/api/songs/{song.id}/history")["events"]) == 2


def test_an_import_is_in_the_history_of_its_songs(site: Site) -> None:
    song, other = add_song(site.library, "Brought"), add_song(site.library, "Of Old")
    result = {"songs": [{"id": song.id, "title": "Brought"}], "summary": "1 song imported"}
    site.jobs.past.note("import", "Import pack.zip", {}, result)
    [event] = site.get(f"/api/songs/{song.id}/history")["events"]
    assert (event["job"]["title"], event["job"]["result"]) == ("Import pack.zip", {"summary": "1 song imported"})
    assert site.get(f"/api/songs/{other.id}/history")["events"] == []
