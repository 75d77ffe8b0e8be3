"""Files of players are read once the tree has been listed: the sync that lists it must not wait for itself."""

from collections.abc import Iterator
from pathlib import Path

from davproxy.app import opened
from davproxy.curation.player_files import PlayerFile, PlayerFiles
from davproxy.settings import Settings


def test_nothing_is_listed_before_the_first_sync_is_over(tmp_path: Path) -> None:
    given = {"TEMP_DIR": str(tmp_path / "temp"), "LIBRARY_DIR": str(tmp_path / "stored")}
    with opened(Settings.read(given, Path("/nonexistent"))) as core:
        listed: list[bool] = []

        def found() -> Iterator[PlayerFile]:
            listed.append(core.library.updates.complete)
            return iter(())

        files = PlayerFiles(core.library, found)
        files.refresh()
        assert listed == []
        core.sync.run()
        files.refresh()
        assert listed == [True]
