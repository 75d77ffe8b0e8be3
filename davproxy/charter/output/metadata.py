"""The song.ini of a charted song."""

from collections.abc import Sequence

from davproxy.charter.output.charted import Charted
from davproxy.charter.output.lead_in import tick_seconds
from davproxy.formats.chart import Difficulty
from davproxy.formats.song_fields import Value

CHARTER = "davproxy"
UNKNOWN = {"artist": "Unnamed Artist", "genre": "Other", "year": "Undated"}
"""Values of unknown fields, because games do not show a song with an empty one."""
BUSY = 2.0  # seconds of the window in which notes are counted
HARDEST = 11.0  # notes a second in the densest tenth of a part of intensity 6


def metadata(charted: Charted) -> dict[str, Value]:
    """The fields of song.ini and their values. The preview begins with the first chorus."""
    known = charted.tags
    chorus = next((s for s in charted.sections if s.name.startswith("Chorus")), charted.sections[0])
    pairs: dict[str, Value] = {
        "name": known.title,
        "artist": known.artist or UNKNOWN["artist"],
        "album": known.album or known.title,
        "genre": known.genre or UNKNOWN["genre"],
        "year": known.year or UNKNOWN["year"],
        "charter": CHARTER,
        "song_length": round(charted.seconds * 1000),
        "preview_start_time": round(tick_seconds(charted.tempos, charted.section_tick(chorus)) * 1000),
        "delay": 0,
    }
    for instrument, part in charted.fretted.items():
        pairs[f"diff_{instrument}"] = intensity([gem.seconds for gem in part[Difficulty.EXPERT]])
    if charted.drums:
        pairs["diff_drums"] = intensity([hit.seconds for hit in charted.drums[Difficulty.EXPERT]])
        pairs["pro_drums"] = True
    if charted.lyrics:
        pairs["lyrics"] = True
    return pairs


def intensity(times: Sequence[float]) -> int:
    """The intensity of a part, 0 to 6, from the notes a second in its densest tenth. `times` are those of its notes, in
    seconds, ascending."""
    busy = sorted(
        sum(start <= other < start + BUSY for other in times[first : first + 64]) / BUSY
        for first, start in enumerate(times)
    )
    return min(6, round(6 * busy[int(len(busy) * 0.9)] / HARDEST)) if busy else 0
