"""The encoding of players' text files, as games detect it: a byte order mark, else strict UTF-8, else cp1252."""

import codecs
import re
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec and the byte order mark before the text; `mark` is empty if there is none."""

    codec: str = "utf-8"
    mark: bytes = b""

    @property
    def _unit(self) -> int:
        """Bytes that a character takes at least."""
        return 4 if self.codec.startswith("utf-32") else 2 if self.codec.startswith("utf-16") else 1

    def decode(self, data: bytes) -> str:
        """The text of `data`, which starts with the mark.

        Bytes that the codec cannot decode become lone surrogates, which `encode` turns back into the same bytes. Only
        what is left over at the end of UTF-16 and UTF-32 is dropped.
        """
        body = data[len(self.mark) :]
        if self._unit > 1:
            whole = body[: len(body) // self._unit * self._unit]
            return whole.decode(self.codec, "surrogatepass")
        return body.decode(self.codec, "surrogateescape")

    def encode(self, text: str) -> bytes:
        """The bytes of `text`, after the mark. Raises UnicodeEncodeError where the codec lacks a character."""
        errors = "surrogateescape" if self._unit == 1 else "surrogatepass"
        return self.mark + text.encode(self.codec, errors)


UTF8 = Encoding()


def named(codec: str) -> Encoding:
    """The encoding of this codec, as a file of it begins: UTF-16 and UTF-32 with their mark, all others without."""
    return Encoding(codec, next((mark for mark, name in _MARKS if name == codec and mark != codecs.BOM_UTF8), b""))


def detect(data: bytes) -> Encoding:
    """The encoding of a text file's bytes."""
    for mark, codec in _MARKS:
        if data.startswith(mark) and _is_decodable(found := Encoding(codec, mark), data):
            return found
    try:
        data.decode()
    except UnicodeDecodeError:
        return Encoding("cp1252")
    return UTF8


def _is_decodable(encoding: Encoding, data: bytes) -> bool:
    """Whether `data` is text in this encoding; four bytes need not be a character of UTF-32."""
    try:
        encoding.decode(data)
    except UnicodeDecodeError:
        return False
    return True


def clean(text: str) -> str:
    """`text` with U+FFFD for each lone surrogate, so that it can be stored and sent."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def decode(data: bytes) -> str:
    """The text of a file that is not written back."""
    return clean(detect(data).decode(data))
