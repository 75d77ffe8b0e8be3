"""What is mounted where, and what a program needs to do it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mount:
    """A server's tree to be shown in a folder, or as a Windows drive such as `S:`."""

    url: str
    """The WebDAV address, with its last slash: `http://127.0.0.1:8000/dav/`."""
    folder: Path
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def songs(self) -> str:
        """The folder to enter in Clone Hero."""
        drive = str(self.folder)
        return f"{drive}\\Songs" if drive.endswith(":") else str(self.folder / "Songs")


@dataclass(frozen=True, slots=True)
class Start:
    """How a program is started: its arguments, and what the environment holds beside the usual, secrets among it."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
