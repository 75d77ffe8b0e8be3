"""rclone compares by checksums: with vendor=owncloud by MD5, with vendor=nextcloud by SHA-1."""

import subprocess
from pathlib import Path

import pytest

from tests.serving import Running, tool

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("vendor", ["owncloud", "nextcloud"])
def test_a_changed_file_of_equal_size_and_time_is_sent(running: Running, tmp_path: Path, vendor: str) -> None:
    program = tool("rclone", "rclone")
    mine = tmp_path / "mine"
    mine.mkdir()

    def rclone(*arguments: str | Path, status: int = 0) -> str:
        remote = {"TYPE": "webdav", "URL": f"{running.url}/dav/Backgrounds", "VENDOR": vendor}
        remote["NEXTCLOUD_CHUNK_SIZE"] = "0"  # else newer ones with vendor=nextcloud take only a Nextcloud's address
        done = subprocess.run(
            [program, "--config", tmp_path / "none", *arguments], capture_output=True, text=True, timeout=120,
            env={f"RCLONE_CONFIG_IT_{name}": value for name, value in remote.items()},
        )  # fmt: skip
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr

    def store(content: str) -> None:
        (mine / "x.txt").write_text(content)
        rclone("touch", "--timestamp", "2020-01-01T00:00:00", mine / "x.txt")

    store("one")
    rclone("sync", "--checksum", mine, "it:")
    assert "0 differences found" in rclone("check", mine, "it:")
    store("two")
    assert "1 differences found" in rclone("check", mine, "it:", status=1)
    rclone("sync", "--checksum", mine, "it:")
    assert running.ask("GET", "/dav/Backgrounds/x.txt").body == b"two"
    assert "0 differences found" in rclone("check", mine, "it:")
    rclone("sync", mine, "it:other")

    rclone("moveto", "it:other/x.txt", "it:moved/x.txt")
    rclone("copyto", "it:moved/x.txt", "it:copied/x.txt")
    for folder in ("moved", "copied"):
        said = rclone("check", mine, f"it:{folder}")
        assert "0 differences found" in said
        assert "hashes could not be checked" not in said
    assert running.ask("PUT", "/dav/Backgrounds/copied/x.txt", b"six").status == 204
    assert "1 differences found" in rclone("check", mine, "it:copied", status=1)
