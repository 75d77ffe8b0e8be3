"""Whether two names are those of one song: without case, accents, punctuation, guests, and what releases add."""

import re
import unicodedata

from davproxy.formats import rich_text

_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i", "’": "'", "þ": "th", "ð": "d"}
)
_GUESTS = re.compile(r"\s*[(\[]?\b(?:feat|ft|featuring)\b\.?\s.*$")
_RELEASE = (
    r"(?:\d{4}\s+)?(?:digital(?:ly)?\s+)?re-?master(?:ed)?(?:\s+(?:version|edition))?(?:\s+\d{4})?"
    r"|(?:album|single|original|studio|mono|stereo|full)\s+(?:version|mix)|mono|stereo|explicit|official.*"
    r"|2x\s*(?:bass)?(?:\s*(?:pedals?|kick|drums?))?|double\s+(?:bass|kick)(?:\s+pedals?)?|expert\s*\+|pro\s+drums"
)
_IN_BRACKETS = re.compile(rf"\s*[(\[]\s*(?:{_RELEASE})\s*[)\]]")
_AT_THE_END = re.compile(rf"\s+[-–—]\s+(?:{_RELEASE})\s*$")
_THE_LAST = re.compile(r"^(.*),\s*the$")
_N = re.compile(r"(?<=\s)n(?=\s)")
_WORDS = {"pt": "part", "vol": "volume"}


def song_key(artist: str, title: str) -> tuple[str, str] | None:
    """A key that all spellings of a song share; None where a name is missing.

    “The Beatles”, “Beatles, The” and “BEATLES” are one artist; “Song (2011 Remaster)”, “Song [feat. X]” and “Sóng!” are
    one title. A live, acoustic or remixed one is another song.
    """
    key = artist_key(artist), _words(_without_release(_plain_text(title)))
    return key if all(key) else None


def plain_names(artist: str, title: str) -> tuple[str, str]:
    """(artist, title) in lower case, to search a music database: “Beatles, The” becomes “the beatles”."""
    text = _GUESTS.sub("", _plain_text(artist))
    turned = _THE_LAST.match(text)
    return f"the {turned[1]}" if turned else text, _without_release(_plain_text(title))


def artist_key(artist: str) -> str:
    """A key that all spellings of an artist share; empty for no name."""
    text = _GUESTS.sub("", _plain_text(artist))
    if turned := _THE_LAST.match(text):
        text = turned[1]
    return _words(text.removeprefix("the ") or text)


def album_key(album: str) -> str:
    """A key that all spellings of an album share; empty for no name."""
    return _words(_without_release(_plain_text(album)))


def _plain_text(text: str) -> str:
    """`text` without rich text, case and accents."""
    letters = unicodedata.normalize("NFKD", rich_text.strip(text).casefold())
    return "".join(each for each in letters if not unicodedata.combining(each)).translate(_LETTERS).strip()


def _without_release(title: str) -> str:
    """`title` without guests and additions of a release; all of it where nothing else is left."""
    text = _AT_THE_END.sub("", _IN_BRACKETS.sub("", _GUESTS.sub("", title)))
    return text.strip() or title


def _words(text: str) -> str:
    """Letters and digits of `text` alone; all of it where it has none, as “!!!” is a band."""
    text = text.replace("&", " and ").replace("+", " and ")
    words = re.findall(r"[^\W_]+", _N.sub("and", text.replace("'", "")))
    return "".join(_WORDS.get(word, word) for word in words) or text
