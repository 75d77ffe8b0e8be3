"""Checksums: computed as bytes pass, read from what others wrote, and compared with what a Nextcloud holds."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import Unavailable
from davproxy.model import ABSENT
from davproxy.remote.checksums import LONGEST, Checksums, one_of, readable
from davproxy.remote.protocol import send
from davproxy.remote.webdav.nextcloud import Nextcloud
from tests.fakes.nextcloud import FakeNextcloud

LARGE = bytes(range(256)) * 4 * 1024 * 11
"""11 MiB: sent while it comes, before its checksum is known."""


@given(st.lists(st.binary(max_size=100)))
def test_the_checksums_of_blocks_are_those_of_the_whole(blocks: list[bytes]) -> None:
    checksums = Checksums()
    for block in blocks:
        checksums.update(block)
    whole = b"".join(blocks)
    assert one_of("SHA1", str(checksums)) == hashlib.sha1(whole).hexdigest()
    assert one_of("MD5", str(checksums)) == hashlib.md5(whole).hexdigest()
    assert one_of("SHA256", str(checksums)) == ""
    assert readable(str(checksums)) == str(checksums)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("SHA1:0123456789abcdef", "SHA1:0123456789abcdef"),
        ("SHA1:0123456789abcdef MD5:00ff00ff ADLER32:0a0b0c0d", "SHA1:0123456789abcdef MD5:00ff00ff ADLER32:0a0b0c0d"),
        ("", ""),
        ("nonsense", ""),
        ("SHA1:<script> MD5:00ff00ff", "MD5:00ff00ff"),
        ("SHA1:0123456789abcdef\r\nX: y", "SHA1:0123456789abcdef"),
        ("A1:" + "0" * 120 + " B2:" + "0" * 120 + " C3:" + "0" * 120, "A1:" + "0" * 120 + " B2:" + "0" * 120),
    ],
)
def test_what_others_wrote(text: str, read: str) -> None:
    assert readable(text) == read


@given(st.text())
def test_checksums_written_elsewhere_are_safe_in_a_header(text: str) -> None:
    found = readable(text)
    assert len(found) <= LONGEST
    assert found.isascii()
    assert found.isprintable()


def test_a_nextcloud_that_holds_other_bytes_than_were_sent_is_found_out(
    nextcloud: Nextcloud, fake: FakeNextcloud
) -> None:
    nextcloud.make_folder("/Songs")
    fake.fail("PATCH", first=lambda: fake.put("CloneHero/Songs/new.ogg", b"\0" * len(LARGE)))
    with pytest.raises(Unavailable, match="other bytes"):
        send(nextcloud.upload("/Songs/new.ogg", size=len(LARGE), guard=ABSENT), [LARGE])


def test_a_server_that_computes_no_checksums_is_as_good(nextcloud: Nextcloud, fake: FakeNextcloud) -> None:
    fake.fail("PATCH", status=501)
    entry = send(nextcloud.upload("/Songs/new.ogg", size=len(LARGE), guard=ABSENT), [LARGE])
    assert one_of("SHA1", entry.checksums) == hashlib.sha1(LARGE).hexdigest()
    assert nextcloud.stat("/Songs/new.ogg").checksums == ""
