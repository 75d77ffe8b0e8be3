"""A long new file is sent while it arrives: after the commit it is complete, otherwise nothing of it is there."""

from collections.abc import Iterator
from typing import Any

import pytest

from davproxy.errors import BadInput, Conflict, DavproxyError, Locked, NoSpace, SignInRefused, Unavailable
from davproxy.model import ABSENT
from davproxy.remote.protocol import BLOCK, send
from davproxy.remote.webdav.files import MAX_REQUEST
from davproxy.remote.webdav.nextcloud import Nextcloud
from tests.fakes.nextcloud import FakeNextcloud

CONTENT = bytes(range(256)) * 4 * 1024 * 15
"""15 MiB: more than one part."""
PATH = "/Songs/long.ogg"


def blocks(content: bytes = CONTENT, size: int = BLOCK) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def stored(fake: FakeNextcloud) -> bytes | None:
    return fake.content(f"CloneHero{PATH}")


def test_one_request_returns_the_whole_entry(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    entry = send(nextcloud.upload(PATH, size=len(CONTENT), modified=1_600_000_000.9, guard=ABSENT), blocks())
    assert [seen.method for seen in fake.requests] == ["PUT", "PATCH"]  # the second for the checksum
    assert stored(fake) == CONTENT
    assert entry == nextcloud.stat(PATH)
    assert entry.modified == 1_600_000_000


@pytest.mark.parametrize("modified", [None, 0.0])
def test_a_file_without_a_modification_time_gets_one(
    nextcloud: Nextcloud, fake: FakeNextcloud, modified: float | None
) -> None:
    for content in (CONTENT, b"short"):
        path = f"/Songs/{len(content)}"
        upload = nextcloud.upload(path, size=len(content), modified=modified, guard=ABSENT)
        assert send(upload, blocks(content)) == nextcloud.stat(path)
    assert fake.count("PUT") == 2


def test_blocks_are_sent_before_the_commit_and_visible_after_it(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    upload = nextcloud.upload(PATH, size=len(CONTENT), guard=ABSENT)
    for block in blocks():
        upload.write(block)
    assert fake.count() == 0, "the last block waits"
    assert stored(fake) is None
    upload.commit()
    upload.abort()
    assert stored(fake) == CONTENT


@pytest.mark.parametrize("percent", range(1, 100, 7))
@pytest.mark.parametrize("size", [BLOCK, 100_000])
def test_an_abort_anywhere_leaves_nothing(nextcloud: Nextcloud, fake: FakeNextcloud, percent: int, size: int) -> None:
    upload = nextcloud.upload(PATH, size=len(CONTENT), guard=ABSENT)
    for block in blocks(CONTENT[: len(CONTENT) * percent // 100], size):
        upload.write(block)
    upload.abort()
    assert nextcloud.write(PATH, b"the next one").size == 12
    assert stored(fake) == b"the next one"


@pytest.mark.parametrize("off", [-1, 1])
def test_another_size_than_announced_leaves_nothing(nextcloud: Nextcloud, fake: FakeNextcloud, off: int) -> None:
    with pytest.raises(BadInput):
        send(nextcloud.upload(PATH, size=len(CONTENT) + off, guard=ABSENT), blocks())
    assert stored(fake) is None


@pytest.mark.parametrize("percent", [1, 30, 70, 99])
def test_a_cut_connection_is_an_error_before_the_end(nextcloud: Nextcloud, fake: FakeNextcloud, percent: int) -> None:
    fake.fail("PUT", cut_request=len(CONTENT) * percent // 100)
    sent = CONTENT * 6  # far more than any socket holds
    left = blocks(sent)
    with pytest.raises(Unavailable):
        send(nextcloud.upload(PATH, size=len(sent), guard=ABSENT), left)
    assert next(left, b"")
    assert stored(fake) is None
    assert fake.count("PUT") == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, SignInRefused), (423, Locked), (429, Unavailable), (500, Unavailable), (503, Unavailable), (507, NoSpace)],
)
def test_an_error_is_raised_in_the_writer(
    nextcloud: Nextcloud, fake: FakeNextcloud, status: int, error: type[DavproxyError]
) -> None:
    fake.fail("PUT", status=status)
    with pytest.raises(error):
        send(nextcloud.upload(PATH, size=len(CONTENT), guard=ABSENT), blocks())
    assert stored(fake) is None
    assert fake.count("PUT") == 1


@pytest.mark.parametrize("how", [{"drop_answer": True}, {"fail_after": 504}], ids=str)
def test_after_a_lost_response_the_file_is_checked(
    nextcloud: Nextcloud, fake: FakeNextcloud, how: dict[str, Any]
) -> None:
    fake.fail("PUT", **how)
    entry = send(nextcloud.upload(PATH, size=len(CONTENT), guard=ABSENT), blocks())
    assert entry == nextcloud.stat(PATH)
    assert fake.count("PUT") == 1


def test_a_file_that_appears_meanwhile(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    upload = nextcloud.upload(PATH, size=len(CONTENT), guard=ABSENT)
    fake.put(f"CloneHero{PATH}", b"somebody else's")
    with pytest.raises(Conflict):
        send(upload, blocks())
    assert stored(fake) == b"somebody else's"


def test_a_file_that_a_proxy_refused_goes_in_parts_the_next_time(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    fake.fail("PUT", status=413)
    with pytest.raises(Unavailable, match="Send it again"):
        send(nextcloud.upload(PATH, size=len(CONTENT), guard=ABSENT), blocks())
    send(nextcloud.upload(PATH, size=len(CONTENT), guard=ABSENT), blocks())
    assert stored(fake) == CONTENT
    assert fake.count("MKCOL", "/uploads/") == 1


def test_a_file_longer_than_one_request_goes_in_parts(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    size = MAX_REQUEST + 1
    send(nextcloud.upload(PATH, size=size, guard=ABSENT), blocks(bytes(size)))
    assert fake.count("PUT", "/uploads/") > 1
    assert fake.count("PUT", "/files/") == 0
