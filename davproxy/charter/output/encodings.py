"""Detection of the encoding of tags that were read as Latin-1.

Old tags do not declare their encoding. Libraries that guess it need more text than a title has: charset-normalizer and
chardet take Western names for Cyrillic or Chinese. So each encoding is scored here by how natural its letters are in
all texts of a file, and a Western text stays Western unless another encoding is clearly better.
"""

import codecs
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

NATURAL = 0.6
"""The least weight of an encoding, per byte that is not ASCII."""
BETTER = 0.5
"""By how much the weight of another encoding exceeds that of a Western one."""
UNLIKE = -3.0
"""The weight of a letter that is very rare in such texts."""
FEW = 4
"""Fewer different letters are no evidence, unless Western texts cannot have them."""
CUT = 28, 30
"""Lengths in bytes of an ID3v1 field, which may be cut within a letter."""


class Script(Protocol):
    def weights(self, text: str, encoding: str) -> Iterable[float]:
        """The weights of the letters of `text` that are not ASCII, by how natural they are: at most 2 for each byte."""
        ...


class Western:
    """Latin letters, of which few are not ASCII."""

    def weights(self, text: str, _encoding: str) -> Iterable[float]:
        for word in words(text):
            size = sum(char > "\x7f" for char in word)
            yield size * (2.0 if size == 1 or 2 * size <= len(word) else -0.5)
        yield -1.0 * len(re.findall(r"[^\w\x00-\x7f‘’“”„«»–—…¡¿×÷°½®©™£¥¢€]", text))
        yield from symbols(text)


@dataclass(frozen=True)
class Alphabet:
    """One byte for each letter. `common` are the most frequent lower-case letters of its languages."""

    common: str

    def weights(self, text: str, _encoding: str) -> Iterable[float]:
        for word in words(text):
            size = sum(char > "\x7f" for char in word)
            if size and (size < len(word) or (word[1:] != word[1:].lower() and not word.isupper())):
                yield UNLIKE * size
            elif size:
                yield from (2.0 if char in self.common else 0.5 for char in word.lower())
        yield from symbols(text)


@dataclass(frozen=True)
class Ideographs:
    """Two bytes for most letters. `kana`, `usual` and `rare` are the first bytes of such letters. `common` are the most
    frequent letters of its language."""

    usual: range
    rare: range
    kana: range = range(0)
    common: str = ""

    def weights(self, text: str, encoding: str) -> Iterable[float]:
        for char in text:
            raw = char.encode(encoding)
            yield self.weight(char, raw) * sum(byte > 0x7F for byte in raw)

    def weight(self, char: str, raw: bytes) -> float:
        if len(raw) == 1 or not char.isalnum():
            return 0.0
        if raw[0] in self.kana or char in self.common:
            return 2.0
        if raw[0] in self.usual:
            return 1.0
        return -0.25 if raw[0] in self.rare else UNLIKE / 2


KOREAN = (
    "이가다는을나지고에사하리어도의아기를한그라해인자너대보내로시만수여니게마서일오정우전날안주무부눈물스장은거동들상모"
    "성소제김노랑람바조있없말난봄밤별빛꽃길집속좋신세계당년유녀비달울불행른즈음원구미"
)
CHINESE = (
    "的一是不了人我在有他這这中大来來上个個到说說们們为為子和你地出道也时時年得就那要下以生会會自着去之过過家学學对對"
    "可她里裡后後小么麼心多天而能好都然没沒日起还還发發成事只想看无無开開手十用行方又如前本见見面公同三老从從动動两兩"
    "长長知样樣现現分外最新走四第门門西再平真听聽世气氣信北少海口火光夜梦夢星雨云雲雪歌唱恋戀泪淚伤傷酒春秋冬夏红紅"
    "蓝藍绿綠黑白花月亮风風爱愛情金王李张張陈陳刘劉林周黄黃杰傑高江南东東山水城乐樂永远遠忘记記忆憶流回飞飛空友快"
)
CYRILLIC = Alphabet("оеаинтсрвлкмдпуяыьгзбчйіїєё")
WESTERN = "cp1252"
SCRIPTS: Mapping[str, Script] = {
    WESTERN: Western(),
    "cp1251": CYRILLIC,
    "koi8-r": CYRILLIC,
    "cp1253": Alphabet("αιοετσνηυρπκμλςάίόήέύώ"),
    "cp932": Ideographs(usual=range(0x88, 0x98), rare=range(0x98, 0xEB), kana=range(0x82, 0x84)),
    "euc-jp": Ideographs(usual=range(0xB0, 0xD0), rare=range(0xD0, 0xF5), kana=range(0xA4, 0xA6)),
    "gbk": Ideographs(usual=range(0xB0, 0xD8), rare=range(0xD8, 0xF8), common=CHINESE),
    "big5": Ideographs(usual=range(0xA4, 0xC7), rare=range(0xC9, 0xFA), common=CHINESE),
    "cp949": Ideographs(usual=range(0xB0, 0xC9), rare=range(0x81, 0xA1), common=KOREAN),
}


def decode_tags(texts: Mapping[str, str]) -> dict[str, str]:
    """The `texts` of one file, with those that were read as Latin-1 decoded in their most likely encoding."""
    unicode = {key: decode_as(text, "utf-8") for key, text in texts.items() if raw_bytes(text)}
    read = {**texts, **unicode} if all(unicode.values()) else texts
    encoding = likely_encoding([text for text in read.values() if raw_bytes(text)])
    return {key: decode_as(text, encoding) or text for key, text in read.items()}


def likely_encoding(texts: list[str]) -> str:
    """The most likely encoding of `texts`, which all have the same and were read as Latin-1."""
    size = sum(char > "\x7f" for text in texts for char in text)
    weights = {encoding: weight(texts, encoding) / max(1, size) for encoding in SCRIPTS}
    western = weights[WESTERN]
    best = max(weights, key=weights.__getitem__)
    letters = {char for text in texts for char in text.lower() if char > "\x7f"}
    if weights[best] < max(NATURAL, western + BETTER) or (len(letters) < FEW and western > UNLIKE):
        return WESTERN
    return best


def weight(texts: list[str], encoding: str) -> float:
    """The weight of `encoding` for `texts`: the sum over their letters."""
    read = [decode_as(text, encoding) for text in texts]
    if not all(read):
        return UNLIKE * sum(map(len, texts))
    return sum(weight for text in read for weight in SCRIPTS[encoding].weights(text, encoding))


def decode_as(text: str, encoding: str) -> str:
    """`text`, which was read as Latin-1, decoded in `encoding`; empty if that is not possible."""
    raw = raw_bytes(text)
    try:
        read = codecs.getincrementaldecoder(encoding)().decode(raw, final=len(raw) not in CUT)
    except UnicodeDecodeError:
        return ""
    return "" if read.isascii() else read


def raw_bytes(text: str) -> bytes:
    """The bytes of `text` that was read as Latin-1; empty if it was not, or if it is ASCII."""
    return text.encode("latin-1") if not text.isascii() and max(text) <= "\xff" else b""


def words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text)


def symbols(text: str) -> Iterable[float]:
    """A penalty for each symbol within a word: other than an apostrophe, it is rare there."""
    return (-2.0 for _ in re.findall(r"(?<=\w)[^\w\x00-\x7f’](?=\w)", text))
