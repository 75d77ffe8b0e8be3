"""What all commands share: loading, help, exit codes, errors without tracebacks."""

import subprocess
import sys
import tomllib

import pytest
from click.testing import CliRunner

from davproxy.commands import COMMANDS, FAILED, UNREACHABLE, WRONG_USE, davproxy, exit_code
from davproxy.errors import BadArchive, DavproxyError, SettingsError, SignInRefused, Unavailable
from tests.commands.conftest import TOP, Run

IN_HELP = 80 - len("  generate  ")
"""Characters of a command's line that fit beside its name on a terminal of the usual width."""


def test_every_file_is_listed() -> None:
    files = {file.stem.removesuffix("_") for file in (TOP / "davproxy" / "commands").glob("[a-z]*.py")}
    assert files == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_command_has_help_that_starts_with_its_line(name: str, option: str) -> None:
    result = CliRunner().invoke(davproxy, [name, option], prog_name="davproxy")
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: davproxy {name} ")
    assert result.output.splitlines()[2].strip() == COMMANDS[name]


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_the_help_shows_the_line_of_each_command_whole(option: str) -> None:
    result = CliRunner().invoke(davproxy, [option])
    for name, line in COMMANDS.items():
        assert len(line) <= IN_HELP
        assert f"  {name:8}  {line}\n" in result.output


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["chekc"]], ids=" ".join)
def test_nothing_is_loaded_before_a_command_runs(arguments: list[str]) -> None:
    """Not the commands, and none of the libraries behind them; what the interpreter starts with does not count."""
    code = "import sys; from davproxy.__main__ import main\ntry: main()\nexcept SystemExit: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert {name for name in loaded if name.startswith("davproxy")} == {
        "davproxy", "davproxy.__main__", "davproxy.commands", "davproxy.errors",
    }  # fmt: skip
    assert not loaded & {"librosa", "numpy", "wsgidav", "cheroot", "flask", "httpx", "rich", "sqlite_utils", "webui"}


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


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("chekc", "No such command “chekc”. Did you mean “check”?\n"),
        ("imports", "No such command “imports”. Did you mean “import”?\n"),
        ("nonsense", "No such command “nonsense”.\n"),
    ],
)
def test_a_mistyped_command_gets_the_nearest_as_an_answer(typed: str, answer: str) -> None:
    result = CliRunner().invoke(davproxy, [typed])
    assert (result.exit_code, result.output.endswith(f"Error: {answer}")) == (WRONG_USE, True)


def test_a_mistyped_option_of_the_program_is_no_mistyped_command() -> None:
    result = CliRunner().invoke(davproxy, ["--versoin"])
    assert result.exit_code == WRONG_USE
    assert "option" in result.output
    assert "--version" in result.output


def test_the_program_is_installed_as_davproxy() -> None:
    scripts = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts == {"davproxy": "davproxy.__main__:main"}
