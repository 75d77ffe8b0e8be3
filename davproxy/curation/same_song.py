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


def key_of(artist: str, title: str) -> tuple[str, str] | None:
    """What the names of one song have in common; None where a name is missing.

    “The Beatles”, “Beatles, The” and “BEATLES” are one artist; “Song (2011 Remaster)”, “Song [feat. X]” and “Sóng!” are
    one title. A live, acoustic or remixed one is another song.
    """
    artist_key, title_key = artist_of(artist), _words(_without_release(_plain(title)))
    return (artist_key, title_key) if artist_key and title_key else None


def plain_names(artist: str, title: str) -> tuple[str, str]:
    """Artist and title in small letters, as a database of music is asked for them: “Beatles, The” is “the beatles”."""
    text = _GUESTS.sub("", _plain(artist))
    turned = _THE_LAST.match(text)
    return f"the {turned[1]}" if turned else text, _without_release(_plain(title))


def artist_of(artist: str) -> str:
    """What the spellings of one artist have in common; empty for no name."""
    text = _GUESTS.sub("", _plain(artist))
    if turned := _THE_LAST.match(text):
        text = turned[1]
    return _words(text.removeprefix("the ") or text)


def album_of(album: str) -> str:
    """What the spellings of one album have in common; empty for no name."""
    return _words(_without_release(_plain(album)))


def _plain(text: str) -> str:
    """Without rich text, case and accents."""
    letters = unicodedata.normalize("NFKD", rich_text.strip(text).casefold())
    return "".join(each for each in letters if not unicodedata.combining(each)).translate(_LETTERS).strip()


def _without_release(title: str) -> str:
    """Without guests, and what a release adds; the whole title where nothing else is in it."""
    text = _AT_THE_END.sub("", _IN_BRACKETS.sub("", _GUESTS.sub("", title)))
    return text.strip() or title


def _words(text: str) -> str:
    """Letters and digits alone; the text itself where it has none, as “!!!” is a band."""
    text = text.replace("&", " and ").replace("+", " and ")
    words = re.findall(r"[^\W_]+", _N.sub("and", text.replace("'", "")))
    return "".join(_WORDS.get(word, word) for word in words) or text
