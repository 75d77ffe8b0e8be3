"""Many small files in few requests, and one by one where that fails."""

from contextlib import closing
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from davproxy.errors import NoSpace, Unavailable
from davproxy.remote.webdav.bulk import MAX_FILES
from davproxy.remote.webdav.nextcloud import Nextcloud
from tests.fakes.nextcloud import FakeNextcloud
from tests.remote.conftest import FOLDERS

pytestmark = pytest.mark.slow


@pytest.fixture
def paths(fake: FakeNextcloud) -> list[str]:
    paths = [f"/Songs/Artist {number % 7}/Song é {number}/song.ini" for number in range(400)]
    for path in paths:
        fake.put(f"CloneHero{path}", path.encode())
    return paths


def test_few_requests(nextcloud: Nextcloud, fake: FakeNextcloud, paths: list[str]) -> None:
    assert dict(nextcloud.read_many(paths)) == {path: path.encode() for path in paths}
    assert fake.count() <= 5


def test_missing_files_are_left_out(nextcloud: Nextcloud, fake: FakeNextcloud, paths: list[str]) -> None:
    missing = [f"/Songs/Artist 3/Song é {number}/album.png" for number in range(2)]
    assert dict(nextcloud.read_many([*paths, *missing])) == {path: path.encode() for path in paths}
    assert fake.count() < 60


@pytest.mark.parametrize("how", [{"page": True}, {"short_answer": 3000}], ids=str)
def test_a_response_that_is_no_zip(
    nextcloud: Nextcloud, fake: FakeNextcloud, paths: list[str], how: dict[str, Any]
) -> None:
    fake.fail("GET", times=1, **how)
    assert dict(nextcloud.read_many(paths)) == {path: path.encode() for path in paths}


def test_an_older_nextcloud(paths: list[str], fake: FakeNextcloud) -> None:
    fake.version = 30
    with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS)) as remote:
        assert not remote.connect().bulk_read
        assert dict(remote.read_many(paths[:20])) == {path: path.encode() for path in paths[:20]}


def test_a_server_that_is_down_is_not_asked_file_by_file(
    nextcloud: Nextcloud, fake: FakeNextcloud, paths: list[str]
) -> None:
    fake.fail("GET", times=10_000, status=404, path="nothing")
    fake.fail("GET", times=10_000, status=502)
    with pytest.raises(Unavailable):
        list(nextcloud.read_many(paths))
    assert fake.count("GET") < 40


def test_many_writes_in_few_requests(nextcloud: Nextcloud, fake: FakeNextcloud, tmp_path: Path) -> None:
    files = _songs(tmp_path)
    for number in range(10):
        nextcloud.make_folder(f"/Temp/job/{number}")
    fake.forget()
    nextcloud.write_many(files)
    assert fake.count() == fake.count("POST") == 1
    _check_songs(nextcloud)


@pytest.mark.parametrize("refused", [0, 400, 413])
def test_many_writes_into_missing_folders_or_longer_than_the_server_takes(
    nextcloud: Nextcloud, fake: FakeNextcloud, tmp_path: Path, refused: int
) -> None:
    if refused:
        fake.fail("POST", times=100, status=refused)
    nextcloud.write_many(_songs(tmp_path))
    assert fake.count("PUT") == (40 if refused else 0)
    _check_songs(nextcloud)


def _songs(folder: Path) -> list[tuple[str, Path]]:
    """Ten songs of four files, and what is in them."""
    small, audio = folder / "small", folder / "audio"
    small.write_bytes(b"x" * 20_000)
    audio.write_bytes(b"y" * 2_000_000)
    names = {"song.ogg": audio, "song.ini": small, "notes.chart": small, "album.png": small}
    return [(f"/Temp/job/{number}/{name}", file) for number in range(10) for name, file in names.items()]


def _check_songs(nextcloud: Nextcloud) -> None:
    found = [entry.size for entry in nextcloud.walk("/Temp/job") if not entry.is_folder]
    assert sorted(found) == [20_000] * 30 + [2_000_000] * 10


def test_a_bulk_write_that_refuses_one_says_why(nextcloud: Nextcloud, fake: FakeNextcloud, tmp_path: Path) -> None:
    source = tmp_path / "file"
    source.write_bytes(b"x" * 60_000)
    fake.quota = 100_000
    with pytest.raises(NoSpace):
        nextcloud.write_many([("/Temp/job/a", source), ("/Temp/job/b", source)])


def test_the_parts_that_a_nextcloud_on_sqlite_refuses_are_sent_again(
    nextcloud: Nextcloud, fake: FakeNextcloud, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"one")
    nextcloud.make_folder("/Temp/job")
    fake.forget()
    fake.locked_parts = 3
    nextcloud.write_many((f"/Temp/job/{number}", file) for number in range(MAX_FILES))
    assert (fake.count("POST"), fake.count("PUT")) == (2, 0)
    assert len(nextcloud.children("/Temp/job")) == MAX_FILES


def test_many_folders_cost_a_request_each_and_are_made_side_by_side(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    nextcloud.make_folder("/Temp/job")
    fake.forget()
    both = Barrier(2)
    fake.fail("MKCOL", "/Temp/job/whole/[01]/$", times=2, first=lambda: both.wait(20))
    nextcloud.make_folders(f"/Temp/job/whole/{number % 10}/Song {number}" for number in range(50))
    assert fake.count() == fake.count("MKCOL") == 1 + 10 + 50
    assert sum(entry.is_folder for entry in nextcloud.walk("/Temp/job")) == 1 + 10 + 50
    nextcloud.make_folders([])
    nextcloud.make_folders(["/Temp/job/whole/1/Song 1", "/Temp/another/deep/one"])
    assert nextcloud.stat("/Temp/another/deep/one").is_folder


def test_two_bulk_uploads_go_side_by_side(nextcloud: Nextcloud, fake: FakeNextcloud, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"one")
    nextcloud.make_folder("/Temp/job")
    fake.forget()
    both = Barrier(2)
    fake.fail("POST", times=2, first=lambda: both.wait(20))
    nextcloud.write_many((f"/Temp/job/{number}", file) for number in range(2 * MAX_FILES))
    assert fake.count() == fake.count("POST") == 2
    assert len(nextcloud.children("/Temp/job")) == 2 * MAX_FILES
