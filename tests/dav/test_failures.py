"""What the client hears when the storage fails, and that nothing is lost by it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from davproxy import errors
from davproxy.model import ANYTHING, Guard
from davproxy.remote.local.folder import Folder
from davproxy.remote.protocol import Upload
from tests.raw_http import Raw, request
from tests.serving import Running, Site

SIZE = 5_000_000


class Failing(Folder):
    """A local folder that fails when told to."""

    failure: errors.DavproxyError | None = None
    short = 0

    def _fail(self) -> None:
        if self.failure:
            raise self.failure

    @contextmanager
    def stream(
        self, path: str, start: int = 0, length: int | None = None, *, etag: str | None = None
    ) -> Iterator[Iterator[bytes]]:
        self._fail()
        with super().stream(path, start, length, etag=etag) as blocks:
            yield self._cut(blocks) if self.short else blocks

    def _cut(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        left = self.short
        for block in blocks:
            yield block[:left]
            left -= len(block)
            if left <= 0:
                raise errors.Unavailable("The remote broke off.")

    def upload(self, *arguments: Any, **named: Any) -> Any:
        return _FailingUpload(self, super().upload(*arguments, **named))

    def make_folder(self, path: str) -> None:
        self._fail()
        super().make_folder(path)

    def move(self, *arguments: Any, **named: Any) -> None:
        self._fail()
        super().move(*arguments, **named)

    def copy(self, *arguments: Any, **named: Any) -> None:
        self._fail()
        super().copy(*arguments, **named)

    def quota(self) -> Any:
        self._fail()
        return super().quota()

    def delete(self, path: str, *, guard: Guard = ANYTHING, file_id: int | None = None) -> str | None:
        self._fail()
        return super().delete(path, guard=guard, file_id=file_id)

    def set_modified(self, path: str, modified: float) -> Any:
        self._fail()
        return super().set_modified(path, modified)


class _FailingUpload:
    """Fails where it hurts most: when everything has been sent."""

    def __init__(self, remote: Failing, upload: Upload) -> None:
        self._remote, self._upload = remote, upload
        self.write, self.abort = upload.write, upload.abort

    def commit(self) -> Any:
        self._remote._fail()
        return self._upload.commit()


@pytest.fixture
def broken(site: Site) -> Running:
    running = site.start_on(lambda settings: Failing(settings.library_dir, settings.folders))
    running.library.tree.write("/Songs/x", bytes(SIZE))
    running.changes.clear()
    return running


def remote_of(running: Running) -> Failing:
    assert isinstance(running.remote, Failing)
    return running.remote


@pytest.mark.parametrize(
    "failure",
    [
        errors.Unavailable("The Nextcloud does not answer. Try again later."),
        errors.SignInRefused("The Nextcloud refuses the app password."),
        errors.Locked("Somebody is using it."),
        errors.NoSpace("There is no room left."),
        errors.Forbidden("The Nextcloud does not allow it."),
        errors.Conflict("It was changed elsewhere."),
        errors.BadInput("It cannot be used."),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_each_error_reaches_the_client_with_its_status_and_words(
    broken: Running, failure: errors.DavproxyError
) -> None:
    remote_of(broken).failure = failure
    date = b'<propertyupdate xmlns="DAV:"><set><prop><getlastmodified>Fri, 13 Feb 2009 23:31:30 GMT</getlastmodified>'
    for method, path, body, headers in (
        ("PUT", "/dav/Songs/x", b"new", {}),
        ("PUT", "/dav/Songs/new", b"new", {}),
        ("GET", "/dav/Songs/x", None, {}),
        ("DELETE", "/dav/Songs/x", None, {}),
        ("MKCOL", "/dav/Songs/A", None, {}),
        ("MOVE", "/dav/Songs/x", None, {"Destination": "/dav/Songs/y"}),
        ("COPY", "/dav/Songs/x", None, {"Destination": "/dav/Songs/y"}),
        ("PROPPATCH", "/dav/Songs/x", date + b"</prop></set></propertyupdate>", {}),
    ):
        answer = broken.ask(method, path, body, **headers)
        if method == "PROPPATCH":
            assert f"HTTP/1.1 {failure.status}".encode() in answer.body
        else:
            assert (answer.status, answer.body.decode()) == (failure.status, failure.message + "\n"), method
        if answer.status == 503:
            assert answer.headers["retry-after"]
    remote_of(broken).failure = None
    # A change that failed leaves it open whether the file is as it was: it is looked at again before the next one.
    assert {(change.kind, change.path) for change in broken.changes} <= {("written", "/Songs/x")}
    assert broken.ask("GET", "/dav/Songs/x").body == bytes(SIZE)
    assert [entry.path for entry in broken.library.tree.children("/Songs")] == ["/Songs/x"]


def test_listings_are_answered_while_the_remote_is_away(broken: Running) -> None:
    remote_of(broken).failure = errors.Unavailable("The Nextcloud does not answer.")
    for path in ("/dav/", "/dav/Songs/", "/dav/Songs/x", "/dav/Status/"):
        assert broken.ask("PROPFIND", path, Depth="1").status == 207
        quota = b"<propfind xmlns='DAV:'><prop><resourcetype/><quota-used-bytes/></prop></propfind>"
        assert broken.ask("PROPFIND", path, quota, Depth="1").status == 207
    assert broken.ask("HEAD", "/dav/Songs/x").headers["content-length"] == str(SIZE)
    assert broken.ask("GET", "/dav/Status/STATUS.txt").status == 200


@pytest.mark.parametrize("after", [1, 1024 * 1024, 3_000_000])
def test_a_download_that_breaks_off_is_cut_never_short(broken: Running, after: int) -> None:
    remote_of(broken).short = after
    with Raw(broken.port) as raw:
        raw.send(request("GET", "/dav/Songs/x"))
        status, headers, body = raw.answer()
        assert status == 503 or (headers["content-length"] == str(SIZE) and len(body) < SIZE and raw.closed())
    remote_of(broken).short = 0
    assert broken.ask("GET", "/dav/Songs/x").body == bytes(SIZE)


class Breaking(Folder):
    """A local folder with a bug."""

    def delete(self, path: str, *, guard: Guard = ANYTHING, file_id: int | None = None) -> str | None:
        raise ZeroDivisionError(path)


def test_a_bug_is_a_500_without_its_details(site: Site) -> None:
    running = site.start_on(lambda settings: Breaking(settings.library_dir, settings.folders))
    running.library.tree.write("/Songs/x", b"1")
    with Raw(running.port) as raw:
        raw.send(request("DELETE", "/dav/Songs/x"))
        status, _, body = raw.answer()
        assert (status, b"ZeroDivision" in body, b"log says what" in body) == (500, False, True)
        raw.send(request("GET", "/dav/Songs/x"))
        assert raw.answer()[2] == b"1"
