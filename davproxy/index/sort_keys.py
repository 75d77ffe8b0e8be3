"""Texts as they are sorted: The Beatles among the B, Ärzte among the A."""

import re
import unicodedata
from collections.abc import Collection

ARTICLES = ("the", "a", "an", "der", "die", "das", "le", "la", "les", "el", "los")
"""Articles that are passed over unless a setting names others."""

_FIRST_WORD = re.compile(r"(\w+)\s+(?=\S)")


def sort_key(text: str, articles: Collection[str]) -> str:
    """`text` without case, accents, signs in front, and a first word that is one of `articles`."""
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    bare = bare.casefold().strip()
    bare = re.sub(r"^[^\w]+(?=\w)", "", bare)
    first = _FIRST_WORD.match(bare)
    return bare[first.end() :] if first and first[1] in articles else bare
