"""`config`, and the two texts that it makes of the table of settings."""

from pathlib import Path

from davproxy.commands.config import as_example, as_markdown
from davproxy.settings import Settings
from tests.commands.conftest import TOP, Run


def test_it_shows_value_and_source_and_hides_secrets(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("APP_USERNAME=ann\nAPP_PASSWORD=hunter2\n")
    done = run("config", APP_PORT="9000")
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert rows["APP_PORT"] == ["9000", "environment"]
    assert rows["APP_USERNAME"] == ["ann", ".env"]
    assert rows["APP_PASSWORD"] == ["********", ".env"]
    assert rows["LOG_LEVEL"] == ["INFO", "default"]
    assert len(rows) == len(Settings.ROWS)
    assert "hunter2" not in done.stdout + done.stderr


def test_the_example_file_is_up_to_date_and_means_the_defaults(tmp_path: Path) -> None:
    text = (TOP / ".env.example").read_text()
    assert text == as_example(), "run: davproxy config --example > .env.example"
    (tmp_path / "all.env").write_text("\n".join(line[1:] for line in text.splitlines() if line[1:2].isupper()))
    assert Settings.read({}, tmp_path / "all.env") == Settings.read({}, tmp_path / "none.env")


def test_the_readme_has_every_setting_as_it_is() -> None:
    assert as_markdown() in (TOP / "README.md").read_text(), "run: davproxy config --markdown, put it into README.md"
