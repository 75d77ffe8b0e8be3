"""From audio to a song folder that games play."""

import json
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from davproxy.charter import sketch
from davproxy.charter.generate import Generated, generate, run
from davproxy.charter.options import Options
from davproxy.charter.output import chart_options
from davproxy.errors import BadAudio
from davproxy.formats import notes_chart, rules, song_ini
from davproxy.formats.chart import Chart, Difficulty, Instrument
from davproxy.formats.tempo_map import TempoMap
from davproxy.in_child import Report
from tests import scan_chart
from tests.charter import music
from webui.api.highway import highway_chart

pytestmark = pytest.mark.slow

BPM = 128.0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    folder = tmp_path_factory.mktemp("made")
    source = music.recording(folder / "The Testers - First Song.wav", BPM)
    return generate([source], folder / "song", Options(plot=True))


@pytest.fixture(scope="module")
def chart(made: Generated) -> Chart:
    return notes_chart.parse((made.folder / "notes.chart").read_bytes())


def test_the_folder_is_complete_and_breaks_no_rule(made: Generated) -> None:
    files = {path.name: path.stat().st_size for path in made.folder.iterdir()}
    assert set(files) == {"notes.chart", "song.ini", "song.ogg", "album.png", "plot.png", "chart-options.json"}
    with Image.open(made.folder / "album.png") as art:
        assert art.size == (512, 512)
    problems = rules.check_song(
        {name: size for name, size in files.items() if name != "plot.png"},
        (made.folder / "song.ini").read_bytes(),
        (made.folder / "notes.chart").read_bytes(),
    )
    assert problems == []


@scan_chart.needed
def test_the_public_scanner_finds_no_issue(made: Generated, sung: Generated) -> None:
    for found in scan_chart.scan([made.folder, sung.folder]):
        assert found["playable"]
        assert [*found["folderIssues"], *found["metadataIssues"], *found["chartIssues"]] == []


def test_metadata(made: Generated, chart: Chart) -> None:
    pairs = song_ini.parse((made.folder / "song.ini").read_bytes()).pairs
    assert (pairs["artist"], pairs["name"], pairs["delay"]) == ("The Testers", "First Song", "0")
    assert int(pairs["song_length"]) == pytest.approx(soundfile.info(made.folder / "song.ogg").duration * 1000, abs=2)
    assert 0 <= int(pairs["diff_guitar"]) <= 6
    assert (chart.song["Name"], chart.song["Year"]) == (pairs["name"], pairs["year"])


def test_the_music_lies_on_the_grid_and_the_notes_are_in_time(chart: Chart, made: Generated) -> None:
    assert made.bpm == BPM
    times = TempoMap.of(chart)
    silence = soundfile.info(made.folder / "song.ogg").duration - (0.5 + 28 * 4 * 60 / BPM + 2)
    beats = (silence + 0.5) * BPM / 60
    assert beats == pytest.approx(round(beats), abs=0.02)
    expert = chart.track(Instrument.GUITAR, Difficulty.EXPERT)
    assert expert is not None
    heard = [silence + 0.5 + (bar * 4 + eighth / 2) * 60 / BPM for bar in range(28) for eighth in music.RIFF]
    late = [min(abs(times.seconds(chord[0].tick) - time) for time in heard) for chord in expert.chords()]
    assert np.mean(np.array(late) < 0.015) > 0.8
    assert times.seconds(expert.notes[0].tick) >= 2.0


def test_each_difficulty_is_a_part_of_the_one_above(chart: Chart) -> None:
    tracks = [chart.track(Instrument.GUITAR, difficulty) for difficulty in Difficulty]
    ticks = [{note.tick for note in track.notes} for track in tracks if track]
    assert len(ticks) == 4
    for above, below in pairwise(ticks):
        assert below < above


