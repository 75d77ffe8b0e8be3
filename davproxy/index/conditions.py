"""A query of songs as conditions of SQL."""

import json

from davproxy.index.features import DIFFICULTIES, INSTRUMENTS, Feature
from davproxy.index.search import Search
from davproxy.model import SongQuery

TEXT_FIELDS = ("artist", "album", "genre", "year", "charter")
"""The fields that songs are filtered and counted by."""
_FLAGS = {"has_video": Feature.VIDEO, "has_lyrics": Feature.LYRICS, "has_art": Feature.ART}
_DUPLICATES = (
    "songs.identity IN (SELECT identity FROM songs WHERE identity <> '' GROUP BY identity HAVING count(*) > 1)"
)


def conditions_of(query: SongQuery, search: Search, match: str) -> tuple[list[str], list[object]]:
    """The conditions of a query beside the full text, with their values. `match` is the FTS5 query for the words of
    `search`: words without a letter are looked for in the title."""
    conditions: list[str] = []
    values: list[object] = []

    def add(condition: str, *parameters: object) -> None:
        conditions.append(condition)
        values.extend(parameters)

    if not match and search.words.strip():
        add("songs.title LIKE ?", f"%{search.words.strip()}%")
    for condition, parameters in search.conditions:
        add(f"({condition})", *parameters)
    for field in TEXT_FIELDS:
        if value := getattr(query, field):
            add(f"songs.{field} = ? COLLATE NOCASE", value)
    for flag, feature in _FLAGS.items():
        if (wanted := getattr(query, flag)) is not None:
            add(f"songs.features & ? {'<>' if wanted else '='} 0", int(feature))
    if query.instrument:
        add("songs.features & ? <> 0", INSTRUMENTS.get(query.instrument, 0))
    if query.difficulty:
        add("songs.features & ? <> 0", DIFFICULTIES.get(query.difficulty, 0))
    if query.problem == "refused":
        add("songs.refused")
    elif query.problem == "any":
        add("songs.features & ? <> 0", int(Feature.PROBLEMS))
    elif query.problem:
        add("instr(songs.problems, ?) > 0", json.dumps(query.problem))
    if query.duplicates:
        add(_DUPLICATES)
    return conditions, values
