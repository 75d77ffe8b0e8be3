"""The options of a generated song."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from davproxy.charter.correction import NOTHING, Correction
from davproxy.formats.chart import Difficulty

INI_NAMES = {"title": "name", **{name: name for name in ("artist", "album", "year", "genre", "charter")}}
"""The options that become fields of song.ini, and the names of these fields."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one song; each default leaves the choice to the charter.

    `title`, `artist`, `album`, `year`, `genre` and `charter` replace the audio's tags in song.ini. They stay out of
    notes.chart, so that the chart of a recording has one identity, however a player spells its artist. `name`
    ("Artist - Title") replaces missing tags; if it is empty, the file's name does. `difficulties` are those that are
    written, all if it is empty. `album_art` is the path of a picture that is copied under its own name, in place of the
    embedded or drawn cover; without `cover` there is no album art at all. `lyrics` is the path of an .lrc, which goes
    before lyrics in the tags; without `with_lyrics` neither counts. `plot` adds plot.png, which shows the notes over
    the onset strength. `correction` is what a person says against the chart that is made without it. The sources begin
    with `lead_in` seconds of silence that an earlier chart of them added.
    """

    name: str = ""
    title: str = ""
    artist: str = ""
    album: str = ""
    year: str = ""
    genre: str = ""
    charter: str = ""
    difficulties: tuple[Difficulty, ...] = ()
    drums: bool = True
    album_art: str = ""
    cover: bool = True
    lyrics: str = ""
    with_lyrics: bool = True
    plot: bool = False
    correction: Correction = NOTHING
    lead_in: float = 0.0

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """The options from JSON values, as a child process receives them. Unknown names are ignored. Raises
        BadInput for a wrong correction."""
        known = {option.name: given[option.name] for option in fields(cls) if option.name in given}
        difficulties = tuple(map(Difficulty, given.get("difficulties", ())))
        correction = Correction.of(given.get("correction", {}))
        return cls(**known | {"difficulties": difficulties, "correction": correction})

    @property
    def ini_pairs(self) -> dict[str, str]:
        """The chosen values by their names in song.ini."""
        chosen = {key: str(getattr(self, name)) for name, key in INI_NAMES.items()}
        return {key: text for key, text in chosen.items() if text}
