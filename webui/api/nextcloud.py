"""The state of the connection to the Nextcloud, which several operations return."""

from dataclasses import dataclass

from davproxy.sync import State
from webui.services import services


@dataclass(frozen=True, slots=True)
class NextcloudState:
    """The Nextcloud, or other WebDAV server, of the library; `configured` is false for a local folder.

    `error` says why it is not connected, or not all of it could be read.
    """

    configured: bool
    connected: bool
    url: str
    error: str | None


def nextcloud_state() -> NextcloudState:
    """The state as of the last sync. Asks no server."""
    core = services()
    if not core.settings.nextcloud_url:
        return NextcloudState(configured=False, connected=False, url="", error=None)
    connected = core.sync.state in (State.CURRENT, State.FAILED)
    return NextcloudState(
        configured=True,
        connected=connected,
        url=core.library.features.address or core.settings.nextcloud_url,
        error=None if core.sync.state is State.CURRENT else core.sync.message,
    )
