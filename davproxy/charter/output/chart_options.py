"""chart-options.json of a song folder: what its chart was made with, so that it can be made again."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from davproxy.charter.correction import Correction, FoundBeat
from davproxy.charter.options import Options
from davproxy.errors import BadInput
from davproxy.formats import identify
from davproxy.formats.chart import Difficulty

NAME = "chart-options.json"
MAX_BYTES = 64 * 1024
LONGEST_LEAD_IN = 60.0  # seconds; two of the slowest bars are 42


def render(name: str, found: FoundBeat, notes: bytes, silence: float, options: Options) -> bytes:
    """The bytes of the file of the song `name` ("Artist - Title"), whose beat was `found` before any correction.

    `notes` are those of notes.chart; the song's audio begins with `silence` seconds. It takes no `Charted`, because the
    server reads the file too and must not load numpy for it.
    """
    kept = {
        "name": name,
        "difficulties": options.difficulties,
        "drums": options.drums,
        "correction": {name: value for name, value in asdict(options.correction).items() if value},
        "lead_in": max(silence, 0.0),
        "found": asdict(found),
        "identity": identify.identity(notes),
    }
    return (json.dumps(kept, ensure_ascii=False, indent=2) + "\n").encode()


def parse(content: bytes) -> Mapping[str, Any]:
    """The options in the bytes of the file, as plain values that Options.of takes; with `found`, the beat without a
    correction, and the `identity` of the notes that were made, which early files lack: None and "" then. Raises
    BadInput where it is damaged, or larger than MAX_BYTES."""
    try:
        kept = json.loads(content if len(content) <= MAX_BYTES else b"")
        lead_in = float(kept["lead_in"])
        if not 0 <= lead_in <= LONGEST_LEAD_IN:
            raise ValueError(lead_in)
        options = {
            "name": str(kept["name"]).encode().decode(),  # no half of a surrogate pair
            "difficulties": [str(Difficulty(each)) for each in kept["difficulties"]],
            "drums": bool(kept["drums"]),
            "correction": asdict(Correction.of(kept["correction"])),
            "lead_in": lead_in,
            "found": _found(kept["found"]) if "found" in kept else None,
            "identity": str(kept.get("identity", "")),
        }
    except (BadInput, ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise BadInput(f"{NAME} is damaged. Put the audio into /Generate to chart it again.") from error
    return options


def _found(kept: Mapping[str, Any]) -> Mapping[str, Any]:
    """A FoundBeat as plain values. Raises ValueError where it cannot be one."""
    beat = FoundBeat(float(kept["bpm"]), int(kept["beats_per_bar"]), float(kept["downbeat"]))
    if not (0 < beat.bpm < 1000 and 0 < beat.beats_per_bar < 100 and abs(beat.downbeat) < 3600):
        raise ValueError(beat)
    return asdict(beat)
