"""What all commands share: help, exit codes, errors without tracebacks."""

import tomllib

import pytest
from click.testing import CliRunner

from davproxy.commands import FAILED, UNREACHABLE, WRONG_USE, davproxy, exit_code
from davproxy.errors import BadArchive, DavproxyError, SettingsError, SignInRefused, Unavailable
from tests.commands.conftest import TOP, Run

NAMES = davproxy.list_commands(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help(name: str) -> None:
    result = CliRunner().invoke(davproxy, [name, "--help"])
    assert result.exit_code == 0
    assert f"davproxy {name}" in result.output
    assert len(result.output.splitlines()) > 4


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadArchive("x"), FAILED), (SettingsError("x"), WRONG_USE),
        (Unavailable("x"), UNREACHABLE), (SignInRefused("x"), UNREACHABLE),
    ],
)  # fmt: skip
def test_exit_codes(error: DavproxyError, code: int) -> None:
    assert exit_code(error) == code


def test_a_bad_setting_is_one_line_that_names_it(run: Run) -> None:
    done = run("config", APP_PORT="many")
    assert done.returncode == WRONG_USE
    assert done.stderr.startswith("Error: APP_PORT")
    assert "Traceback" not in done.stderr


def test_wrong_use_says_how_it_is_meant(run: Run) -> None:
    done = run("nonsense")
    assert (done.returncode, "No such command" in done.stderr) == (WRONG_USE, True)


def test_the_program_is_installed_as_davproxy() -> None:
    scripts = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts == {"davproxy": "davproxy.__main__:main"}
