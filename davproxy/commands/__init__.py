"""The commands, one file each, and what they share: loading, errors, exit codes."""

import importlib
import os
import sys
from difflib import get_close_matches
from typing import Any

import click

from davproxy import __version__
from davproxy.errors import DavproxyError, SettingsError, Unavailable

FAILED, WRONG_USE, UNREACHABLE, INTERRUPTED = 1, 2, 3, 130

COMMANDS = {
    "setup": "Connect to a Nextcloud and write .env.",
    "serve": "Start the server.",
    "mount": "Show the library as a drive of this computer.",
    "import": "Import songs from archives and .sng files.",
    "generate": "Make playable songs of audio files.",
    "check": "Check songs on this disk or in the library.",
    "curate": "Organise song folders, merge duplicates, fill in or repair songs.",
    "scores": "Send the scores of the games on this computer to the library.",
    "sync": "Read the library from the remote now.",
    "doctor": "Check settings, remote, Redis, tools, disk, port and mounts.",
    "health": "Ask the running server whether it works.",
    "config": "Show every setting, its value and where it came from.",
}
"""Every command with its line in `davproxy --help`, which is also the first sentence of its own help. The lines stand
here so that `davproxy --help` and a mistyped command load no command, and with it none of the libraries behind it."""


def exit_code(error: DavproxyError) -> int:
    """The exit code for an error of ours."""
    if isinstance(error, SettingsError):
        return WRONG_USE
    return UNREACHABLE if isinstance(error, Unavailable) else FAILED


class Commands(click.Group):
    """The group of COMMANDS. Each is the click command `command` of the module of that name, loaded when it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        name = "import_" if cmd_name == "import" else cmd_name  # `import` is a word of the language
        command = importlib.import_module(f"{__name__}.{name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            nearest = get_close_matches(name, COMMANDS, n=1)
            ctx.fail(f"No such command “{name}”." + "".join(f" Did you mean “{other}”?" for other in nearest))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Settings come from the environment and a file .env: see “davproxy config”. Exit codes: 0 success; "
    "1 something failed or a check found a problem; 2 wrong use or a bad setting; 3 the remote or the server cannot be "
    "reached; 130 interrupted.",
)
@click.version_option(__version__, message="%(version)s")
def davproxy() -> None:
    """A Clone Hero content manager: your Nextcloud song library as a fast network drive."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit. An error of ours is one line on standard error, not a traceback."""
    try:
        result: Any = davproxy.main(arguments, prog_name="davproxy", standalone_mode=False)
        code = result if isinstance(result, int) else 0
    except DavproxyError as error:
        click.echo(f"Error: {error.message}", err=True)
        code = exit_code(error)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except BrokenPipeError:  # `davproxy config | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        click.echo(f"Error: {error.strerror or error}{f': {error.filename}' if error.filename else ''}", err=True)
        code = FAILED
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        code = INTERRUPTED
    sys.exit(code)
