"""Connecting to a Nextcloud: sign-in, checks, and the `.env` with the result. The command and the page share it."""

import secrets
import threading
import time
from pathlib import Path

from davproxy.access import is_loopback
from davproxy.diagnosis import Check, Grade, check_remote
from davproxy.errors import BadInput, Forbidden, SettingsError, Unavailable
from davproxy.remote.local.folder import Folder
from davproxy.remote.protocol import Remote
from davproxy.remote.webdav.login_flow import FLOW_SECONDS, Account, LoginFlow
from davproxy.remote.webdav.nextcloud import Nextcloud
from davproxy.settings import Settings, store

__all__ = [
    "FLOW_SECONDS",
    "NOBODY_CAME",
    "Account",
    "LoginFlow",
    "Setup",
    "address_of",
    "check_connection",
    "remote_of",
    "variables",
]

NOBODY_CAME = "Nobody granted access in time. Begin again."
TYPE_AGAIN = "Give both again; an app password is made in Nextcloud under Settings, Security, and shown only once."
_NO_FILE = Path("/nonexistent")
"""In place of a `.env`, so that only the given values count."""


def remote_of(settings: Settings) -> Remote:
    """The Nextcloud of the settings, or else the local folder; not connected yet."""
    if not settings.nextcloud_url:
        return Folder(settings.library_dir, settings.folders)
    return Nextcloud(
        settings.nextcloud_url,
        settings.nextcloud_username,
        settings.nextcloud_password,
        settings.remote_folder,
        settings.folders,
        spool=settings.temp_dir / "spool",
    )


def address_of(url: str) -> str:
    """The given address in the form of NEXTCLOUD_URL. Sends no request. Raises SettingsError."""
    address = Settings.read(variables(url, Account("-", "-"), ""), _NO_FILE).nextcloud_url
    if not address:
        raise SettingsError("Give the address of the Nextcloud, such as https://cloud.example.org.")
    return address


def variables(url: str, account: Account, folder: str) -> dict[str, str]:
    """The connection as variables for a `.env`."""
    return {
        "NEXTCLOUD_URL": url,
        "NEXTCLOUD_USERNAME": account.username,
        "NEXTCLOUD_PASSWORD": account.app_password,
        "NEXTCLOUD_REMOTE_PATH": folder,
    }


def check_connection(values: dict[str, str]) -> list[Check]:
    """Make the library's folders on the remote and check it. The library can live there unless a result is BAD.

    The address in `values` becomes the one that it was understood as.
    """
    settings = Settings.read(values, _NO_FILE)
    remote = remote_of(settings)
    try:
        checks = list(check_remote(remote, settings.nextcloud_url, TYPE_AGAIN))
        values["NEXTCLOUD_URL"] = remote.features.address or settings.nextcloud_url
        return checks
    finally:
        remote.close()


class Setup:
    """The connection that a person makes on the page while the server has none. Passwords stay in here.

    One person at a time: a new sign-in replaces the one before.
    """

    def __init__(self, settings: Settings, file: Path) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._flow: LoginFlow | None = None
        self._url = ""
        self._began = 0.0
        self._account: Account | None = None
        self.file = file
        self.written = False

    @property
    def refusal(self) -> str:
        """Why the page is refused; empty where it is allowed."""
        if self._settings.nextcloud_url:
            return "A Nextcloud is set already. To change it, run davproxy setup on the server."
        if not is_loopback(self._settings.host) or self._settings.trusted_proxies:
            return "Others can reach this server, so a Nextcloud is not set here. Run davproxy setup on the server."
        return ""

    def begin(self, url: str) -> LoginFlow:
        """Begin a sign-in at a Nextcloud. The person opens the flow's `address`. Raises BadInput, Forbidden."""
        self._refuse()
        with self._lock:
            self._flow = self._account = None
            try:
                flow = LoginFlow(address_of(url))
            except SettingsError as error:
                raise BadInput(error.message) from None
            self._url, self._flow, self._began = flow.server, flow, time.monotonic()
            return flow

    def poll(self) -> str:
        """The user name that signed in; empty until then. Raises BadInput where no sign-in has begun."""
        self._refuse()
        with self._lock:
            if self._flow is not None:
                if time.monotonic() - self._began > FLOW_SECONDS:
                    self._flow = None
                    raise Unavailable(NOBODY_CAME)
                self._account = self._flow.poll()
                if self._account is not None:
                    self._flow = None
            elif self._account is None:
                raise BadInput("No sign-in is under way. Begin with the address of the Nextcloud.")
            return self._account.username if self._account else ""

    def finish(self, folder: str, typed: tuple[str, Account] | None) -> list[Check]:
        """Check the connection and write it to the file: that of `typed` (address, account), or of who signed in.

        Raises BadInput, with everything that must be fixed, if the library cannot live there; then nothing is written.
        """
        self._refuse()
        with self._lock:
            if typed is None and self._account is not None:
                typed = self._url, self._account
            if typed is None:
                raise BadInput("Nobody has signed in yet. Sign in, or give a user name and an app password.")
            try:
                url, account = typed
                values = variables(address_of(url), account, folder)
                checks = check_connection(values)
            except SettingsError as error:
                raise BadInput(error.message) from None
            if failed := [check for check in checks if check.grade is Grade.BAD]:
                raise BadInput(" ".join(f"{check.text} {check.advice}" for check in failed))
            if not self._settings.secret_key:
                values["SECRET_KEY"] = secrets.token_hex(32)
            try:
                store(self.file, values)
            except OSError as error:
                raise Forbidden(
                    f"All is well there, but {self.file} cannot be written: {error.strerror}. "
                    "Let davproxy write to its folder, or set the variables NEXTCLOUD_… in its environment."
                ) from error
            self._account, self.written = None, True
            return checks

    def _refuse(self) -> None:
        if self.refusal:
            raise Forbidden(self.refusal)
