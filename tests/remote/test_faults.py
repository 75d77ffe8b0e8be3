"""Whatever the server or the network does, a call does its work whole or says that it did not, and nothing is lost."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from loguru import logger

from davproxy.errors import (
    BadPath,
    Conflict,
    DavproxyError,
    Forbidden,
    Locked,
    NoSpace,
    NotFound,
    SignInRefused,
    Unavailable,
    WrongKind,
)
from davproxy.model import ABSENT, Guard
from davproxy.remote.protocol import BLOCK
from davproxy.remote.webdav.bodies import body_blocks
from davproxy.remote.webdav.nextcloud import Nextcloud
from tests.fakes.nextcloud import FakeNextcloud
from tests.remote.conftest import FOLDERS

pytestmark = pytest.mark.slow

OLD = b"old content " * 1000
NEW = b"NEW CONTENT! " * 2000
LONG = bytes(range(256)) * 48_000
"""A little over one part."""


@pytest.fixture
def remote(fake: FakeNextcloud) -> Iterator[Nextcloud]:
    with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS, patience=0.35)) as subject:
        subject.connect()
        subject.make_folder("/Songs/Song")
        subject.write("/Songs/Song/a.txt", OLD)
        fake.forget()
        yield subject


Act = Callable[[Nextcloud], object]

ACTS: dict[str, tuple[str, Act]] = {
    "PROPFIND": ("PROPFIND", lambda remote: remote.children("/Songs/Song")),
    "GET": ("GET", lambda remote: remote.read("/Songs/Song/a.txt")),
    "PUT new": ("PUT", lambda remote: remote.write("/Songs/Song/new.txt", NEW)),
    "PUT part": ("PUT", lambda remote: remote.write("/Songs/Song/a.txt", NEW)),
    "MOVE parts": ("MOVE", lambda remote: remote.write("/Songs/Song/a.txt", NEW)),
    "MKCOL": ("MKCOL", lambda remote: remote.make_folder("/Songs/New")),
    "MOVE": ("MOVE", lambda remote: remote.move("/Songs/Song", "/Songs/Moved", guard=ABSENT)),
    "COPY": ("COPY", lambda remote: remote.copy("/Songs/Song", "/Songs/Copy", guard=ABSENT)),
    "DELETE": ("DELETE", lambda remote: remote.delete("/Songs/Song")),
    "PROPPATCH": ("PROPPATCH", lambda remote: remote.set_modified("/Songs/Song/a.txt", 1_500_000_000)),
}
CHANGES = [name for name in ACTS if name not in ("PROPFIND", "GET", "PROPPATCH")]
ERRORS: dict[int, type[DavproxyError]] = {
    401: SignInRefused,
    403: Forbidden,
    423: Locked,
    429: Unavailable,
    500: Unavailable,
    502: Unavailable,
    503: Unavailable,
    507: NoSpace,
}


def state(fake: FakeNextcloud) -> dict[str, bytes | None]:
    """Every path of the account with its content, None for a folder."""
    with fake.lock:
        return {"/".join(names): None if node.is_folder else node.body.read() for names, node in fake.tree.root.below()}


def outcome(name: str) -> dict[str, bytes | None]:
    """The state that the act called `name` leaves, by itself on a server of its own."""
    with (
        FakeNextcloud() as fake,
        closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS)) as remote,
    ):
        remote.make_folder("/Songs/Song")
        remote.write("/Songs/Song/a.txt", OLD)
        ACTS[name][1](remote)
        return state(fake)


@pytest.mark.parametrize("status", ERRORS)
@pytest.mark.parametrize("name", ACTS)
def test_a_status_that_stays(remote: Nextcloud, fake: FakeNextcloud, name: str, status: int) -> None:
    method, act = ACTS[name]
    before = state(fake)
    fake.fail(method, times=10_000, status=status)
    with pytest.raises(ERRORS[status]) as raised:
        act(remote)
    assert str(raised.value).endswith(".")
    assert state(fake) == before


@pytest.mark.parametrize("status", ERRORS)
@pytest.mark.parametrize("name", ACTS)
def test_a_status_that_passes(remote: Nextcloud, fake: FakeNextcloud, name: str, status: int) -> None:
    method, act = ACTS[name]
    before = state(fake)
    fake.fail(method, status=status)
    if status in (403, 507):
        with pytest.raises(ERRORS[status]):
            act(remote)
        assert state(fake) == before
    else:
        act(remote)
        assert state(fake) == outcome(name)


@pytest.mark.parametrize("how", [{"drop_answer": True}, {"fail_after": 504}, {"fail_after": 500}], ids=str)
@pytest.mark.parametrize("name", CHANGES)
def test_an_answer_lost_after_success(remote: Nextcloud, fake: FakeNextcloud, name: str, how: dict[str, Any]) -> None:
    method, act = ACTS[name]
    fake.fail(method, **how)
    act(remote)
    assert state(fake) == outcome(name)
    moves = fake.count("MOVE")
    assert moves == (1 if "MOVE" in name or name == "PUT part" else 0), "what was done is not done again"


@pytest.mark.slow
def test_a_hundred_moves_whose_answers_are_lost(remote: Nextcloud, fake: FakeNextcloud) -> None:
    source = "/Songs/Song"
    for number in range(100):
        fake.fail("MOVE", drop_answer=True)
        target = f"/Songs/Song {number}"
        remote.move(source, target, guard=ABSENT)
        source = target
    assert fake.count("MOVE") == 100
    assert fake.content("CloneHero/Songs/Song 99/a.txt") == OLD
    assert len(remote.children("/Songs")) == 1


@pytest.mark.slow
@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("existing", [False, True])
def test_a_hundred_cut_writes(fake: FakeNextcloud, existing: bool, lasting: bool) -> None:
    """Cut anywhere, on a server that would leave the truncated body live: the old content or the new, never mixed."""
    dice = random.Random(7)
    patience = 0.05 if lasting else 5.0
    with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS, patience=patience)) as remote:
        for number in range(100):
            path = f"/Songs/{number}.txt"
            if existing:
                remote.write(path, OLD)
            fake.faults.clear()
            fake.fail("PUT", times=1000 if lasting else 1, cut_request=dice.randrange(len(NEW)))
            try:
                remote.write(path, NEW)
                done = True
            except DavproxyError:
                done = False
            content = fake.content(f"CloneHero{path}")
            assert content == (NEW if done else OLD if existing else None)
            assert done != lasting
            fake.faults.clear()


def test_a_plain_put_would_have_been_cut(fake: FakeNextcloud) -> None:
    """The bug that the tests above are about is there in the fake."""
    with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS, patience=0.05)) as remote:
        remote.write("/Songs/a.txt", OLD)
        fake.fail("PUT", cut_request=500)
        with pytest.raises(DavproxyError):
            remote._connection.send(
                "PUT",
                f"{fake.url}/remote.php/dav/files/player/CloneHero/Songs/a.txt",
                expect={204},
                about="",
                content=NEW,
            )
        assert fake.content("CloneHero/Songs/a.txt") == NEW[:500]


@pytest.mark.parametrize("how", [{"status": 500}, {"cut_request": 5_000_000}, {"drop_answer": True}], ids=str)
def test_a_part_that_fails_once_is_sent_again(remote: Nextcloud, fake: FakeNextcloud, how: dict[str, Any]) -> None:
    fake.fail("PUT", **how)
    assert remote.write("/Songs/Song/a.txt", LONG).size == len(LONG)
    assert fake.content("CloneHero/Songs/Song/a.txt") == LONG


def test_a_slow_part_that_fails_at_its_end_is_sent_again(remote: Nextcloud, fake: FakeNextcloud) -> None:
    """Patience begins with the failure: on a slow line one attempt takes longer than it."""
    fake.fail("PUT", latency=0.6, drop_answer=True)
    assert remote.write("/Songs/Song/a.txt", LONG).size == len(LONG)
    assert fake.content("CloneHero/Songs/Song/a.txt") == LONG


def test_a_chunked_write_that_fails_leaves_no_parts(remote: Nextcloud, fake: FakeNextcloud) -> None:
    fake.fail("MOVE", times=100, status=507)
    with pytest.raises(NoSpace):
        remote.write("/Songs/Song/a.txt", LONG)
    assert fake.content("CloneHero/Songs/Song/a.txt") == OLD
    assert fake.dav.uploads.parts == {}


def test_a_full_account(remote: Nextcloud, fake: FakeNextcloud) -> None:
    fake.quota = 100_000
    assert remote.quota().free == 100_000 - len(OLD)
    for content in (b"x" * 200_000, LONG):
        for path in ("/Songs/Song/a.txt", "/Songs/new.txt"):
            with pytest.raises(NoSpace):
                remote.write(path, content)
    assert fake.content("CloneHero/Songs/Song/a.txt") == OLD
    assert remote.children("/Songs/Song") == [remote.stat("/Songs/Song/a.txt")]


class TestReading:
    @pytest.mark.parametrize("cut", [0, 1, 5000, len(OLD) - 1])
    @pytest.mark.parametrize("how", ["cut_answer", "short_answer"])
    def test_a_short_body_is_an_error(self, remote: Nextcloud, fake: FakeNextcloud, how: str, cut: int) -> None:
        fault: dict[str, Any] = {how: cut}
        fake.fail("GET", times=100, **fault)
        with pytest.raises(Unavailable):
            remote.read("/Songs/Song/a.txt")
        if cut < 5000:
            with pytest.raises(Unavailable), remote.stream("/Songs/Song/a.txt", 10, 11_000) as blocks:
                list(blocks)

    @pytest.mark.parametrize("cut", [0, 100, 400])
    @pytest.mark.parametrize("how", ["cut_answer", "short_answer"])
    def test_a_short_listing_is_an_error(self, remote: Nextcloud, fake: FakeNextcloud, how: str, cut: int) -> None:
        fault: dict[str, Any] = {how: cut}
        fake.fail("PROPFIND", times=100, **fault)
        for look in (
            lambda: remote.children("/Songs"),
            lambda: remote.stat("/Songs"),
            lambda: list(remote.walk("/Songs")),
        ):
            with pytest.raises(Unavailable):
                look()

    def test_an_answer_that_drips_is_given_up(self) -> None:
        now = 0.0

        def drip() -> Iterator[bytes]:
            nonlocal now
            for _ in range(100_000):
                now += 2
                yield b"."

        dripping = body_blocks(httpx.Response(200, content=drip()), "/Songs/a.txt", clock=lambda: now)
        with pytest.raises(Unavailable, match="too slowly"):
            list(dripping)
        assert now < 60

    def test_a_slow_reader_is_no_slow_server(self) -> None:
        now = [0.0]
        received = 0
        answer = httpx.Response(200, content=iter([b"x" * BLOCK] * 20))
        for block in body_blocks(answer, "/Songs/a.txt", clock=lambda: now[0]):
            now[0] += 3600
            received += len(block)
        assert received == 20 * BLOCK

    def test_a_search_cut_short_falls_back_to_the_listing(self, remote: Nextcloud, fake: FakeNextcloud) -> None:
        fake.fail("SEARCH", times=100, cut_answer=200)
        assert [entry.path for entry in remote.find("a.txt", "/Songs")] == ["/Songs/Song/a.txt"]

    @pytest.mark.parametrize("name", ACTS)
    def test_a_web_page_is_no_answer(self, remote: Nextcloud, fake: FakeNextcloud, name: str) -> None:
        method, act = ACTS[name]
        before = state(fake)
        fake.fail(method, times=100, page=True)
        with pytest.raises(Unavailable):
            act(remote)
        assert state(fake) == before

    def test_a_listing_of_depth_infinity_that_is_not(self, remote: Nextcloud, fake: FakeNextcloud) -> None:
        for number in range(3):
            fake.put(f"CloneHero/Songs/Artist {number}/Album/Song/song.ini", b"[song]")
        whole = sorted(entry.path for entry in remote.walk("/"))
        fake.deep_listings = False
        assert sorted(entry.path for entry in remote.walk("/")) == whole
        assert "/Songs/Artist 2/Album/Song/song.ini" in whole

    @pytest.mark.slow
    def test_a_search_of_many_pages(self, remote: Nextcloud, fake: FakeNextcloud) -> None:
        for number in range(5050):
            fake.put(f"CloneHero/Songs/{number % 50}/{number}/song.ini", b"[song]")
        fake.forget()
        assert len(remote.find("song.ini", "/Songs")) == 5050
        assert (fake.count("SEARCH"), fake.count()) == (2, 2)


class TestBulk:
    @pytest.fixture
    def paths(self, fake: FakeNextcloud) -> list[str]:
        paths = [f"/Songs/Artist {number % 7}/Song é {number}/song.ini" for number in range(400)]
        for path in paths:
            fake.put(f"CloneHero{path}", path.encode())
        return paths

    def test_few_requests(self, remote: Nextcloud, fake: FakeNextcloud, paths: list[str]) -> None:
        assert dict(remote.read_many(paths)) == {path: path.encode() for path in paths}
        assert fake.count() <= 5

    def test_missing_files_are_left_out(self, remote: Nextcloud, fake: FakeNextcloud, paths: list[str]) -> None:
        missing = [f"/Songs/Artist 3/Song é {number}/album.png" for number in range(2)]
        assert dict(remote.read_many([*paths, *missing])) == {path: path.encode() for path in paths}
        assert fake.count() < 60

    @pytest.mark.parametrize("how", [{"page": True}, {"short_answer": 3000}], ids=str)
    def test_a_zip_that_is_none(
        self, remote: Nextcloud, fake: FakeNextcloud, paths: list[str], how: dict[str, Any]
    ) -> None:
        fake.fail("GET", times=1, **how)
        assert dict(remote.read_many(paths)) == {path: path.encode() for path in paths}

    def test_an_older_nextcloud(self, paths: list[str], fake: FakeNextcloud) -> None:
        fake.version = 30
        with closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS)) as remote:
            assert not remote.connect().bulk_read
            assert dict(remote.read_many(paths[:20])) == {path: path.encode() for path in paths[:20]}

    def test_a_server_that_is_down_is_not_asked_file_by_file(
        self, remote: Nextcloud, fake: FakeNextcloud, paths: list[str]
    ) -> None:
        fake.fail("GET", times=10_000, status=404, path="nothing")
        fake.fail("GET", times=10_000, status=502)
        with pytest.raises(Unavailable):
            list(remote.read_many(paths))
        assert fake.count("GET") < 40

    def test_many_writes_in_few_requests(self, remote: Nextcloud, fake: FakeNextcloud, tmp_path: Path) -> None:
        files = self._songs(tmp_path)
        for number in range(10):
            remote.make_folder(f"/Temp/job/{number}")
        fake.forget()
        remote.write_many(files)
        assert fake.count() == fake.count("POST") == 1
        self._check_songs(remote)

    @pytest.mark.parametrize("refused", [0, 400, 413])
    def test_many_writes_into_missing_folders_or_longer_than_the_server_takes(
        self, remote: Nextcloud, fake: FakeNextcloud, tmp_path: Path, refused: int
    ) -> None:
        if refused:
            fake.fail("POST", times=100, status=refused)
        remote.write_many(self._songs(tmp_path))
        assert fake.count("PUT") == (40 if refused else 0)
        self._check_songs(remote)

    @staticmethod
    def _songs(folder: Path) -> list[tuple[str, Path]]:
        """Ten songs of four files, and what is in them."""
        small, audio = folder / "small", folder / "audio"
        small.write_bytes(b"x" * 20_000)
        audio.write_bytes(b"y" * 2_000_000)
        names = {"song.ogg": audio, "song.ini": small, "notes.chart": small, "album.png": small}
        return [(f"/Temp/job/{number}/{name}", file) for number in range(10) for name, file in names.items()]

    @staticmethod
    def _check_songs(remote: Nextcloud) -> None:
        found = [entry.size for entry in remote.walk("/Temp/job") if not entry.is_folder]
        assert sorted(found) == [20_000] * 30 + [2_000_000] * 10

    def test_a_bulk_write_that_refuses_one_says_why(
        self, remote: Nextcloud, fake: FakeNextcloud, tmp_path: Path
    ) -> None:
        source = tmp_path / "file"
        source.write_bytes(b"x" * 60_000)
        fake.quota = 100_000
        with pytest.raises(NoSpace):
            remote.write_many([("/Temp/job/a", source), ("/Temp/job/b", source)])


class TestSignIn:
    def test_a_wrong_password_is_tried_once(self, fake: FakeNextcloud) -> None:
        with closing(Nextcloud(fake.url, fake.user, "wrong", "CloneHero", FOLDERS)) as remote:
            for _ in range(20):
                with pytest.raises(SignInRefused):
                    remote.connect()
        assert fake.wrong_passwords == 1

    def test_an_expired_session_is_renewed(self, remote: Nextcloud, fake: FakeNextcloud) -> None:
        assert len(fake.sessions) == 1
        fake.sessions.clear()
        assert remote.read("/Songs/Song/a.txt") == OLD
        assert len(fake.sessions) == 1

    def test_one_session_for_everything(self, remote: Nextcloud, fake: FakeNextcloud) -> None:
        remote.find("song.ini", "/Songs")
        remote.write("/Songs/Song/a.txt", NEW)
        remote.trash()
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

    def test_a_redirect_is_not_followed(self, remote: Nextcloud, fake: FakeNextcloud) -> None:
        fake.fail(times=10, status=302)
        with pytest.raises(Unavailable, match="NEXTCLOUD_URL"):
            remote.stat("/Songs")
        assert fake.count() == 1

    def test_another_host_is_not_asked(self, remote: Nextcloud, fake: FakeNextcloud) -> None:
        with FakeNextcloud() as other:
            with pytest.raises(Unavailable, match="another host"):
                remote._connection.send("GET", f"{other.url}/status.php", expect={200}, about="/")
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

    def test_maintenance(self, remote: Nextcloud, fake: FakeNextcloud) -> None:
        fake.maintenance = True
        with pytest.raises(Unavailable):
            remote.stat("/Songs")
        with (
            closing(Nextcloud(fake.url, fake.user, fake.password, "CloneHero", FOLDERS)) as late,
            pytest.raises(Unavailable, match="maintenance"),
        ):
            late.connect()
        fake.maintenance = False
        assert remote.stat("/Songs").is_folder

    def test_a_server_that_is_not_there_is_said_at_once_and_found_later(self) -> None:
        with FakeNextcloud() as gone:
            port = int(gone.url.rpartition(":")[2])
        with closing(Nextcloud(gone.url, gone.user, gone.password, "CloneHero", FOLDERS, patience=60)) as remote:
            with pytest.raises(Unavailable, match="cannot be reached"):
                remote.connect()
            with FakeNextcloud(port=port):
                assert remote.stat("/Songs").is_folder


@pytest.mark.parametrize("name", [".htaccess", "song.part", "SONG.FILEPART"])
def test_names_that_a_nextcloud_refuses_are_not_sent(remote: Nextcloud, fake: FakeNextcloud, name: str) -> None:
    for call in (
        lambda path: remote.write(path, b"1"),
        remote.make_folder,
        lambda path: remote.move("/Songs/Song", path),
        lambda path: remote.copy("/Songs/Song", path),
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


def test_two_writers_and_their_readers(remote: Nextcloud, fake: FakeNextcloud) -> None:
    """However they meet: each reader sees one whole content, and none that was acknowledged is lost to a stale one."""
    contents = [bytes([number]) * 30_000 for number in range(1, 9)]
    written: list[bytes] = []
    mixed: list[bytes] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            content = remote.read("/Songs/Song/a.txt")
            if content != OLD and content not in contents:
                mixed.append(content)

    def write(content: bytes) -> None:
        entry = remote.stat("/Songs/Song/a.txt")
        try:
            remote.write("/Songs/Song/a.txt", content, guard=Guard(etag=entry.etag))
            written.append(content)
        except (Conflict, NotFound):
            pass

    reader = threading.Thread(target=read)
    reader.start()
    writers = [threading.Thread(target=write, args=(content,)) for content in contents]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join()
    assert mixed == []
    assert fake.content("CloneHero/Songs/Song/a.txt") == written[-1]
