"""`setup` and `doctor`, against the fake Nextcloud."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from davproxy.settings import Settings
from tests.commands.conftest import Run
from tests.fakes.nextcloud import FakeNextcloud

pytestmark = pytest.mark.slow


@pytest.fixture
def fake() -> Iterator[FakeNextcloud]:
    with FakeNextcloud() as server:
        yield server


def test_a_typed_app_password(run: Run, fake: FakeNextcloud, tmp_path: Path) -> None:
    done = run(
        "setup", "--url", fake.url, "--username", fake.user, "--password", fake.password,
        "--folder", "Games/Clone Hero", "--app-username", "ann", "--app-password", "pass word",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nextcloud 32" in done.stdout
    assert fake.password not in done.stdout
    file = tmp_path / ".env"
    assert file.stat().st_mode & 0o777 == 0o600
    settings = Settings.read({}, file)
    assert (settings.nextcloud_password, settings.username, settings.password) == (fake.password, "ann", "pass word")
    assert len(settings.secret_key) == 64
    with fake.lock:
        assert fake.tree.find(["Games", "Clone Hero", "Songs"]) is not None
    doctor = run("doctor", APP_PORT="0")
    assert "All is well." in doctor.stdout, doctor.stdout
    assert doctor.returncode == 0


def test_signing_in_through_the_browser(run: Run, fake: FakeNextcloud, tmp_path: Path) -> None:
    over = threading.Event()

    def click() -> None:
        while not over.is_set():
            if fake.count("POST", "poll"):
                fake.grant()
            over.wait(0.05)

    person = threading.Thread(target=click)
    person.start()
    try:
        done = run("setup", typed=f"{fake.url}\ny\n\n\n")
    finally:
        over.set()
        person.join()
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{fake.url}/login/v2/flow/" in done.stdout
    settings = Settings.read({}, tmp_path / ".env")
    assert (settings.nextcloud_username, settings.nextcloud_password) == (fake.user, fake.password)
    assert (settings.remote_folder, settings.username) == ("CloneHero", "")


@pytest.mark.parametrize(
    ("url", "password", "said"),
    [("{url}", "wrong", "refuses the user name or the app password"), ("http://127.0.0.1:1", "x", "cannot be reached")],
)
def test_what_does_not_work_is_reported_and_nothing_is_written(
    run: Run, fake: FakeNextcloud, tmp_path: Path, url: str, password: str, said: str
) -> None:
    address = url.format(url=fake.url)
    done = run(
        "setup", "--url", address, "--username", fake.user, "--password", password, "--folder", "X",
        "--app-username", "",
    )  # fmt: skip
    assert done.returncode == 1
    assert said in done.stdout
    assert not (tmp_path / ".env").exists()


def test_a_malformed_address_is_refused_at_once(run: Run) -> None:
    done = run("setup", "--url", "ftp://cloud.example.org")
    assert done.returncode == 2
    assert "https://cloud.example.org" in done.stderr


@pytest.mark.parametrize(
    "page", ["/index.php/apps/files/files/12?dir=/CloneHero", "/login", "/remote.php/dav/files/ann"]
)
def test_the_doctor_says_how_it_understood_the_address(run: Run, fake: FakeNextcloud, page: str) -> None:
    done = run("doctor", **fake.account | {"NEXTCLOUD_URL": fake.url.upper() + page})
    assert f"Nextcloud 32.0.1 at {fake.url} (connected" in done.stdout
    assert f"The address {fake.url}{page.partition('?')[0]} is understood as {fake.url}." in done.stdout


def test_the_address_of_any_page_is_written_as_that_of_the_server(
    run: Run, fake: FakeNextcloud, tmp_path: Path
) -> None:
    done = run(
        "setup", "--url", f"{fake.url}/s/AbCdEf", "--username", fake.user, "--password", fake.password,
        "--folder", "Clone Hero", "--app-username", "",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"is understood as {fake.url}." in done.stdout
    assert f"NEXTCLOUD_URL='{fake.url}'" in (tmp_path / ".env").read_text()


def test_the_doctor_says_which_folders_have_to_be_listed(run: Run, fake: FakeNextcloud) -> None:
    with fake.lock:
        fake.tree.make_folders(["CloneHero", "Songs"])
        songs = fake.tree.find(["CloneHero", "Songs"])
        assert songs is not None
        songs.etag_rises = False
        fake.tree.make_folders(["CloneHero", "Colors", "Team"])
        team = fake.tree.find(["CloneHero", "Colors", "Team"])
        assert team is not None
        team.mount_type = "group"
    done = run("doctor", **fake.account)
    assert "The etags of /Colors/Team, /Songs do not say what changed in them" in done.stdout, done.stdout


def test_the_doctor_finds_what_must_be_fixed(run: Run, fake: FakeNextcloud, tmp_path: Path) -> None:
    fake.quota = 100
    (tmp_path / ".env").write_text("APP_HOST=0.0.0.0\n")
    (tmp_path / ".env").chmod(0o644)
    done = run(
        "doctor", **fake.account, APP_PORT="0", CACHE_SIZE="900 TiB", UNPACKED_LIMIT="900 TiB", PATH="/nonexistent"
    )
    assert done.returncode == 1
    for said in ("chmod 600", "APP_PASSWORD", "libarchive-tools", "CACHE_SIZE", "Free some space"):
        assert said in done.stdout, said
