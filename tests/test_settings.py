"""Settings: where values come from, and what a bad one says."""

from pathlib import Path

import pytest

from davproxy.errors import SettingsError
from davproxy.settings import Settings, store

NEXTCLOUD = {"NEXTCLOUD_URL": "https://cloud.example.org", "NEXTCLOUD_USERNAME": "ann", "NEXTCLOUD_PASSWORD": "pass"}


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
        ("APP_USERNAME", "me"), ("TLS_KEY", "key.pem"), ("SERVER_THREADS", "1"),
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
        ("DEBUG", "true", "LOG_LEVEL", "log_level", "DEBUG"),
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


def test_a_new_name_counts_more_than_an_old_one() -> None:
    settings = read({"MAX_FILE_SIZE_GB": "10", "UPLOAD_LIMIT": "1 GiB", "DEBUG": "true", "LOG_LEVEL": "ERROR"})
    assert (settings.upload_limit, settings.log_level) == (1024**3, "ERROR")


@pytest.mark.parametrize(
    ("name", "value"),
    [("NEXTCLOUD_SONGS_PATH", "/a/b"), ("NEXTCLOUD_DB_PATH", "/a/b.db"), ("MAX_FILE_SIZE_GB", "many")],
)
def test_an_old_value_without_a_meaning_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=r"must be"):
        read({name: value})


def test_what_has_no_effect_and_what_is_misspelt_is_in_the_log() -> None:
    settings = read(
        {"APP_ENV": "production", "APP_VERSION": "1", "NEXTCLOUD_PASWORD": "x", "APP_PROT": "1", "PATH": "/"}
    )
    assert settings.notes == (
        "APP_ENV has no effect any more.",
        "APP_VERSION has no effect any more.",
        "APP_PROT is no setting. Did you mean APP_PORT?",
        "NEXTCLOUD_PASWORD is no setting. Did you mean NEXTCLOUD_PASSWORD?",
    )
