"""Accompaniments that MMA (Debian's mma) arranges from its styles: one MIDI file a style."""

import hashlib
import random
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

MMA_STYLES = Path("/usr/share/mma/lib")
BAR_MARK = "bar"

PROGRESSIONS = (
    "C Am F G",
    "Em C G D",
    "Am F C G",
    "Dm7 G7 CM7 Am7",
    "A A D E7",
    "Em Em Am B7",
    "G D Em C",
    "Dm Bb C Am",
)


def midi_files(cache: Path) -> Iterator[tuple[str, bytes]]:
    """One accompaniment for each style file: a few of its grooves over a random progression."""
    for path in sorted(MMA_STYLES.glob("*/*.mma")):
        style = path.relative_to(MMA_STYLES).with_suffix("").as_posix()
        song = arrangement(style, path.read_text("latin-1"))
        midi = cache / "mma" / f"{style}-{hashlib.sha256(song.encode()).hexdigest()[:8]}.mid"
        if song and not midi.exists():
            midi.parent.mkdir(parents=True, exist_ok=True)
            midi.write_bytes(played(song))
        if song and (data := midi.read_bytes()):
            yield f"mma/{style}", data


def arrangement(style: str, source: str) -> str:
    """What MMA is to play in this style, or nothing if it has no grooves. Every bar is marked, since styles state time
    signatures that their bars do not keep."""
    draw = random.Random(style)
    lines = [line.split() for line in source.splitlines()]
    grooves = [words[1] for words in lines if len(words) > 1 and words[0].lower() == "defgroove"]
    if not grooves:
        return ""
    chosen = [grooves[0], *draw.sample(grooves, min(2, len(grooves))), grooves[0]]
    chosen = [name for name in chosen if not name.lower().endswith(("end", "fill", "intro", "metronome"))]
    song = ["RndSeed 1"]
    for groove in chosen or grooves[:1]:
        song.append(f"Groove {groove}")
        for chord in draw.choice(PROGRESSIONS).split() * 4:
            song += [f"MidiMark {BAR_MARK}", chord]
    return "\n".join(song) + "\n"


def played(song: str) -> bytes:
    """The MIDI that MMA makes of `song`; nothing where it refuses it."""
    with tempfile.TemporaryDirectory() as folder:
        script, target = Path(folder, "tune.mma"), Path(folder, "tune.mid")
        script.write_text(song)
        result = subprocess.run(
            ["mma", "-f", target, script], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        return target.read_bytes() if result.returncode == 0 and target.exists() else b""
