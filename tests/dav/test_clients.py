"""Real clients against the real server."""

import os
import random
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import pytest

from tests.dav.test_names import NAMES
from tests.serving import Running, Site, tool


def run(*command: str | Path, cwd: Path, feed: str = "") -> str:
    """The output of a program that must succeed."""
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, input=feed, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("signed_in", [False, True])
def test_litmus_passes_without_a_warning(site: Site, tmp_path: Path, signed_in: bool) -> None:
    litmus = tool("litmus", "litmus")
    running = site.start(**({"APP_USERNAME": "jo", "APP_PASSWORD": "secret"} if signed_in else {}))
    output = run(litmus, "-k", f"{running.url}/dav/", *(["jo", "secret"] if signed_in else []), cwd=tmp_path)
    summaries = re.findall(r"of (\d+) tests run: (\d+) passed, (\d+) failed", output)
    assert sum(int(passed) for _, passed, _ in summaries) == 104, output
    assert "WARNING" not in output
    assert "FAIL" not in output


@pytest.mark.slow
@pytest.mark.parametrize("vendor", ["other", "nextcloud"])
def test_rclone_copies_checks_and_syncs_both_ways(running: Running, tmp_path: Path, vendor: str) -> None:
    rclone = tool("rclone", "rclone")
    mine, back = tmp_path / "mine", tmp_path / "back"
    chance = random.Random(7)
    for number in range(100):
        file = mine / f"Artist {number % 10}" / f"Title {number % 50}" / f"{NAMES[number % 8]} {number}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(chance.randbytes(chance.randrange(0, 3000)))
    (tmp_path / "rclone.conf").write_text(
        f"[it]\ntype = webdav\nurl = {running.url}/dav/Backgrounds\nvendor = {vendor}\n"
    )
    options: list[str | Path] = [
        "--config",
        tmp_path / "rclone.conf",
        "--transfers",
        "8",
        "--checkers",
        "8",
        "-v",
        "--retries",
        "1",
    ]
    run(rclone, "copy", mine, "it:", *options, cwd=tmp_path)
    assert "0 differences found" in run(rclone, "check", "--download", mine, "it:", *options, cwd=tmp_path)
    for number, file in enumerate(sorted(mine.rglob("*.txt *"))):
        if number % 10 == 0:
            file.unlink()
        elif number % 10 == 1:
            file.write_bytes(b"changed")
    run(rclone, "sync", mine, "it:", *options, cwd=tmp_path)
    run(rclone, "sync", "it:", back, *options, cwd=tmp_path)
    there = {file.relative_to(mine): (file.read_bytes(), int(file.stat().st_mtime)) for file in mine.rglob("*.txt *")}
    here = {file.relative_to(back): (file.read_bytes(), int(file.stat().st_mtime)) for file in back.rglob("*.txt *")}
    if vendor == "other":  # rclone sends no times to a server it does not know
        there, here = ({path: (content, 0) for path, (content, _) in side.items()} for side in (there, here))
    assert len(here) == 90
    assert here == there
    again = run(rclone, "sync", mine, "it:", *options, cwd=tmp_path)
    assert vendor == "other" or "There was nothing to transfer" in again


@pytest.mark.slow
def test_cadaver(running: Running, tmp_path: Path) -> None:
    cadaver = tool("cadaver", "cadaver")
    (tmp_path / "file.txt").write_bytes(b"content")
    script = """mkcol A
    cd A
    put file.txt
    lock file.txt
    unlock file.txt
    copy file.txt again.txt
    move again.txt moved.txt
    propset moved.txt colour red
    propget moved.txt colour
    get moved.txt back.txt
    delete file.txt
    ls
    quit
    """
    output = run(cadaver, f"{running.url}/dav/Songs/", cwd=tmp_path, feed=script)
    assert "failed" not in output.lower(), output
    assert "Value of colour is: red" in output
    assert (tmp_path / "back.txt").read_bytes() == b"content"
    assert [entry.path for entry in running.library.tree.children("/Songs/A")] == ["/Songs/A/moved.txt"]


def test_curl(site: Site, tmp_path: Path) -> None:
    curl = tool("curl", "curl")
    running = site.start(APP_USERNAME="jo", APP_PASSWORD="secret")
    content = random.Random(1).randbytes(5_000_000)
    (tmp_path / "file").write_bytes(content)
    for number, way in enumerate(("--basic", "--digest", "--anyauth")):
        target = f"{running.url}/dav/Songs/" + quote(f"{NAMES[number]}")
        options = ["-sSf", way, "-u", "jo:secret"]
        run(curl, *options, "-T", "file", target, cwd=tmp_path)
        run(curl, *options, "-T", "-", "-H", "Expect: 100-continue", target, cwd=tmp_path, feed="piped in")
        run(curl, *options, "-T", "file", target, cwd=tmp_path)
        run(curl, *options, "-r", "1000000-", "-o", "part", target, cwd=tmp_path)
        assert (tmp_path / "part").read_bytes() == content[1_000_000:]
        run(curl, *options, "-o", "whole", target, cwd=tmp_path)
        assert (tmp_path / "whole").read_bytes() == content


