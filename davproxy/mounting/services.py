"""The mount as a service of the user's session, so that the drive is there after signing in."""

import plistlib
from pathlib import Path
from xml.sax.saxutils import escape

LABEL = "davproxy-mount"


def systemd_unit(arguments: tuple[str, ...], environment_file: Path) -> str:
    """A unit for `systemctl --user`, which reads the password from `environment_file`."""
    command = " ".join(_quote_systemd(argument) for argument in arguments)
    return f"""[Unit]
Description=The Clone Hero library as a drive
After=network-online.target

[Service]
EnvironmentFile=-{environment_file}
ExecStart={command}
Restart=on-failure
RestartSec=10

[Install]
WantedBy=default.target
"""


def _quote_systemd(argument: str) -> str:
    """One word of a command line of systemd (systemd.service(5), "Command lines")."""
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def launchd_plist(arguments: tuple[str, ...], environment: dict[str, str]) -> bytes:
    """A launch agent (launchd.plist(5)); it holds the password, so only the user may read the file."""
    return plistlib.dumps(
        {
            "Label": LABEL,
            "ProgramArguments": list(arguments),
            "EnvironmentVariables": environment,
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
        }
    )


def scheduled_task(arguments: tuple[str, ...]) -> str:
    """A task for `schtasks /create /xml` that starts when the user signs in (Task Scheduler schema 1.2)."""
    program, *rest = arguments
    words = " ".join(f'"{word}"' if " " in word else word for word in rest)
    return f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers><LogonTrigger><Enabled>true</Enabled></LogonTrigger></Triggers>
  <Settings>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <RestartOnFailure><Interval>PT1M</Interval><Count>10</Count></RestartOnFailure>
    <Hidden>true</Hidden>
  </Settings>
  <Actions><Exec><Command>{escape(program)}</Command><Arguments>{escape(words)}</Arguments></Exec></Actions>
</Task>
"""
