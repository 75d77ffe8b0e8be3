"""The charted song as a `formats.chart.Chart`."""

from collections.abc import Collection, Sequence

from davproxy.charter.notes.gems import TICKS
from davproxy.charter.output.charted import Charted
from davproxy.charter.output.lead_in import tick_seconds
from davproxy.charter.output.metadata import metadata
from davproxy.charter.output.tracks import drum_tracks, guitar_tracks, other_tracks
from davproxy.formats.chart import Chart, Difficulty, Event, TimeSignature

STREAMS = {
    "song": "MusicStream", "guitar": "GuitarStream", "drums": "DrumStream", "bass": "BassStream",
    "rhythm": "RhythmStream", "keys": "KeysStream",
}  # fmt: skip
"""Fields of [Song] that name the audio file of a stem."""
LONGEST_END = 64  # bars of audio after the last note, at most


def chart(charted: Charted, audio: Sequence[str], difficulties: Collection[Difficulty] = ()) -> Chart:
    """The chart with these difficulties, all if none is given. `audio` are the names of the audio files."""
    pairs = metadata(charted)
    events = [Event(charted.section_tick(section), f"section {section.name}") for section in charted.sections]
    events += [*charted.lyrics, Event(_end(charted), "end")]
    song = {name: str(pairs[name.lower()]) for name in ("Name", "Artist", "Charter", "Album", "Year")}
    song |= {"Offset": "0", "Genre": str(pairs["genre"])}
    song |= {STREAMS[name.split(".")[0]]: name for name in audio if name.split(".")[0] in STREAMS}
    return Chart(
        resolution=TICKS,
        song=song,
        tempos=charted.tempos,
        time_signatures=(TimeSignature(0, charted.grid.beats_per_bar, 4),),
        events=tuple(events),
        tracks=tuple(
            track
            for track in (*guitar_tracks(charted), *other_tracks(charted), *drum_tracks(charted))
            if not difficulties or track.difficulty in difficulties
        ),
    )


def _end(charted: Charted) -> int:
    """The last downbeat inside the audio, behind every note and the lyrics."""
    ends = [gem.tick + gem.length for part in charted.fretted.values() for gem in part[Difficulty.EXPERT]]
    ends += [event.tick for event in charted.lyrics[-1:]]
    last = max(*ends, *(hit.tick for hit in charted.drums.get(Difficulty.EXPERT, ())), 0)
    length = round(charted.seconds * 1000) / 1000  # as song.ini has it
    tick = last + 1
    for candidate in range((last // charted.bar + 1) * charted.bar, last + LONGEST_END * charted.bar, charted.bar):
        if tick_seconds(charted.tempos, candidate) > length:
            break
        tick = candidate
    return tick
