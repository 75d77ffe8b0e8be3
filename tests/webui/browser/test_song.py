"""The page of a song: the highway, every chart, the sound of all stems, and the keyboard."""

import io
import re
import wave

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from davproxy.formats import sng
from davproxy.model import Song
from tests.waiting import wait_until
from tests.webui.browser.conftest import ARTEFACTS, Open, wait_until_idle
from tests.webui.browser.test_upload import colours_on
from tests.webui.conftest import Site
from tests.webui.songs import SYNC, add_song, chart, ini

DRUMS = """[ExpertDrums]
{
  768 = N 0 0
  768 = N 1 0
  768 = N 2 0
  768 = N 66 0
  960 = N 32 0
  1152 = N 4 0
  1152 = N 38 0
  1344 = N 1 0
  1344 = N 40 0
}
"""


def sine(pitch: float, seconds: float = 8.0) -> bytes:
    """A .wav of one pitch."""
    rate = 22_050
    samples = (np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate) * 12_000).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples.tobytes())
    return file.getvalue()


@pytest.fixture(scope="module")
def song(served: Site) -> Song:
    """A song with guitar and drums, and two stems."""
    song = add_song(served.library, "On the Highway", song_length="8000")
    served.library.tree.write(f"{song.path}/song.wav", sine(440))
    served.library.tree.write(f"{song.path}/drums.wav", sine(220))
    served.library.tree.write(f"{song.path}/notes.chart", chart() + DRUMS.encode())
    return served.library.songs.get(song.id)


def script_folder(page: Page) -> str:
    """The address of the folder of the pages' scripts."""
    return (page.locator("script[type=module]").get_attribute("src") or "").rpartition("/")[0] + "/"


def seconds_shown(page: Page) -> float:
    return float(page.get_by_label("Position in the song").input_value())


def test_a_song_opens_on_the_highway_and_plays(served: Site, song: Song, open_page: Open) -> None:
    page = open_page(f"/songs/{song.id}")
    expect(page.locator("canvas#highway")).to_be_visible()
    guitar = page.get_by_role("button", name="Guitar, expert: 61 notes")
    expect(guitar).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Play the song with its notes").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator(".player-time")).to_have_text(re.compile(r"0:0[2-7] / 0:08"))
    assert colours_on(page.locator("#highway").screenshot()) > 50
    page.get_by_role("button", name="Pause").click()


def test_a_frame_copies_the_board_that_is_drawn_again_where_it_changes(
    served: Site, song: Song, open_page: Open
) -> None:
    page = open_page(f"/songs/{song.id}?i=guitar&d=expert")
    wait_until_idle(page)
    page.evaluate(
        """() => {
            const seen = globalThis.seen = { gradients: 0, copies: 0 };
            const { createLinearGradient, drawImage } = CanvasRenderingContext2D.prototype;
            CanvasRenderingContext2D.prototype.createLinearGradient = function (...given) {
                seen.gradients += 1;
                return createLinearGradient.apply(this, given);
            };
            CanvasRenderingContext2D.prototype.drawImage = function (...given) {
                seen.copies += 1;
                return drawImage.apply(this, given);
            };
        }"""
    )
    page.get_by_role("button", name="Play the song with its notes").click()
    wait_until(lambda: page.evaluate("seen.copies") > 5)
    assert page.evaluate("seen.gradients") == 0
    page.get_by_label("Note speed").evaluate("each => { each.value = 2; each.dispatchEvent(new Event('input')); }")
    wait_until(lambda: page.evaluate("seen.gradients") > 0)


def test_lyrics_are_shown_as_games_show_their_signs(served: Site, open_page: Open) -> None:
    sung = add_song(served.library, "Sung", song_length="8000")
    syllables = ("lyr-", "ics", "Re=do", "and_or", "nev=", "er#", "50%")
    events = ['960 = E "phrase_start"', *(f'{970 + at} = E "lyric {text}"' for at, text in enumerate(syllables))]
    lines = "".join(f"  {event}\n" for event in events).encode()
    served.library.tree.write(f"{sung.path}/notes.chart", chart().replace(b"  3072 = E", lines + b"  3072 = E"))
    page = open_page(f"/songs/{served.library.songs.get(sung.id).id}?t=3")
    expect(page.locator(".stage-lyrics")).to_have_text("lyrics Re-do and or nev-er 50")


