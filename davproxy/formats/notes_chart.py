"""notes.chart, the text format of charts: read leniently, as games read it, and written strictly.

The format is documented in github.com/TheNathannator/GuitarGame_ChartFormats, chart-format.
"""

import re
from collections.abc import Iterable, Iterator
from operator import attrgetter

from davproxy.errors import BadChart
from davproxy.formats.chart import Chart, Difficulty, Event, Instrument, Note, Phrase, Tempo, TimeSignature, Track
from davproxy.formats.encoding import decode

MAX_BYTES = 16 * 1024 * 1024
"""Far above the largest charts that people play; it bounds the memory that a hostile file takes."""
MAX_RESOLUTION = 1_000_000

_SECTIONS = {
    Instrument.GUITAR: "Single",
    Instrument.GUITAR_COOP: "DoubleGuitar",
    Instrument.RHYTHM: "DoubleRhythm",
    Instrument.BASS: "DoubleBass",
    Instrument.DRUMS: "Drums",
    Instrument.KEYS: "Keyboard",
    Instrument.GUITAR_GHL: "GHLGuitar",
    Instrument.GUITAR_COOP_GHL: "GHLCoop",
    Instrument.RHYTHM_GHL: "GHLRhythm",
    Instrument.BASS_GHL: "GHLBass",
}
_TRACKS = {f"{d.capitalize()}{name}": (i, d) for i, name in _SECTIONS.items() for d in Difficulty}

_UNQUOTED = frozenset({"Offset", "Resolution", "Player2", "Difficulty", "PreviewStart", "PreviewEnd"})
_STAR_POWER, _FILL, _ROLL, _SWELL = 2, 64, 65, 66
_SPECIALS = ((_STAR_POWER, "star_power"), (_FILL, "fills"), (_ROLL, "rolls"), (_SWELL, "swells"))

_tick = attrgetter("tick")

# Each pattern matches a line in linear time. Ten digits are enough for every tick of a real song.
_BRACKET = re.compile(r"^[ \t\ufeff]*(?:\[([^\]\n]*)\][ \t]*(\{?)|([{}]))", re.MULTILINE)
_PAIR = re.compile(r"^[ \t]*([A-Za-z][A-Za-z0-9_ ]*)=(.*)$", re.MULTILINE)
_TEMPO = re.compile(r"^[ \t]*([0-9]{1,10})[ \t]*=[ \t]*B[ \t]+([0-9]{1,10})[ \t\r]*$", re.MULTILINE)
_SIGNATURE = re.compile(
    r"^[ \t]*([0-9]{1,10})[ \t]*=[ \t]*TS[ \t]+([0-9]{1,4})(?:[ \t]+([0-9]{1,2}))?[ \t\r]*$", re.MULTILINE
)
_EVENT = re.compile(r"^[ \t]*([0-9]{1,10})[ \t]*=[ \t]*E[ \t]+(.*)$", re.MULTILINE)
_NOTE_OR_SPECIAL = re.compile(
    r"^[ \t]*([0-9]{1,10})[ \t]*=[ \t]*([NS])[ \t]+([0-9]{1,4})[ \t]+([0-9]{1,10})[ \t\r]*$", re.MULTILINE
)


def check_size(size: int) -> None:
    """Raise BadChart for a file of more than MAX_BYTES bytes."""
    if size > MAX_BYTES:
        raise BadChart(f"This notes.chart is larger than {MAX_BYTES >> 20} MiB; no game plays such a chart.")


def parse(data: bytes) -> Chart:
    """The chart in a notes.chart. Unknown lines are skipped. Raises BadChart if no game could play it."""
    check_size(len(data))
    sections = dict(_sections(decode(data)))
    if not sections:
        raise BadChart("This notes.chart has no sections, so it is not a chart. Export it again from your editor.")
    song = _pairs(sections.get("Song", ""))
    sync = sections.get("SyncTrack", "")
    return Chart(
        resolution=_resolution(song.pop("Resolution", "")),
        song=song,
        tempos=tuple(_tempos(sync)),
        time_signatures=tuple(_time_signatures(sync)),
        events=tuple(_events(sections.get("Events", ""))),
        tracks=tuple(_track(*_TRACKS[name], body) for name, body in sections.items() if name in _TRACKS),
    )


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """The name of each section and the text between its braces."""
    name: str | None = None
    start: int | None = None
    for match in _BRACKET.finditer(text):
        heading, opened, brace = match.groups()
        if heading is not None and start is None:
            name = heading.strip()
            start = match.end() if opened else None
        elif brace == "{" and start is None:
            start = match.end()
        elif brace == "}" and start is not None:
            if name is not None:
                yield name, text[start : match.start()]
            name = start = None


def _pairs(body: str) -> dict[str, str]:
    """The keys and values of [Song]."""
    song = {}
    for key, value in _PAIR.findall(body):
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = value[1:-1]
        song[key.strip()] = value
    if "Year" in song:
        song["Year"] = song["Year"].removeprefix(", ")
    return song


