"""The whole program, as a client uses it: both doors, over the network."""

import json
import re
import shutil
import socket
import urllib.error
import urllib.request
from pathlib import Path
from zipfile import ZipFile

import pytest

from davproxy.app import open_core, serving
from davproxy.errors import SettingsError
from davproxy.index import problem_of
from davproxy.settings import Settings
from tests.dav.test_clients import run
from tests.fakes.nextcloud import FakeNextcloud
from tests.serving import tool
from tests.waiting import wait_until

INI = b"[song]\nname = One\nartist = Ann\n"
SECONDS = 60


def settings_in(folder: Path, **more: str) -> Settings:
    places = {"LIBRARY_DIR": str(folder / "library"), "TEMP_DIR": str(folder / "temp")}
    environment = {**places, "APP_PORT": "0", "POLL_INTERVAL": "0.2"}
    return Settings.read(environment | more, folder / ".env")


def ask(address: str, method: str = "GET", body: bytes | None = None, **headers: str) -> bytes:
    request = urllib.request.Request(address, body, headers, method=method)
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        content: bytes = answer.read()
        return content


def songs(address: str) -> list[tuple[int, str, str]]:
    """Id, title and time of arrival of each song; when its row was last written depends on the moment."""
    listed = json.loads(ask(f"{address}/api/songs"))["songs"]
    return [(song["id"], song["title"], song["created_at"]) for song in listed]


def test_what_is_stored_through_one_door_is_shown_by_the_other(tmp_path: Path) -> None:
    with serving(settings_in(tmp_path)) as server:
        ask(f"{server.address}/dav/Songs/Ann", "MKCOL")
        ask(f"{server.address}/dav/Songs/Ann/One", "MKCOL")
        ask(f"{server.address}/dav/Songs/Ann/One/song.ini", "PUT", INI)
        answer = json.loads(ask(f"{server.address}/api/songs"))
        assert answer["total"] == 1
        assert answer["songs"][0]["title"] == "One"
        assert json.loads(ask(f"{server.address}/api/health"))["status"] == "ok"


def test_a_dropped_archive_becomes_songs(tmp_path: Path) -> None:
    archive = tmp_path / "pack.zip"
    with ZipFile(archive, "w") as packing:
        packing.writestr("pack/One/song.ini", INI)
        packing.writestr(
            "pack/One/notes.chart", "[Song]\n{\n  Resolution = 192\n}\n[ExpertSingle]\n{\n  768 = N 0 0\n}\n"
        )
        packing.writestr("pack/One/song.ogg", b"OggS" + bytes(100))
    with serving(settings_in(tmp_path)) as server:
        ask(f"{server.address}/dav/Drop/pack.zip", "PUT", archive.read_bytes())
        wait_until(
            lambda: json.loads(ask(f"{server.address}/api/songs"))["total"],
            lambda: ask(f"{server.address}/dav/Status/STATUS.txt").decode(),
        )
        listing = ask(f"{server.address}/dav/Songs/Ann", "PROPFIND", Depth="1").decode()
        assert "One_" in listing


def test_a_restart_on_an_empty_disk_keeps_the_ids(tmp_path: Path) -> None:
    for start in range(2):
        with serving(settings_in(tmp_path, TEMP_DIR=str(tmp_path / f"temp{start}"))) as server:
            if start == 0:
                ask(f"{server.address}/dav/Songs/One", "MKCOL")
                ask(f"{server.address}/dav/Songs/One/song.ini", "PUT", INI)
                before = songs(server.address)
            else:
                assert songs(server.address) == before


def test_beyond_loopback_only_with_credentials(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="APP_USERNAME"), serving(settings_in(tmp_path, APP_HOST="0.0.0.0")):
        pass


@pytest.mark.slow
def test_an_unreachable_nextcloud_is_no_reason_not_to_start(tmp_path: Path) -> None:
    unreachable = {
        "NEXTCLOUD_URL": "http://127.0.0.1:9", "NEXTCLOUD_USERNAME": "ann", "NEXTCLOUD_PASSWORD": "secret",
    }  # fmt: skip
    with open_core(settings_in(tmp_path, **unreachable)) as core:
        assert core.library.songs.counts().songs == 0
    with serving(settings_in(tmp_path, **unreachable)) as server:
        wait_until(lambda: b"cannot be reached" in ask(f"{server.address}/dav/Status/STATUS.txt"))


