"""The options of a song to be charted: what a player chose, and what the settings say of the rest."""

from pathlib import Path

from davproxy.imports.stored_options import StoredOptions
from davproxy.settings import Settings

SETTINGS = Settings.read({"CHARTER_NAME": "Ann", "GENERATE_DRUMS": "no"}, Path("/nonexistent"))


def test_the_settings_decide_where_the_player_made_no_choice(tmp_path: Path) -> None:
    given = StoredOptions().for_charter(tmp_path, SETTINGS)
    assert (given["charter"], given["drums"]) == ("Ann", False)


def test_a_choice_of_the_player_counts_more_than_a_setting(tmp_path: Path) -> None:
    given = StoredOptions(texts={"charter": "Bea"}, drums=True).for_charter(tmp_path, SETTINGS)
    assert (given["charter"], given["drums"]) == ("Bea", True)