def _resolution(value: str) -> int:
    try:
        resolution = int(float(value)) if len(value) < 20 else 0
    except (ValueError, OverflowError):
        resolution = 0
    if not 1 <= resolution <= MAX_RESOLUTION:
        raise BadChart("This notes.chart has no usable Resolution in its [Song] section. Export it again.")
    return resolution


def _tempos(body: str) -> Iterator[Tempo]:
    for tick, millibeats in _TEMPO.findall(body):
        if int(millibeats) == 0:
            raise BadChart(f"The tempo at tick {int(tick)} is zero. Correct it in a chart editor.")
        yield Tempo(int(tick), int(millibeats))


def _time_signatures(body: str) -> Iterator[TimeSignature]:
    for tick, numerator, exponent in _SIGNATURE.findall(body):
        if int(numerator) == 0 or int(exponent or 2) > 10:
            raise BadChart(f"The time signature at tick {int(tick)} is impossible. Correct it in a chart editor.")
        yield TimeSignature(int(tick), int(numerator), 2 ** int(exponent or 2))


def _events(body: str) -> Iterator[Event]:
    for tick, value in _EVENT.findall(body):
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = value[1:-1].strip()
        yield Event(int(tick), value)


def _track(instrument: Instrument, difficulty: Difficulty, body: str) -> Track:
    notes: list[Note] = []
    phrases: dict[int, list[Phrase]] = {kind: [] for kind, _ in _SPECIALS}
    for tick, kind, number, length in _NOTE_OR_SPECIAL.findall(body):
        if kind == "N":
            notes.append(Note(int(tick), int(number), int(length)))
        elif int(number) in phrases:
            phrases[int(number)].append(Phrase(int(tick), int(length)))
    solos, events = _solos(sorted(_events(body), key=_tick))
    return Track(
        instrument,
        difficulty,
        notes=tuple(sorted(notes, key=_tick)),
        solos=tuple(solos),
        events=tuple(events),
        **{name: tuple(sorted(phrases[kind], key=_tick)) for kind, name in _SPECIALS},
    )


def _solos(events: Iterable[Event]) -> tuple[list[Phrase], list[Event]]:
    """(solos, other events): a solo ends after the tick of its `soloend`."""
    solos, others = [], []
    start: int | None = None
    for event in events:
        if event.text == "solo":
            start = event.tick
        elif event.text == "soloend":
            if start is not None:
                solos.append(Phrase(start, event.tick - start + 1))
            start = None
        else:
            others.append(event)
    return solos, others


def render(chart: Chart) -> bytes:
    """The bytes of `chart` as a notes.chart: UTF-8, CRLF, in order of ticks, time signatures before tempos."""
    sync = [(s.tick, 0, f"TS {_signature(s)}") for s in chart.time_signatures]
    sync += [(t.tick, 1, f"B {round(t.millibeats)}") for t in chart.tempos]
    sections = [
        ("Song", [f"{key} = {value}" for key, value in _song(chart)]),
        ("SyncTrack", [f"{tick} = {value}" for tick, _, value in sorted(sync, key=lambda line: line[:2])]),
        ("Events", [f'{e.tick} = E "{_one_line(e.text)}"' for e in sorted(chart.events, key=_tick)]),
    ]
    sections += [(f"{t.difficulty.capitalize()}{_SECTIONS[t.instrument]}", _track_lines(t)) for t in chart.tracks]
    lines = []
    for name, body in sections:
        lines += [f"[{name}]", "{", *(f"  {line}" for line in body), "}"]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _song(chart: Chart) -> Iterator[tuple[str, str]]:
    yield "Resolution", str(chart.resolution)
    for key, value in chart.song.items():
        text = _one_line(value)
        if key == "Year":
            text = f", {text}"  # games drop the first two characters of a year
        yield key, text if key in _UNQUOTED else f'"{text}"'


def _signature(signature: TimeSignature) -> str:
    if signature.denominator == 4:
        return str(signature.numerator)
    return f"{signature.numerator} {signature.denominator.bit_length() - 1}"


def _track_lines(track: Track) -> list[str]:
    lines = [(n.tick, 0, f"N {n.lane} {n.length}") for n in track.notes]
    for kind, name in _SPECIALS:
        lines += [(p.tick, 1, f"S {kind} {p.length}") for p in getattr(track, name)]
    lines += [(e.tick, 2, f"E {_one_line(e.text)}") for e in track.events]
    for solo in track.solos:
        lines += [(solo.tick, 3, "E solo"), (solo.tick + max(solo.length, 1) - 1, 4, "E soloend")]
    return [f"{tick} = {text}" for tick, _, text in sorted(lines, key=lambda line: line[:2])]


def _one_line(text: str) -> str:
    """`text` on one line, because a line break would end the value."""
    return " ".join(text.split("\n")).replace("\r", " ")