def test_a_temporary_folder_that_is_removed_while_it_is_in_use_is_made_again(tmp_path: Path) -> None:
    with serving(settings_in(tmp_path)) as server:
        song = f"{server.address}/dav/Songs/One"
        ask(song, "MKCOL")
        ask(f"{song}/song.ini", "PUT", INI)
        before = songs(server.address)
        shutil.rmtree(tmp_path / "temp", ignore_errors=True)  # the index may lose a file of its own meanwhile
        for number in range(20):  # by several threads
            ask(f"{song}/{number}.txt", "PUT", b"1")
            assert ask(f"{song}/{number}.txt") == b"1"
            assert songs(server.address) == before
            assert ask(song, "PROPFIND", Depth="1").count(b"<d:response>") == number + 3
        assert json.loads(ask(f"{server.address}/api/health"))["status"] == "ok"
    assert problem_of(tmp_path / "temp" / "clonehero.db") is None


def test_an_index_that_is_damaged_while_it_is_in_use_is_made_again(tmp_path: Path) -> None:
    with serving(settings_in(tmp_path)) as server:
        song = f"{server.address}/dav/Songs/One"
        ask(song, "MKCOL")
        ask(f"{song}/song.ini", "PUT", INI)
    file = tmp_path / "temp" / "clonehero.db"
    with serving(settings_in(tmp_path)) as server:
        wait_until(lambda: songs(server.address))
        before = songs(server.address)
        file.write_bytes(b"\xab" * file.stat().st_size)
        for ending in ("-wal", "-shm"):
            file.with_name(file.name + ending).unlink(missing_ok=True)

        statuses = set[int]()

        def is_whole_again() -> bool:
            try:
                listed = b"One" in ask(f"{server.address}/dav/Songs", "PROPFIND", Depth="1")
                return listed and songs(server.address) == before
            except urllib.error.HTTPError as error:
                statuses.add(error.code)
                return False

        wait_until(lambda: file.with_name("clonehero.db.bad").exists() or not is_whole_again())
        wait_until(is_whole_again)
        assert statuses <= {503}


@pytest.mark.slow
def test_a_nextcloud_that_is_silent_keeps_nobody_waiting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        account = {
            "NEXTCLOUD_URL": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "NEXTCLOUD_USERNAME": "ann", "NEXTCLOUD_PASSWORD": "secret",
        }  # fmt: skip
        with serving(settings_in(tmp_path, **account)) as server:
            assert ask(f"{server.address}/songs")
            assert json.loads(ask(f"{server.address}/api/songs"))["total"] == 0
            status = json.loads(ask(f"{server.address}/api/library/status"))
            assert status["state"] in ("never", "unreachable")


def test_a_nextcloud_that_comes_late_is_read_then(tmp_path: Path) -> None:
    with FakeNextcloud() as fake:
        fake.put("/CloneHero/Songs/One/song.ini", INI)
        fake.fail("", "", times=1_000_000, status=503)
        with serving(settings_in(tmp_path, **fake.account)) as server:
            wait_until(lambda: json.loads(ask(f"{server.address}/api/library/status"))["state"] == "unreachable")
            fake.faults.clear()
            wait_until(lambda: json.loads(ask(f"{server.address}/api/songs"))["total"] == 1)


def test_a_change_made_elsewhere_is_seen_at_the_next_look(tmp_path: Path) -> None:
    assert Settings.read({}, Path("/nonexistent")).poll_interval <= 15
    old, new = bytes(2 << 20), b"\1" * (2 << 20)
    with FakeNextcloud() as fake:
        fake.put("/CloneHero/Songs/One/song.ini", INI)
        fake.put("/CloneHero/Songs/One/song.ogg", old)
        with serving(settings_in(tmp_path, **fake.account)) as server:
            song = f"{server.address}/dav/Songs/One"
            for _ in range(2):  # the second time from the caches
                assert ask(f"{song}/song.ini") == INI
                assert ask(f"{song}/song.ogg") == old
                listed = ask(song, "PROPFIND", Depth="1")
            fake.put("/CloneHero/Songs/One/song.ini", INI + b"album = New\n")
            fake.put("/CloneHero/Songs/One/song.ogg", new)
            wait_until(
                lambda: (
                    ask(f"{song}/song.ini").endswith(b"album = New\n")
                    and ask(f"{song}/song.ogg") == new
                    and ask(song, "PROPFIND", Depth="1") != listed
                )
            )
            ours = INI + b"album = Ours\n"
            ask(f"{song}/song.ini", "PUT", ours)
            assert ask(f"{song}/song.ini") == ours
            ask(f"{song}/song.ogg", "PUT", old)
            assert ask(f"{song}/song.ogg") == old


@pytest.mark.slow
def test_litmus_passes_on_a_nextcloud(tmp_path: Path) -> None:
    litmus = tool("litmus", "litmus")
    with FakeNextcloud() as fake, serving(settings_in(tmp_path, POLL_INTERVAL="3600", **fake.account)) as server:
        output = run(litmus, "-k", f"{server.address}/dav/", cwd=tmp_path)
    summaries = re.findall(r"of (\d+) tests run: (\d+) passed, (\d+) failed", output)
    assert sum(int(passed) for _, passed, _ in summaries) == 104, output
    assert "WARNING" not in output
