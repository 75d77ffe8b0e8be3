"""Request heads: what is valid is read, all else is refused with a status."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.server import heads
from davproxy.server.heads import BadHead, BodyFraming, RequestLine

NAMES = st.text(st.sampled_from("abcXYZ0129-!~"), min_size=1, max_size=12)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, blacklist_characters="\x7f"), max_size=300)


@given(st.binary(max_size=300) | st.text(st.sampled_from("GET /#*h:p1.\t \r\n_")).map(str.encode))
def test_any_bytes_are_a_head_or_a_refusal(sent: bytes) -> None:
    with suppress(BadHead):
        line = heads.read_line(sent)
        assert line.target == "*" or line.target.startswith("/")
    with suppress(BadHead):
        fields = heads.read_fields(sent.split(b"\r\n"))
        assert all(key == key.upper() and "\n" not in value + key for key, value in fields.items())
        heads.read_framing("HTTP/1.1", fields)


@given(st.dictionaries(NAMES.map(str.lower), VALUES.map(lambda value: value.strip(" \t"))))
def test_fields_are_read_as_they_were_written(fields: dict[str, str]) -> None:
    read = heads.read_fields([f"{name}: {value} ".encode("latin-1") for name, value in fields.items()])
    keys = {name: "HTTP_" + name.upper().replace("-", "_") for name in fields}
    assert read == {keys[name]: value for name, value in fields.items()}


def test_lines_of_one_name_are_joined_and_names_that_wsgi_confuses_ignored() -> None:
    fields = heads.read_fields(
        [b"Accept: a", b"ACCEPT:\tb ", b"X_Forwarded_For: 192.0.2.1", b"Content-Type: text/plain"]
    )
    assert fields == {"HTTP_ACCEPT": "a, b", "CONTENT_TYPE": "text/plain"}


@pytest.mark.parametrize(
    "field",
    [b"", b"no colon", b": x", b"na me: x", b"name : x", b" folded: x", b"x: a\nb", b"x: a\rb", b"x: \0", b"_(: x"],
)
def test_malformed_fields_are_refused(field: bytes) -> None:
    with pytest.raises(BadHead) as refused:
        heads.read_fields([field])
    assert refused.value.status == 400


@pytest.mark.parametrize("name", [b"Host", b"Content-Length", b"Transfer-Encoding"])
def test_what_says_where_a_request_belongs_or_ends_is_there_once(name: bytes) -> None:
    with pytest.raises(BadHead):
        heads.read_fields([name + b": 1", name.lower() + b": 1"])


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET / HTTP/1.1", (b"GET", b"/")),
        (b"GET http://host:80/a?b HTTP/1.1", (b"GET", b"/a?b")),
        (b"OPTIONS * HTTP/1.0", (b"OPTIONS", b"*")),
        (b"GET  / HTTP/1.1", 400),
        (b"GET / HTTP/1.1 ", 505),
        (b"GET / HTTP/2.0", 505),
        (b"GET /", 400),
        (b"GET a HTTP/1.1", 400),
        (b"GET /#a HTTP/1.1", 400),
        (b"G(T / HTTP/1.1", 400),
        (b"GET /" + b"a" * heads.LINE_LIMIT + b" HTTP/1.1", 414),
    ],
)
def test_request_lines(line: bytes, status: int | tuple[bytes, bytes]) -> None:
    if isinstance(status, tuple):
        method, target = (each.decode() for each in status)
        assert heads.read_line(line) == RequestLine(method, target, line[-8:].decode())
    else:
        with pytest.raises(BadHead) as refused:
            heads.read_line(line)
        assert refused.value.status == status


@pytest.mark.parametrize(
    ("fields", "framing"),
    [
        ({}, BodyFraming(0, False)),
        ({"CONTENT_LENGTH": "12"}, BodyFraming(12, False)),
        ({"HTTP_TRANSFER_ENCODING": "Chunked"}, BodyFraming(0, True)),
        ({"CONTENT_LENGTH": "-1"}, 400),
        ({"CONTENT_LENGTH": ""}, 400),
        ({"CONTENT_LENGTH": "²"}, 400),
        ({"CONTENT_LENGTH": "1" * 19}, 400),
        ({"CONTENT_LENGTH": "1", "HTTP_TRANSFER_ENCODING": "chunked"}, 400),
        ({"HTTP_TRANSFER_ENCODING": "gzip, chunked"}, 501),
    ],
)
def test_framing(fields: dict[str, str], framing: BodyFraming | int) -> None:
    if isinstance(framing, BodyFraming):
        assert heads.read_framing("HTTP/1.1", fields) == framing
    else:
        with pytest.raises(BadHead) as refused:
            heads.read_framing("HTTP/1.1", fields)
        assert refused.value.status == framing


def test_http_1_0_has_no_chunks() -> None:
    with pytest.raises(BadHead):
        heads.read_framing("HTTP/1.0", {"HTTP_TRANSFER_ENCODING": "chunked"})
