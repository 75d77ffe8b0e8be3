"""Rules for song.ini, or the metadata of an .sng."""

from collections.abc import Collection, Iterator, Mapping

from davproxy.formats import rich_text, song_fields
from davproxy.formats.chart import Instrument
from davproxy.formats.rules.problem import Problem, Severity
from davproxy.formats.song_fields import FIELDS, Kind

INTENSITIES: Mapping[str, str] = {
    Instrument.GUITAR: "diff_guitar",
    Instrument.GUITAR_COOP: "diff_guitar_coop",
    Instrument.RHYTHM: "diff_rhythm",
    Instrument.BASS: "diff_bass",
    Instrument.DRUMS: "diff_drums",
    Instrument.KEYS: "diff_keys",
    Instrument.GUITAR_GHL: "diff_guitarghl",
    Instrument.GUITAR_COOP_GHL: "diff_guitar_coop_ghl",
    Instrument.RHYTHM_GHL: "diff_rhythm_ghl",
    Instrument.BASS_GHL: "diff_bassghl",
}
"""Each instrument's field for its intensity."""


def check(pairs: Mapping[str, str]) -> Iterator[Problem]:
    """The problems of the values."""
    for name in song_fields.REQUIRED:
        written = rich_text.strip(song_fields.text(pairs, name))
        if written in ("", FIELDS[name].default):
            label = FIELDS[name].label.lower()
            if name == "name":
                yield Problem("missingValue", Severity.REFUSED, "The song has no title: fill in “name”.")
            else:
                yield Problem("missingValue", Severity.WARNING, f"The {label} is not given: fill in “{name}”.")
    for key, value in pairs.items():
        field = FIELDS.get(song_fields.ALIASES.get(key, key))
        if field and not _fits(field.kind, value):
            what = "a whole number" if field.kind is Kind.NUMBER else "True or False"
            yield _invalid(f"“{key}” should be {what}, not “{value[:40]}”.")
    if song_fields.number(pairs, "multiplier_note") not in (0, 103, 116):
        yield _invalid("“multiplier_note” should be 103 or 116, or not be there.")
    if song_fields.flag(pairs, "pro_drums") and song_fields.flag(pairs, "five_lane_drums"):
        yield _invalid("“pro_drums” and “five_lane_drums” cannot both be True.")


def check_packed(pairs: Mapping[str, str]) -> Iterator[Problem]:
    """Values for which games refused an .sng, though they accept them in a song.ini (mtolly/onyx, CHANGES.md)."""
    if song_fields.number(pairs, "song_length") <= 0:
        yield Problem("missingValue", Severity.ERROR, "Some games refuse an .sng without “song_length”: pack it again.")
    for key, value in pairs.items():
        if not value:
            message = f"Some games refuse an .sng with an empty “{key}”: fill it in, or take it out."
            yield Problem("invalidValue", Severity.ERROR, message)


def check_intensities(instruments: Collection[str], has_vocals: bool, pairs: Mapping[str, str]) -> Iterator[Problem]:
    """The problems of intensities that do not fit the `instruments` that are charted."""
    for instrument in Instrument:
        yield from _intensity(INTENSITIES[instrument], instrument in instruments, pairs, instrument)
    yield from _intensity("diff_vocals", has_vocals, pairs, None)


def _intensity(name: str, charted: bool, pairs: Mapping[str, str], instrument: Instrument | None) -> Iterator[Problem]:
    given = song_fields.number(pairs, name) != FIELDS[name].default
    label = FIELDS[name].label.lower()
    if charted and not given:
        message = f"How hard the {label} is, from 0 to 6, is not given: fill in “{name}”."
        yield Problem("missingValue", Severity.WARNING, message, instrument)
    if given and not charted:
        message = f"“{name}” is given, but no {label} is charted: take it out."
        yield Problem("extraValue", Severity.WARNING, message, instrument)


def _fits(kind: Kind, value: str) -> bool:
    match kind:
        case Kind.NUMBER:
            return value.removeprefix("-").removeprefix("+").isdecimal() or value == ""
        case Kind.FLAG:
            return value.lower() in ("true", "false", "1", "0", "")
    return True


def _invalid(message: str) -> Problem:
    return Problem("invalidValue", Severity.WARNING, message)
