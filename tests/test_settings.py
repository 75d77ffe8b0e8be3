"""Settings: where values come from, and what a bad one says."""

from pathlib import Path

import pytest

from davproxy.errors import SettingsError
from davproxy.settings import Settings, store

NEXTCLOUD = {"NEXTCLOUD_URL": "https://cloud.example.org", "NEXTCLOUD_USERNAME": "ann", "NEXTCLOUD_PASSWORD": "pass"}
FIRST_VERSION = """
APP_HOST=0.0.0.0
APP_PORT=8000
APP_ENV=production
APP_VERSION=1.0.0
DEBUG=true
SECRET_KEY=change-me
LOG_LEVEL=CRITICAL
TEMP_DIR=/tmp/clonehero
DB_PATH=/tmp/clonehero/clonehero.db
DB_SYNC_INTERVAL=300
NEXTCLOUD_URL=https://cloud.example.org
NEXTCLOUD_USERNAME=ann
NEXTCLOUD_PASSWORD=pass
NEXTCLOUD_REMOTE_PATH=/remote.php/dav/files/{username}/CloneHero
NEXTCLOUD_SONGS_PATH=/Songs
NEXTCLOUD_DB_PATH=/Database/clonehero.db
NEXTCLOUD_BACKGROUNDS_PATH=/Backgrounds
NEXTCLOUD_COLORS_PATH=/Colors
NEXTCLOUD_HIGHWAYS_PATH=/Highways
NEXTCLOUD_GENERATOR_PATH=/Generator
NEXTCLOUD_TEMP_PATH=/Temp
NEXTCLOUD_DATABASE_PATH=/Database
MAX_FILE_SIZE_GB=10
AUTH_USERNAME=ann
AUTH_PASSWORD=hunter2
CHARTER_NAME=Ann
SESSION_MAX_AGE=604800
LIBRARY_SYNC_INTERVAL=120
LIBRARY_SYNC_ON_STARTUP=true
"""
"""Every setting that the first version had."""


def read(environment: dict[str, str], dotenv: Path = Path("/nonexistent")) -> Settings:
    return Settings.read(environment, dotenv)


def test_environment_beats_dotenv_beats_default(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("APP_PORT=9000\nLOG_LEVEL=debug\n")
    settings = read({"APP_PORT": "9001"}, file)
    assert (settings.port, settings.log_level, settings.host) == (9001, "DEBUG", "127.0.0.1")
    shown = {name: source for name, _, source in settings.rows()}
    assert (shown["APP_PORT"], shown["LOG_LEVEL"], shown["APP_HOST"]) == ("environment", ".env", "default")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_PORT", "many"), ("APP_PORT", "70000"), ("DB_SYNC_INTERVAL", "0"),
        ("UPLOAD_LIMIT", "huge"), ("LOG_LEVEL", "loud"),
        ("NEXTCLOUD_URL", "cloud"), ("NEXTCLOUD_URL", "https://a:b@cloud"), ("GENERATE_DRUMS", "maybe"),
        ("NEXTCLOUD_SONGS_FOLDER", "a/b"), ("NEXTCLOUD_SONGS_FOLDER", "Temp"),
        ("APP_USERNAME", "me"), ("TLS_KEY", "key.pem"),
        ("REDIS_URL", "http://x"), ("REDIS_URL", "redis:///0"), ("SERVER_THREADS", "1"),
    ],
)  # fmt: skip
def test_a_bad_value_names_the_setting(name: str, value: str) -> None:
    expected = "NEXTCLOUD_…_FOLDER" if value == "Temp" else name
    with pytest.raises(SettingsError, match=expected):
        read({name: value})


def test_a_nextcloud_needs_its_account() -> None:
    with pytest.raises(SettingsError, match="NEXTCLOUD_PASSWORD"):
        read({"NEXTCLOUD_URL": "https://cloud.example.org"})