def test_the_address_chooses_position_and_chart(served: Site, song: Song, open_page: Open) -> None:
    page = open_page(f"/songs/{song.id}?t=3&i=drums&d=expert")
    drums = page.get_by_role("button", name=re.compile("Drums, Expert: 6 notes"))
    expect(drums).to_have_attribute("aria-pressed", "true")
    assert seconds_shown(page) == 3
    page.get_by_role("button", name=re.compile("Guitar, Hard")).click()
    expect(page).to_have_url(re.compile(r"t=3&i=guitar&d=hard"))
    page.screenshot(path=ARTEFACTS / "song-drums-dark-1440.png")


def test_a_song_that_is_being_left_writes_no_address(served: Site, song: Song, open_page: Open) -> None:
    page = open_page("/songs?layout=list")
    page.get_by_role("link", name=song.title).first.click()
    expect(page).to_have_url(re.compile(r"i=guitar"))
    held: list[Route] = []
    page.route("**/songs?layout=list", lambda route: held.append(route))
    with page.expect_request("**/songs?layout=list"):
        page.go_back()
    page.keyboard.press("ArrowRight")
    assert page.url == f"{served.url}/songs?layout=list"
    held[0].continue_()
    expect(page.get_by_role("heading", level=1)).to_have_text("Songs")


def test_going_back_and_forth_before_a_page_is_there_ends_where_the_address_says(
    served: Site, song: Song, open_page: Open
) -> None:
    page = open_page("/songs?layout=list&utm_source=elsewhere")
    held: list[Route] = []
    page.route("**/js/song.js*", lambda route: held.append(route))
    with page.expect_request("**/js/song.js*"):
        page.get_by_role("link", name=song.title).first.click()
    page.go_back()
    assert len(held) == 1
    with page.expect_response(f"**/api/songs/{song.id}"):
        held[0].continue_()
    expect(page.get_by_role("heading", level=1)).to_have_text("Songs")
    expect(page.get_by_role("link", name=song.title).first).to_be_visible()
    assert page.url == f"{served.url}/songs?layout=list&utm_source=elsewhere"
    page.go_forward()
    page.go_back()
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_have_text(song.title)
    expect(page).to_have_url(re.compile(f"/songs/{song.id}"))


