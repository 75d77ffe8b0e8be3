"""What a player may choose of a generated song."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from davproxy.formats.chart import Difficulty

INI_NAMES = {"title": "name", **{name: name for name in ("artist", "album", "year", "genre", "charter")}}
"""The options that song.ini shows, by their names there."""


@dataclass(frozen=True, slots=True)
class Options:
    """The choices for one song; each default leaves the choice to the charter.

    `title`, `artist`, `album`, `year`, `genre` and `charter` are what song.ini says in place of the audio's tags. They
    stay out of notes.chart, so that the chart of a recording has one identity however a player spells its artist.
    `name` ("Artist - Title") stands in for tags that are missing; empty, the file's name does. Of the difficulties only
    those in `difficulties` are written, all where it is empty. `album_art` is the path of a picture that is copied
    under its own name in place of the embedded or drawn cover; without `cover` there is no album art at all. `plot`
    adds plot.png, which shows the notes over the onset strength.
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
    plot: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """The options in plain JSON values, as a child process gets them; other names are passed over."""
        known = {option.name: given[option.name] for option in fields(cls) if option.name in given}
        return cls(**known | {"difficulties": tuple(map(Difficulty, given.get("difficulties", ())))})

    @property
    def ini_pairs(self) -> dict[str, str]:
        """The pairs of song.ini that were chosen."""
        chosen = {key: str(getattr(self, name)) for name, key in INI_NAMES.items()}
        return {key: text for key, text in chosen.items() if text}
