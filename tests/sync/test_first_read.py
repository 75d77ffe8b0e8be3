"""The first read of a library that is there already: how many songs there will be is known while it goes on."""

from pathlib import Path

from davproxy.app import opened
from davproxy.settings import Settings
from tests.webui.songs import chart, ini, tone


def test_a_first_read_says_how_many_songs_there_will_be(tmp_path: Path) -> None:
    for number in range(30):
        folder = tmp_path / "stored/Songs" / f"Song {number}"
        folder.mkdir(parents=True)
        for name, content in (("song.ini", ini(name="x")), ("notes.chart", chart()), ("song.wav", tone(0.1))):
            (folder / name).write_bytes(content)
    given = {"TEMP_DIR": str(tmp_path / "temp"), "LIBRARY_DIR": str(tmp_path / "stored")}
    seen: list[tuple[int, int]] = []
    with opened(Settings.read(given, Path("/nonexistent"))) as core:

        def note() -> None:
            if core.sync.progress:
                seen.append((core.library.songs.counts().songs, core.sync.progress.songs))

        core.sync.subscribe(note)
        core.sync.run()
        assert core.library.songs.counts().unread == 30
        batches: list[int] = []
        core.library.notes.subscribe(lambda: batches.append(core.library.songs.counts().unread))
        for _ in core.library.notes.read():
            pass
    assert seen[-1] == (30, 30)
    assert {expected for _, expected in seen} == {30}
    assert batches[-1] == 0
