"""Words as the library spells them: `midnite` finds Midnight, `acdc` AC/DC."""

import re
from difflib import get_close_matches

from davproxy.index.database import Database

_LIKENESS = 0.72
"""Least likeness of two words, as difflib counts it."""
_SHORTEST = 4
"""Letters of a word that is corrected."""
_MOST = 5
"""Spellings that are searched for."""


class Spelling:
    """Looks up the words of all songs, which full-text search keeps."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def correct(self, words: str) -> str:
        """The FTS5 query for `words` with those that no song has replaced by similar ones; empty if nothing is alike.

        Mistakes in the first letter are rare, so only words with the same one are compared.
        """
        parts = []
        for word in re.findall(r"\w+", words.lower()):
            if self._has(word, prefix=True):
                parts.append(f'"{word}"*')
            elif alike := self._alike(word):
                parts.append(f"({' OR '.join(alike)})")
            else:
                return ""
        return " AND ".join(parts)

    def _alike(self, word: str) -> list[str]:
        """FTS5 phrases that may be meant by a word that no song has."""
        if len(word) < _SHORTEST:
            return []
        split = [(word[:at], word[at:]) for at in range(1, len(word))]
        phrases = [f'"{first} {second}"' for first, second in split if self._has(first) and self._has(second)]
        terms = self._terms(word[0], max(1, len(word) - 3), len(word) + 3)
        return phrases + [f'"{term}"' for term in get_close_matches(word, terms, _MOST, _LIKENESS)]

    def _has(self, word: str, *, prefix: bool = False) -> bool:
        end = f"{word}\U0010ffff" if prefix else word
        rows = self._database.rows("SELECT 1 FROM songs_vocab WHERE term >= ? AND term <= ? LIMIT 1", (word, end))
        return bool(rows)

    def _terms(self, first: str, shortest: int, longest: int) -> list[str]:
        rows = self._database.rows(
            "SELECT term FROM songs_vocab WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?",
            (first, f"{first}\U0010ffff", shortest, longest),
        )
        return [term for (term,) in rows]
