"""The commands, one file each, and what they have in common: loading, errors, exit codes."""

import importlib
import os
import pkgutil
import sys
from typing import Any

import click

from davproxy import __version__
from davproxy.errors import DavproxyError, SettingsError, Unavailable

FAILED, WRONG_USE, UNREACHABLE, INTERRUPTED = 1, 2, 3, 130


def exit_code(error: DavproxyError) -> int:
    """What a script is told about an error."""
    if isinstance(error, SettingsError):
        return WRONG_USE
    return UNREACHABLE if isinstance(error, Unavailable) else FAILED


class Commands(click.Group):
    """The modules of this folder, each with a click `command`; those with a leading _ are what they share."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        names = (module.name for module in pkgutil.iter_modules(__path__))
        return sorted(name.removesuffix("_") for name in names if not name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        name = f"{cmd_name}_" if cmd_name == "import" else cmd_name
        command = importlib.import_module(f"{__name__}.{name}").command
        assert isinstance(command, click.Command)
        return command


@click.group(
    cls=Commands,
    epilog="Settings come from the environment and a file .env: see “davproxy config”. Exit codes: 0 all went well; "
    "1 something failed, or was found wrong; 2 wrong use or a bad setting; 3 the remote or the server cannot be "
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
