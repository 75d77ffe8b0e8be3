"""notes.chart, the text format of charts: read leniently, as games read it, and written strictly.

The format is documented in github.com/TheNathannator/GuitarGame_ChartFormats, chart-format.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from operator import attrgetter

from davproxy.errors import BadChart
from davproxy.formats.chart import (
    Chart,
    Difficulty,
    Event,
    Instrument,
    Note,
    Phrase,
    Tempo,
    TimeSignature,
    Track,
    Violation,
)
from davproxy.formats.encoding import decode

MAX_BYTES = 16 * 1024 * 1024
"""Far above the largest charts that people play; it bounds the memory that a hostile file takes."""
HEAD_BYTES = 64 * 1024
"""Where [Song] stands in every real chart."""
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

# Each pattern matches a line in linear time. Ten digits are enough for every tick of a real song. Games pass over what
# follows the values that they read.
_BRACKET = re.compile(r"^[ \t\ufeff]*(?:\[([^\]\n]*)\][ \t]*(\{?)|([{}]))", re.MULTILINE)
_PAIR = re.compile(r"^[ \t]*([A-Za-z][A-Za-z0-9_ ]*)=(.*)$", re.MULTILINE)
_TEMPO = re.compile(r"^[ \t]*([0-9]{1,10})[ \t]*=[ \t]*B[ \t]+([0-9]{1,10})(?:[ \t].*)?$", re.MULTILINE)
_SIGNATURE = re.compile(
    r"^[ \t]*([0-9]{1,10})[ \t]*=[ \t]*TS[ \t]+([0-9]{1,4})(?:[ \t]+([0-9]{1,2}))?(?:[ \t].*)?$", re.MULTILINE
)
_EVENT = re.compile(r"^[ \t]*([0-9]{1,10})[ \t]*=[ \t]*E[ \t]+(.*)$", re.MULTILINE)
_NOTE_OR_SPECIAL = re.compile(
    r"^[ \t]*([0-9]{1,10})[ \t]*=[ \t]*([NS])[ \t]+([0-9]{1,4})(?:[ \t]+([0-9]{1,10}))?(?:[ \t].*)?$", re.MULTILINE
)
_FIELDS = ("Name", "Artist", "Album", "Genre", "Year", "Charter")
_FIRST_SECTIONS = ["Song", "SyncTrack"]


def check_size(size: int) -> None:
    """Raise BadChart for a file of more than MAX_BYTES bytes."""
    if size > MAX_BYTES:
        raise BadChart(f"This notes.chart is larger than {MAX_BYTES >> 20} MiB; no game plays such a chart.")


def parse(data: bytes) -> Chart:
    """The chart in a notes.chart. Unknown lines are skipped. Raises BadChart if no game could play it."""
    check_size(len(data))
    sections, strict = _sections(data)
    if not sections:
        raise BadChart("This notes.chart has no sections, so it is not a chart. Export it again from your editor.")
    song = _pairs(_last(sections, "Song"))
    sync = _last(sections, "SyncTrack")
    tempos, signatures = list(_tempos(sync)), list(_time_signatures(sync))
    events = list(_events(_last(sections, "Events")))
    violations = set[Violation]()
    tracks = [_one_track(name, bodies, violations) for name, bodies in sections.items() if name in _TRACKS]
    in_order = _is_in_order(tempos) and _is_in_order(signatures) and _is_in_order(events)
    if not (strict and in_order and list(sections)[:2] == _FIRST_SECTIONS):
        violations.add(Violation.STRUCTURE)
    return Chart(
        resolution=_resolution(song.pop("Resolution", "")),
        song=song,
        tempos=tuple(tempos),
        time_signatures=tuple(signatures),
        events=tuple(events),
        tracks=tuple(tracks),
        violations=frozenset(violations),
    )


def song_of(data: bytes) -> Mapping[str, str]:
    """The pairs of [Song] in the first HEAD_BYTES of a notes.chart; none where it has no such section."""
    head = data if len(data) <= HEAD_BYTES else data[: data.rfind(b"\n", 0, HEAD_BYTES) + 1]
    return _pairs(_last(_sections(head)[0], "Song"))


def fields_of(song: Mapping[str, str]) -> dict[str, str]:
    """What the pairs of [Song] say in the fields of song.ini, which games read where song.ini says nothing."""
    return {key.lower(): song[key] for key in _FIELDS if song.get(key)}


def _sections(data: bytes) -> tuple[dict[str, list[str]], bool]:
    """(the texts between the braces of each section, in order, whether lines and braces are as games need them)."""
    text = decode(data)
    strict = "\n" in text or "\r" not in text
    text = text.replace("\r", " " if strict else "\n")
    sections: dict[str, list[str]] = {}
    name: str | None = None
    start, opened = 0, False
    for match in _BRACKET.finditer(text):
        heading, brace_after, brace = match.groups()
        if brace == "{":
            if not opened:
                start, opened = match.end(), True
            continue
        if name is not None:
            sections.setdefault(name, []).append(text[start : match.start()])
            strict = strict and opened and brace == "}"
        name = None if heading is None else heading.strip()
        start, opened = match.end(), bool(brace_after)
    if name is not None:  # the last brace is missing
        sections.setdefault(name, []).append(text[start:])
        strict = False
    return sections, strict


def _last(sections: Mapping[str, list[str]], name: str) -> str:
    """The last text of a section that is not empty."""
    return next((body for body in reversed(sections.get(name, ())) if body.strip()), "")


def _one_track(name: str, bodies: list[str], violations: set[Violation]) -> Track:
    """The track of a section. Of two with one name the last that has notes counts, so an empty one hides none."""
    tracks = [_track(*_TRACKS[name], body, violations) for body in bodies]
    full = [track for track in tracks if track.notes]
    if len(full) > 1:
        violations.add(Violation.TRACK_TWICE)
    return full[-1] if full else tracks[-1]


def _is_in_order(items: Sequence[Note | Phrase | Event | Tempo | TimeSignature]) -> bool:
    return all(before.tick <= item.tick for before, item in pairwise(items))


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


def _track(instrument: Instrument, difficulty: Difficulty, body: str, violations: set[Violation]) -> Track:
    notes: list[Note] = []
    phrases: dict[int, list[Phrase]] = {kind: [] for kind, _ in _SPECIALS}
    latest = 0
    for tick, kind, number, length in _NOTE_OR_SPECIAL.findall(body):
        at = int(tick)
        if at < latest:
            violations.add(Violation.STRUCTURE)
        latest = at
        if kind == "N":
            notes.append(Note(at, int(number), int(length or 0)))
        elif int(number) in phrases:
            phrases[int(number)].append(Phrase(at, int(length or 0)))
    events = list(_events(body))
    if not _is_in_order(events):
        violations.add(Violation.STRUCTURE)
    solos, others = _solos(sorted(events, key=_tick))
    return Track(
        instrument,
        difficulty,
        notes=tuple(sorted(notes, key=_tick)),
        solos=tuple(solos),
        events=tuple(others),
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
