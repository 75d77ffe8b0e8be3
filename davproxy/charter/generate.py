"""The charter's steps in order: from audio files to a complete song folder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from davproxy.charter import sketch
from davproxy.charter.correction import Correction
from davproxy.charter.notes.difficulty import all_difficulties
from davproxy.charter.notes.downbeats import grid_with_drums
from davproxy.charter.notes.drum_chances import HeardDrums, hear_drums
from davproxy.charter.notes.drums import FEWEST as FEWEST_HITS
from davproxy.charter.notes.drums import Hit, drum_difficulties, expert_drums
from davproxy.charter.notes.gems import Gem
from davproxy.charter.notes.guitar import expert_guitar
from davproxy.charter.notes.lyrics import Lyrics, find_lyrics
from davproxy.charter.notes.muted import is_muted
from davproxy.charter.notes.note_selection import SelectedNotes, select_notes
from davproxy.charter.notes.phrases import solo_sections, star_power
from davproxy.charter.options import Options
from davproxy.charter.output import song_folder, tags
from davproxy.charter.output.charted import Charted
from davproxy.charter.output.lead_in import LEAST, LeadIn, lead_in, tempos
from davproxy.charter.output.lyrics import lyric_events
from davproxy.charter.signal.audio import Audio
from davproxy.charter.signal.features import Features, spectral_features
from davproxy.charter.signal.note_activations import note_activations
from davproxy.charter.signal.onset_strength import onset_strength
from davproxy.charter.signal.spectrum import log_mel
from davproxy.charter.signal.stems import Stems, is_audible, read_stems
from davproxy.charter.structure.evidence import evidence
from davproxy.charter.structure.sections import find_sections, name_sections
from davproxy.charter.structure.slots import Slots, beat_division, grid_slots
from davproxy.charter.timing.attacks import align_with_attacks
from davproxy.charter.timing.corrected import corrected, found_beat, track
from davproxy.errors import BadAudio
from davproxy.formats.chart import Difficulty, Instrument

FEWEST_NOTES = 16
OF_STEMS = (Instrument.RHYTHM, Instrument.BASS, Instrument.KEYS)
"""Instruments that are charted only from a stem of their own, which has the same name."""
NO_DRUMS = "No drums are charted: none can be heard clearly."

Progress = Callable[[str, float], None]
Found = Callable[[Mapping[str, Any]], None]


class Report(Protocol):
    """What a child process reports with."""

    def __call__(self, step: str, progress: float, /) -> None: ...

    def found(self, values: Mapping[str, Any]) -> None:
        """Report what is known so far."""


@dataclass(frozen=True)
class Generated:
    """The song folder that was written, and a report on it.

    `seconds` is the length of its audio, `lead_in` how many of them are silence before the recording. `bpm` is the
    tempo of the first beat, `meter` such as `4/4`, `beats` how many are in the recording, and `confidence` how clear
    they are, from 0 to 1. `notes` counts those of the guitar, or of drums alone, in each difficulty that was written;
    `parts` are the instruments. `lyrics_file` is the path of the file whose lyrics are in the chart; empty where none
    are, or those of the tags. `remarks` say what is missing, damaged, doubtful or left out.
    """

    folder: Path
    title: str
    artist: str
    seconds: float
    lead_in: float
    bpm: float
    meter: str
    beats: int
    confidence: float
    notes: Mapping[str, int] = field(default_factory=dict)
    drums: bool = False
    parts: Sequence[str] = ()
    lyrics_file: str = ""
    remarks: Sequence[str] = ()


def generate(
    sources: Sequence[Path],
    output: Path,
    options: Options,
    progress: Progress = lambda _step, _fraction: None,
    found: Found = lambda _values: None,
) -> Generated:
    """Write notes.chart, song.ini, the audio and the album art of a song into `output`, a new or empty folder.

    `sources` is one recording, or the stems of one song, named as games name them (`guitar.ogg`, `drums.ogg`,
    `song.ogg` …); the lead is then charted from the guitar. `progress` receives the name of each step and the progress
    of the whole, 0 to 1. `found` receives what can be drawn of the song, by name, as soon as it is known: `title`,
    `artist`, `seconds` and `waveform`, then `bpm`, `meter` and `bars`, then `notes` and `sections`, with times in the
    recording (`sketch.py`). The same sources and options give the same bytes. Raises BadAudio or TooLarge, and leaves
    nothing behind then.
    """
    progress("decode", 0.0)
    stems = read_stems(sources, options.lead_in)
    known = tags.read(list(stems.paths.values()), options.name or stems.name)
    title, artist = options.title or known.title, options.artist or known.artist
    seconds = round(stems.mix.seconds, 3)
    found({"title": title, "artist": artist, "seconds": seconds, "waveform": sketch.waveform(stems.mix.samples)})

    progress("tempo", 0.2)
    mel = log_mel(stems.mix.samples)
    onsets = onset_strength(mel)
    by_hand = options.correction
    ranked, as_found = track(stems.mix, onsets, by_hand)
    lead = stems.lead
    activations = note_activations((lead or stems.mix).samples)
    heard = evidence(ranked.grid, onsets, activations)
    doubts = heard.doubts()  # here, so that what is no music is refused before anything is written

    progress("structure", 0.4)
    features = spectral_features(stems.mix.samples, mel)
    kit = stems.drums
    of_kit = spectral_features(kit.samples) if kit and is_audible(kit) else features
    division = beat_division(ranked.grid, onsets)
    grid, slots, drumming = grid_with_drums(ranked, division, stems.mix.seconds, of_kit)
    exact = align_with_attacks(grid, stems.mix.samples)  # the models were trained with features at `grid`
    beat = found_beat(grid if ranked is as_found else as_found.grid)  # else its bars are not known by the drums
    if by_hand.moves_beats:
        grid, exact = corrected(grid, exact, ranked.start, by_hand)
        slots = grid_slots(grid, stems.mix.seconds, beat_division(grid, onsets))
        drumming = hear_drums(of_kit, slots)
    bpm, meter = round(float(exact.bpm(0.0)), 3), f"{grid.beats_per_bar}/4"
    found({"bpm": bpm, "meter": meter, "bars": sketch.bars(exact, seconds)})
    sections = find_sections(features, grid, len(slots) // slots.per_bar)

    progress("notes", 0.55)
    lead_features = spectral_features(lead.samples) if lead else features
    selected = select_notes(lead_features, slots, lead is not None, by_hand)
    few = len(selected.slots) < FEWEST_NOTES
    start = lead_in(exact, float(exact.time(slots.beats[0 if few else selected.slots[0]])), options.lead_in)
    drums = _drums(drumming, of_kit, kit, slots, selected, start, by_hand) if options.drums else {}
    if few and not drums:
        raise BadAudio("Hardly any notes can be heard in this file. Choose a recording with instruments.")
    expert: list[Gem] = []
    if not few:
        expert = expert_guitar(lead_features, activations, slots, selected, start.first_tick, lead is not None, by_hand)
    guitar = all_difficulties(expert, grid.beats_per_bar) if expert else {}
    solos = solo_sections(expert, sections, start.first_tick, grid.beats_per_bar)
    named = name_sections(sections, solos)
    times = [gem.seconds for gem in expert] or [hit.seconds for hit in drums.get(Difficulty.EXPERT, ())]
    found({"notes": sketch.notes(times, seconds), "sections": sketch.sections(named, exact)})
    lyrics = find_lyrics(options.lyrics, known.lyrics, stems, features) if options.with_lyrics else Lyrics()
    marks = tempos(exact, start)
    charted = Charted(
        tags=known,
        seconds=stems.mix.seconds + start.silence,
        grid=exact,
        found=beat,
        first_tick=start.first_tick,
        tempos=marks,
        sections=named,
        guitar=guitar,
        star_power=star_power(guitar or drums, grid.beats_per_bar),
        drums=drums,
        others=_other_parts(stems, slots, start, by_hand),
        lyrics=lyric_events(lyrics.lines, marks, start.silence),
    )

    progress("write", 0.8)
    with song_folder.complete(output):
        song_folder.write(output, charted, stems, features, start.silence, options)
        progress("write", 1.0)
    return Generated(
        folder=output,
        title=title,
        artist=artist,
        seconds=round(charted.seconds, 3),
        lead_in=round(start.silence, 3),
        bpm=bpm,
        meter=meter,
        beats=len(grid.beats(0.0, stems.mix.seconds)),
        confidence=round(min(max(heard.beat, 0.0), 1.0), 2),
        notes=_note_counts(charted.lead, options),
        drums=bool(charted.drums),
        parts=charted.instruments,
        lyrics_file=lyrics.file if charted.lyrics else "",
        remarks=[
            *stems.remarks,
            *lyrics.remarks,
            *doubts,
            *([NO_DRUMS] if options.drums and not charted.drums else []),
        ],
    )


def _note_counts(parts: Mapping[Difficulty, Sequence[object]], options: Options) -> Mapping[str, int]:
    written = options.difficulties or tuple(Difficulty)
    return {str(difficulty): len(notes) for difficulty, notes in parts.items() if difficulty in written}


def run(request: Mapping[str, Any], report: Report) -> Mapping[str, Any]:
    """`generate` for a child process: `sources` and `output` are paths as text, `options` what Options.of takes."""
    sources = [Path(path) for path in request["sources"]]
    made = generate(sources, Path(request["output"]), Options.of(request.get("options", {})), report, report.found)
    return {**asdict(made), "folder": str(made.folder)}


def _other_parts(
    stems: Stems, slots: Slots, start: LeadIn, by_hand: Correction
) -> Mapping[Instrument, Mapping[Difficulty, Sequence[Gem]]]:
    """The parts of the instruments in OF_STEMS that have a stem with enough notes."""
    parts = {each: _part(stems.audible(each), each, slots, start, by_hand) for each in OF_STEMS}
    return {instrument: part for instrument, part in parts.items() if part}


def _part(
    stem: Audio | None, instrument: Instrument, slots: Slots, start: LeadIn, by_hand: Correction
) -> Mapping[Difficulty, Sequence[Gem]]:
    """All difficulties of a five-fret instrument from its own stem; none if the stem has fewer than FEWEST_NOTES."""
    if stem is None:
        return {}
    features = spectral_features(stem.samples)
    selected = select_notes(features, slots, True, by_hand)
    if len(selected.slots) < FEWEST_NOTES:
        return {}
    activations = note_activations(stem.samples)
    expert = expert_guitar(features, activations, slots, selected, start.first_tick, True, by_hand)
    expert = [gem for gem in expert if gem.seconds + start.silence >= LEAST]
    if instrument is Instrument.BASS:  # single notes only
        expert = [replace(gem, frets=gem.frets[:1]) for gem in expert]
    return all_difficulties(expert, slots.beats_per_bar) if len(expert) >= FEWEST_NOTES else {}


def _drums(
    heard: HeardDrums,
    features: Features,
    kit: Audio | None,
    slots: Slots,
    selected: SelectedNotes,
    start: LeadIn,
    by_hand: Correction,
) -> Mapping[Difficulty, Sequence[Hit]]:
    """All difficulties of the drums, from what is `heard` of them in the `features` of their stem `kit`, or of the mix
    if there is none. None if fewer than FEWEST_HITS are found, or if the stem is silent."""
    if kit is not None and not is_audible(kit):
        return {}
    expert = expert_drums(heard, features, slots, start.first_tick, selected.first_alike, on_stem=kit is not None)
    expert = [
        hit for hit in expert if hit.seconds + start.silence >= LEAST and not is_muted(by_hand.muted, hit.seconds)
    ]
    return drum_difficulties(expert, slots.beats_per_bar) if len(expert) >= FEWEST_HITS else {}
