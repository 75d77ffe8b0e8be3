"""Audio in, a complete song folder out. Reads as the list of its steps."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from davproxy import pictures
from davproxy.charter.notes import drums
from davproxy.charter.notes.difficulty import reduced
from davproxy.charter.notes.guitar import expert
from davproxy.charter.notes.note_selection import played
from davproxy.charter.notes.phrases import solos, star_power
from davproxy.charter.output import art, audio_files, chart, plot, tags
from davproxy.charter.output.chart import Charted
from davproxy.charter.output.lead_in import lead_in, tempos
from davproxy.charter.signal.audio import Audio, load, mix
from davproxy.charter.signal.features import hear
from davproxy.charter.signal.onset_strength import flux
from davproxy.charter.signal.transcription import transcribe
from davproxy.charter.structure.sections import named, sections
from davproxy.charter.structure.slots import division, slots
from davproxy.charter.timing.beat_tracking import find_grid
from davproxy.errors import BadAudio
from davproxy.formats import identify, notes_chart, rules, song_ini

LEAD, DRUMS = "guitar", "drums"
FEWEST_NOTES = 16

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Options:
    """What a player may choose. `name` ("Artist - Title") is used where the audio has no tags; empty: the file's."""

    charter: str = "davproxy"
    name: str = ""
    drums: bool = True
    plot: bool = False


@dataclass(frozen=True)
class Generated:
    """The song folder that was written, and what to tell of it."""

    folder: Path
    title: str
    artist: str
    seconds: float
    bpm: float
    notes: Mapping[str, int] = field(default_factory=dict)
    drums: bool = False


def generate(
    sources: Sequence[Path], output: Path, options: Options, progress: Progress = lambda _step, _fraction: None
) -> Generated:
    """Write notes.chart, chart.ini, the audio and the album art of a song into `output`, a new or empty folder.

    `sources` is one recording, or stems of one song named as games name them (`guitar.ogg`, `drums.ogg`, `song.ogg`
    …): then the lead is charted from the guitar. The same sources and options give the same bytes. Raises BadAudio or
    TooLarge; nothing is written then.
    """
    progress("decode", 0.0)
    stems = _stems(sources)
    loaded = {stem: load(path) for stem, path in stems.items()}
    music = [stem for stem in loaded if stem not in identify.NO_MUSIC_STEMS] or list(loaded)
    whole = mix([loaded[stem] for stem in music])
    known = tags.read(list(stems.values()), options.name or _name(stems))

    progress("tempo", 0.2)
    grid = find_grid(whole)

    progress("structure", 0.4)
    heard = hear(whole.samples)
    places = slots(grid, whole.seconds, division(grid, flux(whole)))
    parts = sections(heard, grid, len(places) // places.per_bar)

    progress("notes", 0.55)
    lead = _lead(loaded)
    lead_heard = hear(lead.samples) if lead else heard
    onsets = played(lead_heard, places, lead is not None)
    if len(onsets.slots) < FEWEST_NOTES:
        raise BadAudio("Hardly any notes can be heard in this file. Choose a recording with instruments.")
    start = lead_in(grid, float(places.times[onsets.slots[0]]))
    notes = transcribe((lead or whole).samples)
    gems = expert(lead_heard, notes, places, onsets, start.first_tick, lead is not None)
    guitar = reduced(gems, grid.beats_per_bar)
    hits = {}
    if options.drums:
        kit = [loaded[stem] for stem in loaded if stem.startswith(DRUMS)]
        drums_heard = hear(mix(kit).samples) if kit else heard
        struck = drums.hits(drums_heard, places, start.first_tick, onsets.first)
        struck = [hit for hit in struck if hit.seconds + start.silence >= chart.LEAST]
        hits = drums.reduced(struck, grid.beats_per_bar) if len(struck) >= drums.FEWEST else {}
    solo = solos(guitar[chart.EXPERT], parts, start.first_tick, grid.beats_per_bar)
    charted = Charted(
        tags=known,
        charter=options.charter,
        seconds=whole.seconds + start.silence,
        grid=grid,
        first_tick=start.first_tick,
        tempos=tempos(grid, start),
        sections=named(parts, solo),
        guitar=guitar,
        star_power=star_power(guitar, grid.beats_per_bar),
        drums=hits,
    )

    progress("write", 0.8)
    with _whole(output):
        names = [
            audio_files.write(path, loaded[stem], start.silence, output, stem).name for stem, path in stems.items()
        ]
        written = chart.chart(charted, names)
        cover = pictures.cover(known.cover)
        (output / ("album.jpg" if cover else "album.png")).write_bytes(
            cover or art.drawn(known.title, known.artist, heard)
        )
        ini = song_ini.render(song_ini.create(chart.metadata(charted)))
        (output / "song.ini").write_bytes(ini)
        (output / "notes.chart").write_bytes(notes_chart.render(written))
        _check(output)
        if options.plot:
            plot.draw(output / "plot.png", heard, charted, start.silence)
        progress("write", 1.0)
    return Generated(
        folder=output,
        title=known.title,
        artist=known.artist,
        seconds=round(charted.seconds, 3),
        bpm=round(float(grid.bpm(0.0)), 3),
        notes={str(difficulty): len(gems) for difficulty, gems in guitar.items()},
        drums=bool(hits),
    )


def run(request: Mapping[str, Any], report: Progress) -> Mapping[str, Any]:
    """`generate` for a child process: `sources` and `output` are paths as text, `options` the fields of Options."""
    allowed = {option.name for option in fields(Options)}
    options = Options(**{key: value for key, value in request.get("options", {}).items() if key in allowed})
    made = generate([Path(path) for path in request["sources"]], Path(request["output"]), options, report)
    return {**asdict(made), "folder": str(made.folder)}


def _stems(sources: Sequence[Path]) -> dict[str, Path]:
    """The sources by stem, in the order of identify.STEMS."""
    if not sources:
        raise BadAudio("There is no audio to chart.")
    if len(sources) == 1:
        return {"song": sources[0]}
    found: dict[str, Path] = {}
    for source in sources:
        stem = source.stem.lower()
        if stem not in identify.STEMS:
            raise BadAudio(
                f"{source.name} is no stem that games know. Give one song at a time, or stems named guitar, drums, "
                "bass, vocals, keys and song."
            )
        if stem in found:
            raise BadAudio(f"There are two files for {stem}: keep one of them.")
        found[stem] = source
    return {stem: found[stem] for stem in identify.STEMS if stem in found}


def _name(stems: Mapping[str, Path]) -> str:
    """The file's name, or that of the folder which holds the stems."""
    first = next(iter(stems.values()))
    return first.stem if len(stems) == 1 else first.resolve().parent.name


def _lead(loaded: Mapping[str, Audio]) -> Audio | None:
    """The stem of the lead instrument, if it can be heard."""
    lead = loaded.get(LEAD)
    return lead if lead is not None and bool(abs(lead.samples).max() > 1e-3) else None


@contextmanager
def _whole(folder: Path) -> Iterator[None]:
    """The folder while it is filled: if that fails or is stopped, nothing is left in it."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for path in folder.iterdir():
            path.unlink()
        raise


def _check(folder: Path) -> None:
    """No song leaves that breaks a rule of ours."""
    files = {path.name: path.stat().st_size for path in folder.iterdir()}
    ini, notes = (folder / "song.ini").read_bytes(), (folder / "notes.chart").read_bytes()
    wrong = [p for p in rules.check_song(files, ini, notes) if p.severity is not rules.Severity.WARNING]
    if wrong:
        raise BadAudio(f"No playable chart came of this file ({wrong[0].message}) Choose another recording.")
