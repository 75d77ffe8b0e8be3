"""Digests that clients send along with a body."""

import hashlib
import zlib
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.errors import BadBody
from davproxy.server.digests import Digests

BODY = b"hello world"


def coded(algorithm: str, content: bytes = BODY) -> str:
    return b64encode(hashlib.new(algorithm, content).digest()).decode()


def accepts(environ: dict[str, str], body: bytes = BODY) -> bool:
    digests = Digests(environ)
    for position in range(len(body)):
        digests.update(body[position : position + 1])
    try:
        digests.check()
    except BadBody:
        return False
    return True


RIGHT = [
    {"HTTP_OC_CHECKSUM": f"SHA1:{hashlib.sha1(BODY).hexdigest()}"},
    {"HTTP_OC_CHECKSUM": f"md5:{hashlib.md5(BODY).hexdigest().upper()}"},
    {"HTTP_OC_CHECKSUM": f"ADLER32:{zlib.adler32(BODY):08x}"},
    {"HTTP_OC_CHECKSUM": f"SHA1:{hashlib.sha1(BODY).hexdigest()} MD5:{hashlib.md5(BODY).hexdigest()}"},
    {"HTTP_CONTENT_MD5": coded("md5")},
    {"HTTP_DIGEST": f"SHA={coded('sha1')}"},
    {"HTTP_DIGEST": f"SHA-256={coded('sha256')}, md5={coded('md5')}, adler32={zlib.adler32(BODY):08x}"},
    {"HTTP_REPR_DIGEST": f"sha-256=:{coded('sha256')}:"},
    {"HTTP_REPR_DIGEST": f"sha-512=:{coded('sha512')}:, sha-256=:{coded('sha256')}:;q=1"},
    {"HTTP_CONTENT_DIGEST": f"md5=:{coded('md5')}:"},
]


@pytest.mark.parametrize("environ", RIGHT, ids=str)
def test_a_digest_is_compared(environ: dict[str, str]) -> None:
    assert accepts(environ)
    assert not accepts(environ, BODY + b"!")
    assert not accepts(environ, b"")


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"HTTP_DIGEST": "UNIXsum=30637"},
        {"HTTP_REPR_DIGEST": "future=:AAAA:"},
        {"HTTP_OC_CHECKSUM": "SHA3-256:00"},
        {"HTTP_OC_CHECKSUM": ""},
    ],
    ids=str,
)
def test_an_unknown_algorithm_is_left_out(environ: dict[str, str]) -> None:
    assert accepts(environ)


@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_OC_CHECKSUM": "SHA1:nonsense"},
        {"HTTP_OC_CHECKSUM": "SHA1:"},
        {"HTTP_CONTENT_MD5": "!"},
        {"HTTP_DIGEST": "sha-256"},
        {"HTTP_DIGEST": f"sha-256={coded('md5')}"},
        {"HTTP_OC_CHECKSUM": f"SHA1:{hashlib.sha1(BODY).hexdigest()} MD5:{hashlib.md5(b'').hexdigest()}"},
    ],
    ids=str,
)
def test_a_digest_that_cannot_be_right_is_wrong(environ: dict[str, str]) -> None:
    assert not accepts(environ)


headers = st.text(max_size=60) | st.from_regex(r"(sha-256|md5|SHA1)[=:]:?[A-Za-z0-9+/=]{0,40}:?", fullmatch=True)


@given(st.sampled_from(["HTTP_OC_CHECKSUM", "HTTP_CONTENT_MD5", "HTTP_DIGEST", "HTTP_REPR_DIGEST"]), headers)
def test_any_header_is_compared_or_left_out(name: str, header: str) -> None:
    assert accepts({name: header}) in (True, False)
