"""Rules for a whole chart: bars, tempo, sections, the end, and how the difficulties relate."""

from collections.abc import Iterable, Iterator, Mapping

from davproxy.formats import song_fields
from davproxy.formats.chart import Chart, Difficulty, Instrument, TimeSignature
from davproxy.formats.rules import track as track_rules
from davproxy.formats.rules.problem import Problem, Severity
from davproxy.formats.rules.track import Played
from davproxy.formats.tempo_map import TempoMap

_MESSAGES = {
    "misalignedTimeSignature": "A time signature does not stand at the start of a bar; games draw the bar lines wrong.",
    "noNotes": "The chart has no notes, so there is nothing to play.",
    "noExpert": "This instrument has no Expert; its hardest difficulty should be Expert.",
    "difficultyNotReduced": "This difficulty has the same notes as Expert; it should be easier.",
    "isDefaultBPM": "The only tempo is 120 BPM in 4/4, what editors start with. Unless the song is that, map it.",
    "noSections": "The chart has no sections, so practice mode cannot jump within the song.",
    "badEndEvent": "An end event stands before the last note, after the end of the song, or twice; games ignore it.",
    "midiFormat": "This notes.mid has MIDI format 0 or 2; games read only format 1. Export it as format 1, with one"
    " track for each instrument.",
    "multipleTrackNames": "A track of this notes.mid has two names; some games refuse the song. Delete the wrong name.",
    "duplicateTrack": "Two tracks are for the same instrument; games play one of them. Delete the other.",
    "unnamedTrack": "No track has a name that games know, so only Frets on Fire plays this. Call it “PART GUITAR”.",
    "misplacedTempo": "This notes.mid has tempos or time signatures outside its first track; games do not read them.",
    "badStructure": "The notes file breaks the rules of its format: lengths or ends are wrong, or events are out of"
    " order. Some games refuse it. Save it again in a chart editor.",
}
_SEVERITIES = {
    "noNotes": Severity.REFUSED,
    "misalignedTimeSignature": Severity.ERROR,
    "difficultyNotReduced": Severity.ERROR,
    "badEndEvent": Severity.ERROR,
    "midiFormat": Severity.REFUSED,
    "multipleTrackNames": Severity.ERROR,
    "unnamedTrack": Severity.REFUSED,
    "misplacedTempo": Severity.ERROR,
    "badStructure": Severity.ERROR,
}
_FEW_NOTES = 20
"""Tracks with no more notes than this may be the same in two difficulties."""


def check(chart: Chart, pairs: Mapping[str, str]) -> list[Problem]:
    """The problems of the notes; `pairs` are those of the song's song.ini."""
    times = TempoMap.of(chart)
    cutoff = song_fields.number(pairs, "sustain_cutoff_threshold")
    played = [found for track in chart.tracks if (found := Played.of(track, chart, times, cutoff)).chords]
    violations = [_problem(code) for code in sorted(chart.violations)]
    if not played:
        return violations if chart.has_vocals else [_problem("noNotes"), *violations]
    return [
        *violations,
        *_at("misalignedTimeSignature", _misaligned_ticks(chart), times),
        *([_problem("isDefaultBPM")] if _is_default(chart) else []),
        *([] if chart.sections else [_problem("noSections")]),
        *_at("badEndEvent", _bad_ends(chart, played, times, song_fields.number(pairs, "song_length") / 1000), times),
        *_reductions(played),
        *(problem for found in played for problem in track_rules.check(found, times)),
    ]


def _problem(code: str, instrument: Instrument | None = None, difficulty: Difficulty | None = None) -> Problem:
    return Problem(code, _SEVERITIES.get(code, Severity.WARNING), _MESSAGES[code], instrument, difficulty)


def _at(code: str, ticks: Iterable[int], times: TempoMap) -> Iterator[Problem]:
    """One problem for all the `ticks`, if there are any."""
    ticks = list(ticks)
    if ticks:
        severity = _SEVERITIES.get(code, Severity.WARNING)
        seconds = round(times.seconds(ticks[0]), 3)
        yield Problem(code, severity, _MESSAGES[code], tick=ticks[0], seconds=seconds, count=len(ticks))


def _time_signatures(chart: Chart) -> list[TimeSignature]:
    """The time signatures in order of ticks, with the 4/4 that games begin with; of two at one tick the later."""
    by_tick = {signature.tick: signature for signature in [TimeSignature(0), *chart.time_signatures]}
    return [by_tick[tick] for tick in sorted(by_tick)]


def _misaligned_ticks(chart: Chart) -> Iterator[int]:
    """The ticks of time signatures that are not at the start of a measure."""
    bar = TimeSignature(0)
    for signature in _time_signatures(chart):
        if (signature.tick - bar.tick) * bar.denominator % (chart.resolution * 4 * bar.numerator):
            yield signature.tick
        else:
            bar = signature


def _is_default(chart: Chart) -> bool:
    one_tempo = len(chart.tempos) <= 1 and all(tempo.bpm == 120 for tempo in chart.tempos)
    return one_tempo and _time_signatures(chart) == [TimeSignature(0)]


def _bad_ends(chart: Chart, played: list[Played], times: TempoMap, length: float) -> Iterator[int]:
    """The ticks of wrong end events. `length` is that of song.ini in seconds, 0 where it is missing."""
    last = max(found.chords[-1][0].tick for found in played)
    for place, tick in enumerate(chart.ends):
        if place > 0 or tick < last or 0 < length < times.seconds(tick):
            yield tick


def _reductions(played: list[Played]) -> Iterator[Problem]:
    experts = {found.track.instrument: found.chords for found in played if found.track.difficulty is Difficulty.EXPERT}
    for instrument in dict.fromkeys(found.track.instrument for found in played):
        if instrument not in experts:
            yield _problem("noExpert", instrument)
    for found in played:
        instrument, difficulty = found.track.instrument, found.track.difficulty
        alike = difficulty is not Difficulty.EXPERT and found.chords == experts.get(instrument)
        if alike and len(found.chords) > _FEW_NOTES:
            yield _problem("difficultyNotReduced", instrument, difficulty)
