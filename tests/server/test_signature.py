"""The signature of a request: it holds all that a response depends on, and nothing by which clients merely differ."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.access import Access
from davproxy.dav.door import Door
from davproxy.server.front import Front
from davproxy.server.origin import Origin
from davproxy.server.response_cache import Repeatable
from davproxy.server.signature import RELEVANT, signature
from tests.serving import RIGHT, Running, pages, status_lines

NAMES = (
    "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Authorization", "Brief", "Cache-Control",
    "Connection", "Content-Length", "Content-Type", "Cookie", "DNT", "Date", "Depth", "Destination", "Digest", "Expect",
    "Forwarded", "From", "Host", "If", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range",
    "If-Unmodified-Since", "Keep-Alive", "Lock-Token", "MS-Author-Via", "Max-Forwards", "OC-Checksum", "Origin",
    "Overwrite", "Pragma", "Prefer", "Priority", "Range", "Referer", "Sec-Fetch-Mode", "TE", "Timeout",
    "Transfer-Encoding", "Translate", "Upgrade", "User-Agent", "Via", "Want-Digest", "X-Forwarded-For",
    "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Proto", "X-OC-Mtime", "X-Real-IP",
    "X-Request-Id", "X-Requested-With", "traceparent",
)  # fmt: skip
KNOWN = {
    "HTTP_AUTHORIZATION": RIGHT, "HTTP_HOST": "localhost", "HTTP_DEPTH": "1", "HTTP_RANGE": "bytes=1-2",
    "HTTP_IF_RANGE": '"other"', "HTTP_IF": "(Not <DAV:no-lock>)", "HTTP_IF_MATCH": "*",
    "HTTP_X_FORWARDED_FOR": "10.0.0.1", "HTTP_X_FORWARDED_HOST": "localhost",
}  # fmt: skip

LEFT_OUT = {"CONTENT_LENGTH", "HTTP_EXPECT", "HTTP_TRANSFER_ENCODING", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"}
"""What makes another response of it: none that is cached."""


def environ_name(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if name.startswith("CONTENT_") and name in ("CONTENT_LENGTH", "CONTENT_TYPE") else f"HTTP_{name}"


class Recording(dict[str, Any]):
    """An environ that notes which of its keys are read."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.read.add(str(key))
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.read.add(key)
        return super().get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        self.read.add(key)
        return super().pop(key, *default)


@pytest.mark.parametrize("method", ["PROPFIND", "GET"])
@pytest.mark.parametrize("there", [(), ("HTTP_RANGE", "HTTP_IF_RANGE"), ("HTTP_IF",), ("HTTP_IF_MATCH",), ("all",)])
def test_what_is_read_of_a_request_is_in_its_signature(running: Running, method: str, there: tuple[str, ...]) -> None:
    path = "/Songs/Ann/song.ini"
    running.library.tree.make_folder("/Songs/Ann")
    running.library.tree.write(path, b"[song]\nname = One")
    front = Front(
        Door(running.library, running.jobs, status_lines),
        pages,
        Access("jo", "secret"),
        Origin("127.0.0.1", (), ("10.0.0.0/8",)),
        1 << 20,
    )
    common = ("HTTP_HOST", "HTTP_AUTHORIZATION", *there)
    names = [environ_name(name) for name in NAMES] if there == ("all",) else common
    environ = Recording(
        {name: KNOWN.get(name, "x") for name in names if name not in LEFT_OUT}
        | {
            "REQUEST_METHOD": method, "REQUEST_URI": f"/dav{path}", "PATH_INFO": f"/dav{path}", "SCRIPT_NAME": "",
            "QUERY_STRING": "", "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_NAME": "davproxy", "SERVER_PORT": "8000",
            "REMOTE_ADDR": "10.0.0.2", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
        }
    )  # fmt: skip
    said: list[str] = []

    def start(status: str, _headers: Any, _error: Any = None) -> Any:
        said.append(status)

    answer = front(environ, start)
    assert said[0][0] == "2", (said, answer)
    assert isinstance(answer, Repeatable) or "HTTP_IF" in names or "HTTP_IF_MATCH" in names
    read = {name for name in environ.read if name.startswith(("HTTP_", "CONTENT_"))}
    assert {"HTTP_HOST", "HTTP_AUTHORIZATION"} <= read <= RELEVANT


FIELD = st.sampled_from([
    b"Host: a", b"host: b", b"Depth: 1", b"Depth: 0", b"User-Agent: x", b"Cookie: y", b"X-Any: z", b"Range: bytes=0-1",
    b"Authorization: Basic x", b"User-Agent : x", b"no colon", b"X: \x00", b"Accept: a\nContent-Length: 5", b"If: (x)",
])  # fmt: skip


@given(st.lists(FIELD, max_size=6), st.lists(FIELD, max_size=6), st.sampled_from([b"", b"body", b"\r\n\r\n"]))
def test_signatures_are_equal_where_the_relevant_fields_are(left: list[bytes], right: list[bytes], body: bytes) -> None:
    def raw(fields: list[bytes]) -> bytes:
        return b"\r\n".join((b"GET / HTTP/1.1", *fields, b"", body))

    def relevant(fields: list[bytes]) -> list[bytes]:
        return [field for field in fields if field[:5].lower() in (b"host:", b"depth", b"range", b"autho", b"if: (")]

    malformed = {b"User-Agent : x", b"no colon", b"X: \x00", b"Accept: a\nContent-Length: 5"}
    for fields in (left, right):
        if malformed & set(fields):
            assert signature(raw(fields)) == raw(fields), "it is refused, whatever else it has"
            return
    assert (signature(raw(left)) == signature(raw(right))) == (relevant(left) == relevant(right))
