"""`davproxy mount` for real: the programs that mount us list, read, write, rename, move, copy and delete."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.commands.conftest import CHART, INI, TOP, Served, environment
from tests.fakes.nextcloud import FakeNextcloud
from tests.waiting import wait_until

pytestmark = pytest.mark.slow
ACCOUNT = {"APP_USERNAME": "jo", "APP_PASSWORD": 'se"cr$et'}


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def missing(program: str) -> str:
    """Why `program` cannot mount here; empty where it can."""
    if not os.access("/dev/fuse", os.W_OK) or os.geteuid() != 0:
        return "needs /dev/fuse, as root"
    path = shutil.which("mount.davfs" if program == "davfs2" else "rclone", path="/usr/sbin:/sbin:/usr/bin")
    return "" if path else f"{program} is missing: apt install {program}"


@pytest.fixture(params=["rclone", "davfs2"])
def program(request: pytest.FixtureRequest) -> str:
    if reason := missing(request.param):
        pytest.skip(reason)
    return str(request.param)


@pytest.fixture(params=["folder", "nextcloud"])
def server(request: pytest.FixtureRequest, served: Callable[..., Served], tmp_path: Path) -> Iterator[Served]:
    if request.param == "folder":
        yield served(**ACCOUNT, LIBRARY_DIR=str(tmp_path / "library"))
        return
    with FakeNextcloud() as fake:
        server = served(**ACCOUNT, **fake.account)
        yield server
        server.stop()


@pytest.fixture
def mounted(program: str, server: Served, tmp_path: Path) -> Iterator[Path]:
    """The mounted folder; unmounted by a signal at the end, in the background of a shell, where SIGINT is ignored."""
    folder = tmp_path / "mounted"
    options = ["--davfs2"] if program == "davfs2" else []
    process = subprocess.Popen(
        ["sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, "-m", "davproxy", "mount", str(folder), *options],
        env=environment(tmp_path, APP_PORT=server.port, HOME=str(tmp_path), **ACCOUNT)
        | {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONPATH": str(TOP)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_until(lambda: process.poll() is not None or (folder / "Songs").is_dir())
        assert process.poll() is None, process.communicate()[0]
        yield folder
    finally:
        process.send_signal(signal.SIGTERM if program == "davfs2" else signal.SIGINT)
        said = process.communicate(timeout=60)[0]
    assert "Unmounting" in said
    assert "add the song folder" in said
    assert process.returncode == 0, said
    assert not os.path.ismount(folder)


def test_the_recipe_of_the_readme(server: Served, tmp_path: Path) -> None:
    """Word by word, with the address, the name and the password of the server, and a home of its own."""
    if reason := missing("rclone"):
        pytest.skip(reason)
    (recipe,) = re.findall(r"```sh\n(rclone config create .*?)```", (TOP / "README.md").read_text("utf-8"), re.DOTALL)
    recipe = recipe.replace("https://songs.example.org", f"http://127.0.0.1:{server.port}").replace(
        "user=me", "user=jo"
    )
    recipe = recipe.replace("PASSWORD", shlex.quote(ACCOUNT["APP_PASSWORD"])).replace(
        "rclone mount", "exec rclone mount"
    )
    folder = tmp_path / "CloneHero"
    mounting = subprocess.Popen(
        ["bash", "-euc", recipe],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until(lambda: mounting.poll() is not None or (folder / "Songs").is_dir())
        assert mounting.poll() is None, mounting.communicate()[1]
        (folder / "Backgrounds/stage.png").write_bytes(b"a picture")
        wait_until(lambda: size(server, "/Backgrounds/stage.png") == 9)
        assert (folder / "Backgrounds/stage.png").read_bytes() == b"a picture"
    finally:
        mounting.terminate()
        mounting.communicate(timeout=60)


def size(server: Served, path: str) -> int:
    """The bytes of the file on the server; 0 where it has none."""
    answer = httpx.head(
        f"http://127.0.0.1:{server.port}/dav{path}", auth=(ACCOUNT["APP_USERNAME"], ACCOUNT["APP_PASSWORD"])
    )
    return int(answer.headers["Content-Length"]) if answer.is_success else 0


def test_everything_a_player_does(mounted: Path, program: str, server: Served, tmp_path: Path) -> None:
    song = tmp_path / "Feelings"
    song.mkdir()
    for name, content in (("song.ini", INI), ("notes.chart", CHART), ("song.ogg", bytes(range(256)) * 8000)):
        (song / name).write_bytes(content)
        os.utime(song / name, (1_600_000_000, 1_600_000_000))
    songs = mounted / "Songs"
    for number in range(5):  # each sets the times of its files when they are closed, and sent already
        shutil.copytree(song, songs / f"Copy {number}")
    complete = [(song / "song.ogg").stat().st_size] * 5
    wait_until(lambda: [size(server, f"/Songs/Copy {number}/song.ogg") for number in range(5)] == complete)
    for number in range(5):
        shutil.rmtree(songs / f"Copy {number}")
    shutil.copytree(song, songs / "Feelings")
    assert names(songs / "Feelings") == ["notes.chart", "song.ini", "song.ogg"]
    if program == "rclone":  # davfs2 sends no modification times
        assert (songs / "Feelings/song.ogg").stat().st_mtime == 1_600_000_000
        # A rename that breaks off an upload leaves both names.
        wait_until(lambda: size(server, "/Songs/Feelings/song.ogg") == (song / "song.ogg").stat().st_size)
    for name in names(song):
        assert (songs / "Feelings" / name).read_bytes() == (song / name).read_bytes()
    (songs / "Feelings/song.ini").write_bytes(INI + b"album = Edited\n")
    (songs / "Feelings/song.ogg").rename(songs / "Feelings/guitar.ogg")
    (songs / "Sectoid").mkdir()
    (songs / "Feelings").rename(songs / "Sectoid/Feelings")
    walked = [name for _, _, files in os.walk(songs) for name in files]
    assert sorted(walked) == ["guitar.ogg", "notes.chart", "song.ini"]
    assert (songs / "Sectoid/Feelings/song.ini").read_bytes() == INI + b"album = Edited\n"
    shutil.rmtree(songs / "Sectoid")
    assert names(songs) == []


def test_a_song_folder_copied_slowly_into_drop_arrives_whole(mounted: Path) -> None:
    drop = mounted / "Drop/Slow song"
    drop.mkdir()
    for name, content in (("song.ini", INI), ("notes.chart", CHART), ("song.ogg", bytes(300_000))):
        with (drop / name).open("wb") as file:
            for start in range(0, len(content), 100_000):
                file.write(content[start : start + 100_000])
                file.flush()
                time.sleep(0.5)  # how slow the copy is

    def imported() -> list[Path]:
        return list((mounted / "Songs").glob("*/*/song.ogg"))

    wait_until(imported, seconds=120)
    folder = imported()[0].parent
    wait_until(lambda: names(folder) == ["notes.chart", "song.ini", "song.ogg"])
    assert (folder / "song.ogg").read_bytes() == bytes(300_000)