@pytest.mark.parametrize(
    "path",
    ["CloneHero", "/CloneHero/", "/remote.php/dav/files/{username}/CloneHero", "/remote.php/dav/files/ann/CloneHero"],
)
def test_remote_path_in_short_and_in_full(path: str) -> None:
    assert read({**NEXTCLOUD, "NEXTCLOUD_REMOTE_PATH": path}).remote_folder == "CloneHero"


def test_secrets_are_hidden() -> None:
    settings = read({**NEXTCLOUD, "APP_USERNAME": "me", "APP_PASSWORD": "hunter2", "SECRET_KEY": "k3y"})
    shown = repr(settings.rows())
    assert "hunter2" not in shown
    assert "k3y" not in shown
    assert "hunter2" not in repr(settings)


def test_storing_keeps_other_lines_and_any_value_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# mine\nLOG_LEVEL=DEBUG\nAPP_PORT=1\n")
    password = "a 'b' \"c\" $HOME #d \\"
    store(file, {"APP_PORT": "9000", "APP_USERNAME": "ann", "APP_PASSWORD": password})
    settings = read({}, file)
    assert (settings.port, settings.password, settings.log_level) == (9000, password, "DEBUG")
    assert file.read_text().startswith("# mine\n")
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("old", "value", "new", "field", "expected"),
    [
        ("NEXTCLOUD_SONGS_PATH", "/Music", "NEXTCLOUD_SONGS_FOLDER", "songs_folder", "Music"),
        ("NEXTCLOUD_GENERATOR_PATH", "/Made", "NEXTCLOUD_GENERATOR_FOLDER", "generator_folder", "Made"),
        ("NEXTCLOUD_DB_PATH", "/Index/clonehero.db", "NEXTCLOUD_DATABASE_FOLDER", "database_folder", "Index"),
        ("MAX_FILE_SIZE_GB", "10", "UPLOAD_LIMIT", "upload_limit", 10 * 1024**3),
        ("NEXTCLOUD_BACKGROUNDS_PATH", "/B", "NEXTCLOUD_BACKGROUNDS_FOLDER", "backgrounds_folder", "B"),
        ("NEXTCLOUD_COLORS_PATH", "/C", "NEXTCLOUD_COLORS_FOLDER", "colors_folder", "C"),
        ("NEXTCLOUD_HIGHWAYS_PATH", "/H", "NEXTCLOUD_HIGHWAYS_FOLDER", "highways_folder", "H"),
        ("NEXTCLOUD_TEMP_PATH", "/T", "NEXTCLOUD_TEMP_FOLDER", "temp_folder", "T"),
        ("NEXTCLOUD_DATABASE_PATH", "/D", "NEXTCLOUD_DATABASE_FOLDER", "database_folder", "D"),
        ("LIBRARY_SYNC_INTERVAL", "120", "POLL_INTERVAL", "poll_interval", 120),
        ("LIBRARY_SYNC_INTERVAL", "0", "POLL_INTERVAL", "poll_interval", 0),
        ("DEBUG", "true", "LOG_LEVEL", "log_level", "DEBUG"),
        ("DEBUG", "false", "LOG_LEVEL", "log_level", "INFO"),
    ],
)
def test_an_old_name_is_read_and_the_log_names_the_new_one(
    old: str, value: str, new: str, field: str, expected: object, tmp_path: Path
) -> None:
    file = tmp_path / ".env"
    file.write_text(f"{old}={value}\n")
    for settings, source in ((read({old: value}), "environment"), (read({}, file), ".env")):
        assert getattr(settings, field) == expected
        assert settings.sources[new] == source
        [note] = settings.notes
        assert old in note
        assert new in note


def test_the_account_of_the_first_version_is_ours() -> None:
    settings = read({"AUTH_USERNAME": "ann", "AUTH_PASSWORD": "hunter2"})
    assert (settings.username, settings.password) == ("ann", "hunter2")
    assert settings.notes == ("AUTH_USERNAME is now called APP_USERNAME.", "AUTH_PASSWORD is now called APP_PASSWORD.")


