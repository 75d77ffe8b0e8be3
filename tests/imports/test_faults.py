"""Faults while an import runs: nothing is lost, no song is half there, and the next start goes on."""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from davproxy.errors import NoSpace
from davproxy.imports.staging import ABANDONED_SECONDS, remove_abandoned
from davproxy.model import JobState
from tests.imports.archives import zip_of
from tests.imports.conftest import House, house, pack, song
from tests.imports.remotes import interrupt, open_folder, watch
from tests.waiting import wait_until

SONGS = {title: song(title, artist) for title, artist in [("A", "New"), ("B", "New"), ("C", "Known"), ("D", "Other")]}
FORMER = song("Former", "Known")


def prepared(folder: Path) -> Path:
    """Make a library with one song, and a pack of four in /Drop."""
    remote = open_folder(folder)
    for name, content in FORMER.items():
        remote.make_folder("/Songs/Known/Former_1")
        remote.write(f"/Songs/Known/Former_1/{name}", content)
    remote.write("/Drop/pack.zip", zip_of(pack(*SONGS.items())))
    remote.close()
    return folder


def check_whole(folder: Path, *, all_there: bool) -> None:
    """Every song is there with each of its bytes, or not at all."""
    found = set()
    for path in (folder / "remote" / "Songs").glob("*/*"):
        files = {file.name: file.read_bytes() for file in path.iterdir()}
        assert files in (*SONGS.values(), FORMER), f"{path} is not whole"
        found.add(path.name.split("_")[0])
    assert not all_there or found == {*SONGS, "Former"}


def test_a_remote_out_of_reach_is_tried_again(tmp_path: Path) -> None:
    is_away = Event()
    with house(prepared(tmp_path), interrupt(open_folder(tmp_path), is_away)) as home:
        home.library.tree.refresh("/Drop")
        assert home.jobs.wait_until_idle(30)
        check_whole(tmp_path, all_there=True)
        home.put("/Drop/next.zip", zip_of(pack(("x", song("Next")))))
        is_away.set()
        job = home.imports.job_for("/Drop/next.zip")
        assert job is not None
        assert home.jobs.wait(job.id, 30).state is JobState.FAILED
        is_away.clear()
        assert "next.zip" in home.tree("/Drop")
        assert "next.zip.error.txt" not in home.tree("/Drop")


@pytest.mark.parametrize("call", ["write_many", "move", "stream"])
def test_a_full_remote_loses_nothing(call: str, tmp_path: Path) -> None:
    def around(name: str, go_on: Callable[[], Any]) -> Any:
        if name == call:
            raise NoSpace("Your Nextcloud is full. Delete something there.")
        return go_on()

    with house(prepared(tmp_path), watch(open_folder(tmp_path), around)) as home:
        home.library.tree.refresh("/Drop")
        job = home.imports.job_for("/Drop/pack.zip")
        assert job is not None
        ended = home.jobs.wait(job.id, 30)
        assert (ended.state, ended.error) == (JobState.FAILED, "Your Nextcloud is full. Delete something there.")
        check_whole(tmp_path, all_there=False)
        assert set(home.tree("/Drop")) == {"pack.zip", "pack.zip.error.txt"}
        assert home.leftovers() == []


def test_what_is_staged_is_removed_by_something_and_the_import_is_tried_again(tmp_path: Path) -> None:
    def around(name: str, go_on: Callable[[], Any]) -> Any:
        if name == "move":
            shutil.rmtree(tmp_path / "remote" / "Temp")
            (tmp_path / "remote" / "Temp").mkdir()
        return go_on()

    with house(prepared(tmp_path), watch(open_folder(tmp_path), around)) as home:
        home.library.tree.refresh("/Drop")
        job = home.imports.job_for("/Drop/pack.zip")
        assert job is not None
        assert "tried again" in (home.jobs.wait(job.id, 30).error or "")
        check_whole(tmp_path, all_there=False)
        assert set(home.tree("/Drop")) == {"pack.zip"}


def test_only_what_is_old_by_the_clock_of_the_remote_is_cleared_up(tmp_path: Path) -> None:
    """Ours is a day ahead of it: what another instance stages now seems to be a day old."""

    def around(name: str, call: Callable[[], Any]) -> Any:
        found = call()
        if name == "children":
            return [replace(entry, modified=entry.modified - 86_400) for entry in found]
        return replace(found, modified=found.modified - 86_400) if name == "stat" else found

    with house(tmp_path, watch(open_folder(tmp_path), around)) as home:
        for name in ("now", "old"):
            home.remote.write(f"/Temp/{name}", b"staged")
        os.utime(tmp_path / "remote/Temp/old", (0, time.time() - ABANDONED_SECONDS - 60))
        remove_abandoned(home.library)
        assert [file.name for file in (tmp_path / "remote/Temp").iterdir()] == ["now"]


def test_a_start_while_the_remote_is_away_keeps_stored_options(tmp_path: Path) -> None:
    is_away = Event()
    with house(tmp_path, interrupt(open_folder(tmp_path), is_away)) as home:
        home.imports.prepare("/Generate/never.ogg", {"title": "Never"})
        is_away.set()
        home.imports.recover()
        assert home.library.tree.find("/Generate/never.ogg.options.json")


def test_another_program_adds_the_same_artist_at_the_same_time(tmp_path: Path) -> None:
    other = open_folder(prepared(tmp_path))

    def around(name: str, call: Callable[[], Any]) -> Any:
        if name == "move" and not list((tmp_path / "remote" / "Songs" / "New").glob("*")):
            other.make_folder("/Songs/New")
        return call()

    with house(tmp_path, watch(open_folder(tmp_path), around)) as home:
        home.library.tree.refresh("/Drop")
        assert home.jobs.wait_until_idle(30)
        check_whole(tmp_path, all_there=True)
        assert home.tree("/Drop") == {}


def test_cancelling_leaves_the_archive_where_it_is(home: House) -> None:
    songs = [(str(number), song(f"Song {number}")) for number in range(50)]
    home.put("/Drop/pack.zip", zip_of(pack(*songs)))
    job = home.imports.job_for("/Drop/pack.zip")
    assert job is not None
    home.jobs.cancel(job.id)
    assert home.jobs.wait(job.id, 30).state is JobState.CANCELLED
    assert "pack.zip" in home.tree("/Drop")
    assert home.tree("/Songs") == {}
    assert home.leftovers() == []


def test_an_archive_replaced_while_it_is_imported_is_imported_too(tmp_path: Path) -> None:
    remote = open_folder(prepared(tmp_path))
    later = zip_of(pack(("later", song("Later"))))

    def around(name: str, call: Callable[[], Any]) -> Any:
        result = call()
        if name == "write_many" and "Later" not in str(list((tmp_path / "remote").rglob("*"))):
            remote.write("/Drop/pack.zip", later)
        return result

    with house(tmp_path, watch(remote, around)) as home:
        home.library.tree.refresh("/Drop")
        wait_until(lambda: any(path.startswith("The Testers/Later") for path in home.tree("/Songs")))
        wait_until(lambda: home.tree("/Drop") == {})
        assert home.jobs.wait_until_idle(30)
