"""The services and configuration files say what was asked for, whatever characters a name or a password has."""

import plistlib
import shlex
import stat
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.commands._mount_service import install
from davproxy.errors import BadInput
from davproxy.mounting import davfs2, rclone, services
from davproxy.mounting.mount import Mount
from davproxy.mounting.running import check_folder

MOUNT = Mount("http://127.0.0.1:8000/dav/", Path("/home/jo/Clone Hero"), "jo", 'se"cr$et\\')
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)


def test_a_password_is_shown_by_no_representation() -> None:
    assert MOUNT.password not in repr(MOUNT)


def test_what_to_enter_in_the_game() -> None:
    assert MOUNT.songs == "/home/jo/Clone Hero/Songs"
    assert Mount("http://x/dav/", Path("S:")).songs == "S:\\Songs"


@given(words)
def test_a_systemd_unit_keeps_each_argument(word: str) -> None:
    unit = services.systemd_unit(("/usr/bin/davproxy", "mount", word), Path("/x"))
    line = next(line for line in unit.split("\n") if line.startswith("ExecStart="))
    read = line.removeprefix("ExecStart=").replace("%%", "%").replace("$$", "$")
    assert shlex.split(read) == ["/usr/bin/davproxy", "mount", word]


@given(words)
def test_a_launch_agent_keeps_each_argument(word: str) -> None:
    agent = plistlib.loads(services.launchd_plist(("davproxy", word), {"APP_PASSWORD": word}))
    assert agent["ProgramArguments"] == ["davproxy", word]
    assert agent["EnvironmentVariables"] == {"APP_PASSWORD": word}


def test_a_scheduled_task_is_xml() -> None:
    task = ET.fromstring(services.scheduled_task(("C:\\py & co\\python.exe", "-m", "davproxy", "mount", "S:")))
    name = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    assert task.findtext(f".//{name}Command") == "C:\\py & co\\python.exe"
    assert task.findtext(f".//{name}Arguments") == "-m davproxy mount S:"


def test_a_service_keeps_the_password_in_a_file_of_the_user_alone(tmp_path: Path) -> None:
    for system in ("linux", "darwin"):
        said = install(MOUNT, ["davproxy", "mount"], system, tmp_path / system)
        assert MOUNT.password not in said
        holding = [
            file for file in (tmp_path / system).rglob("*") if file.is_file() and b"APP_PASSWORD" in file.read_bytes()
        ]
        assert len(holding) == 1
        assert stat.S_IMODE(holding[0].stat().st_mode) == 0o600


def test_davfs2_signs_in_with_any_password() -> None:
    assert davfs2.secret(MOUNT) == 'http://127.0.0.1:8000/dav/ "jo" "se\\"cr$et\\\\"\n'
    assert "buf_size 64\n" in davfs2.configuration(Path("/secrets"))


def test_the_readme_says_what_is_measured() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert f"rclone mount songs: ~/CloneHero {' '.join(rclone.FLAGS)}\n" in readme
    for row in davfs2.configuration(Path("/secrets")).splitlines()[:-1]:
        assert f"\n{row}\n" in readme, row


def test_rclone_is_given_the_password_by_the_environment_alone(tmp_path: Path) -> None:
    fake = tmp_path / "rclone"
    fake.write_text('#!/bin/sh\n[ "$1" = obscure ] && sed "s/./x/g" || echo "rclone v1.75.2"\n')
    fake.chmod(0o755)
    start = rclone.start(fake, MOUNT, system="linux")
    assert start.environment["RCLONE_CONFIG_DAVPROXY_PASS"] == "x" * len(MOUNT.password)
    assert start.environment["RCLONE_CONFIG_DAVPROXY_PACER_MIN_SLEEP"] == "0"
    assert MOUNT.password not in " ".join(start.arguments)
    assert rclone.version(fake) == (1, 75)
    fake.write_text("#!/bin/sh\necho nonsense\n")
    with pytest.raises(BadInput, match="version"):
        rclone.version(fake)


def test_a_folder_with_something_in_it_is_not_mounted_over(tmp_path: Path) -> None:
    check_folder(tmp_path / "new")
    (tmp_path / "new" / "x").touch()
    with pytest.raises(BadInput, match="not empty"):
        check_folder(tmp_path / "new")