def test_a_riff_that_comes_back_is_charted_alike(chart: Chart) -> None:
    expert = chart.track(Instrument.GUITAR, Difficulty.EXPERT)
    assert expert is not None
    bars: dict[int, list[tuple[int, int]]] = {}
    for note in expert.notes:
        bars.setdefault(note.tick // 768, []).append((note.tick % 768, note.lane))
    shapes = {tuple(bar) for bar in bars.values()}
    assert len(shapes) < len(bars) / 2


def test_the_same_file_gives_the_same_bytes(made: Generated, tmp_path: Path) -> None:
    source = made.folder.parent / "The Testers - First Song.wav"
    again = generate([source], tmp_path / "again", Options(plot=True))
    for file in made.folder.iterdir():
        assert (again.folder / file.name).read_bytes() == file.read_bytes(), file.name


def test_what_a_player_chose_is_written_as_if_the_finished_song_were_edited(made: Generated, tmp_path: Path) -> None:
    picture = tmp_path / "album.jpg"
    picture.write_bytes(b"a picture")
    options = Options(
        title="Chosen", artist="By [Hand] = 50 %", year="1999", difficulties=(Difficulty.EASY, Difficulty.EXPERT),
        album_art=str(picture),
    )  # fmt: skip
    chosen = generate([made.folder.parent / "The Testers - First Song.wav"], tmp_path / "chosen", options)
    ini = song_ini.parse((made.folder / "song.ini").read_bytes())
    edited = song_ini.edit(ini, {"name": "Chosen", "artist": "By [Hand] = 50 %", "year": "1999"})
    assert (chosen.folder / "song.ini").read_bytes() == song_ini.render(edited)
    full = notes_chart.parse((made.folder / "notes.chart").read_bytes())
    kept = tuple(track for track in full.tracks if track.difficulty in options.difficulties)
    assert {track.difficulty for track in kept} == set(options.difficulties)
    assert (chosen.folder / "notes.chart").read_bytes() == notes_chart.render(replace(full, tracks=kept))
    assert (chosen.folder / "album.jpg").read_bytes() == b"a picture"
    assert not (chosen.folder / "album.png").exists()
    assert (chosen.title, chosen.artist) == ("Chosen", "By [Hand] = 50 %")


def test_stems_are_kept_and_the_lead_is_charted_from_its_own(tmp_path: Path) -> None:
    sources = []
    for stem, samples in music.band(BPM, 20).items():
        sources.append(tmp_path / f"{stem}.flac")
        soundfile.write(sources[-1], samples, music.RATE)
    steps: list[str] = []
    made = generate(sources, tmp_path / "song", Options(name="A - B"), lambda step, _: steps.append(step))
    assert {path.name for path in made.folder.iterdir()} == {
        "notes.chart", "song.ini", "guitar.ogg", "drums.ogg", "album.png", "chart-options.json",
    }  # fmt: skip
    assert list(dict.fromkeys(steps)) == ["decode", "tempo", "structure", "notes", "write"]


def test_each_stem_of_a_five_fret_instrument_has_a_part_of_its_own(tmp_path: Path) -> None:
    band = music.band(BPM, 20)
    late = np.concatenate([np.zeros(int(8 * 4 * 60 / BPM * music.RATE)), band["guitar"]])[: len(band["guitar"])]
    dither = np.random.default_rng(2).normal(0, 1e-4, len(late)).astype(np.float32)
    stems = {"guitar": band["guitar"], "drums": dither, "bass": late, "keys": np.zeros(len(late))}
    for stem, samples in stems.items():
        soundfile.write(tmp_path / f"{stem}.wav", samples, music.RATE)
    made = generate(sorted(tmp_path.glob("*.wav")), tmp_path / "song", Options(name="A - B"))
    assert set(made.parts) >= {"guitar", "bass"}
    assert {"keys", "drums"}.isdisjoint(made.parts), "they are silent"
    chart = notes_chart.parse((made.folder / "notes.chart").read_bytes())
    guitar, bass = (chart.track(each, Difficulty.EXPERT) for each in (Instrument.GUITAR, Instrument.BASS))
    assert guitar is not None
    assert bass is not None
    assert bass.notes[0].tick >= guitar.notes[0].tick + 7 * 4 * chart.resolution
    assert all(len(chord) == 1 for chord in bass.chords())
    assert {track.difficulty for track in chart.tracks if track.instrument == "bass"} == set(Difficulty)
    assert "diff_bass" in song_ini.parse((made.folder / "song.ini").read_bytes()).pairs


LRC = '[ar:Somebody]\n[00:05.00]She said "never"\n[00:08.50]Twenty-one nights\n[00:50.00]The end\n[09:00.00]Not here'


@pytest.fixture(scope="module")
def sung(made: Generated) -> Generated:
    """The same song with lyrics."""
    folder = made.folder.parent
    (folder / "x.lrc").write_text(LRC)
    options = Options(lyrics=str(folder / "x.lrc"), plot=True)
    return generate([folder / "The Testers - First Song.wav"], folder / "sung", options)


def test_lyrics_are_events_in_time_and_change_nothing_else(made: Generated, sung: Generated, chart: Chart) -> None:
    found = notes_chart.parse((sung.folder / "notes.chart").read_bytes())
    assert [event.text for event in found.lyrics] == ["She", "said", "never", "Twenty=one", "nights", "The", "end"]
    times = TempoMap.of(found)
    begin = {event.text: times.seconds(event.tick) - sung.lead_in for event in found.lyrics}
    assert [begin[word] for word in ("She", "Twenty=one", "The")] == pytest.approx([5.0, 8.5, 50.0], abs=0.002)
    is_sung = [event for event in found.events if event.text.split(" ")[0] in ("lyric", "phrase_start", "phrase_end")]
    assert [event.text for event in is_sung if event.text.startswith("phrase")] == ["phrase_start", "phrase_end"] * 3
    without = replace(found, events=tuple(event for event in found.events if event not in is_sung))
    assert without == chart
    ini = song_ini.parse((sung.folder / "song.ini").read_bytes()).pairs
    assert ini["lyrics"] == "True"
    assert {**ini, "lyrics": ""} == {**song_ini.parse((made.folder / "song.ini").read_bytes()).pairs, "lyrics": ""}
    assert [remark for remark in sung.remarks if remark not in made.remarks] == [
        "x.lrc: Lines of its lyrics are left out that would come before or after the recording: 1. Its times may be "
        "those of another version of the song."
    ]


def test_the_highway_shows_the_lines(sung: Generated) -> None:
    chart = notes_chart.parse((sung.folder / "notes.chart").read_bytes())
    lines = highway_chart(chart, {}).lyrics
    assert [[text for _, text in line] for line in lines] == [
        ["She", "said", "never"], ["Twenty=one", "nights"], ["The", "end"],
    ]  # fmt: skip
    assert lines[0][0][0] == pytest.approx(5.0 + sung.lead_in, abs=0.002)


def test_a_song_with_its_own_silence_keeps_its_bytes(tmp_path: Path) -> None:
    source = music.recording(tmp_path / "late.wav", BPM, start=4 * 60 / BPM * 2)
    made = generate([source], tmp_path / "song", Options())
    assert (made.folder / "song.wav").read_bytes() == source.read_bytes()


def test_a_chart_is_made_again_from_its_own_folder(made: Generated, tmp_path: Path) -> None:
    kept = chart_options.parse((made.folder / "chart-options.json").read_bytes())
    assert (kept["lead_in"], kept["name"]) == (pytest.approx(made.lead_in, abs=0.001), "The Testers - First Song")
    again = generate([made.folder / "song.ogg"], tmp_path / "again", Options.of(kept))
    assert (again.lead_in, again.bpm) == (made.lead_in, made.bpm)
    assert (again.folder / "song.ogg").read_bytes() == (made.folder / "song.ogg").read_bytes(), "no loss by encoding"
    late = [
        TempoMap.of(notes_chart.parse((each.folder / "notes.chart").read_bytes())).seconds(40 * 192)
        for each in (made, again)
    ]
    assert late[1] == pytest.approx(late[0], abs=0.003)
    slower = generate(
        [made.folder / "song.ogg"], tmp_path / "slow", Options.of({**kept, "correction": {"tempo": "/2"}})
    )
    assert slower.seconds - slower.lead_in == pytest.approx(made.seconds - made.lead_in, abs=0.001)
    assert chart_options.parse((slower.folder / "chart-options.json").read_bytes())["correction"]["tempo"] == "/2"


def test_a_count_before_the_music_is_not_charted(tmp_path: Path) -> None:
    beat = 60 / BPM
    music_starts = 0.5 + 4 * beat
    samples = np.asarray(sum(music.band(BPM, 20, start=music_starts).values()))
    click = np.random.default_rng(1).normal(size=200) * np.exp(-np.arange(200) / 40) * 0.5
    for count in range(4):
        place = int((0.5 + count * beat) * music.RATE)
        samples[place : place + 200] += click
    soundfile.write(tmp_path / "x.wav", samples, music.RATE)
    made = generate([tmp_path / "x.wav"], tmp_path / "song", Options())
    chart = notes_chart.parse((made.folder / "notes.chart").read_bytes())
    expert = chart.track(Instrument.GUITAR, Difficulty.EXPERT)
    assert expert is not None
    silence = made.seconds - len(samples) / music.RATE
    assert TempoMap.of(chart).seconds(expert.notes[0].tick) >= silence + music_starts - 0.05


def test_files_that_are_no_stems_of_one_song_are_refused(tmp_path: Path) -> None:
    sources = [music.recording(tmp_path / name, bars=4) for name in ("one.wav", "two.wav")]
    with pytest.raises(BadAudio, match="one song at a time"):
        generate(sources, tmp_path / "song", Options())
    assert not (tmp_path / "song").exists()


def test_a_song_that_is_stopped_while_it_is_written_leaves_nothing(tmp_path: Path) -> None:
    def stop(step: str, fraction: float) -> None:
        if (step, fraction) == ("write", 1.0):
            assert (tmp_path / "song" / "notes.chart").exists()
            raise KeyboardInterrupt

    source = music.recording(tmp_path / "x.wav", BPM)
    with pytest.raises(KeyboardInterrupt):
        generate([source], tmp_path / "song", Options(), stop)
    assert list((tmp_path / "song").iterdir()) == []


def test_a_child_process_gets_and_answers_plain_json(tmp_path: Path) -> None:
    source = music.recording(tmp_path / "x.wav", BPM)
    request = {"sources": [str(source)], "output": str(tmp_path / "song"), "options": {"drums": False}}
    sent: list[dict[str, Any]] = []
    answer = run(request, Report(lambda message: sent.append(json.loads(json.dumps(message)))))
    assert json.loads(json.dumps(answer))["drums"] is False
    found = [message["found"] for message in sent if "found" in message]
    assert [sorted(values) for values in found] == [
        ["artist", "seconds", "title", "waveform"], ["bars", "bpm", "meter"], ["notes", "sections"],
    ]  # fmt: skip
    drawn = {name: value for values in found for name, value in values.items()}
    assert (len(drawn["waveform"]), max(drawn["waveform"])) == (sketch.PARTS, sketch.LOUDEST)
    assert sum(drawn["notes"]) == answer["notes"]["expert"]
    assert drawn["bars"] == sorted(drawn["bars"])
    assert 0 <= drawn["bars"][0] < drawn["bars"][-1] <= drawn["seconds"]
    assert drawn["sections"][0][0] == 0.0


@pytest.mark.slow
def test_a_chart_needs_nothing_that_the_image_leaves_out(tmp_path: Path) -> None:
    source = music.recording(tmp_path / "x.wav", BPM)
    without = "import sys; sys.modules.update(dict.fromkeys(('sklearn', 'threadpoolctl', 'narwhals')))"
    work = "from pathlib import Path; from davproxy.charter.generate import generate"
    work += "; from davproxy.charter.options import Options"
    call = f"generate([Path({str(source)!r})], Path({str(tmp_path / 'song')!r}), Options())"
    subprocess.run([sys.executable, "-c", f"{without}; {work}; {call}"], check=True, timeout=300)
    assert (tmp_path / "song" / "notes.chart").exists()
