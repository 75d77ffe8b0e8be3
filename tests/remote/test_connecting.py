"""Sign-in, sessions, redirects, maintenance, and names that a Nextcloud refuses."""

from contextlib import closing

import pytest
from loguru import logger

from davproxy.errors import BadPath, DavproxyError, Forbidden, SignInRefused, Unavailable, WrongKind
from davproxy.remote.webdav.nextcloud import Nextcloud
from tests.fakes.nextcloud import FakeNextcloud
from tests.remote.conftest import FOLDERS, OLD
from tests.remote.faults import NEW

pytestmark = pytest.mark.slow


class TestSignIn:
    def test_a_wrong_password_is_tried_once(self, fake: FakeNextcloud) -> None:
        with closing(Nextcloud(fake.url, fake.user, "wrong", "CloneHero", FOLDERS)) as remote:
            for _ in range(20):
                with pytest.raises(SignInRefused):
                    remote.connect()
        assert fake.wrong_passwords == 1

    def test_an_expired_session_is_renewed(self, nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
        assert len(fake.sessions) == 1
        fake.sessions.clear()
        assert nextcloud.read("/Songs/Song/a.txt") == OLD
        assert len(fake.sessions) == 1

    def test_one_session_for_everything(self, nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
        nextcloud.find("song.ini", "/Songs")
        nextcloud.write("/Songs/Song/a.txt", NEW)
        nextcloud.trash()
        assert len(fake.sessions) == 1

    def test_no_secret_in_the_log(self, fake: FakeNextcloud) -> None:
        lines: list[str] = []
        sink = logger.add(lines.append, level="TRACE", format="{message} {exception}", backtrace=True, diagnose=False)
        try:
            with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS, patience=0.1)) as remote:
                remote.connect()
                fake.fail("GET", times=100, status=502)
                try:
                    remote.read("/Songs/Song/a.txt")
                except DavproxyError:
                    logger.exception("it failed")
        finally:
            logger.remove(sink)
        assert any("PROPFIND" in line for line in lines)
        for line in lines:
            assert fake.password not in line
            assert "fake_session" not in line

    def test_a_redirect_is_not_followed(self, nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
        fake.fail(times=10, status=302)
        with pytest.raises(Unavailable, match="NEXTCLOUD_URL"):
            nextcloud.stat("/Songs")
        assert fake.count() == 1

    def test_another_host_is_not_asked(self, nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
        with FakeNextcloud() as other:
            with pytest.raises(Unavailable, match="another host"):
                nextcloud._connection.send("GET", f"{other.url}/status.php", expect={200}, about="/")
            assert other.count() == 0


class TestPatience:
    def test_retry_after_is_honoured_within_it(self, fake: FakeNextcloud) -> None:
        with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS, patience=3)) as remote:
            remote.connect()
            fake.forget()
            fake.fail("PROPFIND", status=503, retry_after=1)
            assert remote.stat("/Songs").is_folder
            fake.fail("PROPFIND", status=503, retry_after=100)
            with pytest.raises(Unavailable):
                remote.stat("/Songs")
            assert fake.count() == 3

    def test_maintenance(self, nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
        fake.maintenance = True
        with pytest.raises(Unavailable):
            nextcloud.stat("/Songs")
        with (
            closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS)) as late,
            pytest.raises(Unavailable, match="maintenance"),
        ):
            late.connect()
        fake.maintenance = False
        assert nextcloud.stat("/Songs").is_folder

    def test_a_missing_server_is_an_error_at_once_and_used_once_it_is_there(self) -> None:
        with FakeNextcloud() as gone:
            port = int(gone.url.rpartition(":")[2])
        with closing(Nextcloud(gone.url, gone.user, gone.password, "CloneHero", FOLDERS, patience=60)) as remote:
            with pytest.raises(Unavailable, match="cannot be reached"):
                remote.connect()
            with FakeNextcloud(port=port):
                assert remote.stat("/Songs").is_folder


@pytest.mark.parametrize("name", [".htaccess", "song.part", "SONG.FILEPART"])
def test_names_that_a_nextcloud_refuses_are_not_sent(nextcloud: Nextcloud, fake: FakeNextcloud, name: str) -> None:
    for call in (
        lambda path: nextcloud.write(path, b"1"),
        nextcloud.make_folder,
        lambda path: nextcloud.move("/Songs/Song", path),
        lambda path: nextcloud.copy("/Songs/Song", path),
    ):
        with pytest.raises(BadPath, match="Nextcloud"):
            call(f"/Songs/{name}")
    assert fake.count() == 0


def test_a_file_where_a_top_folder_should_be(fake: FakeNextcloud) -> None:
    fake.put("CloneHero/Songs", b"a file")
    with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS)) as remote:
        with pytest.raises(WrongKind, match="“/Songs” is a file"):
            remote.connect()
        assert fake.content("CloneHero/Songs") == b"a file"


@pytest.mark.parametrize("folder", ["CloneHero", "CloneHero/Songs"])
def test_an_encrypted_folder_is_refused_in_words(fake: FakeNextcloud, folder: str) -> None:
    with fake.lock:
        fake.tree.make_folders(["CloneHero", "Songs"])
        node = fake.tree.find(folder.split("/"))
        assert node is not None
        node.is_encrypted = True
    with (
        closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS)) as remote,
        pytest.raises(Forbidden, match=f"“{folder}” is end-to-end encrypted"),
    ):
        remote.connect()
    assert fake.count("MKCOL") == 0


def test_folders_on_external_storage_are_found_out(fake: FakeNextcloud) -> None:
    with fake.lock:
        fake.tree.make_folders(["CloneHero", "Songs"])
        library, songs = fake.tree.find(["CloneHero"]), fake.tree.find(["CloneHero", "Songs"])
        assert library is not None
        assert songs is not None
        songs.mount_type = "external"
    with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS)) as remote:
        assert remote.connect().external == ("/Songs",)
    library.mount_type = "external"
    with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS)) as remote:
        assert remote.connect().external == tuple(sorted(FOLDERS))


def test_a_closed_remote_says_that_it_is_unavailable(fake: FakeNextcloud) -> None:
    remote = Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS)
    remote.connect()
    remote.close()
    with pytest.raises(Unavailable, match="closed"):
        remote.stat("/Songs")
