"""The options of a song to be charted, stored beside the audio as `NAME.options.json`, so that restarts keep them."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from davproxy.charter.correction import Correction
from davproxy.charter.options import INI_NAMES
from davproxy.errors import BadInput, NotFound
from davproxy.formats.chart import Difficulty
from davproxy.imports.error_notes import OPTIONS
from davproxy.library import AlbumArt, Library
from davproxy.settings import Settings

OTHERS = ("difficulties", "drums", "cover", "correction", "art", "lyrics", "with_lyrics")
"""The names of the options that are no texts of song.ini."""


@dataclass(frozen=True, slots=True)
class StoredOptions:
    """The choices of a player, each optional.

    `texts` replace the tags of the audio in song.ini. `difficulties` are the ones that are written; all if empty.
    `drums` of None and texts without a `charter` leave these to the settings. `art` is a picture in base64, `art_name`
    its file name; without `cover` the song has no album art. `correction` is that of the charter. `lyrics` is the text
    of an .lrc, in place of one beside the audio; without `with_lyrics` the song has none.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    difficulties: tuple[str, ...] = ()
    drums: bool | None = None
    art_name: str = ""
    art: str = ""
    cover: bool = True
    correction: Mapping[str, Any] = field(default_factory=dict)
    lyrics: str = ""
    with_lyrics: bool = True

    @classmethod
    def of(cls, given: Mapping[str, Any], album_art: AlbumArt) -> Self:
        """The options `{title, artist, album, year, genre, charter, difficulties, drums, cover, correction,
        art: bytes, lyrics, with_lyrics}`, each optional.

        Raises BadInput with the name of a wrong one, and BadImage for the art.
        """
        unknown = set(given) - {*INI_NAMES, *OTHERS}
        if unknown:
            raise BadInput(f"{min(unknown)}: there is no such option.")
        difficulties = tuple(str(name).lower() for name in given.get("difficulties", ()))
        for name in difficulties:
            if name not in [str(each).lower() for each in Difficulty]:
                raise BadInput("difficulties: must be some of easy, medium, hard, expert.")
        for name in ("drums", "cover", "with_lyrics"):
            if given.get(name) not in (None, True, False):
                raise BadInput(f"{name}: must be true or false.")
        texts = {key: " ".join(str(given[key]).split()) for key in INI_NAMES if str(given.get(key, "")).strip()}
        options = cls(
            texts,
            difficulties,
            given.get("drums"),
            cover=given.get("cover") is not False,
            correction=asdict(Correction.of(given.get("correction", {}))),
            lyrics=str(given.get("lyrics", "")),
            with_lyrics=given.get("with_lyrics") is not False,
        )
        if given.get("art"):
            name, picture = album_art.make(given["art"])
            options = replace(options, art_name=name, art=base64.b64encode(picture).decode())
        return options

    def store(self, library: Library, path: str) -> None:
        """Store the options of the audio at `path`."""
        library.tree.write(path + OPTIONS, self.render())

    def render(self) -> bytes:
        """The bytes of the file."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def read(cls, library: Library, path: str) -> Self:
        """The stored options of the audio at `path`; no choices if there are none or they cannot be read."""
        try:
            stored = json.loads(library.tree.read(path + OPTIONS))
            texts = {key: str(value) for key, value in stored["texts"].items() if key in INI_NAMES}
            difficulties = tuple(str(Difficulty(name)) for name in stored["difficulties"])
            art_name, art, cover = str(stored["art_name"]), str(stored["art"]), stored.get("cover") is not False
            correction = asdict(Correction.of(stored.get("correction", {})))
            lyrics, with_lyrics = str(stored.get("lyrics", "")), stored.get("with_lyrics") is not False
            return cls(texts, difficulties, stored["drums"], art_name, art, cover, correction, lyrics, with_lyrics)
        except (NotFound, BadInput, ValueError, LookupError, TypeError, AttributeError):
            return cls()

    def for_charter(self, folder: Path, settings: Settings) -> dict[str, Any]:
        """The charter's options (`davproxy.charter.options`) as plain values; the art and lyrics are written into
        `folder`.

        The settings decide where the player made no choice. Raises BadInput if the art is damaged.
        """
        given: dict[str, Any] = {"charter": settings.charter_name, **self.texts}
        given |= {"difficulties": self.difficulties, "cover": self.cover, "correction": self.correction}
        given["with_lyrics"] = self.with_lyrics
        given["drums"] = settings.generate_drums if self.drums is None else self.drums
        if self.art:
            art = folder / Path(self.art_name).name
            try:
                art.write_bytes(base64.b64decode(self.art))
            except binascii.Error as error:
                raise BadInput("art: the picture that was kept beside the audio is damaged.") from error
            given["album_art"] = str(art)
        if self.lyrics:
            lyrics = folder / "lyrics.lrc"
            lyrics.write_text(self.lyrics, encoding="utf-8")
            given["lyrics"] = str(lyrics)
        return given
