"""A list as a table and as a text."""

import csv
import io

from davproxy.curation.lists import SongList
from davproxy.formats.spreadsheet import no_formula


def as_csv(songs: SongList) -> str:
    """The list as a table, for spreadsheets and for the request bots of streamers."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["position", "title", "artist", "album", "charter", "length", "speed", "md5", "sha1"])
    for position, (entry, song) in enumerate(zip(songs.entries, songs.songs, strict=True), start=1):
        texts = map(no_formula, (song.title, song.artist, song.album, song.charter) if song else ("", "", "", ""))
        seconds = round(song.length / 1000) if song else ""
        writer.writerow([position, *texts, seconds, entry.speed, entry.md5, entry.sha1])
    return out.getvalue()


def as_text(songs: SongList) -> str:
    """The list for people, a song a line."""
    lines = []
    for position, (entry, song) in enumerate(zip(songs.entries, songs.songs, strict=True), start=1):
        speed = "" if entry.speed == 100 else f" ({entry.speed} %)"
        named = f"{song.artist} – {song.title}" if song else f"not in the library: {entry.md5 or entry.sha1}"
        lines.append(f"{position}. {named}{speed}")
    return "\n".join([songs.name, "", *lines, ""])
