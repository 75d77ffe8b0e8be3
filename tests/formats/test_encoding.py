"""The encoding of players' text files."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davproxy.formats.encoding import Encoding, clean, decode, detect


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain", "plain"),
        ("Café 猫".encode(), "Café 猫"),
        (b"Caf\xe9", "Café"),
        (codecs.BOM_UTF8 + "Café".encode(), "Café"),
        (codecs.BOM_UTF8 + b"Caf\xe9", "Caf\ufffd"),
        ("Café 猫".encode("utf-16"), "Café 猫"),
        (codecs.BOM_UTF16_BE + "Café".encode("utf-16-be"), "Café"),
        ("Café 猫".encode("utf-32"), "Café 猫"),
        (codecs.BOM_UTF32_BE + "Café".encode("utf-32-be"), "Café"),
        (codecs.BOM_UTF32_LE + b"\xff" * 4, "\0\uffff\uffff"),
        (b"\x81", "\ufffd"),
        (b"", ""),
    ],
)
def test_text_is_decoded_by_its_mark_else_utf8_else_cp1252(data: bytes, text: str) -> None:
    assert decode(data) == text


@given(st.binary())
def test_every_byte_survives_decoding(data: bytes) -> None:
    encoding = detect(data)
    unit = {"utf-16": 2, "utf-32": 4}.get(encoding.codec[:6], 1)
    data = data[: len(data) - len(data) % unit]
    assert encoding.encode(encoding.decode(data)) == data


@given(st.text(st.characters()))
def test_clean_text_can_be_stored(text: str) -> None:
    assert clean(text).encode().decode() == clean(text)


def test_a_codec_that_lacks_a_character_says_so() -> None:
    with pytest.raises(UnicodeEncodeError):
        Encoding("cp1252").encode("猫")
