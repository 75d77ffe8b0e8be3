"""`make bench-highway`: how steadily the highway moves, and how far it is from what is heard, in a real browser.

A song with two stems and many notes is served and played in Chromium. Each frame gives its interval, and the distance
of the position that the highway draws from that of each stem, as the clock of the audio output tells it.
"""

import math
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

import numpy as np
import soundfile
from playwright.sync_api import Page, sync_playwright

from tests.bench.speed import songs
from tests.bench.speed.served import on_folder
from tests.waiting import wait_until

FRAMES = 900
RATE, SECONDS = 44_100, 60
STEMS = ("song.ogg", "guitar.ogg")
WIDTHS = (1440, 390)
ARGUMENTS = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]

WATCH = """(module) => {
    // Notes the moment at which each stem starts, and how far each position that is asked for is from it.
    const seen = globalThis.seen = { starts: [], distances: [], position: 0, context: null };
    const start = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function (when, offset) {
        seen.context = this.context;
        seen.starts.push({ when, offset });
        return start.call(this, when, offset);
    };
    return import(module).then(({ StemPlayer }) => {
        const { get } = Object.getOwnPropertyDescriptor(StemPlayer.prototype, "position");
        Object.defineProperty(StemPlayer.prototype, "position", {
            get() {
                seen.position = get.call(this);
                if (!this.playing || !seen.starts.length) return seen.position;
                const { contextTime, performanceTime } = seen.context.getOutputTimestamp();
                const heard = contextTime + (performance.now() - performanceTime) / 1000;
                for (const { when, offset } of seen.starts) {
                    seen.distances.push(Math.abs(seen.position - (offset + heard - when)) * 1000);
                }
                return seen.position;
            },
        });
    });
}"""

RECORD = """(frames) => new Promise((done) => {
    const { seen } = globalThis, intervals = [];
    let before = 0;
    seen.distances.length = 0;
    const frame = (now) => {
        if (before) intervals.push(now - before);
        before = now;
        intervals.length < frames ? requestAnimationFrame(frame) : done({ intervals, distances: seen.distances });
    };
    requestAnimationFrame(frame);
})"""


def main() -> None:
    """Print the table."""
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    print("| width | frames | interval p50 | p95 | longest | highway to stems p50 | p95 |")
    print("|---|---|---|---|---|---|---|")
    with TemporaryDirectory() as name, sync_playwright() as playwright:
        _write_song(Path(name) / "library" / "Songs" / "Bench" / "Frames")
        with on_folder(Path(name) / "library", Path(name) / "temp") as served:
            root = served.root.removesuffix("/dav")
            wait_until(lambda: b'"songs":1' in urlopen(f"{root}/api/library/status").read(), seconds=60)
            browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
            for width in WIDTHS:
                page = browser.new_page(bypass_csp=True, viewport={"width": width, "height": 844})
                print(_row(width, *_played(page, root)))
                page.close()
            browser.close()


def _played(page: Page, root: str) -> tuple[list[float], list[float]]:
    """The intervals of the frames, and the distances of highway and stems, in milliseconds."""
    [song] = page.request.get(f"{root}/api/songs").json()["songs"]
    page.goto(f"{root}/songs/{song['id']}")
    script = page.locator("script[data-turns]").get_attribute("src") or ""
    page.evaluate(WATCH, f"{script.rpartition('/')[0]}/stem_player.js")
    page.get_by_role("button", name="Play the song with its notes").click()
    page.wait_for_function(f"globalThis.seen.starts.length >= {len(STEMS)} && globalThis.globalThis.seen.position > 1")
    found = page.evaluate(RECORD, FRAMES)
    return found["intervals"], found["distances"]


def _row(width: int, intervals: Sequence[float], distances: Sequence[float]) -> str:
    figures = [_at(intervals, 0.5), _at(intervals, 0.95), max(intervals), _at(distances, 0.5), _at(distances, 0.95)]
    return " | ".join([f"| {width}", f"{len(intervals)}", *(f"{figure:.1f} ms" for figure in figures)]) + " |"


def _at(values: Sequence[float], part: float) -> float:
    return sorted(values)[math.ceil(len(values) * part) - 1]


def _write_song(folder: Path) -> None:
    folder.mkdir(parents=True)
    names = dict(songs.files(1))
    (folder / "song.ini").write_bytes(next(content for path, content in names.items() if path.endswith("song.ini")))
    (folder / "notes.chart").write_bytes(songs.notes(0))
    time = np.arange(RATE * SECONDS) / RATE
    for stem, pitch in zip(STEMS, (110, 220), strict=True):
        samples = (0.2 * np.sin(2 * np.pi * pitch * time)).astype(np.float32)
        with soundfile.SoundFile(folder / stem, "w", RATE, 1, format="OGG", subtype="VORBIS") as file:
            for start in range(0, len(samples), RATE):  # libsndfile crashes on a minute at once
                file.write(samples[start : start + RATE])


if __name__ == "__main__":
    main()
