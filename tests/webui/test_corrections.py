"""The chart of a generated song, made again as a person corrects it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.charter.music import recording
from tests.webui.conftest import Site
from tests.webui.songs import archive
from tests.webui.test_uploads import files


@pytest.mark.slow
def test_a_song_is_charted_again_and_that_is_undone(site: Site, tmp_path: Path) -> None:
    audio = recording(tmp_path / "take.ogg", bars=8).read_bytes()
    sent = files(("A - B.ogg", audio), correction='{"density": "more"}', drums="false")
    made = site.client.post("/api/generate", data=sent).json
    kept = site.get(f"/api/songs/{made['id']}/chart")
    assert (kept["correction"]["density"], kept["correction"]["tempo"], kept["drums"]) == ("more", "", False)
    assert kept["lead_in"] > 1
    correction = {"correction": {"bar_shift": 1, "muted": [[2, 4]]}, "difficulties": ["expert"]}
    answer = site.client.post(f"/api/songs/{made['id']}/chart?wait=false", json=correction)
    assert (answer.status_code, answer.json["kind"]) == (202, "remake")
    site.jobs.wait(answer.json["id"], 60)
    job = site.get(f"/api/jobs/{answer.json['id']}")
    assert job["state"] == "done", job["error"]
    [song] = job["result"]["songs"]
    assert list(song["chart"]["notes"]) == ["expert"]
    assert site.client.get(f"/api/songs/{made['id']}").status_code == 404
    now = site.get(f"/api/songs/{song['id']}/chart")
    assert (now["correction"]["bar_shift"], now["correction"]["muted"]) == (1, [[2, 4]])
    assert (now["drums"], now["difficulties"]) == (False, ["expert"])
    assert job["result"]["can_undo"]
    undone = site.client.post(f"/api/jobs/{job['id']}/undo").json
    assert undone["state"] == "done", undone
    [back] = site.get("/api/songs")["songs"]
    assert back["path"] == made["remote_path"]


@pytest.mark.parametrize("content", ['{"lead_in": NaN}', "[" * 60_000, " " * 100_000])
def test_options_that_somebody_else_put_there_are_no_error_of_the_server(content: str, site: Site) -> None:
    theirs = generated(site, content)
    answer = site.client.get(f"/api/songs/{theirs['id']}/chart")
    assert answer.status_code == 422, answer.json
    assert "chart-options.json is damaged" in answer.json["detail"]


def generated(site: Site, options: str) -> dict[str, Any]:
    """A song whose folder says that it was made with `options`."""
    site.client.post("/api/upload", data=files(("pack.zip", archive("One"))))
    [song] = site.get("/api/songs")["songs"]
    site.library.tree.write(f"{song['path']}/chart-options.json", options.encode())
    return dict(song)


EARLY = '{"name": "One", "difficulties": [], "drums": true, "correction": {}, "lead_in": 2.0}'
FOUND = {"bpm": 128.0, "beats_per_bar": 3, "downbeat": 0.5}


@pytest.mark.parametrize("how", ["notes.chart", "notes.mid", "Notes.MID"])
def test_edited_notes_are_replaced_only_when_that_is_asked(how: str, site: Site) -> None:
    song = generated(site, EARLY)
    kept = site.get(f"/api/songs/{song['id']}/chart")
    assert (kept["edited"], kept["found"]) == (False, None), "an early song does not tell"
    identity = site.library.songs.get(song["id"]).identity
    options = json.dumps({**json.loads(EARLY), "identity": identity, "found": FOUND})
    site.library.tree.write(f"{song['path']}/chart-options.json", options.encode())
    kept = site.get(f"/api/songs/{song['id']}/chart")
    assert (kept["edited"], kept["found"]) == (False, FOUND)
    site.library.tree.write(f"{song['path']}/{how}", site.library.tree.read(f"{song['path']}/notes.chart") + b"\n")
    assert site.get(f"/api/songs/{song['id']}/chart")["edited"]
    answer = site.client.post(f"/api/songs/{song['id']}/chart?wait=false", json={})
    assert (answer.status_code, "send replace_edited" in answer.json["detail"]) == (409, True)
    answer = site.client.post(f"/api/songs/{song['id']}/chart?wait=false", json={"replace_edited": True})
    assert answer.status_code == 202
    site.jobs.wait(answer.json["id"], 60)


def test_the_page_of_another_song_says_why_it_is_not_there(site: Site) -> None:
    song = generated(site, EARLY)
    assert site.client.get(f"/songs/{song['id']}/chart").status_code == 200
    site.library.tree.delete(f"{song['path']}/chart-options.json")
    answer = site.client.get(f"/songs/{song['id']}/chart", headers={"Accept": "text/html", "Accept-Language": "de"})
    assert answer.status_code == 404
    assert "Dieser Chart wurde nicht von diesem Programm" in answer.text


def test_only_generated_songs_are_charted_again(site: Site) -> None:
    site.client.post("/api/upload", data=files(("pack.zip", archive("One"))))
    [theirs] = site.get("/api/songs")["songs"]
    for answer in (
        site.client.get(f"/api/songs/{theirs['id']}/chart"),
        site.client.post(f"/api/songs/{theirs['id']}/chart", json={}),
    ):
        assert answer.status_code == 404
        assert "not made from its audio" in answer.json["detail"]


@pytest.mark.parametrize(
    "wrong", [{"tempo": "x9"}, {"bpm": 1000}, {"bar_shift": 0.5}, {"muted": [[1]]}, {"colour": "red"}]
)
def test_a_wrong_correction_is_refused(wrong: dict[str, object], site: Site) -> None:
    answer = site.client.post("/api/songs/1/chart", json={"correction": wrong})
    assert answer.status_code == 422
    assert next(iter(wrong)) in str(answer.json)


@pytest.mark.parametrize("wrong", ["{", "[]", '{"bpm": 7}', "[" * 10_000, f'{{"bpm": {10**400}}}'])
def test_a_wrong_correction_of_new_audio_is_refused(wrong: str, site: Site) -> None:
    answer = site.client.post("/api/generate", data=files(("a.ogg", b"x"), correction=wrong))
    assert answer.status_code == 422
    assert ("bpm" if "bpm" in wrong else "correction") in answer.json["detail"]