def test_a_file_of_the_first_version_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(FIRST_VERSION)
    settings = read({}, file)
    assert (settings.host, settings.port, settings.secret_key) == ("0.0.0.0", 8000, "change-me")
    assert (settings.remote_folder, settings.folders["/Songs"], settings.database_folder) == (
        "CloneHero", "Songs", "Database",
    )  # fmt: skip
    assert (settings.db_sync_interval, settings.poll_interval, settings.upload_limit) == (300, 120, 10 * 1024**3)
    assert (settings.session_max_age, settings.charter_name, settings.log_level) == (604_800, "Ann", "CRITICAL")
    old = {line.partition("=")[0] for line in FIRST_VERSION.split()} - {row.name for row in Settings.ROWS}
    assert {note.partition(" ")[0] for note in settings.notes} == old
    assert len(settings.notes) == len(old)


def test_a_new_name_counts_more_than_an_old_one() -> None:
    settings = read({"MAX_FILE_SIZE_GB": "10", "UPLOAD_LIMIT": "1 GiB", "DEBUG": "true", "LOG_LEVEL": "ERROR"})
    assert (settings.upload_limit, settings.log_level) == (1024**3, "ERROR")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NEXTCLOUD_SONGS_PATH", "/a/b"),
        ("NEXTCLOUD_TEMP_PATH", "/a/b"),
        ("NEXTCLOUD_DB_PATH", "/a/b.db"),
        ("MAX_FILE_SIZE_GB", "many"),
        ("MAX_FILE_SIZE_GB", "-1"),
        ("MAX_FILE_SIZE_GB", "nan"),
    ],
)
def test_an_old_value_without_a_meaning_is_refused_under_its_old_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"{name} “{value}” must be .*\. Its name is now [A-Z_]+\."):
        read({name: value})


def test_a_limit_far_below_a_gigabyte_is_read() -> None:
    assert read({"MAX_FILE_SIZE_GB": "0.00001"}).upload_limit == 10_737


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("APP_PROT", "APP_PORT"),
        ("APP_SECRET_KEY", "SECRET_KEY"),
        ("APP_USER", "APP_USERNAME"),
        ("NEXTCLOUD_USER", "NEXTCLOUD_USERNAME"),
        ("NEXTCLOUD_PASS", "NEXTCLOUD_PASSWORD"),
        ("NEXTCLOUD_SONG_PATH", "NEXTCLOUD_SONGS_FOLDER"),
        ("NEXTCLOUD_COLOURS_PATH", "NEXTCLOUD_COLORS_FOLDER"),
        ("NEXTCLOUD_DATABASE", "NEXTCLOUD_DATABASE_FOLDER"),
    ],
)
def test_the_nearest_name_is_that_of_a_setting_today(name: str, nearest: str) -> None:
    assert read({name: "x"}).notes == (f"{name} is no setting. Did you mean {nearest}?",)


def test_what_has_no_effect_and_what_is_misspelt_is_in_the_log() -> None:
    without_effect = {"APP_ENV": "production", "APP_VERSION": "1", "LIBRARY_SYNC_ON_STARTUP": "false"}
    settings = read({**without_effect, "NEXTCLOUD_PASWORD": "x", "APP_PROT": "1", "PATH": "/"})
    assert settings.notes == (
        "APP_ENV has no effect any more.",
        "APP_VERSION has no effect any more.",
        "LIBRARY_SYNC_ON_STARTUP has no effect any more. The library is always read at the start, and then as "
        "POLL_INTERVAL says.",
        "APP_PROT is no setting. Did you mean APP_PORT?",
        "NEXTCLOUD_PASWORD is no setting. Did you mean NEXTCLOUD_PASSWORD?",
    )


def test_several_instances_need_one_key_for_their_sessions() -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        read({"REDIS_URL": "rediss://:hush%2Fhush@redis:6379/1"})
    settings = read({"REDIS_URL": "rediss://:hush%2Fhush@redis:6379/1", "SECRET_KEY": "k3y"})
    assert {settings.redis_url, "hush/hush", "k3y"} <= set(settings.secrets)
    assert "hush" not in repr(settings)