def test_the_keyboard_plays_seeks_and_jumps(served: Site, song: Song, open_page: Open) -> None:
    page = open_page(f"/songs/{song.id}")
    wait_until_idle(page)
    page.keyboard.press("ArrowRight")
    assert seconds_shown(page) == 5
    page.keyboard.press("[")
    assert seconds_shown(page) == 2  # the section Verse
    page.keyboard.press("m")
    expect(page.get_by_label("Volume")).to_have_value("0")
    page.keyboard.press("l")
    expect(page.get_by_role("button", name="Loop")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


MEASURE = """async ([js, id, speed]) => {
    const { StemPlayer } = await import(js + 'stem_player.js');
    const player = new StemPlayer(id, ['song', 'drums'], 8);
    player.setSpeed(speed);
    await player.play();
    const analysers = player.stems.map(({ output }) => {
        const analyser = player.context.createAnalyser();
        analyser.fftSize = 8192;
        output.connect(analyser);
        return analyser;
    });
    while (player.position < 1.2) await new Promise((resolve) => setTimeout(resolve, 50));
    const pitches = analysers.map((analyser) => {
        const levels = new Float32Array(analyser.frequencyBinCount);
        analyser.getFloatFrequencyData(levels);
        return levels.indexOf(Math.max(...levels)) * player.context.sampleRate / analyser.fftSize;
    });
    const begun = player.started, went = player.context.currentTime - begun;
    const result = { pitches, speed: (player.position - player.at) / went, latency: player.context.outputLatency || 0 };
    player.stop();
    return result;
}"""


@pytest.mark.parametrize("speed", [1, 0.5, 1.5])
def test_stems_keep_their_pitch_at_any_speed(served: Site, song: Song, open_page: Open, speed: float) -> None:
    page = open_page(f"/songs/{song.id}")
    wait_until_idle(page)
    found = page.evaluate(MEASURE, [script_folder(page), song.id, speed])
    assert found["pitches"] == pytest.approx([440, 220], abs=12)


READ_CLOCK = """async ([js, reads]) => {
    const { OutputClock } = await import(js + 'output_clock.js');
    const context = {};
    context.getOutputTimestamp = () => ({ contextTime: context.contextTime, performanceTime: performance.now() });
    const clock = new OutputClock(context, 0.5);
    return reads.map(([currentTime, contextTime, state]) => {
        Object.assign(context, { currentTime, contextTime, state });
        return clock.heard;
    });
}"""


def test_what_is_heard_goes_on_without_jumps_whatever_the_clocks_of_the_output_say(
    served: Site, song: Song, open_page: Open
) -> None:
    page = open_page(f"/songs/{song.id}")
    js = script_folder(page)

    def heard(*reads: tuple[float, float, str]) -> list[float]:
        return [round(each, 1) for each in page.evaluate(READ_CLOCK, [js, reads])]

    runs, stands = "running", "suspended"
    assert heard((0.4, 9, runs), (4.5, 4.4, runs), (5.5, 5.3, runs), (5.7, 5.6, runs)) == [0, 3.9, 4.8, 5.1]  # exact
    assert heard((4.5, 4.3, runs), (5.5, 5.4, runs)) == [4, 5]  # rough, and stays so
    assert heard((4.5, 4.4, runs), (4.5, 4.6, stands), (4.5, 4.6, runs), (5.5, 5.6, runs)) == [3.9, 4, 4, 5]
    assert heard((4.5, 4.6, runs), (4.5, 5.6, runs), (4.4, 4.3, runs)) == [4.1, 4.1, 4.1]  # never back


def test_stems_are_muted_and_played_alone(served: Site, song: Song, open_page: Open) -> None:
    page = open_page(f"/songs/{song.id}")
    page.get_by_role("button", name="Mute Drums").click()
    expect(page.get_by_role("button", name="Mute Drums")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Solo Song").click()
    expect(page.get_by_role("button", name="Solo Song")).to_have_attribute("aria-pressed", "true")


def test_what_is_inside_an_sng_is_played(served: Site, open_page: Open) -> None:
    files = {"notes.chart": f"[Song]\n{{\n  Resolution = 192\n}}\n{SYNC}{DRUMS}".encode(), "song.wav": sine(330)}
    served.library.tree.write(
        "/Songs/packed.sng", sng.render({"name": "Packed", "song_length": "8000"}, files, bytes(16))
    )
    packed = served.library.songs.at("/Songs/packed.sng")
    assert packed
    page = open_page(f"/songs/{packed.id}")
    expect(page.get_by_role("button", name=re.compile("Drums, Expert"))).to_be_visible()
    page.get_by_role("button", name="Play the song with its notes").click()
    expect(page.locator(".player-time")).to_have_text(re.compile(r"0:0[1-7] / 0:08"))


def test_audio_that_cannot_be_decoded_is_said_and_the_notes_go_on(served: Site, open_page: Open) -> None:
    song = add_song(served.library, "Silent", song_length="9000")
    served.library.tree.write(f"{song.path}/song.wav", b"no sound at all")
    page = open_page(f"/songs/{song.id}")
    page.get_by_role("button", name="Play the song with its notes").click()
    expect(page.get_by_text("cannot decode the song's audio")).to_be_visible()
    expect(page.locator(".player-time")).to_have_text(re.compile(r"0:0[1-8] / 0:09"))


def test_a_song_without_notes_says_so(served: Site, open_page: Open) -> None:
    served.library.tree.make_folder("/Songs/Bare")
    served.library.tree.write("/Songs/Bare/song.ini", ini(name="Bare"))
    song = served.library.songs.of("/Songs/Bare")
    assert song
    page = open_page(f"/songs/{song.id}", allow="status of 404")
    expect(page.get_by_text("This song has no notes.")).to_be_visible()