@pytest.mark.slow
def test_davfs2_mounts_and_works(running: Running, tmp_path: Path) -> None:
    mount = tool("mount.davfs", "davfs2")
    place, settings = tmp_path / "mounted", tmp_path / "davfs2.conf"
    place.mkdir()
    settings.write_text("ask_auth 0\ndelay_upload 0\n")
    command = [mount, "-o", f"conf={settings}", f"{running.url}/dav/", str(place)]
    mounted = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
    if mounted.returncode:
        pytest.skip(f"davfs2 cannot mount here: {mounted.stderr.strip()}")
    try:
        (place / "Songs" / "A B").mkdir()
        (place / "Songs" / "A B" / "song.ini").write_bytes(b"[song]\nname = x\n")
        (place / "Songs" / "A B" / "song.ini").rename(place / "Songs" / "A B" / "renamed.ini")
        assert (place / "Songs" / "A B" / "renamed.ini").read_bytes().startswith(b"[song]")
        (place / "Songs" / "._junk").write_bytes(b"junk")
    finally:
        subprocess.run(["umount", str(place)], check=True, timeout=120)
    assert [entry.path for entry in running.library.tree.children("/Songs/A B")] == ["/Songs/A B/renamed.ini"]


def in_a_session(script: str, folder: Path) -> str:
    """The output of a shell script in a desktop session of its own, without a screen; each command must succeed."""
    session = tool("dbus-run-session", "dbus")
    home = folder / "home"
    (home / ".config").mkdir(parents=True)
    # For cookies KDE starts a service that outlives the session and holds our pipe.
    (home / ".config/kcookiejarrc").write_text("[Cookie Policy]\nCookies=false\n")
    # The address of a socket has 108 bytes at most: the folder of a test can be too long for one in it.
    with TemporaryDirectory(prefix="run") as sockets:
        done = subprocess.run(
            [session, "--", "sh", "-euxc", script],
            cwd=folder,
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(home),
                "XDG_RUNTIME_DIR": sockets,
                "LC_ALL": "C.UTF-8",
                "GVFS_DISABLE_FUSE": "1",
                "QT_QPA_PLATFORM": "offscreen",  # without a screen KDE's programs wait for one for ever
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_gio_as_gnome_uses_it(running: Running, tmp_path: Path) -> None:
    tool("gio", "libglib2.0-bin")
    if not Path("/usr/share/gvfs/mounts/dav.mount").exists():
        pytest.skip("gvfs-backends is missing: apt install gvfs-backends")
    content = random.Random(1).randbytes(300_000)
    (tmp_path / "file").write_bytes(content)
    os.utime(tmp_path / "file", (1_600_000_000, 1_600_000_000))
    (tmp_path / "other").write_bytes(b"other")
    folder = f"dav://127.0.0.1:{running.port}/dav/Backgrounds"
    script = f"""
        gio mount dav://127.0.0.1:{running.port}/dav/
        gio mkdir '{folder}/A B'
        gio copy file '{folder}/A B/stage é.png'
        gio copy file '{folder}/A B/second'
        gio copy other '{folder}/A B/second'
        gio rename '{folder}/A B/second' renamed
        gio move '{folder}/A B/renamed' '{folder}/moved'
        gio copy '{folder}/A B/stage é.png' back
        gio copy file '{folder}/gone'
        gio remove '{folder}/gone'
        gio list '{folder}'
        gio mount -u dav://127.0.0.1:{running.port}/dav/
    """
    listed = in_a_session(script, tmp_path).splitlines()
    assert [name for name in listed if "successful" not in name] == ["A B", "moved"]
    assert (tmp_path / "back").read_bytes() == content
    assert running.library.tree.read("/Backgrounds/A B/stage é.png") == content
    assert running.library.tree.read("/Backgrounds/moved") == b"other"


@pytest.mark.slow
def test_kio_as_kde_uses_it(running: Running, tmp_path: Path) -> None:
    tool("kioclient5", "kde-cli-tools")
    content = random.Random(1).randbytes(300_000)
    (tmp_path / "A B").mkdir()
    (tmp_path / "A B/stage é.png").write_bytes(content)
    (tmp_path / "other").write_bytes(b"other")
    folder = f"webdav://127.0.0.1:{running.port}/dav/Backgrounds"
    script = f"""
        kio() {{ timeout 60 kioclient5 --noninteractive "$@"; }}
        kio copy 'A B' '{folder}/A B'
        kio copy other '{folder}/first'
        kio --overwrite copy other '{folder}/A B/second'
        kio move '{folder}/A B/second' '{folder}/moved'
        kio copy '{folder}/A B/stage é.png' 'file://{tmp_path}/back'
        kio remove '{folder}/first'
        kio cat '{folder}/moved'
        kio ls '{folder}'
    """
    assert in_a_session(script, tmp_path).split() == ["other.", "A", "B", "moved"]
    assert (tmp_path / "back").read_bytes() == content
    assert running.library.tree.read("/Backgrounds/A B/stage é.png") == content
    assert running.library.tree.read("/Backgrounds/moved") == b"other"
